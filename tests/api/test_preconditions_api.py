"""`ETag` and conditions on it: nobody undoes what somebody else changed, or is sent again what they
have."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.conftest import ApiAs
from tests.factories import OrganizationFactory, StaffFactory, UserFactory
from tests.test_access import TABLE, World, filled, make_world
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return UserFactory.create(username="ada")


PATHS = ["/users/me", "/users/{id}", "/user/ada"]
EDITS = [
    ("/users/me", "patch", {"first_name": "Ada"}),
    ("/users/{id}", "patch", {"first_name": "Ada"}),
    ("/user/ada", "put", {"first_name": "Ada"}),
]


def etag(client: APIClient, path: str) -> str:
    return str(client.get(path)["ETag"])


def edit(client: APIClient, method: str, path: str, body: Any, tag: str) -> Any:
    return getattr(client, method)(path, body, headers={"If-Match": tag})


@pytest.mark.parametrize("path", PATHS)
def test_a_get_carries_a_tag_and_answers_304_to_it(api_as: ApiAs, ada: User, path: str) -> None:
    client, path = api_as(ada), path.format(id=ada.pk)
    tag = etag(client, path)

    again = client.get(path, headers={"If-None-Match": tag})
    head = client.head(path)
    client.patch("/users/me", {"last_name": "Lovelace"})
    changed = client.get(path, headers={"If-None-Match": tag})

    assert (again.status_code, again.content) == (304, b"")
    assert head["ETag"] == tag
    assert changed.status_code == 200
    assert changed["ETag"] != tag


@pytest.mark.parametrize(("path", "method", "body"), EDITS)
class TestEdits:
    def test_edits_with_the_present_tag_pass_and_give_the_new_one(
        self, api_as: ApiAs, ada: User, path: str, method: str, body: Any
    ) -> None:
        client, path = api_as(ada), path.format(id=ada.pk)

        answer = edit(client, method, path, body, etag(client, path))

        assert answer.status_code == 200
        assert answer["ETag"] == etag(client, path)

    def test_edits_with_an_old_tag_change_nothing(
        self, api_as: ApiAs, ada: User, path: str, method: str, body: Any
    ) -> None:
        client, path = api_as(ada), path.format(id=ada.pk)
        old = etag(client, path)
        client.patch("/users/me", {"first_name": "Augusta"})

        answer = edit(client, method, path, body, old)

        assert answer.status_code == 412
        assert answer.json()["errors"][0]["code"] == "precondition_failed"
        assert client.get("/users/me").json()["first_name"] == "Augusta"

    def test_edits_of_strangers_are_403_before_any_412(
        self, api_as: ApiAs, ada: User, path: str, method: str, body: Any
    ) -> None:
        if path == "/users/me":
            return
        stranger = api_as(UserFactory.create())

        answer = edit(stranger, method, path.format(id=ada.pk), body, '"old"')

        assert answer.status_code == 403

    def test_edits_of_staff_are_held_to_it_too(
        self, api_as: ApiAs, ada: User, path: str, method: str, body: Any
    ) -> None:
        if path == "/users/me":
            return
        staff, path = api_as(StaffFactory.create()), path.format(id=ada.pk)
        tag = etag(staff, path)

        assert edit(staff, method, path, body, tag).status_code == 200
        assert edit(staff, method, path, body, tag).status_code == 412


@pytest.mark.parametrize("path", PATHS)
def test_a_deletion_with_an_old_tag_deletes_nothing(api_as: ApiAs, ada: User, path: str) -> None:
    client, path = api_as(ada), path.format(id=ada.pk)
    old = etag(client, path)
    client.patch("/users/me", {"first_name": "Ada"})

    assert client.delete(path, headers={"If-Match": old}).status_code == 412
    assert client.delete(path, headers={"If-Match": etag(client, path)}).status_code == 204
    assert not User.objects.filter(pk=ada.pk).exists()


def test_a_membership_changes_the_tag_of_its_user(api_as: ApiAs, ada: User) -> None:
    client = api_as(ada)
    before = etag(client, "/users/me")

    client.patch("/users/me", {"organizations": [OrganizationFactory.create().pk]})

    assert etag(client, "/users/me") != before


def test_an_edit_without_the_header_passes(api_as: ApiAs, ada: User) -> None:
    assert api_as(ada).patch("/users/me", {"first_name": "Ada"}).status_code == 200


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("*", 200),
        ("W/{tag}", 200),
        ('"other", {tag}', 200),
        ('"other"', 412),
        ("unquoted", 412),
        ("", 412),
    ],
)
def test_takes_the_forms_of_the_header(
    api_as: ApiAs, ada: User, header: str, expected: int
) -> None:
    client = api_as(ada)
    tag = header.format(tag=etag(client, "/users/me"))

    assert edit(client, "patch", "/users/me", {"first_name": "Ada"}, tag).status_code == expected


READS_WITH_A_TAG = [
    "GET avatars/<avatar_name:name>",
    "GET badges/<str:token>/<str:name>",
    "GET games",
    "GET games/<int:pk>",
    "GET games/<int:pk>/plays",
    "GET games/<int:pk>/similar",
    "GET games/trending",
    "GET genres",
    "GET genres/<int:pk>",
    "GET organizations/<int:pk>",
    "GET user/<str:username>",
    "GET users/<int:pk>",
    "GET users/me",
]


def path_of(call: str, world: World) -> str:
    return "/" + filled(call.removeprefix("GET "), TABLE[call].parts(world))


@pytest.mark.parametrize("call", [call for call in TABLE if call.startswith("GET ")])
def test_exactly_these_reads_carry_a_tag(api_as: ApiAs, call: str) -> None:
    world = make_world()
    User.objects.update(is_staff=True)

    # The client requires that the description says so, too.
    response = api_as(world.owner).get(path_of(call, world))

    assert ("ETag" in response) == (call in READS_WITH_A_TAG)


@pytest.mark.parametrize("call", READS_WITH_A_TAG)
class TestReads:
    @pytest.fixture
    def read(self, call: str, api_as: ApiAs) -> Any:
        world = make_world()
        client, path = api_as(world.owner), path_of(call, world)

        def send(method: str = "get", **headers: str) -> Any:
            named = {name.replace("_", "-"): text for name, text in headers.items()}
            return getattr(client, method)(path, headers=named)

        return send

    @pytest.mark.parametrize("others", [{}, {"If_None_Match": '"other"'}, {"If_None_Match": "*"}])
    def test_another_tag_in_if_match_is_412_in_the_form_of_every_error(
        self, read: Any, others: dict[str, str]
    ) -> None:
        for header in ('"other"', ""):
            response = read(If_Match=header, **others)

            assert (response.status_code, response["API-Version"]) == (412, "1")
            assert response["Content-Type"] == "application/json"
            assert response["Cache-Control"] == "no-store"
            assert response.json()["errors"][0]["code"] == "precondition_failed"
            assert read("head", If_Match=header, **others).status_code == 412

    def test_conditions_that_hold_and_dates_change_nothing(self, read: Any) -> None:
        first = read()
        long_ago = "Thu, 01 Jan 1970 00:00:00 GMT"

        for headers in (
            {"If_Match": first["ETag"]},
            {"If_Match": "*", "If_None_Match": '"other"'},
            {"If_Match": f"W/{first['ETag']}"},
            {"If_Unmodified_Since": long_ago},
            {"If_Unmodified_Since": long_ago, "If_None_Match": '"other"'},
            {"If_Modified_Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
        ):
            response = read(**headers)
            assert (response.status_code, response.content) == (200, first.content)

    def test_what_the_client_has_is_304_without_content(self, read: Any) -> None:
        first = read()

        for headers in ({}, {"If_Match": first["ETag"]}):
            again = read(If_None_Match=first["ETag"], **headers)
            assert (again.status_code, again.content) == (304, b"")
            assert again["ETag"] == first["ETag"]
            assert again.get("Cache-Control") == first.get("Cache-Control")
            assert "Content-Type" not in again
