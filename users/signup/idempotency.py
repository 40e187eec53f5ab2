"""A sign-up that is repeated with the same `Idempotency-Key` gets its first result.

The result holds tokens, so it is encrypted, and gone after a day or with the account. A key belongs
to one endpoint; a rejected first try stores nothing.
"""

import time
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from core.encryption import Unreadable, decrypted, encrypted
from core.exceptions import Conflict
from core.idempotency import IdempotencyKey, IdempotencyKeyReused
from users.models import SignUpResult, User
from users.throttling.keyed_hash import keyed_hash

STORED_FOR = timedelta(hours=24)
# A server that was killed during a sign-up blocks its key for so long.
CLAIMED_FOR = timedelta(seconds=60)
POLL_SECONDS = 0.05
WAIT_SECONDS = 10


class StillRunning(Conflict):
    code = "request_in_progress"
    message = (
        "The first request with this Idempotency-Key is still being carried out; "
        "send it again in a moment."
    )


class Claim:
    """A key that this request is the first to bring."""

    def __init__(self, key_hash: str) -> None:
        self._key_hash = key_hash

    def release(self) -> None:
        SignUpResult.objects.filter(pk=self._key_hash).delete()

    def store(self, response: str, *, user: User, now: datetime) -> None:
        try:
            SignUpResult.objects.filter(pk=self._key_hash).update(
                user=user, response=encrypted(response), expires_at=now + STORED_FOR
            )
        except IntegrityError:
            # The account was deleted at once: the next request with this key is the first again.
            self.release()


def first_result(endpoint: str, idempotency: IdempotencyKey, *, now: datetime) -> str | Claim:
    """The stored response, or a Claim when there is none.

    Waits for a first request that is still being carried out. Raises IdempotencyKeyReused, and
    StillRunning after WAIT_SECONDS.
    """
    key_hash = keyed_hash("sign-up key", f"{endpoint}\0{idempotency.key}")
    body_hash = keyed_hash("sign-up body", idempotency.request_digest.hex())
    for _ in range(int(WAIT_SECONDS / POLL_SECONDS)):
        SignUpResult.objects.filter(pk=key_hash, expires_at__lte=now).delete()
        if (row := SignUpResult.objects.filter(pk=key_hash).first()) is None:
            if _is_claimed(key_hash, body_hash, now):
                return Claim(key_hash)
            continue
        if row.body_hash != body_hash:
            raise IdempotencyKeyReused
        if row.response:
            try:
                return decrypted(row.response)
            except Unreadable:
                # Its key was taken away from the settings: as if nothing had been stored.
                row.delete()
                continue
        time.sleep(POLL_SECONDS)
    raise StillRunning


def _is_claimed(key_hash: str, body_hash: str, now: datetime) -> bool:
    row = SignUpResult(pk=key_hash, body_hash=body_hash, expires_at=now + CLAIMED_FOR)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True
