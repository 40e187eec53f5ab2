"""Examples of what many calls answer, and the calls that are no views of the API."""

from typing import Any

_ACCESS = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJl"
_ORGANIZATION = {"id": 3, "name": "Lighthouse Society", "description": "Keeps the lights on."}
_PUBLIC = {
    "id": 7,
    "username": "maya",
    "first_name": "Maya",
    "last_name": "Lindqvist",
    "avatar": "https://foyer.example.org/avatars/k3/k3V9dX2mQ7bT5cR1.jpg",
}
_FULL = _PUBLIC | {
    "email": "maya@example.org",
    "email_verified": True,
    "gender": "female",
    "birthdate": "1990-05-17",
    "phone": "+46701740605",
    "organizations": [_ORGANIZATION],
    "data": {"newsletter": True},
    "is_staff": False,
    "date_joined": "2026-03-01T12:00:00Z",
}

# By the name of their component.
EXAMPLES: dict[str, Any] = {
    "CredentialsRequest": {"username": "maya", "password": "correct horse battery staple"},
    "SessionToken": {"token": _ACCESS, "expires_at": "2026-03-02T12:00:00Z"},
    "TokenPair": {"access": _ACCESS, "refresh": _ACCESS},
    "RefreshRequest": {"refresh": _ACCESS},
    "TokenRequest": {"token": _ACCESS},
    "FullUser": _FULL,
    "VisibleUser": _FULL,
    "SignedUpUser": _FULL | {"access": _ACCESS, "refresh": _ACCESS},
    "PatchedProfileUpdateRequest": {"first_name": "Maya", "organizations": [3]},
    "Member": _PUBLIC,
    "Organization": _ORGANIZATION | {"member_count": 1, "members": [_PUBLIC]},
    "Game": {
        "id": 12,
        "name": "Harbour Lights",
        "genre": {"id": 2, "name": "Puzzle"},
        "play_count": 4711,
    },
    "Genre": {"id": 2, "name": "Puzzle"},
}


# By name, where the call itself says nothing.
PARAMETERS = {
    "id": "The number that a list or the answer to a creation gives.",
    "repository_id": "The repository's `id`, as `GET /api/repos` gives it.",
    "note_id": "The note's `id`, as the list of notes gives it.",
    "username": "In any case.",
    "search": "Words of the name or address, in any case.",
    "organization": "The `id` of an organization: its members alone.",
    "gender": "`female`, `male` or `unspecified`.",
    "start": "The first day (UTC), included; empty for no limit.",
    "end": "The last day (UTC), included; empty for no limit.",
    "page_size": "How many on a page: 1 to 1000, 100 by default.",
    "cursor": "Where a page begins: taken from the `Link` header of another page.",
}


def _answers(kind: str, description: str, **others: str) -> dict[str, Any]:
    answers: dict[str, Any] = {"200": {"description": description, "content": {kind: {}}}}
    for code, text in others.items():
        answers[code.removeprefix("_")] = {"description": text, "content": {kind: {}}}
    return answers


def _in_path(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string"},
        "description": description,
    }


_RANGE = [
    {
        "name": name,
        "in": "query",
        "schema": {"type": "string"},
        "description": f"The {which} day shown, `YYYY-MM-DD` (UTC), included; empty for no limit.",
    }
    for name, which in (("start", "first"), ("end", "last"))
] + [
    {
        "name": "by",
        "in": "query",
        "schema": {"type": "string", "enum": ["", "day", "week", "month"]},
        "description": "What a point of the charts stands for; empty for the finest legible.",
    }
]
_TOKEN = _in_path("token", "A share token (`POST /api/users/share`) or an API token.")
_REFUSED = {
    "_400": "A page that names the bad date and keeps the form.",
    "_404": "A page: no such token, or not this repository.",
    "_405": "A page; `Allow` says which methods there are.",
}

NON_DRF_PATHS: dict[str, dict[str, Any]] = {
    "/avatars/{name}": {
        "operationId": "avatar",
        "summary": "A picture",
        "description": "The address that `avatar` of a user gives. It never changes: cache it.",
        "tags": ["Accounts"],
        "parameters": [_in_path("name", "As in the user's `avatar`.")],
        "responses": _answers("image/*", "The picture.")
        | {
            "404": {"description": "There is no such picture.", "content": {"application/json": {}}}
        },
    },
    "/users/{token}/repos": {
        "operationId": "repositories_page",
        "summary": "A page with charts of every repository",
        "description": "For a browser. No log-in: the token in the address opens it.",
        "tags": ["Pages"],
        "parameters": [_TOKEN, *_RANGE],
        "responses": _answers("text/html", "The page.", **_REFUSED),
    },
    "/users/{token}/repos/{repository_id}": {
        "operationId": "repository_page",
        "summary": "A page with charts of one repository",
        "description": "For a browser; `?format=csv` gives the shown days as a file instead.",
        "tags": ["Pages"],
        "parameters": [_TOKEN, _in_path("repository_id", "The repository's `id`."), *_RANGE],
        "responses": _answers("text/html", "The page.", **_REFUSED),
    },
    "/badges/{token}/{name}": {
        "operationId": "badge",
        "summary": "A badge or a chart of a repository, as an image or as data",
        "description": (
            "`views.svg`, `unique-visitors.svg`, `clones.svg`, `downloads.svg`, `stars.svg`, the"
            " same with `.json` in the schema of shields.io's endpoint badge, and `chart.svg`. For"
            " everybody; may be cached for an hour."
        ),
        "tags": ["Traffic"],
        "parameters": [
            _in_path("token", "As `POST /api/repos/{repository_id}/badge` gives it."),
            _in_path("name", "The metric and the kind, such as `views.svg`."),
        ],
        "responses": {
            "200": {
                "description": "The image, or the data of the badge.",
                "content": {
                    "image/svg+xml": {},
                    "application/json": {
                        "schema": {"type": "object", "additionalProperties": True},
                        "examples": {
                            "Badge": {
                                "value": {
                                    "schemaVersion": 1,
                                    "label": "views",
                                    "message": "1.2k",
                                    "color": "blue",
                                }
                            }
                        },
                    },
                },
            },
            "304": {"description": "Unchanged since the `If-None-Match` that was sent."},
            "404": {
                "description": "An image that says so, or an error for `.json`.",
                "content": {"image/svg+xml": {}, "application/json": {}},
            },
        },
    },
    "/healthz": {
        "operationId": "healthz",
        "summary": "Whether the process lives",
        "description": "Touches nothing but the process.",
        "tags": ["Service"],
        "responses": _answers("application/json", "It lives."),
    },
    "/readyz": {
        "operationId": "readyz",
        "summary": "Whether everything it needs is in order",
        "description": "Database, cache, storage and migrations.",
        "tags": ["Service"],
        "responses": _answers(
            "application/json", "All is in order.", _503="Something is not; the body says what."
        ),
    },
}
