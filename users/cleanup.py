"""Removing what time has made useless."""

from datetime import datetime

from users.codes.services import ATTEMPTS_COUNT_FOR
from users.models import KnownIP, MailedCode, RateLimit, Session, SignUpResult
from users.sessions.known_ips import KNOWN_FOR


def delete_expired(*, now: datetime) -> int:
    """The number of deleted rows."""
    outdated = [
        # Ended already, since nobody is let in by them: nobody has to be told.
        Session.objects.filter(expires_at__lte=now),
        RateLimit.objects.filter(ends_at_ms__lte=int(now.timestamp() * 1000)),
        # An attempt was no later than the expiry, and counts for a while.
        MailedCode.objects.filter(expires_at__lte=now - ATTEMPTS_COUNT_FOR),
        SignUpResult.objects.filter(expires_at__lte=now),
        KnownIP.objects.filter(last_used_at__lte=now - KNOWN_FOR),
    ]
    return sum(rows._raw_delete(rows.db) for rows in outdated)
