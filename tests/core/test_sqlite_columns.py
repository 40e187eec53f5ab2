"""Columns come as Python's values, though Django does not convert them a second time."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db.models import F, Max, OuterRef, QuerySet, Subquery

from core.db.prepared_query import PreparedQuery
from tests.factories import UserFactory
from users.models import User

pytestmark = pytest.mark.django_db

NAMES = ("date_joined", "birthdate", "is_staff")
EXPECTED = (datetime(2026, 3, 31, 18, 4, 5, tzinfo=UTC), date(1990, 1, 31), True)


@pytest.fixture(autouse=True)
def _user() -> None:
    joined, born, is_staff = EXPECTED
    UserFactory.create(date_joined=joined, birthdate=born, is_staff=is_staff)


@pytest.mark.parametrize(
    "ask",
    [
        lambda users: users.values_list(*NAMES),
        lambda users: users.values_list(*NAMES).distinct(),
        lambda users: users.order_by("-date_joined").values_list(*NAMES)[:1],
        lambda users: users.values_list(*NAMES).union(users.values_list(*NAMES)),
        lambda users: users.values_list(*NAMES).union(users.values_list(*NAMES), all=True)[:1],
        lambda users: users.annotate(a=F(NAMES[0]), b=F(NAMES[1]), c=F(NAMES[2])).values_list(
            "a", "b", "c"
        ),
        lambda users: users.values(*NAMES).annotate(newest=Max("id")).values_list(*NAMES),
        lambda users: users.annotate(
            a=Subquery(users.filter(pk=OuterRef("pk")).values("date_joined"))
        ).values_list("a", *NAMES[1:]),
        lambda users: users.annotate(a=Max("date_joined"), b=Max("birthdate")).values_list(
            "a", "b", "is_staff"
        ),
        lambda users: [[getattr(users.get(), name) for name in NAMES]],
    ],
)
def test_values_have_the_types_of_their_fields(
    ask: Callable[[QuerySet[User]], Any],
) -> None:
    [row] = ask(User.objects.all())

    assert tuple(row) == EXPECTED
    assert [type(value) for value in row] == [type(value) for value in EXPECTED]


def test_a_prepared_query_returns_the_same() -> None:
    query = PreparedQuery(lambda: User.objects.filter(pk=0).values(*NAMES))

    [row] = query.rows(User.objects.get().pk)

    assert tuple(row.values()) == EXPECTED
    assert row["is_staff"] is True
