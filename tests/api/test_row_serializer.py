"""What the compiled function writes is what the fields declare."""

from rest_framework import serializers

from api.serializers import RowSerializer


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
