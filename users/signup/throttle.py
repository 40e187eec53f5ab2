"""The limit on signing up and on asking who has an account."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings

from users.profiles.validation import NameTaken
from users.throttling.limits import hit, network_limit


class RetriedSignUp(NameTaken):
    """The same sign-up again, after its response was lost: it tells nothing new."""


@contextmanager
def signup_rate_limit(
    ip_address: str | None, *, now: datetime, counts_success: bool = True
) -> Iterator[None]:
    """Around validating and storing the names of an account. Raises LimitReached.

    Counts new accounts and rejections of a name that is taken, so that nobody can look up thousands
    of addresses. Neither a form with other mistakes nor a retried sign-up counts, and an edit that
    succeeds does not either (`counts_success`).
    """
    limit = network_limit("sign-up", ip_address)
    counted = hit(limit, rate=settings.RATE_LIMIT_SIGNUP, now=now)
    try:
        yield
    except RetriedSignUp:
        counted.rollback()
        raise
    except NameTaken:
        raise
    except Exception:
        counted.rollback()
        raise
    if not counts_success:
        counted.rollback()
