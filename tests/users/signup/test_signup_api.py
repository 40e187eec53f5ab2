"""Signing up at each endpoint."""

import io
import json
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from rest_framework.test import APIClient

from tests.factories import PASSWORD, OrganizationFactory, UserFactory
from tests.users.avatars import sample_pictures as samples
from users.models import Session, User
from users.profiles import validation

pytestmark = pytest.mark.django_db

REQUIRED: dict[str, dict[str, str]] = {
    "/users": {
        "email": "ada@example.org",
        "username": "ada",
        "password": PASSWORD,
        "birthdate": "1990-12-10",
    },
    "/auth/signup": {"email": "ada@example.org", "password": PASSWORD},
    "/user": {"username": "ada", "password": PASSWORD},
}
PATHS = list(REQUIRED)
FULL_PATHS = ["/users", "/auth/signup"]
FULL_USER = {
    "id", "username", "email", "first_name", "last_name", "gender", "birthdate", "phone", "avatar",
    "organizations", "data", "is_staff", "date_joined", "email_verified",
}  # fmt: skip


def attrs(answer: Any) -> set[str]:
    assert answer.status_code == 400, answer.content
    return {error["attr"] for error in answer.json()["errors"]}


class TestEveryEndpoint:
    @pytest.mark.parametrize("path", PATHS)
    def test_every_endpoint_takes_what_it_requires(self, api: APIClient, path: str) -> None:
        answer = api.post(path, REQUIRED[path])

        assert answer.status_code == 201
        assert api.get(answer["Location"]).status_code == 401
        user = User.objects.get()
        assert user.check_password(PASSWORD)
        assert PASSWORD not in user.password
        assert not user.is_staff
        assert not user.is_superuser

    @pytest.mark.parametrize("path", PATHS)
    def test_every_endpoint_names_everything_that_is_missing(
        self, api: APIClient, path: str
    ) -> None:
        assert attrs(api.post(path, {})) == set(REQUIRED[path])

    @pytest.mark.parametrize("path", PATHS)
    def test_every_endpoint_names_everything_that_is_wrong(self, api: APIClient, path: str) -> None:
        wrong = {
            "email": "not an address",
            "username": "a@b",
            "password": "short",
            "birthdate": "2020-01-01",
            "gender": "robot",
            "phone": "12",
            "first_name": 7,
        }

        assert attrs(api.post(path, wrong)) == set(wrong)
        assert not User.objects.exists()

    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize(
        "taken", [{"email": "ADA@Example.org"}, {"username": "aDa"}], ids=["email", "username"]
    )
    def test_every_endpoint_is_closed_to_a_taken_name_whatever_the_case(
        self, api: APIClient, path: str, taken: dict[str, str]
    ) -> None:
        UserFactory.create(username="Ada", email="ada@example.org")
        fresh = {"username": "grace", "email": "grace@example.org"}

        answer = api.post(path, {**REQUIRED[path], **fresh, **taken})

        assert attrs(answer) == set(taken)
        assert User.objects.count() == 1

    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize(
        ("birthdate", "code"),
        [("2899-01-01", "future"), ("1899-12-31", "too_old"), ("2020-02-29", "too_young")],
    )
    def test_every_endpoint_checks_a_birthdate(
        self, api: APIClient, path: str, birthdate: str, code: str
    ) -> None:
        answer = api.post(path, {**REQUIRED[path], "birthdate": birthdate})

        assert attrs(answer) == {"birthdate"}
        assert answer.json()["errors"][0]["code"] == code

    @pytest.mark.parametrize("path", PATHS)
    def test_every_endpoint_keeps_the_phone_number_in_one_form(
        self, api: APIClient, path: str
    ) -> None:
        api.post(path, {**REQUIRED[path], "phone": " +44 (20) 7946-0018 "})

        assert User.objects.get().phone == "+442079460018"

    @pytest.mark.parametrize("path", PATHS)
    def test_every_endpoint_takes_the_password_exactly_as_sent(
        self, api: APIClient, path: str
    ) -> None:
        password = "  spaces around é and within "

        assert api.post(path, {**REQUIRED[path], "password": password}).status_code == 201

        assert User.objects.get().check_password(password)

    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize(
        "password",
        ["7 chars", "x" * 129, "password1", "87654321", "ada@example.org", "\ud800" * 9, 12345678],
    )
    def test_every_endpoint_refuses_a_password_that_is_no_good(
        self, api: APIClient, path: str, password: Any
    ) -> None:
        body = json.dumps({**REQUIRED[path], "email": "ada@example.org", "password": password})

        answer = api.post(path, body, content_type="application/json")

        assert answer.status_code == 400
        assert not User.objects.exists()

    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize(
        "body", ["", "null", "[]", '"x"', "1", "{", '{"username": "ada", "username": "bob"}']
    )
    def test_every_endpoint_refuses_what_is_no_object(
        self, api: APIClient, path: str, body: str
    ) -> None:
        answer = api.post(path, body, content_type="application/json")

        assert answer.status_code == 400
        assert isinstance(answer.json()["error"], str)


class TestFullDoors:
    @pytest.mark.parametrize("path", FULL_PATHS)
    def test_full_endpoints_answer_with_the_full_user_and_tokens(
        self, api: APIClient, path: str
    ) -> None:
        answer = api.post(path, REQUIRED[path]).json()

        assert answer.keys() == FULL_USER | {"access", "refresh"}
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {answer['access']}")
        assert api.get("/users/me").json() == {k: answer[k] for k in FULL_USER}
        assert api.post("/auth/token/refresh", {"refresh": answer["refresh"]}).status_code == 200

    @pytest.mark.parametrize("path", FULL_PATHS)
    def test_full_endpoints_take_every_field(self, api: APIClient, path: str) -> None:
        society = OrganizationFactory.create()
        profile = {
            "username": "Ada",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "gender": "female",
            "birthdate": "1990-12-10",
            "phone": "+442079460018",
            "data": {"address": {"street": "Analytical Row"}, "tags": [1, None, 2.5, "x"]},
        }

        answer = api.post(path, {**REQUIRED[path], **profile, "organizations": [society.pk]})

        assert answer.status_code == 201
        assert {name: answer.json()[name] for name in profile} == profile
        assert [each["id"] for each in answer.json()["organizations"]] == [society.pk]
        user = User.objects.get()
        assert user.birthdate == date(1990, 12, 10)
        assert user.data == profile["data"]

    @pytest.mark.parametrize("path", FULL_PATHS)
    def test_full_endpoints_take_a_form_with_a_photo(self, api: APIClient, path: str) -> None:
        first, second = OrganizationFactory.create_batch(2)
        form = {
            **REQUIRED[path],
            "first_name": "Ada",
            "gender": "female",
            "data": '{"newsletter": true}',
            "organizations": [first.pk, second.pk],
            "avatar": SimpleUploadedFile("../../me.php", samples.phone_photo(orientation=6)),
        }

        answer = api.post(path, form, format="multipart")

        assert answer.status_code == 201, answer.content
        assert answer.json()["data"] == {"newsletter": True}
        assert len(answer.json()["organizations"]) == 2
        picture = api.get(answer.json()["avatar"])
        assert picture.status_code == 200
        image = Image.open(io.BytesIO(picture.content))
        assert image.size == (200, 150)
        assert not image.getexif()

    @pytest.mark.parametrize("path", FULL_PATHS)
    def test_full_endpoints_take_a_form_without_a_photo(self, api: APIClient, path: str) -> None:
        answer = api.post(path, REQUIRED[path], format="multipart")

        assert answer.status_code == 201
        assert answer.json()["avatar"] is None
        assert answer.json()["data"] == {}
        assert answer.json()["organizations"] == []

    @pytest.mark.parametrize("path", FULL_PATHS)
    def test_full_endpoints_name_a_bad_photo_beside_the_other_errors(
        self, api: APIClient, path: str
    ) -> None:
        form = {
            **REQUIRED[path],
            "email": "x",
            "data": "[1]",
            "organizations": ["7"],
            "avatar": SimpleUploadedFile("me.jpg", b"no picture"),
        }

        answer = api.post(path, form, format="multipart")

        assert attrs(answer) == {"email", "data", "organizations", "avatar"}
        assert not User.objects.exists()

    @pytest.mark.parametrize("path", FULL_PATHS)
    @pytest.mark.parametrize("name", ["email", "password", "data", "anything"])
    def test_full_endpoints_refuse_a_form_that_says_something_twice(
        self, api: APIClient, path: str, name: str
    ) -> None:
        form = {**REQUIRED[path], name: ["{}", "{}"]}

        answer = api.post(path, form, format="multipart")

        assert answer.status_code == 400
        assert not User.objects.exists()

    @pytest.mark.parametrize("avatar", ["text", "", 5, {"a": 1}])
    def test_full_endpoints_take_no_photo_from_json(self, api: APIClient, avatar: Any) -> None:
        answer = api.post("/auth/signup", {**REQUIRED["/auth/signup"], "avatar": avatar})

        assert attrs(answer) == {"avatar"}

    def test_full_endpoints_leave_no_file_behind_when_the_name_is_lost_at_the_last_moment(
        self, api: APIClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        UserFactory.create(email="ada@example.org")
        # The check before finds nothing, as in a race.
        answers = iter([{}, {"email": ValidationError("taken", code="unique")}])
        monkeypatch.setattr(validation, "taken_names", lambda *_, **__: next(answers))
        form = {
            **REQUIRED["/auth/signup"],
            "avatar": SimpleUploadedFile("me.jpg", samples.phone_photo()),
        }

        answer = api.post("/auth/signup", form, format="multipart")

        assert attrs(answer) == {"email"}
        assert _files() == []

    @pytest.mark.parametrize(
        "organizations", [["x"], [0], [-1], [2**63], "1", {"1": 1}, [[1]], [None], [True, 99], 5]
    )
    def test_full_endpoints_refuse_organizations_that_are_none(
        self, api: APIClient, organizations: Any
    ) -> None:
        body = {**REQUIRED["/auth/signup"], "organizations": organizations}

        answer = api.post("/auth/signup", body)

        assert answer.status_code == 400
        assert not User.objects.exists()

    def test_full_endpoints_take_null_for_what_may_be_missing(self, api: APIClient) -> None:
        body = {**REQUIRED["/auth/signup"], "username": None, "birthdate": None, "phone": None}

        assert api.post("/auth/signup", body).status_code == 201

    def test_full_endpoints_refuse_other_media_types(self, api: APIClient) -> None:
        for path in PATHS:
            answer = api.post(path, "a=1", content_type="application/x-www-form-urlencoded")
            assert answer.status_code == 415
        assert api.post("/user", REQUIRED["/user"], format="multipart").status_code == 415


class TestFlatDoor:
    def test_flat_sign_up_opens_no_session(self, api: APIClient) -> None:
        answer = api.post("/user", {**REQUIRED["/user"], "address": "Analytical Row"})

        assert answer.json() == {"username": "ada", "address": "Analytical Row"}
        assert not Session.objects.exists()


def _files() -> list[str]:
    folders, found = ["avatars"], []
    while folders:
        folder = folders.pop()
        if default_storage.exists(folder):
            subfolders, names = default_storage.listdir(folder)
            folders += [f"{folder}/{name}" for name in subfolders]
            found += names
    return found
