"""Editing one's profile (briefs B4, C3) and what nobody may write."""

from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from organizations.models import Organization
from tests.conftest import ApiAs
from tests.factories import PASSWORD, OrganizationFactory, StaffFactory, UserFactory
from users.avatars.sandbox import ProcessedImage
from users.avatars.services import replace_avatar
from users.locking import AccountDeleted
from users.models import User
from users.profiles.services import delete_user, update_profile

pytestmark = pytest.mark.django_db

PICTURE = ProcessedImage(b"picture", "jpg")


class TestEditing:
    def test_editing_changes_every_field_of_the_profile(self, api_as: ApiAs) -> None:
        user = UserFactory.create()
        society = OrganizationFactory.create(name="Society")
        profile = {
            "email": "ada@example.org",
            "username": "Ada",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "gender": "female",
            "birthdate": "1990-12-10",
            "phone": "+442079460018",
            "data": {"a": [1, {"b": None}]},
        }

        answer = api_as(user).patch("/users/me", {**profile, "organizations": [society.pk]})

        assert answer.status_code == 200
        assert {name: answer.json()[name] for name in profile} == profile
        assert answer.json()["organizations"] == [
            {"id": society.pk, "name": "Society", "description": "Makes things.", "join": "open"}
        ]
        assert api_as(user).get(f"/users/{user.pk}").json() == answer.json()

    def test_editing_leaves_alone_what_is_not_named(self, api_as: ApiAs) -> None:
        user = UserFactory.create(data={"x": 1}, phone="+442079460018")
        before = api_as(user).get("/users/me").json()

        after = api_as(user).patch("/users/me", {"first_name": "Ada"}).json()

        assert after == {**before, "first_name": "Ada"}

    def test_sent_back_as_it_came_changes_nothing(self, api_as: ApiAs) -> None:
        user = UserFactory.create(username="Ada")
        client = api_as(user)
        before = client.get("/users/me").json()
        body = {k: v for k, v in before.items() if k not in ("organizations", "avatar")}

        assert client.patch("/users/me", body).json() == before

    def test_editing_joins_and_leaves_organizations(self, api_as: ApiAs) -> None:
        first, second, third = OrganizationFactory.create_batch(3)
        client = api_as(UserFactory.create())

        def members_of(*organizations: Organization) -> set[int]:
            body = {"organizations": [each.pk for each in organizations]}
            answer = client.patch("/users/me", body)
            assert answer.status_code == 200
            return {each["id"] for each in answer.json()["organizations"]}

        assert members_of(first, second, second) == {first.pk, second.pk}
        assert members_of(second, third) == {second.pk, third.pk}
        assert members_of() == set()

    @pytest.mark.parametrize(
        ("body", "attr"),
        [
            ({"organizations": [2**40]}, "organizations"),
            ({"organizations": None}, "organizations"),
            ({"organizations": [1] * 101}, "organizations"),
            ({"phone": "030 901820"}, "phone"),
            ({"phone": "+49 30 901820 ext. 5"}, "phone"),
            ({"phone": "+999 123456"}, "phone"),
            ({"phone": 4930901820}, "phone"),
            ({"phone": ""}, "phone"),
            ({"data": None}, "data"),
            ({"data": []}, "data"),
            ({"data": "{}"}, "data"),
            ({"data": {"x": "a" * 16_384}}, "data"),
            ({"data": {"a": [[[[[[[[1]]]]]]]]}}, "data"),
            ({"gender": "robot"}, "gender"),
            ({"birthdate": "2020-01-01"}, "birthdate"),
            ({"email": "ada"}, "email"),
            ({"username": ""}, "username"),
            ({"username": "..."}, "username"),
            ({"first_name": "x" * 151}, "first_name"),
        ],
    )
    def test_editing_refuses_by_name(self, api_as: ApiAs, body: dict[str, Any], attr: str) -> None:
        client = api_as(UserFactory.create(first_name="Ada"))
        before = client.get("/users/me").json()

        answer = client.patch("/users/me", {"last_name": "L", **body})

        assert answer.status_code == 400
        # An item of a list has its place in its name.
        assert {e["attr"].partition(".")[0] for e in answer.json()["errors"]} == {attr}
        assert client.get("/users/me").json() == before

    def test_editing_keeps_email_or_username(self, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create())

        assert client.patch("/users/me", {"email": None}).status_code == 200
        assert client.patch("/users/me", {"username": None}).status_code == 400
        assert client.patch("/users/me", {"email": "a@example.org"}).status_code == 200
        assert client.patch("/users/me", {"username": None}).status_code == 200

    @pytest.mark.django_db(transaction=True)
    def test_editing_tells_a_change_of_the_address_to_the_old_one(self, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create(email="old@example.org"))

        client.patch("/users/me", {"email": "OLD@example.org", "first_name": "x"})
        assert mail.outbox == []

        client.patch("/users/me", {"email": "new@example.org"})
        assert [message.to for message in mail.outbox] == [["old@example.org"]]

    def test_editing_by_staff_is_for_everybody(self, api_as: ApiAs) -> None:
        user = UserFactory.create()

        answer = api_as(StaffFactory.create()).patch(f"/users/{user.pk}", {"gender": "male"})

        assert (answer.status_code, answer.json()["gender"]) == (200, "male")


class TestEditingMeanwhile:
    """What another request did since the account was read is never undone."""

    def test_editing_meanwhile_keeps_a_new_picture(self) -> None:
        user = UserFactory.create()
        stale = User.objects.get(pk=user.pk)
        replace_avatar(user=user, picture=PICTURE)

        update_profile(user=stale, now=timezone.now(), first_name="Ada")

        assert User.objects.get().avatar.name == user.avatar.name

    def test_editing_meanwhile_keeps_the_account_deleted(self, api_as: ApiAs) -> None:
        user = UserFactory.create()
        stale = User.objects.get(pk=user.pk)
        delete_user(user=user)

        with pytest.raises(AccountDeleted):
            update_profile(user=stale, now=timezone.now(), first_name="Ada")
        with pytest.raises(AccountDeleted):
            replace_avatar(user=stale, picture=PICTURE)

        assert not User.objects.exists()


class TestVisibility:
    def test_visibility_is_decided_by_who_looks(self, api_as: ApiAs) -> None:
        user = UserFactory.create()
        public = {"id", "username", "first_name", "last_name", "avatar", "organizations"}
        full = public | {
            "email",
            "email_verified",
            "gender",
            "birthdate",
            "phone",
            "data",
            "is_staff",
            "date_joined",
        }

        def seen_by(viewer: User) -> set[str]:
            return set(api_as(viewer).get(f"/users/{user.pk}").json())

        assert seen_by(user) == full
        assert seen_by(StaffFactory.create()) == full
        assert seen_by(UserFactory.create()) == public

    @pytest.mark.parametrize("rows", [1, 50])
    def test_visibility_of_all_costs_the_same_number_of_queries(
        self, api_as: ApiAs, rows: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        societies = OrganizationFactory.create_batch(3)
        for user in UserFactory.create_batch(rows):
            user.organizations.set(societies)
        client = api_as(StaffFactory.create())

        # Session, users, organizations.
        with django_assert_num_queries(3):
            assert len(client.get("/users").json()) == rows + 1


MODEL_FIELDS = sorted(
    name
    for field in User._meta.get_fields()
    for name in {field.name, getattr(field, "attname", field.name)}
)
GUESSED = [
    "admin", "is_admin", "isAdmin", "is_superuser", "superuser", "role", "roles", "staff",
    "isStaff", "permissions", "scope", "scopes", "verified", "email_verified", "is_verified",
    "active", "enabled", "pk", "_id", "uuid", "created_at", "updated_at", "joined", "owner",
    "creator", "member_count", "token", "access", "refresh", "password_hash", "_state",
]  # fmt: skip
WRITABLE = {
    "email", "username", "password", "first_name", "last_name", "gender", "birthdate", "phone",
    "data", "organizations",
}  # fmt: skip
HOSTILE_VALUES: dict[str, Any] = {
    "id": 424242,
    "pk": 424242,
    "is_active": False,
    "date_joined": "2001-01-01T00:00:00Z",
    "last_login": "2001-01-01T00:00:00Z",
    "avatar": "avatars/aa/bb/" + "0" * 32 + ".jpg",
    "groups": [1],
    "user_permissions": [1],
    "search_text": "hostile",
}
WRITING_CALLS = [
    ("post", "/users"),
    ("post", "/auth/signup"),
    ("post", "/user"),
    ("patch", "/users/me"),
    ("patch", "/users/{id}"),
    ("put", "/user/{username}"),
    ("post", "/organizations"),
    ("patch", "/organizations/{organization}"),
    ("put", "/users/me/password"),
]


class TestMassAssignment:
    """Every field of the model and thirty guessed ones at every writing call."""

    @pytest.mark.parametrize(("method", "path"), WRITING_CALLS)
    def test_mass_assignment_changes_nothing_outside_the_allow_list(
        self, api_as: ApiAs, method: str, path: str
    ) -> None:
        user = UserFactory.create(username="ada")
        other = UserFactory.create(username="other")
        organization = OrganizationFactory.create(creator=user)
        client = api_as(user)
        url = path.format(id=user.pk, username="ada", organization=organization.pk)
        guarded = _guarded(other)
        hostile = {
            name: HOSTILE_VALUES.get(name, True)
            for name in sorted({*MODEL_FIELDS, *GUESSED} - WRITABLE)
        }
        # A flat body is refused for one reserved name, so each has to be tried by itself.
        bodies = (
            [{n: v} for n, v in hostile.items()]
            if path.startswith("/user/") or path == "/user"
            else [hostile]
        )

        for number, body in enumerate([hostile, *bodies]):
            known = set(User.objects.values_list("pk", flat=True))

            answer = getattr(client, method)(url, {**_needed(method, path, number), **body})

            assert answer.status_code < 500, body
            assert _guarded(other) == guarded
            _assert_ordinary(User.objects.get(pk=user.pk))
            for created in User.objects.exclude(pk__in=known):
                _assert_ordinary(created)
                assert created.pk != 424242
            assert all(each.creator_id == user.pk for each in Organization.objects.all())
        assert not other.sessions.exists()


def _needed(method: str, path: str, number: int) -> dict[str, Any]:
    """What the call has to be given to go through, different each time."""
    if path.startswith("/organizations"):
        return {"name": f"Organization of {number}"}
    if path == "/users/me/password":
        return {"old_password": PASSWORD, "new_password": PASSWORD}
    if method in ("patch", "put"):
        return {"first_name": f"Ada {number}"}
    return {
        "email": f"new{number}@example.org",
        "username": f"new{number}",
        "password": PASSWORD,
        "birthdate": "1990-05-17",
    }


def _guarded(user: User) -> Any:
    return User.objects.filter(pk=user.pk).values().get()


def _assert_ordinary(user: User) -> None:
    assert not user.is_staff
    assert not user.is_superuser
    assert user.is_active
    assert user.date_joined.year > 2001
    assert user.last_login is None
    assert not user.avatar
    assert "hostile" not in user.search_text
    assert not user.groups.exists()
    assert not user.user_permissions.exists()
    assert not user.sessions.filter(user_agent="hostile").exists()


class TestPassword:
    def test_password_change_ends_the_other_sessions_alone(
        self, api: APIClient, api_as: ApiAs
    ) -> None:
        user = UserFactory.create(username="ada")
        here, there = api_as(user), api_as(user)
        body = {"old_password": PASSWORD, "new_password": "a garden of forking paths"}

        assert here.put("/users/me/password", body).status_code == 204

        assert here.get("/users/me").status_code == 200
        assert there.get("/users/me").status_code == 401
        login = {"username": "ada", "password": "a garden of forking paths"}
        assert api.post("/auth", login).status_code == 200
        assert api.post("/auth", {**login, "password": PASSWORD}).status_code == 401

    @pytest.mark.parametrize(
        ("body", "attr"),
        [
            (
                {"old_password": "wrong", "new_password": "a garden of forking paths"},
                "old_password",
            ),
            ({"old_password": PASSWORD, "new_password": "short"}, "new_password"),
            ({"old_password": PASSWORD, "new_password": 12345678}, "new_password"),
            ({"old_password": PASSWORD}, "new_password"),
            ({"new_password": "a garden of forking paths"}, "old_password"),
        ],
    )
    def test_password_change_refuses_by_name(
        self, api_as: ApiAs, body: dict[str, Any], attr: str
    ) -> None:
        user = UserFactory.create()

        answer = api_as(user).put("/users/me/password", body)

        assert answer.status_code == 400
        assert [error["attr"] for error in answer.json()["errors"]] == [attr]
        user.refresh_from_db()
        assert user.check_password(PASSWORD)
