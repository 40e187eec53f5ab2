"""How the traffic API authenticates and names repositories, for `/openapi.json`."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

REPOSITORY_ID = OpenApiParameter(
    "repository_id",
    OpenApiTypes.UUID,
    OpenApiParameter.PATH,
    description="The `id` of the repository, as `GET /api/repos` gives it.",
)


class ApiTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped library hook
    target_class = "repos.authentication.ApiTokenAuthentication"
    name = "ApiToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "X-API-Token"}
