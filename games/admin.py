"""The catalogue in the admin."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from core.admin.base import AutocompleteMixin, BoundedCountMixin, FoldedSearchMixin, LockingMixin
from games.models import Game, Genre
from games.names import GAME_NAME_LENGTH, GENRE_NAME_LENGTH, name_problem, released_problem

DAYS_DRAWN = 90


class _NameForm(forms.ModelForm[Any]):
    """Checks a name as the API does."""

    name_length: int

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if problem := name_problem(name, max_length=self.name_length):
            raise forms.ValidationError(problem)
        return name


class GenreForm(_NameForm):
    name_length = GENRE_NAME_LENGTH


class GameForm(_NameForm):
    name_length = GAME_NAME_LENGTH

    def clean_released(self) -> int | None:
        year: int | None = self.cleaned_data["released"]
        if year is not None and (problem := released_problem(year, today=timezone.now().date())):
            raise forms.ValidationError(problem)
        return year


@admin.register(Genre)
class GenreAdmin(LockingMixin, FoldedSearchMixin, admin.ModelAdmin[Genre]):
    form = GenreForm
    list_display = ("id", "name", "game_count")
    list_display_links = ("name",)
    search_fields = ("name_key",)
    ordering = ("name_key",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Genre]:
        return super().get_queryset(request).annotate(games_total=Count("games"))

    @admin.display(description="games", ordering="games_total")
    def game_count(self, genre: Any) -> str:
        url = reverse("admin:games_game_changelist")
        return format_html('<a href="{}?genre={}">{}</a>', url, genre.pk, genre.games_total)


@admin.register(Game)
class GameAdmin(
    AutocompleteMixin, LockingMixin, BoundedCountMixin, FoldedSearchMixin, admin.ModelAdmin[Game]
):
    class Media:
        css = {"all": ("foyer/admin.css",)}

    form = GameForm
    list_display = ("id", "name", "released", "genre", "play_count", "plays")
    list_display_links = ("name",)
    list_select_related = ("genre",)
    list_filter = ("genre",)
    search_fields = ("name_key",)
    ordering = ("name_casefolded", "id")
    autocomplete_fields = ("genre",)
    readonly_fields = ("play_count", "plays_by_day")

    def has_delete_permission(self, request: HttpRequest, obj: Game | None = None) -> bool:
        never_played = obj is None or not obj.play_count
        return never_played and super().has_delete_permission(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Game]) -> None:
        super().delete_queryset(request, queryset.filter(play_count=0))

    @admin.display(description="plays of the last 90 days")
    def plays_by_day(self, game: Game) -> str:
        today = timezone.now().date()
        since = today - timedelta(days=DAYS_DRAWN - 1)
        plays = dict(
            game.daily_plays.filter(date__gte=since).values_list("date", "plays").order_by("date")
        )
        if not plays:  # nor has a game that is about to be added
            return f"none since {since}"
        highest = max(plays.values())
        bars = format_html_join(
            "",
            '<rect x="{}" y="{}" width="0.8" height="{}"><title>{}: {}</title></rect>',
            (
                (
                    (day - since).days,
                    f"{20 - 20 * n / highest:.2f}",
                    f"{20 * n / highest:.2f}",
                    day,
                    n,
                )
                for day, n in plays.items()
            ),
        )
        return format_html(
            '<svg class="foyer-plays" viewBox="0 0 {} 20" preserveAspectRatio="none" role="img"'
            ' aria-label="Plays of each day since {}">{}</svg>{} since {}; at most {} a day',
            DAYS_DRAWN,
            since,
            bars,
            sum(plays.values()),
            since,
            highest,
        )

    @admin.display(description="play sessions")
    def plays(self, game: Game) -> str:
        url = reverse("admin:playsessions_playsession_changelist")
        return format_html('<a href="{}?game={}">show</a>', url, game.pk)
