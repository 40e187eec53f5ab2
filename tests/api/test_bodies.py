"""Bodies as people, phones and browsers send them, at every endpoint that takes one."""

import gzip
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from tests.conftest import ApiAs
from tests.factories import GameFactory, GenreFactory, OrganizationFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "ten green bottles"
SIGN_UP = {
    "username": "ada",
    "email": "ada@example.org",
    "password": PASSWORD,
    "birthdate": "1990-05-17",
}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/users"),
        ("patch", "/users/me"),
        ("put", "/users/me/password"),
        ("patch", "/users/{user}"),
        ("post", "/user"),
        ("put", "/user/{username}"),
        ("post", "/auth"),
        ("post", "/auth/signup"),
        ("post", "/auth/token"),
        ("post", "/auth/token/refresh"),
        ("post", "/auth/token/verify"),
        ("post", "/auth/password/reset"),
        ("post", "/auth/password/reset/confirm"),
        ("post", "/genres"),
        ("patch", "/genres/{genre}"),
        ("post", "/games"),
        ("patch", "/games/{game}"),
        ("post", "/playsessions"),
        ("post", "/organizations"),
        ("patch", "/organizations/{organization}"),
        ("post", "/api/users/create"),
        ("post", "/api/repos/create"),
        ("post", "/api/owners/create"),
        ("post", "/api/users/alerts"),
        ("post", "/auth/code"),
        ("post", "/auth/totp/confirm"),
        ("post", "/organizations/join"),
        ("post", "/organizations/{organization}/invitations"),
    ],
)
class TestAnEmptyBody:
    def test_an_empty_body_is_400_where_an_object_is_taken(
        self, api_as: ApiAs, method: str, path: str
    ) -> None:
        user = UserFactory.create(is_staff=True, username="ada", data={"kept": True})
        ids = {
            "user": user.pk,
            "username": "ada",
            "genre": GenreFactory.create().pk,
            "game": GameFactory.create().pk,
            "organization": OrganizationFactory.create(creator=user).pk,
        }
        client = api_as(user)

        for content_type in ("application/json", "", "multipart/form-data; boundary=x"):
            answer = client.generic(
                method.upper(), path.format(**ids), "", content_type=content_type
            )

            # 415: a form where only JSON is taken.
            assert answer.status_code in (400, 415), (content_type, answer.content)
            assert answer.json()["error"]
        assert User.objects.get(pk=user.pk).data == {"kept": True}


@pytest.mark.parametrize("body", ["", "null", '"x"', "{", '{"a": 1}'])
def test_a_body_is_ignored_where_none_is_taken(api_as: ApiAs, body: str) -> None:
    user = UserFactory.create()

    answer = api_as(user).generic(
        "DELETE", "/users/me/avatar", body, content_type="application/json"
    )

    assert answer.status_code == 204


class TestAByteOrderMark:
    @pytest.mark.parametrize("path", ["/users", "/auth/signup", "/user"])
    def test_before_json_is_no_part_of_it(self, api: APIClient, path: str) -> None:
        answer = api.generic(
            "POST", path, f"\ufeff{json.dumps(SIGN_UP)}", content_type="application/json"
        )

        assert answer.status_code == 201, answer.content


class TestForms:
    @pytest.mark.parametrize(
        "names",
        [
            ("organizations", "organizations"),
            ("organizations[]", "organizations[]"),
            ("organizations[0]", "organizations[1]"),
            ("organizations.0", "organizations.1"),
        ],
    )
    @pytest.mark.parametrize("path", ["/users", "/auth/signup"])
    def test_a_list_is_read_in_every_notation(
        self, api: APIClient, path: str, names: tuple[str, str]
    ) -> None:
        ids = [OrganizationFactory.create().pk, OrganizationFactory.create().pk]

        answer = api.post(path, _form({**SIGN_UP}, zip(names, ids, strict=True)), content_type=FORM)

        assert answer.status_code == 201, answer.content
        joined = [organization["id"] for organization in answer.json()["organizations"]]
        assert sorted(joined) == sorted(ids)

    def test_an_optional_field_that_was_left_empty_counts_as_absent(self, api: APIClient) -> None:
        optional = ("organizations", "first_name", "gender", "phone", "data", "last_name")

        answer = api.post(
            "/users", _form({**SIGN_UP, **dict.fromkeys(optional, "")}), content_type=FORM
        )

        assert answer.status_code == 201, answer.content
        assert answer.json()["organizations"] == []
        assert answer.json()["phone"] is None
        assert answer.json()["gender"] == "unspecified"

    def test_a_required_field_that_was_left_empty_is_named(self, api: APIClient) -> None:
        answer = api.post("/users", _form({**SIGN_UP, "password": ""}), content_type=FORM)

        assert answer.status_code == 400
        assert {error["attr"] for error in answer.json()["errors"]} == {"password"}

    def test_a_field_that_occurs_twice_is_named(self, api: APIClient) -> None:
        answer = api.post("/users", _form(SIGN_UP, [("gender", "female")] * 2), content_type=FORM)

        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert (error["attr"], error["code"]) == ("gender", "repeated")

    @pytest.mark.parametrize("content_type", ["application/json", "form"])
    def test_a_choice_that_does_not_exist_gets_the_list(
        self, api: APIClient, content_type: str
    ) -> None:
        body = {**SIGN_UP, "gender": "Frau"}

        answer = (
            api.post("/users", body)
            if content_type == "application/json"
            else api.post("/users", _form(body), content_type=FORM)
        )

        assert answer.status_code == 400
        assert "'Frau' is not one of: female, male, unspecified." in answer.json()["error"]


@pytest.mark.parametrize("path", ["/users?gender=x", "/games?ordering=x"])
def test_a_choice_of_a_query_gets_the_list_too(api_as: ApiAs, path: str) -> None:
    answer = api_as(UserFactory.create(is_staff=True)).get(path)

    assert answer.status_code == 400
    assert "'x' is not one of: " in answer.json()["error"]


class TestNull:
    @pytest.mark.parametrize("path", ["/users", "/auth/signup", "/user"])
    def test_null_in_an_optional_field_counts_as_absent_at_sign_up(
        self, api: APIClient, path: str
    ) -> None:
        optional = ("first_name", "last_name", "gender", "phone")

        answer = api.post(path, {**SIGN_UP, **dict.fromkeys(optional)})

        assert answer.status_code == 201, answer.content
        user = User.objects.get(username="ada")
        assert (user.first_name, user.gender, user.phone) == ("", "unspecified", None)

    @pytest.mark.parametrize("name", ["organizations", "data", "avatar"])
    def test_null_counts_as_absent_for_what_is_no_text_too(self, api: APIClient, name: str) -> None:
        answer = api.post("/users", {**SIGN_UP, name: None})

        assert answer.status_code == 201, answer.content

    def test_null_in_a_required_field_is_named(self, api: APIClient) -> None:
        answer = api.post("/users", {**SIGN_UP, "email": None})

        assert answer.status_code == 400
        assert {error["attr"] for error in answer.json()["errors"]} == {"email"}

    def test_null_counts_as_absent_for_a_new_organization(self, api_as: ApiAs) -> None:
        answer = api_as(UserFactory.create()).post(
            "/organizations", {"name": "Society", "description": None}
        )

        assert answer.status_code == 201, answer.content

    def test_null_counts_as_absent_at_log_in(self, api: APIClient) -> None:
        api.post("/users", SIGN_UP)

        answer = api.post(
            "/auth/token", {"username": None, "email": "ada@example.org", "password": PASSWORD}
        )

        assert answer.status_code == 200, answer.content


class TestAnUnknownMediaType:
    @pytest.mark.parametrize(
        ("method", "path", "taken"),
        [
            ("POST", "/users", "application/json or multipart/form-data"),
            ("POST", "/auth/token", "application/json"),
            ("PUT", "/users/me/avatar", "multipart/form-data"),
        ],
    )
    @pytest.mark.parametrize("sent", ["text/plain", "application/x-www-form-urlencoded", ""])
    def test_an_unknown_media_type_is_415_and_told_what_is_taken(
        self, api_as: ApiAs, method: str, path: str, taken: str, sent: str
    ) -> None:
        answer = api_as(UserFactory.create()).generic(method, path, "x", content_type=sent)

        assert answer.status_code == 415
        assert taken in answer.json()["error"]


def test_no_endpoint_that_takes_a_body_accepts_none(api_as: ApiAs, client: Client) -> None:
    """Every one that the description knows; the list above says which of them answer 400."""
    description = client.get("/openapi.json").json()
    user = UserFactory.create(is_staff=True, username="ada", birthdate="1990-05-17")
    staff = api_as(user)
    game = GameFactory.create()
    play = staff.post("/playsessions", {"game": game.pk}).json()["id"]
    organization = OrganizationFactory.create(creator=user)
    for path, operations in description["paths"].items():
        for method in operations.keys() & {"post", "put", "patch", "delete"}:
            operation = operations[method]
            if not operation.get("requestBody", {}).get("required"):
                continue
            number = {"/games": game.pk, "/genres": game.genre.pk, "/playsessions": play}
            number |= {"/users": user.pk, "/organizations": organization.pk}
            first = "/" + path.split("/")[1]
            url = re.sub(r"\{username\}", "ada", path)
            url = re.sub(r"\{\w+\}", str(number.get(first, 1)), url)

            answer = staff.generic(method.upper(), url, "", content_type="application/json")

            assert 400 <= answer.status_code < 500, (method, url, answer.content)


FORM = "multipart/form-data; boundary=XX"


def _form(fields: dict[str, Any], more: Any = ()) -> bytes:
    parts = [
        f'--XX\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in [*fields.items(), *more]
    ]
    return "".join([*parts, "--XX--\r\n"]).encode()


class TestBodiesThatAreNotRead:
    def test_a_compressed_body_is_called_that(self, api_as: ApiAs) -> None:
        answer = api_as(UserFactory.create()).patch(
            "/users/me",
            gzip.compress(b'{"first_name": "Ada"}'),
            content_type="application/json",
            headers={"Content-Encoding": "gzip"},
        )

        assert answer.status_code == 415
        assert "Content-Encoding: gzip" in answer.json()["error"]

    def test_identity_is_no_coding(self, api_as: ApiAs) -> None:
        answer = api_as(UserFactory.create()).patch(
            "/users/me", {"first_name": "Ada"}, headers={"Content-Encoding": "identity"}
        )

        assert answer.status_code == 200

    def test_a_form_of_too_many_parts_is_called_that(self, api: APIClient) -> None:
        fields = api.post("/users", {f"f{n}": "x" for n in range(1001)}, format="multipart")
        files = api.post(
            "/users",
            {f"f{n}": SimpleUploadedFile("a.png", b"x") for n in range(6)},
            format="multipart",
        )

        assert (fields.status_code, files.status_code) == (400, 400)
        assert fields.json()["error"] == "The form has more than 1000 fields."
        assert files.json()["error"] == "The form has more than 5 files."


class TestFormsAsBytes:
    @pytest.mark.parametrize("path", ["/users", "/auth/signup"])
    def test_what_is_not_utf_8_is_named_and_nothing_is_stored(
        self, api: APIClient, path: str
    ) -> None:
        body = _form(SIGN_UP | {"first_name": "ZOE", "last_name": "A\0"})
        for there, bytes_instead in ((b"ZOE", b"Zo\xeb"), (PASSWORD.encode(), b"\xff" * 12)):
            body = body.replace(there, bytes_instead)

        answer = api.post(path, body, content_type=FORM)

        assert answer.status_code == 400
        assert {error["attr"] for error in answer.json()["errors"]} == {
            *("first_name", "last_name", "password")
        }
        assert "UTF-8" in answer.json()["error"]
        assert not User.objects.exists()

    def test_utf_8_arrives_whatever_the_charset_says(self, api: APIClient) -> None:
        body = _form(SIGN_UP | {"first_name": "Zoë \U0001f4f7"})

        answer = api.post("/users", body, content_type=f"{FORM}; charset=iso-8859-1")

        assert answer.status_code == 201
        assert answer.json()["first_name"] == "Zoë \U0001f4f7"

    @pytest.mark.parametrize("file_name", ["", '; filename="a.png"'])
    def test_the_name_of_a_field_is_utf_8_too(self, api: APIClient, file_name: str) -> None:
        part = f'--XX\r\nContent-Disposition: form-data; name="café"{file_name}\r\n\r\nx\r\n'

        answer = api.post("/users", (part + part + "--XX--\r\n").encode(), content_type=FORM)

        assert answer.status_code == 400
        assert [error["attr"] for error in answer.json()["errors"]] == ["café"]

    @pytest.mark.parametrize(
        "content_type",
        [
            "Multipart/Form-Data; boundary=XX",
            "MULTIPART/FORM-DATA; BOUNDARY=XX",
            'multipart/Form-data; charset=UTF-8; Boundary="XX"',
        ],
    )
    def test_the_type_counts_in_any_case(self, api: APIClient, content_type: str) -> None:
        answer = api.post("/users", _form(SIGN_UP), content_type=content_type)

        assert answer.status_code == 201, answer.content

    def test_a_file_without_a_filename_is_told_that(self, api_as: ApiAs) -> None:
        part = b'--XX\r\nContent-Disposition: form-data; name="avatar"\r\n\r\n\x89PNG\r\n--XX--\r\n'

        answer = api_as(UserFactory.create()).put("/users/me/avatar", part, content_type=FORM)

        assert answer.status_code == 400
        assert "send it with a filename" in answer.json()["error"]
