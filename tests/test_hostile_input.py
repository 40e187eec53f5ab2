"""Whatever is sent to any call of the API, the answer is never a 5xx and every refusal has the one
shape. The calls come from the OpenAPI description, so a new call is covered when it appears."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from tests.api.test_parsers import HOSTILE
from tests.conftest import ApiAs
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db

PATH_SEGMENTS = [
    "%00",
    "0",
    "-1",
    str(2**63),
    "9" * 3000,
    "x" * 5000,
    "..",
    "%2e%2e%2f",
    "%ff",
    "%ED%A0%80",
    "é",
    "\u0663",
    "' OR 1=1",
    "00000000-0000-0000-0000-000000000000",
]
QUERY_VALUES = [
    "",
    "\0",
    "abc",
    "-1",
    "1e400",
    "1.5",
    str(2**63),
    "9" * 4301,
    "\u0663",
    "NaN",
    "x" * 60_000,
    " ".join("a" * 1100),
    "%",
    "2023-02-30",
    "2023-13-45",
    "0001-01-01",
    "0000-00-00",
    "10000-01-01",
    "0001-01-01T00:00:00+14:00",
    base64.urlsafe_b64encode(b'[0,"0001-01-01T00:00:00+14:00",1]').decode(),
    base64.urlsafe_b64encode(b'[0,"x\\u0000","x\\u0000"]').decode(),
    base64.urlsafe_b64encode(b"p=abc").decode(),
]
MEMBER_VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    2**63 - 1,
    "",
    " ",
    "x" * 60_000,
    "\u202e",
    "\u0662\u0660\u0660\u0660-\u0660\u0661-\u0660\u0661",
    "19900517",
    "999999999 00:00:00",
    [],
    [[]],
    [2**63 - 1],
    {},
    {"a": {"b": []}},
]


DESCRIPTION = SchemaGenerator().get_schema(request=None, public=True)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DESCRIPTION["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def filled(path: str, segment: str = "1") -> str:
    return re.sub(r"\{\w+\}", segment, path)


def assert_refused_well(answer: Any, sent: object) -> None:
    assert answer.status_code < 500, (sent, answer.content)
    if answer.status_code >= 400 and "json" in answer["Content-Type"]:
        body = answer.json()
        assert body["error"], sent
        assert isinstance(body["error"], str)
        assert set(body) == {"error", "type", "errors"}, sent


@pytest.fixture
def staff(api_as: ApiAs) -> APIClient:
    return api_as(StaffFactory.create(is_superuser=True))


OPERATIONS = list(operations())


def calls(*, having: Callable[[str, dict[str, Any]], bool]) -> pytest.MarkDecorator:
    """The operations that the test is about, each with a readable id."""
    chosen = [
        pytest.param(method, path, operation, id=f"{method.upper()} {path}")
        for method, path, operation in OPERATIONS
        if having(path, operation)
    ]
    return pytest.mark.parametrize(("method", "path", "operation"), chosen)


def has_body(path: str, operation: dict[str, Any]) -> bool:
    return "requestBody" in operation


class TestEveryCall:
    @calls(having=lambda path, _: "{" in path)
    def test_every_call_survives_its_path(
        self, staff: APIClient, method: str, path: str, operation: dict[str, Any]
    ) -> None:
        for segment in PATH_SEGMENTS:
            sent = filled(path, quote(segment, safe="%"))
            assert_refused_well(getattr(staff, method)(sent), sent[:100])

    @calls(having=lambda _, operation: "parameters" in operation)
    def test_every_call_survives_its_query(
        self, staff: APIClient, method: str, path: str, operation: dict[str, Any]
    ) -> None:
        names = {
            parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"
        }
        for name in names | {"unknown"}:
            for value in QUERY_VALUES:
                sent = f"{filled(path)}?{name}={quote(value)}"
                assert_refused_well(getattr(staff, method)(sent), sent[:200])

    @calls(having=has_body)
    def test_every_call_survives_its_body(
        self, staff: APIClient, method: str, path: str, operation: dict[str, Any]
    ) -> None:
        for name, body in HOSTILE.items():
            answer = getattr(staff, method)(filled(path), body, content_type="application/json")
            assert_refused_well(answer, name)

    @calls(having=has_body)
    def test_every_call_survives_any_type_in_any_member(
        self, staff: APIClient, method: str, path: str, operation: dict[str, Any]
    ) -> None:
        members = _members(operation)
        for member in members:
            for value in MEMBER_VALUES:
                body = json.dumps({**members, member: value})
                answer = getattr(staff, method)(filled(path), body, content_type="application/json")
                assert_refused_well(answer, (member, str(value)[:50]))


def _members(operation: dict[str, Any]) -> dict[str, Any]:
    """The members that the call's JSON body may have, each with something harmless."""
    content = operation["requestBody"]["content"]
    body = content.get("application/json", {}).get("schema", {})
    if "$ref" in body:
        body = DESCRIPTION["components"]["schemas"][body["$ref"].rsplit("/", 1)[1]]
    return dict.fromkeys(body.get("properties", {}), "harmless words 1")
