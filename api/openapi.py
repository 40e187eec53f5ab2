"""`/openapi.json` and `/docs`, both served from here alone."""

import copy
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.renderers import TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.openapi_texts import EXAMPLES, NON_DRF_PATHS, PARAMETERS
from core.csp import new_nonce, set_policy

_ERROR = {
    "type": "object",
    "description": "Every error of the API.",
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


class OpenAPIView(SpectacularAPIView):
    renderer_classes = [OpenApiJsonRenderer]


class SwaggerView(SpectacularSwaggerView):
    renderer_classes = [TemplateHTMLRenderer]
    template_name = "docs.html"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        nonce = new_nonce()
        response = Response({"nonce": nonce}, template_name=self.template_name)
        set_policy(response, nonce=nonce, connect="'self'")
        return response


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped library hook
    target_class = "users.sessions.authentication.BearerAuthentication"
    name = "Bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


_TAGS = {
    "Accounts": "Sign up, profiles, pictures, the directory.",
    "Sessions": "Log in and out, tokens, one's sessions, a forgotten password.",
    "Flat accounts": "Accounts by username, with any additional JSON members, on one level.",
    "Games": "The catalogue: genres and games, and how often each is played.",
    "Plays": "Play sessions: who played what, and when.",
    "Organizations": "Organizations and their members.",
    "Traffic": "Traffic of GitHub repositories, kept for longer than GitHub's 14 days.",
    "Pages": "The same history for people, by a token in the address.",
    "Service": "For whoever runs Foyer.",
}
_DOMAINS = {"games": "Games", "genres": "Games", "playsessions": "Plays"}

ERROR_DESCRIPTIONS = {
    "400": "Something in the request is wrong; `errors` names every offending member.",
    "401": "Nobody valid is authenticated: the token or the password is missing, wrong or over.",
    "403": "You are known, but may not do this.",
    "404": "There is no such thing, or none that you may see.",
    "405": "This address does not take that method; `Allow` says which it takes.",
    "406": "The answer is JSON (version 1), and `Accept` rules that out.",
    "409": "This does not fit the present state of things.",
    "411": "Send the body with a `Content-Length`.",
    "413": "The body is too large.",
    "415": "The body is of a media type that this call does not read.",
    "422": "The `Idempotency-Key` was used with another body.",
    "429": "Too many requests; `Retry-After` says for how many seconds to wait.",
}


def describe_errors(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Give every call its errors: the envelope is one component, described once."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = _ERROR
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for operation in _operations_of(result):
        responses = operation["responses"]
        expected = ["400", "404", "405", "406", "429"]
        if operation.get("security"):
            expected += ["401", "403"]
        if "requestBody" in operation:
            expected += ["411", "413", "415"]
        if operation["operationId"] in _CREDENTIALS_IN_THE_BODY:
            expected.append("401")
        for code in sorted({*expected, *(code for code in responses if code >= "400")}):
            described = responses.setdefault(code, {})
            if not described.get("description"):
                described["description"] = ERROR_DESCRIPTIONS[code]
            described.setdefault("content", content)
        operation["responses"] = dict(sorted(responses.items()))
    return result


_CREDENTIALS_IN_THE_BODY = {
    "auth_create",
    "auth_token_create",
    "auth_token_refresh_create",
    "auth_token_verify_create",
}


def one_of_to_any_of(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """An answer of one of several shapes may fit more than one: a full user is a public one too."""
    for schema in result["components"]["schemas"].values():
        if "oneOf" in schema:
            schema["anyOf"] = schema.pop("oneOf")
    return result


def group_by_domain(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    for operation in _operations_of(result):
        operation["tags"] = [_DOMAINS.get(tag, tag) for tag in operation["tags"]]
    result["tags"] = [{"name": name, "description": text} for name, text in _TAGS.items()]
    # Whoever asks for it, and however: one document.
    result["info"]["version"] = settings.SPECTACULAR_SETTINGS["VERSION"]
    return result


def add_examples(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Examples that many calls share stand at their component."""
    for name, example in EXAMPLES.items():
        if name in result["components"]["schemas"]:
            result["components"]["schemas"][name]["example"] = example
    # Two names for one thing, of which one is enough: no serializer field can say so.
    result["components"]["schemas"]["CredentialsRequest"]["anyOf"] = [
        {"required": ["username"]},
        {"required": ["email"]},
    ]
    for operation in _operations_of(result):
        for parameter in operation.get("parameters", []):
            parameter.setdefault("description", PARAMETERS.get(parameter["name"], ""))
            if parameter["name"] == "cursor":
                parameter["schema"]["minLength"] = 1
        for code, response in operation["responses"].items():
            if code < "300" and response.get("description", "") in ("", "No response body"):
                response["description"] = _SUCCESSES.get(code, "Done.")
    return result


_SUCCESSES = {
    "200": "Done; the body is the answer.",
    "201": "Created; `Location` says where.",
    "202": "Accepted.",
    "204": "Done; there is nothing to say.",
}


def add_non_drf_paths(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Calls that DRF does not know, described by hand."""
    for path, operation in NON_DRF_PATHS.items():
        result["paths"][path] = {"get": copy.deepcopy(operation)}
    return result


def allow_empty_query_values(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """`?genre=` filters by nothing, as a form with an empty field sends it."""
    for operation in _operations_of(result):
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query" and parameter["name"] not in ("page_size", "cursor"):
                parameter["allowEmptyValue"] = True
    return result


def _operations_of(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for calls in schema["paths"].values() for operation in calls.values()]
