"""The description of the API: complete, kept, and never changed under a client's feet."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from drf_spectacular.validation import validate_schema
from rest_framework.test import APIClient

from tests.api.openapi_changes import breaking_changes

pytestmark = pytest.mark.django_db
DOCS = settings.BASE_DIR / "docs"


def kept(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((DOCS / name).read_text(encoding="utf-8"))
    return document


_served: list[bytes] = []


@pytest.fixture
def served(client: Client) -> dict[str, Any]:
    if not _served:  # it takes a third of a second to make
        _served.append(client.get("/openapi.json").content)
    document: dict[str, Any] = json.loads(_served[0])
    return document


def calls(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]


class TestDescription:
    def test_description_is_valid_openapi_31(self, served: dict[str, Any]) -> None:
        assert served["openapi"].startswith("3.1.")
        validate_schema(served)

    def test_the_kept_copy_is_what_is_served(self, served: dict[str, Any]) -> None:
        assert served == kept("openapi.json"), "run make openapi and look at the difference"

    @pytest.mark.parametrize(
        ("accept", "media_type"),
        [
            ("*/*", "application/json"),
            ("application/json", "application/json"),
            ("application/json; version=1", "application/json"),
            ("application/vnd.oai.openapi+json", "application/vnd.oai.openapi+json"),
        ],
    )
    def test_clients_get_it_under_the_media_type_that_they_ask_for(
        self, client: Client, accept: str, media_type: str
    ) -> None:
        response = client.get("/openapi.json", headers={"Accept": accept})

        assert response.status_code == 200
        assert response["Content-Type"] == media_type
        assert response.json()["openapi"].startswith("3.1.")

    def test_every_call_is_explained(self, served: dict[str, Any]) -> None:
        tags = {tag["name"] for tag in served["tags"] if tag["description"]}

        for call, operation in calls(served):
            assert operation["summary"], call
            assert set(operation["tags"]) <= tags, call
            for code, response in operation["responses"].items():
                assert response["description"], (call, code)
            for parameter in operation.get("parameters", []):
                assert parameter.get("description"), (call, parameter["name"])

    def test_shapes_are_described_to_those_who_call(self, served: dict[str, Any]) -> None:
        for name, schema in served["components"]["schemas"].items():
            words = schema.get("description", "")
            assert not re.search(r"serializer|representation|requirement|orjson", words), name

    def test_every_json_answer_and_body_has_an_example(self, served: dict[str, Any]) -> None:
        schemas = served["components"]["schemas"]

        def has_example(media: dict[str, Any]) -> bool:
            schema = media.get("schema", {})
            schema = schema.get("items", schema)
            name = schema.get("$ref", "").rsplit("/", 1)[-1]
            component = schemas.get(name, schema)
            if any("example" in one for one in component.get("oneOf", [])):
                return True
            nested = component.get("items", {}).get("$ref", "").rsplit("/", 1)[-1]
            return bool(
                media.get("examples")
                or "example" in component
                or "example" in schemas.get(nested, {})
            )

        lacking = []
        for call, operation in calls(served):
            bodies = {code: one for code, one in operation["responses"].items() if code < "300"}
            bodies["body"] = operation.get("requestBody", {})
            for code, one in bodies.items():
                media = one.get("content", {}).get("application/json")
                if media and "schema" in media and not has_example(media):
                    lacking.append((call, code))
        assert lacking == []


# A day of an imported file may leave a figure untold. Zero would be wrong, and a client that reads
# the figure of such a day has to know.
AGREED_CHANGES = [
    f"GET /api/repos/{{repository_id}} 200.traffic[].{figure} may be null"
    for figure in ("views", "unique_visitors", "clones", "unique_cloners")
]


class TestCompatibility:
    def test_nothing_that_a_client_of_version_1_relies_on_is_gone(
        self, served: dict[str, Any]
    ) -> None:
        found = breaking_changes(kept("openapi-1.json"), served)

        assert [change for change in found if change not in AGREED_CHANGES] == []

    @pytest.mark.parametrize(
        ("change", "found"),
        [
            (lambda api: api["paths"].pop("/games"), "GET /games is gone"),
            (
                lambda api: api["paths"]["/games"]["get"].update(security=[{"Bearer": []}]),
                "GET /games wants authentication",
            ),
            (
                lambda api: api["paths"]["/games"]["get"].update(parameters=[]),
                "GET /games takes no search",
            ),
            (
                lambda api: api["components"]["schemas"]["Game"]["properties"].pop("play_count"),
                "GET /games 200[] has no play_count",
            ),
            (
                lambda api: api["components"]["schemas"]["Game"]["properties"]["name"].update(
                    type=["string", "null"]
                ),
                "GET /games/{id} 200.name may be null",
            ),
            (
                lambda api: api["components"]["schemas"]["PlaySessionCreateRequest"].update(
                    required=["game", "score"]
                ),
                "POST /playsessions body wants score",
            ),
            (
                lambda api: api["paths"]["/auth"]["post"]["responses"].pop("200"),
                "POST /auth answers no 200",
            ),
        ],
    )
    def test_a_breaking_change_is_seen(self, change: Any, found: str) -> None:
        released = kept("openapi-1.json")
        present = copy.deepcopy(released)

        change(present)

        assert found in breaking_changes(released, present)

    def test_an_addition_is_none(self) -> None:
        released = kept("openapi-1.json")
        present = copy.deepcopy(released)

        present["paths"]["/scores"] = {"get": {"responses": {}}}
        present["components"]["schemas"]["Game"]["properties"]["score"] = {"type": "integer"}

        assert breaking_changes(released, present) == []


class TestDocs:
    def test_docs_takes_nothing_inline_and_nothing_from_elsewhere(self, client: Client) -> None:
        response = client.get("/docs")

        policy = response["Content-Security-Policy"]
        assert response.status_code == 200
        assert "default-src 'none'" in policy
        assert "connect-src 'self'" in policy
        assert "unsafe" not in policy
        assert b"https://" not in response.content
        assert b"style=" not in response.content


def _contents(described: Any) -> Iterator[dict[str, Any]]:
    if isinstance(described, dict):
        content = described.get("content")
        if isinstance(content, dict) and all("/" in name for name in content):
            yield content
        for value in described.values():
            yield from _contents(value)
    elif isinstance(described, list):
        for item in described:
            yield from _contents(item)


class TestOneMediaType:
    def test_every_body_has_one_and_nothing_else_changes(self, api: APIClient) -> None:
        full = api.get("/openapi.json").json()
        reduced = api.get("/openapi.json?media=json").json()

        assert any(len(content) > 1 for content in _contents(full["paths"]))
        assert {len(content) for content in _contents(reduced)} == {1}
        sign_up = reduced["paths"]["/users"]["post"]["requestBody"]["content"]
        assert list(sign_up) == ["application/json"]
        assert list(reduced["paths"]["/users/me/avatar"]["put"]["requestBody"]["content"]) == [
            "multipart/form-data"
        ]
        assert reduced["components"] == full["components"]
        assert {path: set(methods) for path, methods in reduced["paths"].items()} == {
            path: set(methods) for path, methods in full["paths"].items()
        }
        validate_schema(reduced)

    def test_another_one_is_rejected_by_name(self, api: APIClient) -> None:
        answer = api.get("/openapi.json?media=xml")

        assert answer.status_code == 400
        assert "media" in answer.json()["error"]
