"""Responding to a sign-up once, however often it is sent with one `Idempotency-Key`."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import parse_idempotency_key
from api.renderers import ORJSONRenderer
from core.idempotency import IdempotencyKeyReused
from users.models import User
from users.signup.idempotency import StillRunning, first_result
from users.throttling.limits import LimitReached

# What each of the sign-up endpoints raises.
SIGN_UP_ERRORS = (LimitReached, IdempotencyKeyReused, StillRunning)


class Outcome(NamedTuple):
    user: User
    status: int
    body: Mapping[str, Any]
    location: str | None = None


def respond_once(request: Request, endpoint: str, sign_up: Callable[[], Outcome]) -> Response:
    """The response of `sign_up`, or of its first time for the key of the request.

    `endpoint` is what the key belongs to. Raises what `first_result` and `sign_up` raise.
    """
    idempotency = parse_idempotency_key(request)
    if idempotency is None:
        outcome = sign_up()
        return _response(outcome.body, outcome.status, outcome.location)
    first = first_result(endpoint, idempotency, now=timezone.now())
    if isinstance(first, str):
        return _response(**orjson.loads(first))
    try:
        outcome = sign_up()
    except BaseException:
        first.release()
        raise
    body = orjson.loads(ORJSONRenderer().render(outcome.body))
    stored = {"body": body, "status": outcome.status, "location": outcome.location}
    first.store(orjson.dumps(stored).decode(), user=outcome.user, now=timezone.now())
    return _response(**stored)


def _response(body: Mapping[str, Any], status: int, location: str | None) -> Response:
    return Response(body, status=status, headers={"Location": location} if location else None)
