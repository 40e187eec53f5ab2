"""The limit on signing up, for every door."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from core.client_ip import client_ip
from users.throttling.limits import RateLimitKey, hit, ip_subnet

# What tells a stranger that somebody has an account.
ENUMERATION_CODES = frozenset({"unique", "username_taken"})


@contextmanager
def signup_rate_limit(request: Request, *, now: datetime) -> Iterator[None]:
    """Around validating and creating an account, at every door. Raises LimitReached.

    Counted are new accounts and refusals of a name that is taken, so that the doors cannot be used
    to ask for thousands of addresses. A form with nothing but mistakes costs nothing.
    """
    network = ip_subnet(client_ip(request._request))
    counted = hit(RateLimitKey("sign-up", network), rate=settings.RATE_LIMIT_SIGNUP, now=now)
    try:
        yield
    except Exception as error:
        if ENUMERATION_CODES.isdisjoint(_codes_of(error)):
            counted.rollback()
        raise


def _codes_of(error: Exception) -> set[str]:
    if isinstance(error, APIException):
        return set(_flattened(error.get_codes()))
    if isinstance(error, DjangoValidationError):
        by_field = getattr(error, "error_dict", None) or {"": error.error_list}
        return {item.code or "" for items in by_field.values() for item in items}
    return set()


def _flattened(codes: Any) -> Iterator[str]:
    if isinstance(codes, dict | list):
        for member in codes.values() if isinstance(codes, dict) else codes:
            yield from _flattened(member)
    else:
        yield codes
