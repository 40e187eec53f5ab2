"""Which names and years the catalogue takes: one rule for the API, the admin and import files."""

from datetime import date

from core.text import casefold_nfkc, unreadable_name

GENRE_NAME_LENGTH = 100
GAME_NAME_LENGTH = 200

# Folding can lengthen a name: one Arabic ligature alone becomes 18 letters.
NAME_KEY_LENGTH = 400

EARLIEST_RELEASE = 1900


def name_problem(name: str, *, max_length: int) -> str | None:
    """Why `name` cannot be stored, as a sentence; None when it can."""
    if len(name) > max_length or len(casefold_nfkc(name)) > NAME_KEY_LENGTH:
        return f"Use at most {max_length} characters for the name."
    return unreadable_name(name)


def latest_release(today: date) -> int:
    """Games are announced with a year."""
    return today.year + 1


def released_problem(year: int, *, today: date) -> str | None:
    """Why `year` cannot be the year of a release, as a sentence; None when it can."""
    if EARLIEST_RELEASE <= year <= latest_release(today):
        return None
    return f"Give a year from {EARLIEST_RELEASE} to {latest_release(today)}."
