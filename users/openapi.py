"""How accounts authenticate and log in, for `/openapi.json`."""

from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
)
from drf_spectacular.openapi import AutoSchema


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped library hook
    target_class = "users.sessions.authentication.BearerAuthentication"
    name = "Bearer"
    # Before the API token, wherever both are taken.
    priority = 1

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class CredentialsSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # untyped library hook
    """Two names for one account, of which one is enough: no serializer field can say so."""

    target_class = "users.sessions.serializers.CredentialsSerializer"

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> Any:
        schema = auto_schema._map_serializer(  # type: ignore[no-untyped-call]  # untyped library
            self.target, direction, bypass_extensions=True
        )
        # Null counts as absent.
        for name in ("username", "email"):
            schema["properties"][name]["type"] = ["string", "null"]
        return schema | {"anyOf": [{"required": ["username"]}, {"required": ["email"]}]}
