from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.fields import ChoiceField, NameField, StrictDateField
from api.query_params import IdField, SearchField, WholeNumberField
from api.serializers import RowSerializer
from games.models import Genre
from games.names import (
    EARLIEST_RELEASE,
    GAME_NAME_LENGTH,
    GENRE_NAME_LENGTH,
    name_problem,
    released_problem,
)

ORDERINGS = {
    "name": ("name_casefolded", "id"),
    "-name": ("-name_casefolded", "-id"),
    "play_count": ("play_count", "id"),
    "-play_count": ("-play_count", "-id"),
}


class CatalogueNameField(NameField):
    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        self.name_length = max_length
        super().__init__(max_length=max_length, **kwargs)

    def problem_of(self, name: str) -> str | None:
        return name_problem(name, max_length=self.name_length)


class ReleasedField(serializers.IntegerField):
    """The year of a release; `1985.0`, `"1985"` and `true` are none."""

    default_error_messages = {"invalid": "A year is a whole number, like 1985."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            help_text=f"A year from {EARLIEST_RELEASE} to next year; null takes it away.", **kwargs
        )

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        if problem := released_problem(data, today=timezone.now().date()):
            raise serializers.ValidationError(problem)
        return data


@extend_schema_serializer(examples=[OpenApiExample("A genre", {"id": 3, "name": "Puzzle"})])
class GenreSerializer(RowSerializer):
    id = serializers.IntegerField()
    name = serializers.CharField()


@extend_schema_serializer(
    examples=[OpenApiExample("To create or change one", {"name": "Puzzle"}, request_only=True)]
)
class GenreWriteSerializer(serializers.Serializer[Any]):
    name = CatalogueNameField(max_length=GENRE_NAME_LENGTH)


GAME_EXAMPLE = {
    "id": 12,
    "name": "Tetris",
    "genre": {"id": 3, "name": "Puzzle"},
    "released": 1985,
    "play_count": 4711,
}


@extend_schema_serializer(examples=[OpenApiExample("A game", GAME_EXAMPLE)])
class GameSerializer(RowSerializer):
    """A game of the catalogue."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    genre = GenreSerializer()
    released = serializers.IntegerField(
        allow_null=True, help_text="The year; it tells two games of one name apart."
    )
    play_count = serializers.IntegerField(help_text="Plays ever made.")


@extend_schema_serializer(
    examples=[OpenApiExample("A trending game", {**GAME_EXAMPLE, "plays": 42})]
)
class TrendingGameSerializer(GameSerializer):
    """A game, and how often it was played within the days."""

    plays = serializers.IntegerField(help_text="Plays within the days.")


class TrendingQuerySerializer(serializers.Serializer[Any]):
    days = WholeNumberField(
        required=False,
        default=7,
        min_value=1,
        max_value=90,
        help_text="Today and the days before it (UTC).",
    )

    def to_internal_value(self, data: Any) -> Any:
        # As for the other filters, an empty one is none.
        return super().to_internal_value({name: value for name, value in data.items() if value})


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "To create or change one",
            {"name": "Tetris", "genre": 3, "released": 1985},
            request_only=True,
        )
    ]
)
class GameWriteSerializer(serializers.Serializer[Any]):
    name = CatalogueNameField(max_length=GAME_NAME_LENGTH)
    genre = serializers.PrimaryKeyRelatedField(
        queryset=Genre.objects.all(),
        # By itself the field makes 1 of 1.5, and 10 of "1_0".
        pk_field=IdField(),
        help_text="Its id.",
        error_messages={"does_not_exist": "There is no genre with the id {pk_value}."},
    )
    released = ReleasedField(required=False, allow_null=True)


@extend_schema_serializer(examples=[OpenApiExample("A day", {"date": "2026-03-31", "plays": 42})])
class DailyPlaysSerializer(RowSerializer):
    date = StrictDateField(help_text="In UTC.")
    plays = serializers.IntegerField()


class GameQuerySerializer(serializers.Serializer[Any]):
    genre = IdField(required=False, help_text="Only games of this genre.")
    search = SearchField(
        required=False,
        allow_blank=True,
        max_length=GAME_NAME_LENGTH,
        help_text="Words that the name has, whatever case, accents, hyphens and apostrophes.",
    )
    ordering = ChoiceField(
        required=False, choices=list(ORDERINGS), help_text="By id when it is left out."
    )
