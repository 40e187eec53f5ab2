"""How the pages stand in `/openapi.json`."""

from api.description.schema import get_operation

_TOKEN = {"token": "A share token (`POST /api/users/share`) or an API token."}
_RANGE = [
    {
        "name": name,
        "in": "query",
        "schema": {"type": "string"},
        "allowEmptyValue": True,
        "description": f"The {which} day shown, `YYYY-MM-DD` (UTC), included; empty for no limit.",
    }
    for name, which in (("start", "first"), ("end", "last"))
] + [
    {
        "name": "by",
        "in": "query",
        "schema": {"type": "string", "enum": ["", "day", "week", "month"]},
        "allowEmptyValue": True,
        "description": "Group by day, week or month; empty picks the finest readable grouping.",
    }
]
_ERRORS = {
    400: "A page that names the wrong date and keeps the form.",
    404: "A page: no such token, or not this repository.",
}

OVERVIEW = get_operation(
    "repositories_page",
    tag="Pages",
    summary="Show charts of every repository",
    description="For a browser. No log-in: the token in the URL opens it.",
    media_type="text/html",
    success="The page.",
    path_parameters=_TOKEN,
    query_parameters=_RANGE,
    errors=_ERRORS,
)
REPOSITORY = get_operation(
    "repository_page",
    tag="Pages",
    summary="Show charts of one repository",
    description="For a browser; `?format=csv` gives the shown days as a file instead.",
    media_type="text/html",
    success="The page.",
    path_parameters=_TOKEN | {"repository_id": "The `id` of the repository."},
    query_parameters=_RANGE,
    errors=_ERRORS,
)
