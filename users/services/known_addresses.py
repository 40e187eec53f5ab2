"""Where each account was logged in to before: from there its owner is never locked out."""

from datetime import datetime, timedelta

from users.fingerprints import fingerprint
from users.limits import network_of
from users.models import KnownAddress, User

KNOWN_FOR = timedelta(days=90)
# Often enough: the row need not say the hour.
_NOTED_EVERY = timedelta(days=1)


def remember_address(*, user: User, address: str | None, now: datetime) -> None:
    """Somebody logged in to `user` from `address`."""
    known = KnownAddress(user=user, address_hash=_address_hash(address), last_used_at=now)
    if not KnownAddress.objects.filter(
        user=user, address_hash=known.address_hash, last_used_at__gt=now - _NOTED_EVERY
    ).exists():
        KnownAddress.objects.bulk_create(
            [known],
            update_conflicts=True,
            unique_fields=["user", "address_hash"],
            update_fields=["last_used_at"],
        )


def is_known_address(*, user: User, address: str | None, now: datetime) -> bool:
    return KnownAddress.objects.filter(
        user=user, address_hash=_address_hash(address), last_used_at__gt=now - KNOWN_FOR
    ).exists()


def _address_hash(address: str | None) -> str:
    return fingerprint("known address", network_of(address))
