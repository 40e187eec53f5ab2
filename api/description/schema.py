"""How an endpoint describes itself in `/openapi.json`.

What an endpoint can reject is read from the exception classes it names (`@raises`) and from what
every endpoint of its kind can answer: nobody has to remember to describe a status.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from drf_spectacular.drainage import get_override
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry

from api.errors.responses import error_body
from api.errors.statuses import status_of
from api.permissions import IsStaff
from api.preconditions import ETagMismatch
from core.exceptions import DomainError, Forbidden, NotAuthenticated, NotFound, Unavailable

_Method = TypeVar("_Method", bound=Callable[..., Any])

ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Every error of the API has this shape.",
    "required": ["error", "type", "errors"],
    "properties": {
        "error": {"type": "string", "description": "One sentence a person can act on."},
        "type": {"type": "string", "enum": ["validation_error", "client_error", "server_error"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail", "attr"],
                "properties": {
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "attr": {"type": ["string", "null"]},
                },
            },
        },
    },
    "example": {
        "error": "email: Enter a valid email address.",
        "type": "validation_error",
        "errors": [{"code": "invalid", "detail": "Enter a valid email address.", "attr": "email"}],
    },
}

_DESCRIPTIONS = {
    400: "Invalid request; `errors` names every field at fault.",
    401: "Authentication failed: the token or password is missing, invalid or expired.",
    403: "You are not allowed to do this.",
    404: "Not found, or not visible to you.",
    406: "`Accept` excludes JSON (version 1), the only media type of this response.",
    409: "This conflicts with the current state of the resource.",
    411: "Send the body with a `Content-Length`, not in chunks.",
    412: "`If-Match` no longer holds: somebody else changed the resource.",
    413: "The body is too large.",
    415: "This endpoint does not read the media type of the body.",
    422: "The `Idempotency-Key` was used with another body.",
    429: "Too many requests; `Retry-After` says how many seconds to wait.",
    503: "Temporarily unavailable; `Retry-After` says how many seconds to wait.",
}
_RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds to wait before the next attempt.",
        "schema": {"type": "integer", "minimum": 1},
    }
}
_SUCCESSES = {
    "200": "Success.",
    "201": "Created; `Location` has the address.",
    "202": "Accepted.",
    "204": "Success, without a body.",
}
_IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "schema": {"type": "string"},
    "description": "The `ETag` of an earlier response; 304 while it still holds.",
}
# Of its own accord an endpoint answers these whatever it does.
_BODY_STATUSES = (400, 411, 413, 415)


def raises(*exceptions: type[DomainError]) -> Callable[[_Method], _Method]:
    """For a view method: the domain exceptions that callers can get from it.

    Their statuses, codes and messages become its error responses in the description. What follows
    from its kind (authentication, a body, an id in the path) need not be named.
    """

    def decorate(method: _Method) -> _Method:
        method.raises = exceptions  # type: ignore[attr-defined]  # read by ApiSchema
        return method

    return decorate


class ApiSchema(AutoSchema):
    """DRF's DEFAULT_SCHEMA_CLASS. Operation ids are `<resource>_<verb>`."""

    def get_operation_id(self) -> str:
        default = super().get_operation_id()
        return default.replace("_partial_update", "_update").replace("_destroy", "_delete")

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular's own
        """Docstrings are for readers of the code; callers read `extend_schema(description=…)`."""
        return ""

    def _get_examples(self, serializer: Any, direction: Any, *others: Any) -> Any:
        """Examples that a view gives for one direction leave the serializer's for the other."""
        return super()._get_examples(serializer, direction, *others) or self._own(  # type: ignore[no-untyped-call]  # untyped library
            serializer, direction, *others
        )

    def _own(
        self,
        serializer: Any,
        direction: Any,
        media_type: Any,
        status_code: Any = None,
        extras: Any = None,
    ) -> Any:
        own = get_override(getattr(serializer, "child", serializer), "examples", [])
        return super()._get_examples(  # type: ignore[no-untyped-call]  # untyped library
            serializer, direction, media_type, status_code, [*(extras or []), *own]
        )

    def get_operation(
        self,
        path: str,
        path_regex: str,
        path_prefix: str,
        method: str,
        registry: ComponentRegistry,
    ) -> dict[str, Any] | None:
        operation = super().get_operation(path, path_regex, path_prefix, method, registry)
        if operation is None:
            return None
        # The scheme that works everywhere stands first.
        operation.get("security", []).sort(key=lambda scheme: scheme.keys() == {"ApiToken"})
        self._describe_parameters(operation)
        self._describe_successes(operation)
        if self._has_entity_tag():
            _describe_entity_tag(operation)
        self._describe_errors(operation)
        return operation

    def _get_request_body(self, direction: Any = "request") -> Any:
        """Of a DELETE too, where the view says so: the library leaves it out."""
        if self.method != "DELETE" or not getattr(self.view, "delete_takes_body", False):
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]  # untyped library
        self.method = "PUT"
        try:
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]  # untyped library
        finally:
            self.method = "DELETE"

    def _describe_parameters(self, operation: dict[str, Any]) -> None:
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                named = parameter["name"].removesuffix("id").rstrip("_") or "resource"
                parameter.setdefault("description", f"The `id` of the {named}.")
            elif parameter["name"] == "cursor":
                parameter["schema"]["minLength"] = 1
            # `?genre=` filters by nothing, as a form with an empty field sends it.
            elif parameter["in"] == "query" and parameter["name"] != "page_size":
                parameter["allowEmptyValue"] = True

    def _describe_successes(self, operation: dict[str, Any]) -> None:
        for code, response in operation["responses"].items():
            if code < "300" and response.get("description", "") in ("", "No response body"):
                response["description"] = _SUCCESSES.get(code, "Success.")

    def _describe_errors(self, operation: dict[str, Any]) -> None:
        responses = operation["responses"]
        by_status: dict[int, list[type[DomainError]]] = defaultdict(list)
        for exception in self._exceptions(operation):
            by_status[status_of(exception)].append(exception)
        for status in {*by_status, *self._statuses(operation)}:
            described = responses.setdefault(str(status), {})
            if not described.get("description"):
                described["description"] = _description(status, by_status[status])
        for code, response in responses.items():
            if code >= "400":
                response.setdefault("content", _content(by_status[int(code)]))
            if code in ("429", "503"):
                response["headers"] = _RETRY_AFTER
        operation["responses"] = dict(sorted(responses.items()))

    def _exceptions(self, operation: dict[str, Any]) -> Iterator[type[DomainError]]:
        yield from getattr(self._view_method(), "raises", ())
        yield Unavailable
        security = operation.get("security", [])
        if security and {} not in security:
            yield NotAuthenticated
            if any(isinstance(each, IsStaff) for each in self.view.get_permissions()):
                yield StaffOnly
        if "{" in self.path:
            yield NotFound

    def _statuses(self, operation: dict[str, Any]) -> Iterator[int]:
        """What DRF and the middleware reject by themselves."""
        yield 406
        if "requestBody" in operation:
            yield from _BODY_STATUSES
        elif any(one["in"] == "query" for one in operation.get("parameters", [])):
            yield 400

    def _has_entity_tag(self) -> bool:
        """Whether this is a read whose response carries an `ETag`."""
        method = self._view_method()
        # Cached responses that are open to everyone get one from `response_cache`.
        view: Any = self.view
        is_open_and_cached = hasattr(method, "cache_policy") and view._is_open()
        return self.method == "GET" and (hasattr(method, "has_entity_tag") or is_open_and_cached)

    def _view_method(self) -> Any:
        name = getattr(self.view, "action", None) or self.method.lower()
        return getattr(self.view, name, None)


def _describe_entity_tag(operation: dict[str, Any]) -> None:
    """What `conditional_response` adds to a read."""
    operation["parameters"] = [_IF_NONE_MATCH, *operation.get("parameters", [])]
    operation["responses"] |= {
        "304": {
            "description": "Nothing changed since the response whose `ETag` came in"
            " `If-None-Match`."
        },
        "412": {
            "description": _description(412, [ETagMismatch]),
            "content": _content([ETagMismatch]),
        },
    }


class StaffOnly(Forbidden):
    """What `IsStaff` answers, as a class that can be described."""

    message = IsStaff.message


def _description(status: int, exceptions: Iterable[type[DomainError]]) -> str:
    listed = [f"`{each.code}`: {each.message}" for each in exceptions]
    if status in (401, 404, 503) and len(listed) == 1:
        return _DESCRIPTIONS[status]
    return " ".join([_DESCRIPTIONS[status], *listed])


def _content(exceptions: Iterable[type[DomainError]]) -> dict[str, Any]:
    media: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Error"}}
    examples = {each.code: {"value": _example(each)} for each in exceptions}
    if examples:
        media["examples"] = examples
    return {"application/json": media}


def _example(exception: type[DomainError]) -> Any:
    status = status_of(exception)
    kind: Any = {400: "validation_error", 503: "server_error"}.get(status, "client_error")
    return error_body(kind, [{"code": exception.code, "detail": exception.message, "attr": None}])


def get_operation(
    operation_id: str,
    *,
    tag: str,
    summary: str,
    description: str,
    media_type: str,
    success: str,
    path_parameters: dict[str, str] | None = None,
    query_parameters: Iterable[dict[str, Any]] = (),
    errors: dict[int, str] | None = None,
    has_entity_tag: bool = False,
) -> dict[str, Any]:
    """The `openapi` attribute of a view outside DRF, whose only method is GET.

    `path_parameters` maps names to descriptions, `errors` statuses to descriptions. A response that
    `has_entity_tag` goes through `conditional_response`.
    """
    parameters = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
            "description": text,
        }
        for name, text in (path_parameters or {}).items()
    ]
    responses = {"200": {"description": success, "content": {media_type: {}}}} | {
        str(status): {"description": text} for status, text in (errors or {}).items()
    }
    operation = {
        "operationId": operation_id,
        "summary": summary,
        "description": description,
        "tags": [tag],
        "parameters": [*parameters, *query_parameters],
        "responses": responses,
    }
    if has_entity_tag:
        _describe_entity_tag(operation)
    return operation
