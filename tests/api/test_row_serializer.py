"""What the compiled function writes is what the fields declare."""

from rest_framework import serializers

from api.serializers import RowSerializer
from core.db.prepared_query import Rows


class CitySerializer(RowSerializer):
    id = serializers.IntegerField()
    name = serializers.CharField()


class JourneySerializer(RowSerializer):
    id = serializers.IntegerField()
    traveller = serializers.IntegerField(source="user_id")
    start = CitySerializer()
    end = CitySerializer(allow_null=True)


class LongJourneySerializer(JourneySerializer):
    nights = serializers.IntegerField()


ROW = {
    "id": 1,
    "user_id": 7,
    "start__id": 2,
    "start__name": "Oslo",
    "end__id": 3,
    "end__name": "Bergen",
    "nights": 4,
    "secret": "not declared",
}
WRITTEN = {
    "id": 1,
    "traveller": 7,
    "start": {"id": 2, "name": "Oslo"},
    "end": {"id": 3, "name": "Bergen"},
}


def test_fields_take_their_columns_and_nested_ones_those_of_the_relation() -> None:
    assert JourneySerializer(ROW).data == WRITTEN
    assert JourneySerializer.represent([ROW, ROW]) == [WRITTEN, WRITTEN]


def test_fields_are_inherited() -> None:
    assert LongJourneySerializer(ROW).data == WRITTEN | {"nights": 4}


def test_a_nullable_relation_without_a_row_is_null() -> None:
    nowhere = ROW | {"end__id": None, "end__name": None}

    assert JourneySerializer(nowhere).data == WRITTEN | {"end": None}
    assert JourneySerializer.represent(as_rows(nowhere)) == [WRITTEN | {"end": None}]


def test_rows_are_written_as_mappings_are() -> None:
    nights = ROW | {"nights": 5}

    written = LongJourneySerializer.represent(as_rows(ROW, nights))

    assert written == [WRITTEN | {"nights": 4}, WRITTEN | {"nights": 5}]


def test_rows_are_read_as_dicts() -> None:
    nights = ROW | {"nights": 5}
    rows = as_rows(ROW, nights)

    assert list(rows) == [ROW, nights]
    assert (rows[0], rows[-1]) == (ROW, nights)
    assert list(rows[::-1]) == [nights, ROW]
    assert not rows[:0]


def as_rows(*rows: dict[str, object]) -> Rows:
    return Rows(tuple(ROW), [tuple(row.values()) for row in rows])
