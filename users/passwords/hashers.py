"""How passwords are hashed, and how many at a time."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

# One core is left for everybody who does not log in right now. Each process of the web server has
# its share.
_SLOTS_PER_PROCESS = max(1, ((os.cpu_count() or 1) - 1) // settings.WEB_WORKERS)
_slots = threading.BoundedSemaphore(_SLOTS_PER_PROCESS)
_of_this_thread = threading.local()


@contextmanager
def hashing_slot() -> Iterator[None]:
    """Wait for one's turn to hash. Every hash does; what belongs to one can be put within too."""
    if getattr(_of_this_thread, "has_slot", False):
        yield
        return
    with _slots:
        _of_this_thread.has_slot = True
        try:
            yield
        finally:
            _of_this_thread.has_slot = False


class OWASPArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with the parameters of OWASP's Password Storage Cheat Sheet: 19 MiB, 2 passes."""

    time_cost = 2
    memory_cost = 19456
    parallelism = 1

    def encode(self, password: str, salt: str) -> Any:
        with hashing_slot():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with hashing_slot():
            return super().verify(password, encoded)
