"""Paged lists are read in the order of an index: no query sorts or scans a table (A10)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from django.db import connection
from django.utils import timezone

from games.models import PlayedGame
from tests.conftest import ApiAs
from tests.factories import (
    GameFactory,
    OrganizationFactory,
    PlaySessionFactory,
    StaffFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's query plans")

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


@contextmanager
def _plans() -> Iterator[list[tuple[str, list[str]]]]:
    """Each SELECT within, and SQLite's steps for it, with the values apart from the text: some
    indexes are used only where SQLite knows the values."""
    selects = []
    plans: list[tuple[str, list[str]]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith("SELECT"):
            selects.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield plans
    with connection.cursor() as cursor:
        for sql, params in selects:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            plans.append((sql, [step[3] for step in cursor.fetchall()]))


@on_sqlite
@pytest.mark.parametrize("path", LISTS)
def test_no_list_sorts_or_scans(api_as: ApiAs, path: str) -> None:
    OrganizationFactory.create()
    GameFactory.create()
    staff = api_as(StaffFactory.create())

    with _plans() as plans:
        answer = staff.get(path)

    assert answer.status_code in {200, 404}
    assert plans
    for sql, plan in plans:
        if " LIMIT " in sql:
            # The page itself. (What is fetched for its rows afterwards is bounded by it.)
            assert not [step for step in plan if "TEMP B-TREE" in step], (plan, sql)
        else:
            assert not [step for step in plan if re.fullmatch(r"SCAN \w+", step)], (plan, sql)


@on_sqlite
@pytest.mark.parametrize(
    "path",
    [
        "/games?ordering=name",
        "/games?ordering=-play_count",
        "/games?genre={game.genre_id}&ordering=name",
        "/playsessions",
        "/playsessions?user={user.pk}",
        "/playsessions?game={game.pk}",
        "/playsessions?user={user.pk}&game={game.pk}",
        "/users",
        "/users?gender=female",
        "/users/lastplayed",
        "/users/me/games",
        "/organizations",
        "/organizations/{organization.pk}/members",
    ],
)
def test_no_page_reads_the_pages_before_it(api_as: ApiAs, path: str) -> None:
    user = StaffFactory.create(gender="female")
    organization = OrganizationFactory.create()
    OrganizationFactory.create()
    game = GameFactory.create()
    now = timezone.now()
    for one in (game, GameFactory.create(genre=game.genre)):
        PlaySessionFactory.create_batch(2, user=user, game=one)
        PlayedGame.objects.create(user=user, game=one, plays=2, last_played_at=now)
    for member in (user, UserFactory.create(gender="female")):
        member.organizations.add(organization)
    staff = api_as(user)
    path = path.format(user=user, game=game, organization=organization)
    first = staff.get(f"{path}{'&' if '?' in path else '?'}page_size=1")
    following = requests.utils.parse_header_links(first["Link"])[0]["url"]

    with _plans() as plans:
        assert len(staff.get(following).json()) == 1

    [(sql, plan)] = [(sql, plan) for sql, plan in plans if sql.endswith(" LIMIT 2")]
    # The place in the index, such as (user_id=? AND created_at<?).
    assert re.search(r"SEARCH .*\(.*[<>]\?\)", " ".join(plan)), (plan, sql)
