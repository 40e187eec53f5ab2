"""`GET /users/stats` (requirement C4)."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.factories import UserFactory
from users.models import Gender, User
from users.profiles import statistics

pytestmark = pytest.mark.django_db


def stats(api: APIClient) -> Any:
    answer = api.get("/users/stats")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    return json.loads(answer.getvalue())


def test_has_the_shape_that_was_asked_for(api: APIClient) -> None:
    for gender in ("female", "female", "male", "female"):
        UserFactory.create(gender=gender)

    assert stats(api) == {
        "user_ids": list(User.objects.order_by("id").values_list("id", flat=True)),
        "count_female": 3,
        "count_male": 1,
        "count_unspecified": 0,
    }
    assert list(stats(api)) == ["user_ids", "count_female", "count_male", "count_unspecified"]


def test_of_nobody(api: APIClient) -> None:
    assert stats(api) == {
        "user_ids": [],
        "count_female": 0,
        "count_male": 0,
        "count_unspecified": 0,
    }


@pytest.mark.parametrize("rows_per_piece", [1, 2, 3, 6, 7])
def test_loses_nobody_between_two_pieces(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, rows_per_piece: int
) -> None:
    monkeypatch.setattr(statistics, "ROWS_PER_PIECE", rows_per_piece)
    for gender in [*Gender, *Gender]:
        UserFactory.create(gender=gender)

    answer = stats(api)

    assert answer["user_ids"] == sorted(User.objects.values_list("id", flat=True))
    assert [answer[f"count_{gender}"] for gender in Gender] == [2, 2, 2]


def test_adds_up_whatever_happens_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "ROWS_PER_PIECE", 2)
    users = [UserFactory.create(gender="female") for _ in range(6)]

    pieces = statistics.statistics_json()
    start = next(pieces) + next(pieces)
    users[0].delete()
    users[5].delete()
    UserFactory.create(gender="male")
    answer = json.loads(start + "".join(pieces))

    counted = sum(answer[f"count_{gender}"] for gender in Gender)
    assert counted == len(answer["user_ids"]) == 6


def test_looks_at_no_credentials(api: APIClient) -> None:
    api.credentials(HTTP_AUTHORIZATION="Bearer nonsense")

    assert stats(api)["user_ids"] == []


@pytest.mark.parametrize("rows", [1, 50])
def test_costs_the_same_number_of_queries(
    api: APIClient, django_assert_num_queries: Any, rows: int
) -> None:
    UserFactory.create_batch(rows)

    with django_assert_num_queries(2):
        stats(api)
