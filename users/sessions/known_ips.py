"""IP addresses each account logged in from before: from there its owner is never locked out."""

from datetime import datetime, timedelta

from users.models import KnownIP, User
from users.throttling.keyed_hash import keyed_hash
from users.throttling.limits import ip_subnet

KNOWN_FOR = timedelta(days=90)
# Often enough: the row need not say the hour.
_NOTED_EVERY = timedelta(days=1)


def remember_ip(*, user: User, address: str | None, now: datetime) -> None:
    """Somebody logged in to `user` from `address`."""
    known = KnownIP(user=user, ip_hash=_ip_hash(address), last_used_at=now)
    if not KnownIP.objects.filter(
        user=user, ip_hash=known.ip_hash, last_used_at__gt=now - _NOTED_EVERY
    ).exists():
        KnownIP.objects.bulk_create(
            [known],
            update_conflicts=True,
            unique_fields=["user", "ip_hash"],
            update_fields=["last_used_at"],
        )


def is_known_ip(*, user: User, address: str | None, now: datetime) -> bool:
    return KnownIP.objects.filter(
        user=user, ip_hash=_ip_hash(address), last_used_at__gt=now - KNOWN_FOR
    ).exists()


def _ip_hash(address: str | None) -> str:
    return keyed_hash("known address", ip_subnet(address))
