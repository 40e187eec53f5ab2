"""How long a play lasts, by the server's clock alone.

A play lasts from its creation to its end. Silence of SILENCE ends it at its last sign of life: its
creation, or the newest heartbeat. No job needs to run for that. Whoever reads computes it, and the
next write to the play stores it.
"""

from datetime import datetime, timedelta

SILENCE = timedelta(minutes=5)


def end_of_play(
    *, created_at: datetime, last_seen_at: datetime | None, ended_at: datetime | None, now: datetime
) -> datetime | None:
    """None while the play is under way."""
    if ended_at is not None:
        return ended_at
    last_sign = last_seen_at or created_at
    return last_sign if now - last_sign >= SILENCE else None


def whole_seconds(start: datetime, end: datetime) -> int:
    """0 where the clock was set back in between."""
    length = end - start
    # In half the time of `length // timedelta(seconds=1)`: a page of plays asks a hundred times.
    return length.days * 86400 + length.seconds if length.days >= 0 else 0
