"""The limit on signing up, for every endpoint."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings

from users.profiles.validation import NameTaken
from users.throttling.limits import RateLimitKey, hit, ip_subnet


@contextmanager
def signup_rate_limit(ip_address: str | None, *, now: datetime) -> Iterator[None]:
    """Around validating and creating an account. Raises LimitReached.

    Counts new accounts and rejections of a name that is taken, so that sign-ups cannot be used to
    look up thousands of addresses. A form with nothing but mistakes costs nothing.
    """
    network = ip_subnet(ip_address)
    counted = hit(RateLimitKey("sign-up", network), rate=settings.RATE_LIMIT_SIGNUP, now=now)
    try:
        yield
    except NameTaken:
        raise
    except Exception:
        counted.rollback()
        raise
