"""Flat accounts (brief D)."""

import json
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from tests.conftest import ApiAs
from tests.factories import PASSWORD, StaffFactory, UserFactory
from users.flat.serializers import RESERVED_NAMES
from users.flat.services import update_flat_user
from users.locking import AccountDeleted
from users.models import Session, User

pytestmark = pytest.mark.django_db

SIGN_UP = {"username": "ada", "password": PASSWORD}


class TestHome:
    @pytest.mark.parametrize(
        "header", [None, "Bearer nonsense", "Basic x", "Bearer", "Bearer \xe9"]
    )
    def test_home_greets_nobody_in_particular(self, api: APIClient, header: str | None) -> None:
        if header:
            api.credentials(HTTP_AUTHORIZATION=header)

        answer = api.get("/")

        assert answer.status_code == 200
        assert answer.json()["message"] == "Hello World"

    def test_home_shows_who_has_a_token_their_account(self, api: APIClient) -> None:
        api.post("/user", {**SIGN_UP, "address": {"town": "London"}, "email": "ada@example.org"})
        token = api.post("/auth", SIGN_UP).json()["token"]
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

        assert api.get("/").json() == {
            "username": "ada",
            "email": "ada@example.org",
            "address": {"town": "London"},
        }

        assert api.delete("/auth").status_code == 204
        assert api.get("/").json()["message"] == "Hello World"


class TestSignUp:
    def test_sign_up_keeps_profile_fields_as_such_and_the_rest_as_data(
        self, api: APIClient
    ) -> None:
        body = {
            "email": "Ada@Example.org",
            "first_name": "Ada",
            "gender": "female",
            "birthdate": "1990-12-10",
            "phone": "+44 20 7946 0018",
            "address": "Analytical Row",
            "Email": "another name",
            "list": [1, {"a": None}],
        }

        answer = api.post("/user", {**SIGN_UP, **body})

        assert answer.status_code == 201
        assert answer.json() == {
            **body,
            "username": "ada",
            "email": "ada@example.org",
            "phone": "+442079460018",
        }
        assert answer["Location"] == "http://testserver/user/ada"
        user = User.objects.get()
        assert user.gender == "female"
        assert user.data.keys() == {"address", "Email", "list"}

    @pytest.mark.parametrize("name", sorted(RESERVED_NAMES))
    def test_sign_up_refuses_reserved_names(self, api: APIClient, name: str) -> None:
        answer = api.post("/user", {**SIGN_UP, name: True})

        assert answer.status_code == 400
        assert [error["attr"] for error in answer.json()["errors"]] == [name]

    def test_null_counts_as_not_given(self, api: APIClient) -> None:
        nothing = dict.fromkeys(("email", "first_name", "gender", "birthdate", "phone"))

        answer = api.post("/user", {**SIGN_UP, **nothing})

        assert answer.status_code == 201
        assert answer.json() == {"username": "ada"}

    def test_sign_up_does_not_show_an_unspecified_gender(self, api: APIClient) -> None:
        assert "gender" not in api.post("/user", {**SIGN_UP, "gender": "unspecified"}).json()

    @pytest.mark.parametrize(
        ("data", "fits"),
        [
            ({"x": "a" * (16 * 1024 - 8)}, True),
            ({"x": "a" * (16 * 1024 - 7)}, False),
            ({"x": "é" * 8_188}, True),
            ({"x": "é" * 8_189}, False),
            ({"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": 1}}}}}}}}, True),
            ({"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {}}}}}}}}}, False),
            ({"a": [[[[[[[]]]]]]]}, True),
            ({"a": [[[[[[[[]]]]]]]]}, False),
            ({"n": 2**63 - 1}, True),
            ({"n": -(2**63)}, True),
            ({"n": 2**63}, False),
            ({"n": 1e400}, False),
            ({"n": "\x00"}, False),
        ],
    )
    def test_sign_up_keeps_data_within_bounds(
        self, api: APIClient, data: dict[str, Any], fits: bool
    ) -> None:
        body = json.dumps({**SIGN_UP, **data}, ensure_ascii=False)

        answer = api.post("/user", body, content_type="application/json")

        assert answer.status_code == (201 if fits else 400)
        if fits:
            assert answer.json() == {"username": "ada", **data}


class TestAccount:
    def test_account_is_shown_to_its_owner_whatever_the_case_of_the_name(
        self, api_as: ApiAs
    ) -> None:
        user = UserFactory.create(username="Ada", email="ada@example.org", data={"x": [1]})

        answer = api_as(user).get("/user/aDA")

        assert answer.json() == {
            "username": "Ada",
            "email": "ada@example.org",
            "birthdate": "1990-05-17",
            "x": [1],
        }

    def test_data_never_hides_what_is_set(self, api_as: ApiAs) -> None:
        data = {"username": "root", "email": "other@example.org"}
        user = UserFactory.create(username="ada", email=None, birthdate=None, data=data)

        assert api_as(user).get("/user/ada").json() == {**data, "username": "ada"}

    @pytest.mark.parametrize("method", ["get", "put", "delete"])
    @pytest.mark.parametrize("name", ["bob", "nobody", "..", "%00", "%ff", "a" * 300, "ä"])
    def test_account_is_closed_to_others_whether_the_name_exists_or_not(
        self, api_as: ApiAs, method: str, name: str
    ) -> None:
        UserFactory.create(username="bob")
        client = api_as(UserFactory.create(username="ada"))

        answers = [getattr(client, method)(f"/user/{each}") for each in ("bob", name)]

        assert [answer.status_code for answer in answers] == [403, 403]
        assert answers[0].content == answers[1].content
        assert User.objects.count() == 2

    @pytest.mark.parametrize("name", ["nobody", "%00", "a" * 300, "ä"])
    def test_that_does_not_exist_is_404_for_staff(self, api_as: ApiAs, name: str) -> None:
        assert api_as(StaffFactory.create()).get(f"/user/{name}").status_code == 404

    def test_account_of_nobody_in_particular_needs_a_token(self, api: APIClient) -> None:
        assert api.get("/user/ada").status_code == 401

    def test_account_without_a_username_has_no_flat_address(self, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create(username=None))

        assert client.get("/").json()["username"] is None
        assert client.get("/user/None").status_code == 403

    @pytest.mark.parametrize("method", ["get", "put", "delete"])
    @pytest.mark.parametrize("name", ["%20", "%E2%80%8B", "%20%C2%A0"])
    def test_spaces_are_nobodys_username(self, api_as: ApiAs, method: str, name: str) -> None:
        user = UserFactory.create(username=None, data={"kept": True})

        answer = getattr(api_as(user), method)(f"/user/{name}", {"kept": False})

        assert answer.status_code == 403
        assert User.objects.get(pk=user.pk).data == {"kept": True}


class TestUpdate:
    def test_update_replaces_the_data_and_changes_the_fields_it_names(self, api_as: ApiAs) -> None:
        user = UserFactory.create(
            username="ada", email="ada@example.org", first_name="Ada", data={"old": 1, "both": 1}
        )

        answer = api_as(user).put("/user/ada", {"both": 2, "new": 3, "last_name": "Lovelace"})

        assert answer.status_code == 200
        assert answer.json() == {
            "username": "ada",
            "email": "ada@example.org",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "birthdate": "1990-05-17",
            "both": 2,
            "new": 3,
        }
        assert api_as(user).get("/user/ada").json() == answer.json()

    def test_update_clears_what_is_null(self, api_as: ApiAs) -> None:
        user = UserFactory.create(
            username="ada", first_name="A", last_name="L", gender="female", phone="+442079460018"
        )
        names = ("email", "first_name", "last_name", "gender", "birthdate", "phone")

        answer = api_as(user).put("/user/ada", dict.fromkeys(names))

        assert answer.json() == {"username": "ada"}

    def test_update_takes_the_present_username_and_password_and_no_others(
        self, api_as: ApiAs
    ) -> None:
        user = UserFactory.create(username="ada", email=None, birthdate=None)
        client = api_as(user)

        same = client.put("/user/ada", {**SIGN_UP, "x": 1})
        other_name = client.put("/user/ada", {"username": "bob", "x": 2})
        other_password = client.put("/user/ada", {"password": PASSWORD + "!", "x": 2})

        assert same.json() == {"username": "ada", "x": 1}
        assert [other_name.status_code, other_password.status_code] == [400, 400]
        user.refresh_from_db()
        assert (user.username, user.data, user.check_password(PASSWORD)) == ("ada", {"x": 1}, True)

    @pytest.mark.parametrize(
        "body",
        [
            {"id": 5},
            {"is_staff": True},
            {"email": "no"},
            {"email": ""},
            {"birthdate": "2020-01-01"},
            {"phone": "x"},
            {"gender": "x"},
        ],
    )
    def test_update_changes_nothing_when_something_is_wrong(
        self, api_as: ApiAs, body: dict[str, Any]
    ) -> None:
        user = UserFactory.create(username="ada", data={"old": 1})

        assert api_as(user).put("/user/ada", {**body, "new": 1}).status_code == 400

        assert User.objects.values().get() == User.objects.filter(pk=user.pk).values().get()
        assert User.objects.get().data == {"old": 1}

    def test_update_of_an_account_that_was_just_deleted_is_404(self) -> None:
        user = UserFactory.create()
        # As it is read through Redis.
        cached = User.objects.defer("password").get(pk=user.pk)
        user.delete()

        with pytest.raises(AccountDeleted):
            update_flat_user(user=cached, password=PASSWORD, now=timezone.now())

    def test_update_is_open_to_staff(self, api_as: ApiAs) -> None:
        ada = UserFactory.create(username="ada", data={"x": 1})
        staff = api_as(StaffFactory.create(username="staff"))

        assert staff.get("/user/ada").json()["x"] == 1
        assert staff.put("/user/ada", {"x": 2}).json()["x"] == 2
        assert staff.delete("/user/ada").status_code == 204
        assert not User.objects.filter(pk=ada.pk).exists()


class TestDelete:
    def test_delete_is_entire_and_frees_the_name(self, api: APIClient) -> None:
        api.post("/user", SIGN_UP)
        token = api.post("/auth", SIGN_UP).json()["token"]
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

        assert api.delete("/user/ada").status_code == 204

        assert api.get("/user/ada").status_code == 401
        assert not User.objects.exists()
        assert not Session.objects.exists()
        assert api.post("/auth", SIGN_UP).status_code == 401
        assert api.post("/user", SIGN_UP).status_code == 201


def test_the_description_says_that_flat_bodies_are_open_in_both_directions(api: APIClient) -> None:
    """Generated clients drop what a schema does not allow, and delete it when they put it back."""
    description = api.get("/openapi.json").json()
    schemas = description["components"]["schemas"]

    flat = description["paths"]["/user/{username}"]["get"]["responses"]["200"]
    response = flat["content"]["application/json"]["schema"]
    assert response["additionalProperties"] is True
    for name in ("FlatSignUpRequest", "FlatUpdateRequest"):
        assert schemas[name]["additionalProperties"] is True
    for name in (
        "FullUser",
        "SignUpRequest",
        "SignUpByEmailRequest",
        "PatchedProfileUpdateRequest",
    ):
        assert schemas[name]["properties"]["data"]["additionalProperties"] in (True, {})
