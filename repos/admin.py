"""Repositories, their history and the runs that fetched it, in the admin.

History is read-only: it is what GitHub said. Credentials and tokens are never shown, only removed.
"""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.defaultfilters import truncatechars
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.admin.base import (
    BoundedCountMixin,
    DeleteOnlyAdmin,
    FoldedSearchMixin,
    LockingMixin,
    ReadOnlyAdmin,
)
from core.tasks.enqueueing import enqueue_on_commit
from repos.models import (
    AlertPreference,
    ApiToken,
    BadgeToken,
    DownloadDay,
    FetchOutcome,
    FetchRun,
    FetchTrigger,
    FollowedOwner,
    GitHubCredential,
    Note,
    PopularitySnapshot,
    Release,
    ReleaseAsset,
    RepositoryFacts,
    SentAlert,
    ShareToken,
    TrackedRepository,
    TrafficDay,
    TrafficWeek,
    UnfollowedRepository,
)
from repos.models.facts import FACTS
from repos.pages.staff import StaffRepositoryPage
from repos.selectors import LAST_FETCH_FAILED
from repos.services.repositories import unfollow_repository
from repos.tasks import fetch_repository
from repos.traffic.merging import FIGURES


class HasErrorFilter(admin.SimpleListFilter):
    title = "last fetch"
    parameter_name = "fetch"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("failed", "failed"), ("fine", "fine"), ("never", "never fetched")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "failed":
                return queryset.filter(LAST_FETCH_FAILED)
            case "fine":
                return queryset.filter(~LAST_FETCH_FAILED, last_fetched_at__isnull=False)
            case "never":
                return queryset.filter(last_fetched_at__isnull=True)
        return queryset


@admin.register(TrackedRepository)
class RepositoryAdmin(
    LockingMixin, BoundedCountMixin, FoldedSearchMixin, admin.ModelAdmin[TrackedRepository]
):
    list_display = (
        "full_name",
        "chart",
        "user",
        "last_fetched_at",
        "short_error",
        "is_demo",
        "history",
    )
    list_select_related = ("user",)
    list_filter = (HasErrorFilter, "is_demo")
    search_fields = ("key", "user__search_text")
    ordering = ("key", "id")
    actions = ("fetch_now",)
    fields = (
        "uuid",
        "user",
        "full_name",
        "github_id",
        "archived",
        "replaced_at",
        "is_demo",
        "created_at",
        "last_fetched_at",
        "last_attempt_at",
        "last_error",
        "failed_days",
        "chart",
        "history",
    )
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        chart = self.admin_site.admin_view(self.chart_page)
        return [
            path("<int:pk>/chart/", chart, name="repos_trackedrepository_chart"),
            *super().get_urls(),
        ]

    def chart_page(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The page that its owner sees, without anybody's token."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return StaffRepositoryPage.as_view()(request, pk=pk)

    @admin.display(description="chart")
    def chart(self, repository: TrackedRepository) -> SafeString:
        url = reverse("admin:repos_trackedrepository_chart", args=[repository.pk])
        return format_html('<a href="{}">chart</a>', url)

    def has_add_permission(self, request: HttpRequest) -> bool:
        # The API checks the address and starts the first fetch.
        return False

    def delete_model(self, request: HttpRequest, obj: TrackedRepository) -> None:
        # Else it would come back with the list of a followed owner.
        unfollow_repository(repository=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[TrackedRepository]) -> None:
        for repository in queryset:
            unfollow_repository(repository=repository)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The history goes with its repository. Alone it cannot be deleted, so Django would ask for
        a permission that nobody has."""
        repositories = list(objs)
        days = TrafficDay.objects.filter(
            repository__in=[repository.pk for repository in repositories]
        )
        counts = {"repositories": len(repositories), "days of traffic": days.count()}
        return [str(repository) for repository in repositories], counts, set(), []

    @admin.display(description="last error")
    def short_error(self, repository: TrackedRepository) -> str:
        return truncatechars(repository.last_error, 80)

    @admin.display(description="history")
    def history(self, repository: TrackedRepository) -> SafeString:
        links = [
            (reverse(f"admin:repos_{name}_changelist"), repository.pk, label)
            for name, label in (
                ("trafficday", "days"),
                ("trafficweek", "weeks"),
                ("repositoryfacts", "growth"),
                ("downloadday", "downloads"),
                ("popularitysnapshot", "referrers and paths"),
                ("fetchoutcome", "fetches"),
            )
        ]
        return format_html_join(" · ", '<a href="{}?repository__id__exact={}">{}</a>', links)

    @admin.action(description="Fetch now", permissions=["change"])
    def fetch_now(self, request: HttpRequest, queryset: QuerySet[TrackedRepository]) -> None:
        fetched = queryset.filter(is_demo=False, replaced_at__isnull=True)
        chosen = list(fetched.values_list("pk", flat=True))
        for pk in chosen:
            enqueue_on_commit(fetch_repository, pk, FetchTrigger.ADMIN.value)
        self.message_user(
            request,
            f"{len(chosen)} repositories will be fetched in the background; reload in a moment.",
            messages.SUCCESS,
        )


class _RepositoryRowsAdmin(ReadOnlyAdmin):
    """Rows of one repository each, found by its name."""

    list_select_related = ("repository",)
    search_fields: ClassVar[tuple[str, ...]] = ("repository__key",)


class _UserRowsAdmin(ReadOnlyAdmin):
    """Rows of one account each, found by its names."""

    list_select_related = ("user",)
    search_fields = ("user__search_text",)


@admin.register(TrafficDay)
class TrafficDayAdmin(_RepositoryRowsAdmin):
    list_display = ("repository", "date", *FIGURES, "complete")
    list_filter = ("complete",)
    ordering = ("-id",)


@admin.register(PopularitySnapshot)
class PopularitySnapshotAdmin(_RepositoryRowsAdmin):
    list_display = ("repository", "kind", "first_date", "last_date", "entry_count")
    list_filter = ("kind",)
    ordering = ("-id",)

    @admin.display(description="entries")
    def entry_count(self, snapshot: PopularitySnapshot) -> int:
        return len(snapshot.entries)


@admin.register(FetchRun)
class FetchRunAdmin(ReadOnlyAdmin):
    list_display = (
        "started_at",
        "trigger",
        "state",
        "fetched_count",
        "failed_count",
        "deferred_count",
        "request_count",
        "outcomes",
    )
    list_filter = ("trigger", "started_at")
    ordering = ("-started_at", "-id")

    @admin.display(description="ended")
    def state(self, run: FetchRun) -> str:
        return f"{run.ended_at:%Y-%m-%d %H:%M} UTC" if run.ended_at else "running, or was killed"

    @admin.display(description="repositories")
    def outcomes(self, run: FetchRun) -> SafeString:
        url = reverse("admin:repos_fetchoutcome_changelist")
        return format_html('<a href="{}?run__id__exact={}">show</a>', url, run.pk)


@admin.register(FetchOutcome)
class FetchOutcomeAdmin(_RepositoryRowsAdmin):
    list_display = ("at", "repository", "result", "message")
    list_filter = ("result",)
    ordering = ("-id",)


@admin.register(RepositoryFacts)
class RepositoryFactsAdmin(_RepositoryRowsAdmin):
    list_display = ("repository", "date", *FACTS)
    ordering = ("-id",)


@admin.register(TrafficWeek)
class TrafficWeekAdmin(_RepositoryRowsAdmin):
    list_display = ("repository", "week", *FIGURES)
    ordering = ("-id",)


@admin.register(Release)
class ReleaseAdmin(_RepositoryRowsAdmin):
    list_display = ("repository", "tag", "name", "published_at", "downloads")
    ordering = ("-id",)


@admin.register(ReleaseAsset)
class ReleaseAssetAdmin(_RepositoryRowsAdmin):
    list_display = ("repository", "github_id", "downloads")
    ordering = ("-id",)


@admin.register(DownloadDay)
class DownloadDayAdmin(_RepositoryRowsAdmin):
    list_display = ("repository", "date", "downloads")
    ordering = ("-id",)


@admin.register(FollowedOwner)
class FollowedOwnerAdmin(DeleteOnlyAdmin):
    list_display = ("login", "user", "forks", "created_at", "last_read_at", "last_error")
    list_select_related = ("user",)
    list_filter = ("forks",)
    search_fields = ("key", "user__search_text")
    ordering = ("-id",)


@admin.register(UnfollowedRepository)
class UnfollowedRepositoryAdmin(DeleteOnlyAdmin):
    """Deleting one lets the next run follow the repository again."""

    list_display = ("key", "owner")
    list_select_related = ("owner",)
    search_fields = ("key",)
    ordering = ("-id",)


@admin.register(AlertPreference)
class AlertPreferenceAdmin(_UserRowsAdmin, DeleteOnlyAdmin):
    list_display = ("user", "email")
    list_filter = ("email",)
    ordering = ("-id",)


@admin.register(SentAlert)
class SentAlertAdmin(_UserRowsAdmin):
    list_display = ("sent_at", "user", "cause")
    list_filter = ("cause",)
    ordering = ("-id",)


@admin.register(ApiToken, ShareToken)
class TokenAdmin(_UserRowsAdmin, DeleteOnlyAdmin):
    """May be revoked, never read."""

    list_display = ("user", "created_at")
    ordering = ("-id",)
    fields = ("user", "created_at")


@admin.register(BadgeToken)
class BadgeTokenAdmin(_RepositoryRowsAdmin, DeleteOnlyAdmin):
    list_display = ("repository", "created_at")
    ordering = ("-id",)
    fields = ("repository", "created_at")


@admin.register(Note)
class NoteAdmin(_RepositoryRowsAdmin, DeleteOnlyAdmin):
    list_display = ("repository", "date", "text", "created_at")
    search_fields = ("repository__key", "text")
    ordering = ("-id",)


@admin.register(GitHubCredential)
class GitHubCredentialAdmin(_UserRowsAdmin, DeleteOnlyAdmin):
    """May be revoked, never read."""

    list_display = ("user", "stored_at", "expires_at")
    ordering = ("-id",)
    fields = ("user", "stored_at", "expires_at")
