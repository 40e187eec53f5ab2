"""Keyset pagination, through `GET /users`."""

import base64
import json
import re

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from tests.conftest import ApiAs
from tests.factories import OrganizationFactory, StaffFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(api_as: ApiAs) -> APIClient:
    return api_as(StaffFactory.create())


def links(answer: object) -> dict[str, str]:
    header = answer.headers.get("Link", "")  # type: ignore[attr-defined]  # Django's response
    return {relation: url for url, relation in re.findall(r'<([^>]+)>; rel="(next|prev)"', header)}


class TestPages:
    def test_pages_walk_there_and_back(self, staff: APIClient) -> None:
        UserFactory.create_batch(24)
        everybody = list(User.objects.order_by("id").values_list("id", flat=True))

        pages: list[list[int]] = []
        url = "/users?page_size=10"
        while url:
            answer = staff.get(url)
            pages.append([user["id"] for user in answer.json()])
            url = links(answer).get("next", "")
        back: list[list[int]] = []
        url = links(answer)["prev"]
        while url:
            answer = staff.get(url)
            back.insert(0, [user["id"] for user in answer.json()])
            url = links(answer).get("prev", "")

        assert [len(page) for page in pages] == [10, 10, 5]
        assert sum(pages, []) == everybody  # noqa: RUF017  # three short lists
        assert back == pages[:2]

    def test_pages_neither_skip_nor_repeat_when_rows_come_and_go(self, staff: APIClient) -> None:
        users = UserFactory.create_batch(4)
        first = staff.get("/users?page_size=3")
        users[0].delete()
        UserFactory.create()

        second = staff.get(links(first)["next"])

        assert [user["id"] for user in second.json()][:2] == [users[2].pk, users[3].pk]

    def test_pages_go_on_beside_a_member_who_deleted_the_account(self, api_as: ApiAs) -> None:
        organization = OrganizationFactory.create()
        members = UserFactory.create_batch(3)
        for member in members:
            member.organizations.add(organization)
        client = api_as(members[2])
        url = f"/organizations/{organization.pk}/members?page_size=1"
        second = links(client.get(links(client.get(url))["next"]))
        members[1].delete()

        for relation, neighbour in (("next", members[2]), ("prev", members[0])):
            page = client.get(second[relation])
            assert [member["id"] for member in page.json()] == [neighbour.pk]

    def test_links_keep_the_filters(self, staff: APIClient) -> None:
        UserFactory.create_batch(3, gender="female")

        answer = staff.get("/users?gender=female&page_size=2")

        assert "gender=female" in links(answer)["next"]
        assert len(staff.get(links(answer)["next"]).json()) == 1

    def test_a_single_page_has_no_links(self, staff: APIClient) -> None:
        assert links(staff.get("/users")) == {}

    @pytest.mark.parametrize("rows", [1, 50])
    def test_pages_cost_the_same_queries_for_1_and_50(
        self,
        staff: APIClient,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        organization = OrganizationFactory.create()
        for user in UserFactory.create_batch(rows):
            user.organizations.add(organization)

        # The session with its user, the page, the organizations of the page.
        with django_assert_num_queries(3):
            assert len(staff.get("/users").json()) == rows + 1


class TestBadValues:
    @pytest.mark.parametrize(
        "size", ["0", "1001", "-1", "x", "", "1e2", "\u0661", "9" * 400, "1.0", "%00"]
    )
    def test_page_size(self, staff: APIClient, size: str) -> None:
        answer = staff.get(f"/users?page_size={size}")

        assert answer.status_code == 400
        assert "page_size" in answer.json()["error"]

    @pytest.mark.parametrize(
        "cursor",
        [
            "",
            "x",
            "%00",
            "é",
            "=" * 10,
            "A" * 5000,
            base64.urlsafe_b64encode(b"[" * 900).decode(),
            *(
                base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
                for value in (
                    [],
                    [0],
                    [0, 1, 2],
                    [2, 1],
                    [0, None],
                    [0, {}],
                    [0, "abc"],
                    [0, "1\0"],
                    [0, True],
                    [0, "٣٣a"],
                    {"a": 1},
                )
            ),
        ],
    )
    def test_cursor(self, staff: APIClient, cursor: str) -> None:
        answer = staff.get(f"/users?cursor={cursor}")

        assert answer.status_code == 400
        assert "cursor" in answer.json()["error"]

    @pytest.mark.parametrize("position", [2**63, -(2**64), 10**30])
    def test_cursor_far_away(self, staff: APIClient, position: int) -> None:
        cursor = base64.urlsafe_b64encode(json.dumps([0, position]).encode()).decode()

        assert staff.get(f"/users?cursor={cursor}").status_code in {200, 400}

    @pytest.mark.parametrize(
        ("path", "position"),
        [
            ("/games?ordering=name", ["\ud800", 1]),
            ("/games?ordering=name", ["\0", 1]),
            ("/playsessions?", ["0001-01-01T00:00:00+14:00", 1]),
            ("/playsessions?", ["9999-12-31T23:59:59-14:00", 1]),
            ("/playsessions?", ["2026-01-01T00:00:00", 1]),
            ("/playsessions?", ["2026-01-01", 1]),
            ("/users/me/games?", ["2026-02-30T00:00:00Z", 1]),
        ],
    )
    def test_cursor_of_values_that_no_row_has(
        self, staff: APIClient, path: str, position: list[object]
    ) -> None:
        cursor = base64.urlsafe_b64encode(json.dumps([0, *position]).encode()).decode()

        answer = staff.get(f"{path}&cursor={cursor}")

        assert answer.status_code == 400
        assert [error["attr"] for error in answer.json()["errors"]] == ["cursor"]
