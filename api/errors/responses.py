"""The one shape of every error."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

import orjson
from django.http import HttpResponse

ErrorType = Literal["validation_error", "client_error", "server_error"]


class ErrorDetail(TypedDict):
    code: str
    detail: str
    attr: str | None


class ErrorBody(TypedDict):
    error: str
    type: ErrorType
    errors: list[ErrorDetail]


def error_body(error_type: ErrorType, errors: Sequence[ErrorDetail]) -> ErrorBody:
    """The body; its `error` is one string that names every wrong field.

    A message may quote what was sent. Half of a surrogate pair in it, which JSON can escape, has no
    form in UTF-8.
    """
    errors = [
        {**error, "detail": error["detail"].encode("utf-8", "replace").decode()} for error in errors
    ]
    return {
        "error": " ".join(_message(error) for error in errors),
        "type": error_type,
        "errors": errors,
    }


def error_response(
    status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """An error answered outside DRF: by middleware, plain views and Django's handlers."""
    body = error_body(
        "server_error" if status >= 500 else "client_error",
        [{"code": code, "detail": message, "attr": None}],
    )
    content = orjson.dumps(body)
    return HttpResponse(
        content,
        status=status,
        content_type="application/json",
        # Middleware that answers by itself stands outside of CommonMiddleware, which sets it.
        headers={"Content-Length": str(len(content)), **(headers or {})},
    )


def _message(error: ErrorDetail) -> str:
    attr = error["attr"]
    return f"{attr}: {error['detail']}" if attr else error["detail"]
