"""Removing what time has made useless."""

from datetime import datetime

from users.models import KnownIP, PasswordReset, RateLimit, Session
from users.passwords.reset_codes import CODE_LIFETIME
from users.sessions.known_ips import KNOWN_FOR


def delete_expired(*, now: datetime) -> int:
    """The number of deleted rows."""
    outdated = [
        # Ended already, since nobody is let in by them: nobody has to be told.
        Session.objects.filter(expires_at__lte=now),
        RateLimit.objects.filter(ends_at_ms__lte=int(now.timestamp() * 1000)),
        # Attempts count until 10 minutes after the last one, which was no later than the expiry.
        PasswordReset.objects.filter(expires_at__lte=now - CODE_LIFETIME),
        KnownIP.objects.filter(last_used_at__lte=now - KNOWN_FOR),
    ]
    return sum(rows._raw_delete(rows.db) for rows in outdated)
