"""Play sessions in the admin: to look at, and fast however many there are."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from core.admin.base import ReadOnlyAdmin
from core.text import search_words
from games.selectors import games_matching
from playsessions.lengths import end_of_play, whole_seconds
from playsessions.models import PlaySession
from users.profiles.selectors import all_users

# So many users and games a search may find; a search that finds more wants another word.
FOUND_ROWS = 50


@admin.register(PlaySession)
class PlaySessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "game", "created_at", "seconds")
    readonly_fields = ("seconds",)
    list_select_related = ("user", "game")
    list_filter = ("created_at",)
    # By user and by game in the URL: the lists of users and of games lead here with them.
    search_fields = ("user__search_text", "game__name_key")
    search_help_text = "A player's name or email address, or a game's name."
    ordering = ("-created_at", "-id")
    sortable_by = ()

    @admin.display(description="seconds", empty_value="under way")
    def seconds(self, play: PlaySession) -> int | None:
        end = end_of_play(
            created_at=play.created_at,
            last_seen_at=play.last_seen_at,
            ended_at=play.ended_at,
            now=timezone.now(),
        )
        return None if end is None else whole_seconds(play.created_at, end)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in {"user", "game"} or super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PlaySession], search_term: str
    ) -> tuple[QuerySet[PlaySession], bool]:
        """Users and games are found first, so that their plays come from an index; a search across
        the joined tables would look at every play."""
        if not search_words(search_term):
            return queryset, False
        users = all_users(search=search_term).values_list("pk", flat=True)
        games = games_matching(search=search_term).values_list("pk", flat=True)
        return queryset.filter(
            Q(user__in=list(users[:FOUND_ROWS])) | Q(game__in=list(games[:FOUND_ROWS]))
        ), False
