"""A client that holds responses against the description of their endpoint."""

import json
import re
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import Resolver404, resolve
from rest_framework.test import APIClient

# Its own method is never a wrong one, a body where none belongs is nobody's plan, nor is a 500.
_UNDESCRIBED = {405, 411, 413, 500}


class DescribedClient(APIClient):
    """Raises AssertionError for an error status that `docs/openapi.json` does not promise, and for
    a read with an `ETag` of which it does not say what that is good for."""

    def __init__(self, **defaults: Any) -> None:
        super().__init__(**defaults)
        # A 500 is a response, not an exception.
        self.raise_request_exception = False

    def request(self, **environment: Any) -> Any:
        response: Any = super().request(**environment)
        method = environment["REQUEST_METHOD"].lower()
        is_error = response.status_code >= 400 and response.status_code not in _UNDESCRIBED
        is_tagged = response.status_code == 200 and method == "get" and "ETag" in response
        if is_error or is_tagged:
            path = _path_of(environment["PATH_INFO"])
            operation = _operations().get((path, method))
            if operation and is_tagged:
                names = [one["name"] for one in operation["parameters"]]
                assert "304" in operation["responses"], f"{path} describes no 304"
                assert "If-None-Match" in names, f"{path} describes no If-None-Match"
            if operation and is_error and b"unknown_host" not in response.content:
                assert str(response.status_code) in operation["responses"], (
                    f"{method.upper()} {path} answered {response.status_code},"
                    " which docs/openapi.json does not describe"
                )
        return response


def _path_of(path: str) -> str:
    """As the description writes it; empty for a path that nothing serves."""
    try:
        route = resolve(path).route
    except Resolver404:
        return ""
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


@cache
def _operations() -> dict[tuple[str, str], dict[str, Any]]:
    document = json.loads((settings.BASE_DIR / "docs" / "openapi.json").read_text())
    return {
        (path.replace("{id}", "{pk}"), method): operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
