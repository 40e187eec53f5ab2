"""Bodies that the layers below would stumble over are refused."""

import json

import pytest
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.test import APIClient

from api.bodies.parsers import parse_json_object
from tests.conftest import ApiAs
from tests.factories import UserFactory

HOSTILE = {
    "empty": b"",
    "null": b"null",
    "array": b"[]",
    "text": b'"x"',
    "number": b"1",
    "true": b"true",
    "cut off": b'{"a":',
    "duplicate member": b'{"email":"a@example.org","email":"b@example.org"}',
    "duplicate member inside": b'{"data":{"a":1,"a":2}}',
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":-Infinity}',
    "1e400": b'{"a":1e400}',
    "2**63": b'{"a":9223372036854775808}',
    "below -2**63": b'{"a":-9223372036854775809}',
    "5,000 digits": b'{"a":' + b"1" * 5000 + b"}",
    "NUL in a value": b'{"a":"x\\u0000"}',
    "NUL in a name": b'{"x\\u0000":1}',
    "lone surrogate": b'{"a":"\\ud800"}',
    "lone surrogate in a name": b'{"\\udfff":1}',
    "invalid UTF-8": b'{"a":"\xff"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "byte order mark alone": b"\xef\xbb\xbf",
    "33 levels": b'{"a":' * 33 + b"1" + b"}" * 33,
    "100,000 open brackets": b"[" * 100_000,
    "100,000 brackets": b"[" * 100_000 + b"]" * 100_000,
    "100,000 open objects": b'{"a":' * 100_000,
}


class TestParseJSONObject:
    @pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
    def test_parse_json_object_refuses(self, body: bytes) -> None:
        with pytest.raises((ParseError, ValidationError)):
            parse_json_object(body)

    @pytest.mark.parametrize(
        "value",
        [
            {},
            {"a": [1, -1.5, None, True, "é 😀 \u2028"]},
            {"a": 2**63 - 1, "b": -(2**63)},
            {"a": {"b": {"c": {"d": []}}}},
        ],
    )
    def test_parse_json_object_reads_what_is_right(self, value: dict[str, object]) -> None:
        assert parse_json_object(json.dumps(value).encode()) == value

    def test_parse_json_object_reads_on_after_a_byte_order_mark(self) -> None:
        assert parse_json_object(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}

    def test_parse_json_object_names_the_property_that_occurs_twice(self) -> None:
        with pytest.raises(ParseError, match='"email" occurs twice'):
            parse_json_object(b'{"email": "a", "name": "b", "email": "c"}')

    def test_parse_json_object_reads_32_levels(self) -> None:
        assert parse_json_object(b'{"a":' * 32 + b"1" + b"}" * 32)


@pytest.mark.django_db
class TestEveryWritingCall:
    @pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("post", "/users"),
            ("patch", "/users/me"),
            ("post", "/auth"),
            ("post", "/auth/token"),
            ("post", "/auth/token/refresh"),
            ("post", "/auth/token/verify"),
        ],
    )
    def test_every_writing_call_answers_400(
        self, api_as: ApiAs, method: str, path: str, body: bytes
    ) -> None:
        client: APIClient = api_as(UserFactory.create())

        answer = getattr(client, method)(path, body, content_type="application/json")

        assert answer.status_code == 400, answer.content
        assert answer.json()["error"]

    @pytest.mark.parametrize("text", ["a\0b", "a\ud800b"], ids=ascii)
    def test_every_field_whose_text_cannot_be_stored_is_named(
        self, api: APIClient, text: str
    ) -> None:
        body = {"username": text, "password": "x", "data": {"a": [{text: 1}]}, "first_name": text}

        answer = api.post("/users", json.dumps(body), content_type="application/json")

        assert answer.status_code == 400
        assert answer.json()["type"] == "validation_error"
        assert [error["attr"] for error in answer.json()["errors"]] == [
            *("username", "data", "first_name")
        ]

    def test_a_form_has_such_fields_named_too(self, api: APIClient) -> None:
        answer = api.post(
            "/users", {"username": "a\0b", "data": '{"a": "\\u0000"}'}, format="multipart"
        )

        assert answer.status_code == 400
        assert [error["attr"] for error in answer.json()["errors"]] == ["username"]
        answer = api.post("/users", {"data": '{"a": "\\u0000"}'}, format="multipart")
        assert "data.a" in [error["attr"] for error in answer.json()["errors"]]
