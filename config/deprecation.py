"""How a call says that it will go away, so that clients already out there can tell their makers
(RFC 9745 `Deprecation`, RFC 8594 `Sunset`; docs/decisions on compatibility)."""

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast

from django.utils.http import http_date
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

Method = TypeVar("Method", bound=Callable[..., Response])


def deprecated(
    *, since: datetime, sunset: datetime, successor: str | None = None
) -> Callable[[Method], Method]:
    """For a method of a view. From `since` on (aware) it is not to be used, from `sunset` on it may
    be gone; `successor` is the path of the call to use instead."""

    def decorate(method: Method) -> Method:
        @functools.wraps(method)
        def answer(*args: Any, **kwargs: Any) -> Response:
            response = method(*args, **kwargs)
            response["Deprecation"] = f"@{int(since.timestamp())}"
            response["Sunset"] = http_date(sunset.timestamp())
            if successor:
                links = [response["Link"]] if "Link" in response else []
                response["Link"] = ", ".join([*links, f'<{successor}>; rel="successor-version"'])
            return response

        return cast(Method, extend_schema(deprecated=True)(answer))

    return decorate
