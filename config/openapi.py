"""`/openapi.json` and `/docs`, both served from here alone."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.renderers import TemplateHTMLRenderer

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


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped library hook
    target_class = "users.authentication.BearerAuthentication"
    name = "Bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def describe_errors(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Give every call its errors: the envelope is one component, described once."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = _ERROR
    answer = {
        "description": "Refused; `error` says why.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            responses = operation["responses"]
            expected = ["400", "404", "405", "406", "429"]
            if operation.get("security"):
                expected += ["401", "403"]
            if "requestBody" in operation:
                expected += ["411", "413", "415"]
            for code in expected:
                responses.setdefault(code, answer)
    return result
