"""The export in the API description."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view

export = extend_schema_view(
    get=extend_schema(
        tags=["Accounts"],
        operation_id="users_export",
        summary="Download everything that is stored about you",
        description="A zip with `profile.json`, `sessions.csv`, `plays.csv`, `organizations.json`, "
        "a folder for each repository below `repositories/`, and your picture. It holds no "
        "password, token or code, and nothing of others. It is sent while it is made, so it has no "
        "`Content-Length`. At most 10 an hour.",
        responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, "The archive.")},
    )
)
