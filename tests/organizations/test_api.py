"""`/organizations` (brief B2, B5, B6; contract: Organizations)."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from organizations import selectors
from organizations.models import Organization
from tests.conftest import ApiAs
from tests.factories import OrganizationFactory, StaffFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db

MEMBER = {"id", "username", "first_name", "last_name", "avatar"}


@pytest.fixture
def user() -> User:
    return UserFactory.create()


class TestFounding:
    def test_makes_the_creator_a_member(self, api_as: ApiAs, user: User) -> None:
        body = {"name": " Analytical Society ", "description": "Engines."}

        answer = api_as(user).post("/organizations", body)

        assert answer.status_code == 201
        assert answer.json() == {
            "id": Organization.objects.get().pk,
            "name": "Analytical Society",
            "description": "Engines.",
            "member_count": 1,
            "members": [
                {
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

    def test_needs_no_description(self, api_as: ApiAs, user: User) -> None:
        answer = api_as(user).post("/organizations", {"name": "Society"})

        assert (answer.status_code, answer.json()["description"]) == (201, "")

    @pytest.mark.parametrize(
        "name",
        [
            *("Straße", "STRASSE", "straße", " straße ", "\uff33trasse"),
            *("Stra-ße", "Str. aße", "Stra\u2019ße", "Straße\u2122", "Sträße", "Stra\u00adße"),
        ],
    )
    def test_refuses_a_taken_name_however_it_is_spelled(
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
    def test_refuses_by_name(
        self, api_as: ApiAs, user: User, body: dict[str, Any], attrs: set[str]
    ) -> None:
        answer = api_as(user).post("/organizations", body)

        assert answer.status_code == 400
        assert {error["attr"] for error in answer.json()["errors"]} == attrs


class TestReading:
    def test_lists_all_with_their_members(self, api_as: ApiAs, user: User) -> None:
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

    def test_is_paged(self, api_as: ApiAs, user: User) -> None:
        OrganizationFactory.create_batch(3)

        answer = api_as(user).get("/organizations?page_size=2")

        assert len(answer.json()) == 2
        assert 'rel="next"' in answer["Link"]

    def test_shows_the_first_hundred_members_and_counts_all(
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
    def test_of_an_unknown_one_is_404(self, api_as: ApiAs, user: User, path: str) -> None:
        assert api_as(user).get(path).status_code == 404

    @pytest.mark.parametrize("rows", [1, 50])
    def test_costs_the_same_number_of_queries(
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

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plan")
    def test_reads_a_bounded_range_of_members(self) -> None:
        with CaptureQueriesContext(connection) as queries:
            selectors.first_members_of([1, 2])

        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {queries[0]['sql']}")
            plan = [row[3] for row in cursor.fetchall()]
        assert any(
            step.endswith("users_of_organization (organization_id=? AND user_id<?)")
            for step in plan
        ), plan


class TestCare:
    def test_is_the_creators_and_staffs(self, api_as: ApiAs, user: User) -> None:
        organization = OrganizationFactory.create(creator=user, name="Before")
        path = f"/organizations/{organization.pk}"

        edited = api_as(user).patch(path, {"description": "New."}).json()
        renamed = api_as(StaffFactory.create()).patch(path, {"name": "After"}).json()

        assert (edited["name"], edited["description"]) == ("Before", "New.")
        assert (renamed["name"], renamed["description"]) == ("After", "New.")
        assert api_as(user).delete(path).status_code == 204
        assert not Organization.objects.exists()

    def test_is_not_the_members(self, api_as: ApiAs, user: User) -> None:
        organization = OrganizationFactory.create(creator=UserFactory.create())
        user.organizations.add(organization)
        path = f"/organizations/{organization.pk}"

        assert api_as(user).patch(path, {"name": "Mine"}).status_code == 403
        assert api_as(user).delete(path).status_code == 403
        assert Organization.objects.get().name == organization.name

    def test_stays_the_creators_who_leaves(self, api_as: ApiAs, user: User) -> None:
        client = api_as(user)
        path = f"/organizations/{client.post('/organizations', {'name': 'A'}).json()['id']}"

        client.patch("/users/me", {"organizations": []})

        assert client.get(path).json()["member_count"] == 0
        assert client.patch(path, {"name": "B"}).status_code == 200

    def test_passes_to_staff_with_the_creators_account(self, api_as: ApiAs, user: User) -> None:
        other = UserFactory.create()
        organization = OrganizationFactory.create(creator=user)
        organization.members.set([user, other])
        path = f"/organizations/{organization.pk}"

        assert api_as(user).delete("/users/me").status_code == 204

        seen = api_as(other).get(path).json()
        assert (seen["member_count"], [m["id"] for m in seen["members"]]) == (1, [other.pk])
        assert api_as(other).patch(path, {"name": "Mine"}).status_code == 403
        assert api_as(StaffFactory.create()).patch(path, {"name": "Ours"}).status_code == 200

    def test_lets_a_name_be_written_in_another_case(self, api_as: ApiAs, user: User) -> None:
        organization = OrganizationFactory.create(creator=user, name="society")
        OrganizationFactory.create(name="Other")
        client, path = api_as(user), f"/organizations/{organization.pk}"

        assert client.patch(path, {"name": "Society"}).status_code == 200
        assert client.patch(path, {"name": "OTHER"}).status_code == 400
        assert client.patch(path, {"name": None}).status_code == 400
        assert client.patch(path, {}).json()["name"] == "Society"

    def test_deletion_leaves_the_members(self, api_as: ApiAs, user: User) -> None:
        organization = OrganizationFactory.create(creator=user)
        user.organizations.add(organization)

        api_as(user).delete(f"/organizations/{organization.pk}")

        assert api_as(user).get("/users/me").json()["organizations"] == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_needs_a_token(api: APIClient, method: str) -> None:
    assert getattr(api, method)("/organizations").status_code == 401
