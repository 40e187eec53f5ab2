"""Paged lists are read in the order of an index: no query sorts or scans a table (A10)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.options import IS_FACETS_VAR
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.admin.base import COUNTED_ROWS
from games.models import PlayedGame
from tests.conftest import ApiAs
from tests.factories import (
    GameFactory,
    OrganizationFactory,
    PlaySessionFactory,
    StaffFactory,
    UserFactory,
)
from tests.queries import noted_selects

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

APPS = ("games", "organizations", "playsessions", "repos", "users")
# Some dozens of rows: a group, a genre.
SMALL = {"auth.Group", "games.Genre"}


@contextmanager
def _plans() -> Iterator[list[tuple[str, list[str]]]]:
    """Each SELECT within, and SQLite's steps for it, with the values apart from the text: some
    indexes are used only where SQLite knows the values."""
    plans: list[tuple[str, list[str]]] = []
    with noted_selects() as selects:
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


@on_sqlite
@pytest.mark.parametrize("label", sorted(model._meta.label for model in admin.site._registry))
def test_no_list_of_the_admin_sorts_or_counts_a_table(admin_client: Client, label: str) -> None:
    model = apps.get_model(label)
    if label in SMALL:
        pytest.skip("small")

    with _plans() as plans:
        page = admin_client.get(
            reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        )

    assert page.status_code == 200
    of_the_list = [(sql, plan) for sql, plan in plans if f'FROM "{model._meta.db_table}"' in sql]
    assert [sql for sql, _ in of_the_list if f"LIMIT {COUNTED_ROWS}" in sql]
    for sql, plan in of_the_list:
        # "FOR LAST TERM" would sort only rows that are equal so far.
        assert "USE TEMP B-TREE FOR ORDER BY" not in plan, sql


@on_sqlite
@pytest.mark.parametrize("label", sorted(model._meta.label for model in admin.site._registry))
def test_no_list_of_the_admin_counts_what_each_filter_would_find(
    admin_client: Client, label: str
) -> None:
    model = apps.get_model(label)
    if label in SMALL:
        pytest.skip("small")
    path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    page = admin_client.get(path)
    with _plans() as plans:
        admin_client.get(f"{path}?{IS_FACETS_VAR}=True")

    assert page.status_code == 200
    assert IS_FACETS_VAR not in page.content.decode()
    counts = [sql for sql, _ in plans if "COUNT(" in sql]
    assert [sql for sql in counts if f"LIMIT {COUNTED_ROWS}" not in sql] == []


def _indexes() -> Iterator[tuple[str, str, list[str], bool]]:
    """Table, name, columns, whether values must be unique; not of tables that Django defines."""
    for model in apps.get_models():
        if model._meta.app_label in APPS:
            yield from _indexes_of(model)


def _indexes_of(model: type[Model]) -> Iterator[tuple[str, str, list[str], bool]]:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, table)
    for name, constraint in constraints.items():
        # Without columns: of expressions. Django adds the ones for searches by a prefix.
        if (
            (constraint["index"] or constraint["unique"])
            and constraint["columns"]
            and not name.endswith("_like")
        ):
            yield table, name, constraint["columns"], constraint["unique"]


def test_no_index_begins_like_another_one() -> None:
    indexes = list(_indexes())
    assert len(indexes) > 50

    superfluous = [
        (name, other)
        for table, name, columns, is_unique in indexes
        for other_table, other, others, _ in indexes
        if not is_unique
        and table == other_table
        and name != other
        and columns == others[: len(columns)]
    ]

    assert superfluous == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Django makes them there")
def test_accounts_have_no_indexes_for_searches_by_a_prefix() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            r"SELECT indexname FROM pg_indexes"
            r" WHERE tablename LIKE 'users\_%' AND indexname LIKE '%\_like'"
        )
        assert cursor.fetchall() == []
