"""The data migration of names that are stored already."""

import pytest

from core.db.name_keys import update_name_keys
from games.models import Genre

pytestmark = pytest.mark.django_db


def test_names_that_have_become_equal_are_kept_and_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    names = ["Spider-Man", "Puzzle", "Spider Man", "SPIDERMAN"]
    genres = [Genre(name=name, name_key=f"old {name}") for name in names]
    Genre.objects.bulk_create(genres)

    update_name_keys(Genre, max_length=400)

    ids = [genre.pk for genre in genres]
    assert list(Genre.objects.order_by("pk").values_list("name_key", flat=True)) == [
        *("spiderman", "puzzle", f"spiderman {ids[2]}", f"spiderman {ids[3]}")
    ]
    assert [record.getMessage() for record in caplog.records] == [
        f"genre 'Spider-Man' (id {ids[0]}) and {name!r} (id {pk}) now count as one name;"
        " rename one of them."
        for name, pk in zip(names[2:], ids[2:], strict=True)
    ]


def test_the_second_run_changes_nothing() -> None:
    Genre.objects.bulk_create([Genre(name="A-B", name_key="1"), Genre(name="AB", name_key="2")])
    update_name_keys(Genre, max_length=400)
    keys = list(Genre.objects.order_by("pk").values_list("name_key", flat=True))

    update_name_keys(Genre, max_length=400)

    assert list(Genre.objects.order_by("pk").values_list("name_key", flat=True)) == keys


def test_a_key_that_another_row_still_has_is_no_obstacle() -> None:
    Genre.objects.bulk_create([Genre(name="A-B", name_key="a-b"), Genre(name="AB", name_key="ab")])

    update_name_keys(Genre, max_length=400)

    first, second = Genre.objects.order_by("pk")
    assert (first.name_key, second.name_key) == ("ab", f"ab {second.pk}")
