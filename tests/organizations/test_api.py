"""`/organizations` (brief B2, B5, B6)."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from organizations import selectors, services
from organizations.models import Organization
from tests.conftest import ApiAs
from tests.factories import OrganizationFactory, StaffFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db

MEMBER = {"id", "username", "first_name", "last_name", "avatar", "role"}


@pytest.fixture
def user() -> User:
    return UserFactory.create()


class TestCreating:
    def test_creating_makes_the_creator_its_owner(self, api_as: ApiAs, user: User) -> None:
        body = {"name": " Analytical Society ", "description": "Engines."}

        answer = api_as(user).post("/organizations", body)

        assert answer.status_code == 201
        assert answer.json() == {
            "id": Organization.objects.get().pk,
            "name": "Analytical Society",
            "description": "Engines.",
            "join": "open",
            "member_count": 1,
            "members": [
                {
                    "role": "owner",
                    "id": user.pk,
                    "username": user.username,
                    "first_name": "",
                    "last_name": "",
                    "avatar": None,
                }
            ],
        }
        assert api_as(user).get(f"/organizations/{answer.json()['id']}").json() == answer.json()
        assert api_as(user).get("/users/me").json()["organizations"][0]["name"] == (
            "Analytical Society"
        )

    def test_creating_needs_no_description(self, api_as: ApiAs, user: User) -> None:
        answer = api_as(user).post("/organizations", {"name": "Society"})

        assert (answer.status_code, answer.json()["description"]) == (201, "")

    @pytest.mark.parametrize("name", ["\u200b", " \u2800", "a\nb", "a\u2028b", "a\tb"], ids=ascii)
    def test_a_name_that_cannot_be_read_is_refused(
        self, api_as: ApiAs, user: User, name: str
    ) -> None:
        organization = OrganizationFactory.create(creator=user)

        for answer in (
            api_as(user).post("/organizations", {"name": name}),
            api_as(user).patch(f"/organizations/{organization.pk}", {"name": name}),
        ):
            assert answer.status_code == 400
            assert [error["attr"] for error in answer.json()["errors"]] == ["name"]

    @pytest.mark.parametrize(
        "name",
        [
            *("Straße", "STRASSE", "straße", " straße ", "\uff33trasse"),
            *("Stra-ße", "Str. aße", "Stra\u2019ße", "Straße\u2122", "Sträße", "Stra\u00adße"),
        ],
    )
    def test_creating_refuses_a_taken_name_however_it_is_spelled(
        self, api_as: ApiAs, user: User, name: str
    ) -> None:
        OrganizationFactory.create(name="Straße")

        answer = api_as(user).post("/organizations", {"name": name})

        assert answer.status_code == 400
        assert [(e["attr"], e["code"]) for e in answer.json()["errors"]] == [("name", "name_taken")]

    @pytest.mark.parametrize(
        ("body", "attrs"),
        [
            ({}, {"name"}),
            ({"name": "", "description": 5}, {"name", "description"}),
            ({"name": None, "description": None}, {"name"}),
            ({"name": "   "}, {"name"}),
            ({"name": "x" * 201, "description": "x" * 2_001}, {"name", "description"}),
        ],
    )
    def test_creating_refuses_by_name(
        self, api_as: ApiAs, user: User, body: dict[str, Any], attrs: set[str]
    ) -> None:
        answer = api_as(user).post("/organizations", body)

        assert answer.status_code == 400
        assert {error["attr"] for error in answer.json()["errors"]} == attrs


class TestReading:
    def test_reading_lists_all_with_their_members(self, api_as: ApiAs, user: User) -> None:
        first, second = OrganizationFactory.create_batch(2)
        other = UserFactory.create()
        user.organizations.set([first])
        other.organizations.set([first, second])

        answer = api_as(user).get("/organizations").json()

        assert [each["id"] for each in answer] == [first.pk, second.pk]
        assert [each["member_count"] for each in answer] == [2, 1]
        assert [[m["id"] for m in each["members"]] for each in answer] == [
            [user.pk, other.pk],
            [other.pk],
        ]
        assert answer[0]["members"][0].keys() == MEMBER

    def test_reading_is_paged(self, api_as: ApiAs, user: User) -> None:
        OrganizationFactory.create_batch(3)

        answer = api_as(user).get("/organizations?page_size=2")

        assert len(answer.json()) == 2
        assert 'rel="next"' in answer["Link"]

    def test_reading_shows_the_first_hundred_members_and_counts_all(
        self, api_as: ApiAs, user: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        large, small, empty = OrganizationFactory.create_batch(3)
        users = UserFactory.create_batch(103)
        large.members.set(users)
        small.members.set(users[:100])

        answer = api_as(user).get("/organizations").json()

        expected = [each.pk for each in users[:100]]
        assert [each["member_count"] for each in answer] == [103, 100, 0]
        assert [m["id"] for m in answer[0]["members"]] == expected
        assert [m["id"] for m in answer[1]["members"]] == expected
        assert answer[2] == {
            "id": empty.pk,
            "name": empty.name,
            "description": empty.description,
            "join": "open",
            "member_count": 0,
            "members": [],
        }

    def test_pages_through_all_members(self, api_as: ApiAs, user: User) -> None:
        organization = OrganizationFactory.create()
        users = UserFactory.create_batch(5)
        organization.members.set(users)
        UserFactory.create()
        client = api_as(user)

        url, found = f"/organizations/{organization.pk}/members?page_size=2", []
        while url:
            answer = client.get(url)
            found += answer.json()
            links = answer.get("Link", "")
            url = next(
                (part.split(">")[0].strip(" <") for part in links.split(",") if "next" in part), ""
            )

        assert [each["id"] for each in found] == [each.pk for each in users]
        assert found[0].keys() == MEMBER

    @pytest.mark.parametrize("path", ["/organizations/9", "/organizations/9/members"])
    def test_reading_of_an_unknown_one_is_404(self, api_as: ApiAs, user: User, path: str) -> None:
        assert api_as(user).get(path).status_code == 404

    @pytest.mark.parametrize("rows", [1, 50])
    def test_reading_costs_the_same_number_of_queries(
        self,
        api_as: ApiAs,
        user: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        users = UserFactory.create_batch(rows)
        for organization in OrganizationFactory.create_batch(rows):
            organization.members.set(users)
        client = api_as(user)

        # Session; organizations with their counts; members.
        with django_assert_num_queries(3):
            assert len(client.get("/organizations").json()) == rows
        # Session (of another log-in: Redis knows the first one by now), organization, members.
        client = api_as(user)
        with django_assert_num_queries(3):
            client.get(f"/organizations/{organization.pk}/members")

    def test_reading_a_long_page_shows_the_members_of_each(self, api_as: ApiAs, user: User) -> None:
        others = UserFactory.create_batch(101)
        for organization, other in zip(OrganizationFactory.create_batch(101), others, strict=True):
            organization.members.set([other])

        page = api_as(user).get("/organizations", {"page_size": 101}).json()

        members = [[member["id"] for member in each["members"]] for each in page]
        assert members == [[other.pk] for other in others]

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plan")
    def test_reading_reads_a_bounded_range_of_members(self) -> None:
        with CaptureQueriesContext(connection) as queries:
            selectors.first_members_of([1, 2])

        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {queries[0]['sql']}")
            plan = [row[3] for row in cursor.fetchall()]
        assert any(
            step.endswith("users_of_organization (organization_id=? AND user_id<?)")
            for step in plan
        ), plan


class TestEditing:
    def test_editing_is_for_the_owner_and_staff(self, api_as: ApiAs, user: User) -> None:
        organization = OrganizationFactory.create(creator=user, name="Before")
        path = f"/organizations/{organization.pk}"

        edited = api_as(user).patch(path, {"description": "New.", "join": "invitation"}).json()
        renamed = api_as(StaffFactory.create()).patch(path, {"name": "After"}).json()

        assert (edited["name"], edited["description"]) == ("Before", "New.")
        assert (renamed["name"], renamed["description"]) == ("After", "New.")
        assert renamed["join"] == "invitation"
        assert api_as(user).delete(path).status_code == 204
        assert not Organization.objects.exists()
        assert api_as(user).delete(path).status_code == 404

    def test_editing_does_not_lose_members_that_join_meanwhile(
        self, api_as: ApiAs, user: User
    ) -> None:
        organization = OrganizationFactory.create(creator=user)
        read_before = Organization.objects.get(pk=organization.pk)
        UserFactory.create().organizations.add(organization)

        services.update_organization(editor=user, organization=read_before, name="After")

        organization.refresh_from_db()
        assert (organization.name, organization.member_count) == ("After", 2)

    def test_editing_lets_a_name_be_written_in_another_case(
        self, api_as: ApiAs, user: User
    ) -> None:
        organization = OrganizationFactory.create(creator=user, name="society")
        OrganizationFactory.create(name="Other")
        client, path = api_as(user), f"/organizations/{organization.pk}"

        assert client.patch(path, {"name": "Society"}).status_code == 200
        assert client.patch(path, {"name": "OTHER"}).status_code == 400
        assert client.patch(path, {"name": None}).status_code == 400
        assert client.patch(path, {}).json()["name"] == "Society"

    def test_an_unknown_join_policy_is_rejected(self, api_as: ApiAs, user: User) -> None:
        response = api_as(user).post("/organizations", {"name": "A", "join": "closed"})

        assert response.status_code == 400
        assert response.json()["errors"][0]["attr"] == "join"

    def test_deletion_leaves_the_members(self, api_as: ApiAs, user: User) -> None:
        organization = OrganizationFactory.create(creator=user)

        api_as(user).delete(f"/organizations/{organization.pk}")

        assert api_as(user).get("/users/me").json()["organizations"] == []


class TestPreconditions:
    def test_an_edit_of_what_has_changed_since_is_rejected(self, api_as: ApiAs, user: User) -> None:
        organization = OrganizationFactory.create(creator=user)
        client, path = api_as(user), f"/organizations/{organization.pk}"
        read = client.get(path)["ETag"]

        changed = client.patch(path, {"name": "B"}, headers={"If-Match": read})
        late = client.patch(path, {"name": "C"}, headers={"If-Match": read})

        assert (changed.status_code, late.status_code) == (200, 412)
        assert changed["ETag"] == client.get(path)["ETag"] != read
        assert client.get(path).json()["name"] == "B"
        assert client.delete(path, headers={"If-Match": read}).status_code == 412
        assert client.delete(path, headers={"If-Match": changed["ETag"]}).status_code == 204

    def test_a_change_of_members_changes_the_tag(self, api_as: ApiAs, user: User) -> None:
        organization = OrganizationFactory.create(creator=user)
        client, path = api_as(user), f"/organizations/{organization.pk}"
        read = client.get(path)["ETag"]

        UserFactory.create().organizations.add(organization)

        assert client.patch(path, {"name": "B"}, headers={"If-Match": read}).status_code == 412

    def test_whoever_may_not_edit_learns_nothing_of_the_tag(
        self, api_as: ApiAs, user: User
    ) -> None:
        organization = OrganizationFactory.create(creator=UserFactory.create())

        response = api_as(user).patch(
            f"/organizations/{organization.pk}", {"name": "B"}, headers={"If-Match": '"x"'}
        )

        assert response.status_code == 403
