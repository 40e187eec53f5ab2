"""`/users`: signing up and profiles (requirements A1-A5)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import identify_hasher
from rest_framework.test import APIClient

from tests.conftest import ApiAs
from tests.factories import StaffFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db

SIGN_UP = {
    "email": "ada@example.org",
    "username": "Ada",
    "password": "a long enough phrase",
    "birthdate": "1990-05-17",
}
FULL = {
    "id",
    "username",
    "email",
    "first_name",
    "last_name",
    "gender",
    "birthdate",
    "phone",
    "avatar",
    "organizations",
    "data",
    "is_staff",
    "date_joined",
    "email_verified",
}
PUBLIC = {"id", "username", "first_name", "last_name", "avatar", "organizations"}


def test_a_changed_email_address_is_unverified_again(api_as: ApiAs) -> None:
    user = UserFactory.create(email="ada@example.org", email_verified=True)
    client = api_as(user)

    same = client.patch("/users/me", {"email": "ADA@example.org"}).json()
    other = client.patch("/users/me", {"email": "ada@example.com"}).json()

    assert same["email_verified"] is True
    assert other["email_verified"] is False
    assert client.patch("/users/me", {"email_verified": True}).json()["email_verified"] is False


def years_ago(years: int, *, days: int = 0) -> str:
    today = datetime.now(UTC).date() + timedelta(days=days)
    try:
        return str(today.replace(year=today.year - years))
    except ValueError:  # 29 February
        return str(date(today.year - years, 3, 1))


class TestSignUp:
    def test_sign_up_answers_the_account_and_tokens_that_work(self, api: APIClient) -> None:
        answer = api.post("/users", SIGN_UP)

        assert answer.status_code == 201
        body = answer.json()
        assert set(body) == FULL | {"access", "refresh"}
        assert answer["Location"].endswith(f"/users/{body['id']}")
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {body['access']}")
        assert api.get("/users/me").json()["username"] == "Ada"

    def test_sign_up_stores_email_in_lower_case_and_keeps_the_case_of_the_username(
        self, api: APIClient
    ) -> None:
        body = api.post("/users", {**SIGN_UP, "email": "Ada@Example.ORG"}).json()

        assert (body["email"], body["username"]) == ("ada@example.org", "Ada")

    @pytest.mark.usefixtures("owasp_hashes")
    def test_sign_up_hashes_by_argon2id_with_owasps_parameters(self, api: APIClient) -> None:
        api.post("/users", SIGN_UP)

        stored = User.objects.get().password
        assert identify_hasher(stored).algorithm == "argon2"
        assert "argon2id$v=19$m=19456,t=2,p=1$" in stored

    @pytest.mark.parametrize("member", SIGN_UP)
    def test_sign_up_needs_all_four(self, api: APIClient, member: str) -> None:
        body = {name: value for name, value in SIGN_UP.items() if name != member}

        answer = api.post("/users", body)

        assert answer.status_code == 400
        assert [error["attr"] for error in answer.json()["errors"]] == [member]

    @pytest.mark.parametrize(
        ("member", "value"),
        [
            ("email", "no address"),
            ("email", "a" * 250 + "@example.org"),
            ("email", ["ada@example.org"]),
            ("email", None),
            ("email", 1),
            ("username", ""),
            ("username", "a b"),
            ("username", "ada@example.org"),
            ("username", "..."),
            ("username", "é"),
            ("username", "a\nb"),
            ("username", "x" * 151),
            ("username", {}),
            ("password", "short"),
            ("password", "x" * 129),
            ("password", "password123"),
            ("password", "ada@example.org"),
            ("password", "73159862"),
            ("password", 1234567890),
            ("birthdate", "1899-12-31"),
            ("birthdate", "2999-01-01"),
            ("birthdate", "19900517"),
            ("birthdate", "1990-W20-4"),
            ("birthdate", "1990-02-30"),
            ("birthdate", "\u0661\u0669\u0669\u0660-05-17"),
            ("birthdate", 0),
            ("birthdate", None),
            ("gender", "other"),
            ("gender", 1),
            ("first_name", "x" * 151),
            ("first_name", {"a": 1}),
            ("data", []),
            ("data", "x"),
        ],
    )
    def test_sign_up_refuses_by_name(self, api: APIClient, member: str, value: Any) -> None:
        answer = api.post("/users", {**SIGN_UP, member: value})

        assert answer.status_code == 400, answer.content
        assert {error["attr"].split(".")[0] for error in answer.json()["errors"]} == {member}
        assert not User.objects.exists()

    @pytest.mark.parametrize("day", ["1990-02-30", "1900-02-29", "1990-13-01", "0000-00-00"])
    def test_sign_up_says_which_days_there_are_not(self, api: APIClient, day: str) -> None:
        answer = api.post("/users", {**SIGN_UP, "birthdate": day})

        assert answer.status_code == 400
        assert answer.json()["error"] == f"birthdate: {day} is not a day of the calendar."

    def test_sign_up_refuses_17_years_and_364_days(self, api: APIClient) -> None:
        answer = api.post("/users", {**SIGN_UP, "birthdate": years_ago(18, days=1)})

        assert answer.status_code == 400
        assert "18" in answer.json()["error"]

    def test_sign_up_accepts_the_18th_birthday(self, api: APIClient) -> None:
        assert api.post("/users", {**SIGN_UP, "birthdate": years_ago(18)}).status_code == 201

    @pytest.mark.parametrize(
        "taken", [{"email": "ADA@example.org"}, {"username": "aDA"}], ids=["email", "username"]
    )
    def test_sign_up_refuses_a_taken_name_whatever_the_case(
        self, api: APIClient, taken: dict[str, str]
    ) -> None:
        UserFactory.create(username="ada", email="ada@example.org")

        answer = api.post("/users", {**SIGN_UP, "email": "b@example.org", "username": "b", **taken})

        assert answer.status_code == 400
        assert [error["attr"] for error in answer.json()["errors"]] == list(taken)

    def test_sign_up_takes_the_password_exactly_as_sent(self, api: APIClient) -> None:
        password = "  two spaces on both sides  "
        api.post("/users", {**SIGN_UP, "password": password})

        names = {"username": "Ada"}
        assert api.post("/auth", {**names, "password": password}).status_code == 200
        assert api.post("/auth", {**names, "password": password.strip()}).status_code == 401

    def test_sign_up_gives_nobody_rights(self, api: APIClient) -> None:
        rights = {"is_staff": True, "is_superuser": True, "is_active": False, "id": 77}

        body = api.post("/users", {**SIGN_UP, **rights}).json()

        user = User.objects.get()
        assert (user.is_staff, user.is_superuser, user.is_active) == (False, False, True)
        assert body["id"] == user.pk != 77

    def test_sign_up_does_not_look_at_credentials(self, api: APIClient) -> None:
        api.credentials(HTTP_AUTHORIZATION="Bearer rubbish")

        assert api.post("/users", SIGN_UP).status_code == 201


class TestDirectory:
    def test_directory_is_for_staff(self, api: APIClient, api_as: ApiAs) -> None:
        assert api.get("/users").status_code == 401
        assert api_as(UserFactory.create()).get("/users").status_code == 403

        answer = api_as(StaffFactory.create()).get("/users")

        assert answer.status_code == 200
        assert all(set(user) == FULL for user in answer.json())

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("search=LOVELACE", {"ada"}),
            ("search=émile", {"emile"}),
            ("search=%25", set()),
            ("gender=female", {"ada"}),
            ("search=example.org&gender=male", {"emile"}),
        ],
    )
    def test_directory_is_searched_and_filtered(
        self, api_as: ApiAs, query: str, found: set[str]
    ) -> None:
        UserFactory.create(username="ada", last_name="Lovelace", gender="female")
        UserFactory.create(username="emile", first_name="ÉMILE", gender="male")

        answer = api_as(StaffFactory.create()).get(f"/users?{query}")

        assert {user["username"] for user in answer.json()} == found

    @pytest.mark.parametrize(
        "search",
        [
            "Lovelace Ada",
            "ada LOVELACE",
            "lace ada",
            "ada+games@example.org",  # unencoded: the plus sign arrives as a space
            "ada%2Bgames@example.org",
            "Muller",
            "M%C3%BCller Ada",
            "Mu%CC%88ller",
            "obrien",
            "O%E2%80%99Brien",
            "anne marie",
            "Anne%E2%80%91Marie",
        ],
    )
    def test_directory_is_searched_for_every_word_in_any_order(
        self, api_as: ApiAs, search: str
    ) -> None:
        UserFactory.create(
            username="ada",
            email="ada+games@example.org",
            first_name="Ada Anne-Marie",
            last_name="Lovelace O'Brien Müller",
        )
        UserFactory.create(username="bob", email="bob@example.org", first_name="Ada")
        UserFactory.create(username="eve", email="games@example.org", last_name="Lovelace")

        answer = api_as(StaffFactory.create()).get(f"/users?search={search}")

        assert [user["username"] for user in answer.json()] == ["ada"]

    @pytest.mark.parametrize(
        "query",
        [
            "gender=x",
            "organization=x",
            "organization=9223372036854775808",
            "search=%00",
            "search=M%FCller",
        ],
    )
    def test_directory_refuses_bad_filters(self, api_as: ApiAs, query: str) -> None:
        assert api_as(StaffFactory.create()).get(f"/users?{query}").status_code == 400


class TestProfile:
    def test_profile_is_full_for_oneself_and_staff_and_public_for_others(
        self, api_as: ApiAs
    ) -> None:
        ada, bob = UserFactory.create(), UserFactory.create()
        path = f"/users/{ada.pk}"

        assert set(api_as(ada).get(path).json()) == FULL
        assert set(api_as(StaffFactory.create()).get(path).json()) == FULL
        assert set(api_as(bob).get(path).json()) == PUBLIC

    def test_profile_is_edited_by_its_owner_and_staff(self, api_as: ApiAs) -> None:
        ada = UserFactory.create()

        for client, name in ((api_as(ada), "Augusta"), (api_as(StaffFactory.create()), "Ada")):
            answer = client.patch(f"/users/{ada.pk}", {"first_name": name})

            assert answer.status_code == 200
            assert answer.json()["first_name"] == name

    def test_profile_is_not_edited_or_deleted_by_others(self, api_as: ApiAs) -> None:
        ada = UserFactory.create(first_name="Ada")
        bob = api_as(UserFactory.create())

        for path in (f"/users/{ada.pk}", "/users/999999"):
            assert bob.patch(path, {"first_name": "x"}).status_code == 403
            assert bob.delete(path).status_code == 403
        ada.refresh_from_db()
        assert ada.first_name == "Ada"

    def test_profile_refuses_what_sign_up_refuses(self, api_as: ApiAs) -> None:
        UserFactory.create(username="bob", email="bob@example.org")
        client = api_as(UserFactory.create())

        for change in (
            {"birthdate": years_ago(17)},
            {"email": "BOB@example.org"},
            {"username": "BOB"},
            {"gender": None},
            {"email": None, "username": None},
        ):
            assert client.patch("/users/me", change).status_code == 400, change

    def test_profile_sends_a_password_to_the_right_call(self, api_as: ApiAs) -> None:
        answer = api_as(UserFactory.create()).patch("/users/me", {"password": "x"})

        assert answer.status_code == 400
        assert "/users/me/password" in answer.json()["error"]

    def test_profile_gives_nobody_rights(self, api_as: ApiAs) -> None:
        user = UserFactory.create()

        answer = api_as(user).patch("/users/me", {"is_staff": True, "id": 5, "unknown": 1})

        assert answer.status_code == 200
        user.refresh_from_db()
        assert not user.is_staff


class TestDeletion:
    def test_deletion_is_entire_and_ends_the_session(self, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create())

        assert client.delete("/users/me").status_code == 204

        assert not User.objects.exists()
        assert client.get("/users/me").status_code == 401

    def test_deletion_by_staff(self, api_as: ApiAs) -> None:
        user = UserFactory.create()
        staff = api_as(StaffFactory.create())

        assert staff.delete(f"/users/{user.pk}").status_code == 204
        assert staff.delete(f"/users/{user.pk}").status_code == 404
