"""Paged lists are read in the order of an index: no query sorts or scans a table (A10)."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import ApiAs
from tests.factories import GameFactory, OrganizationFactory, StaffFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's query plans"),
]

LISTS = [
    "/games",
    "/games?ordering=name",
    "/games?ordering=-name",
    "/games?ordering=play_count",
    "/games?ordering=-play_count",
    "/games?genre=1",
    "/games?genre=1&ordering=name",
    "/games?genre=1&ordering=-play_count",
    "/games/1/plays",
    "/games/1/similar",
    "/games/trending",
    "/games/recommended",
    "/genres",
    "/playsessions",
    "/playsessions?user=1",
    "/playsessions?game=1",
    "/playsessions?user=1&game=1",
    "/users",
    "/users?gender=female",
    "/users/lastplayed",
    "/users/me/games",
    "/organizations",
    "/organizations/1/members",
]


@pytest.mark.parametrize("path", LISTS)
def test_no_list_sorts_or_scans(api_as: ApiAs, path: str) -> None:
    OrganizationFactory.create()
    GameFactory.create()
    staff = api_as(StaffFactory.create())

    with CaptureQueriesContext(connection) as queries:
        answer = staff.get(path)

    assert answer.status_code in {200, 404}
    for query in queries.captured_queries:
        sql = query["sql"]
        if not sql.lstrip().startswith("SELECT"):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = [step[3] for step in cursor.fetchall()]
        if " LIMIT " in sql:
            # The page itself. (What is fetched for its rows afterwards is bounded by it.)
            assert not [step for step in plan if "TEMP B-TREE" in step], (plan, sql)
        else:
            assert not [step for step in plan if re.fullmatch(r"SCAN \w+", step)], (plan, sql)
