"""Every read of traffic: who sees what, and in which order."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from core.dates import DateRange
from core.db.date_ranges import within_range
from core.exceptions import NotFound
from repos.models import (
    ApiToken,
    FetchRun,
    FollowedOwner,
    PopularityKind,
    PopularitySnapshot,
    ShareToken,
    TrackedRepository,
    TrafficDay,
)
from repos.models.token import digest_of
from repos.traffic.merging import FIGURES, first_lost_date
from users.models import User

# Fetching is a daily job: after this long without one, something is wrong with the fetching.
OVERDUE_AFTER = timedelta(hours=48)
# A message about an archived repository is no failure.
LAST_FETCH_FAILED = ~Q(last_error="") & ~Q(archived=True, failed_days=0)
DEMO_SENTENCE = "This is demo data: made up, and never fetched from GitHub."


class UnknownRepository(NotFound):
    code = "unknown_repository"
    message = "You follow no repository with this id."


@dataclass(frozen=True, slots=True)
class Day:
    """One day (UTC). Not `complete`: the figures may be too low. None: the figure is unknown."""

    date: date
    views: int | None
    unique_visitors: int | None
    clones: int | None
    unique_cloners: int | None
    complete: bool
    # As a TotalDay has it.
    repositories: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class LastFourteenDays:
    """GitHub's own totals, people counted once over the window; None before the first fetch."""

    views: int | None = None
    unique_visitors: int | None = None
    clones: int | None = None
    unique_cloners: int | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class RepositoryTraffic:
    """Everything that is shown of one repository; `days` oldest first, within the asked range.

    `referrers`: `{"referrer", "views", "unique_visitors"}`; `paths`: those and `{"path", "title"}`;
    the newest snapshot of each, in GitHub's order. `window_until`: the last of the 14 days.
    `last_error` is a sentence or None.
    """

    repository: TrackedRepository
    days: list[Day]
    last_14_days: LastFourteenDays
    window_until: date | None
    referrers: list[dict[str, Any]]
    paths: list[dict[str, Any]]
    last_error: str | None

    @property
    def id(self) -> UUID:
        return self.repository.uuid

    @property
    def url(self) -> str:
        return self.repository.url

    @property
    def created_at(self) -> datetime:
        return self.repository.created_at

    @property
    def last_fetched_at(self) -> datetime | None:
        return self.repository.last_fetched_at

    @property
    def needs_nothing(self) -> bool:
        """Whether `last_error` is only for information: about an archived repository, or demo
        data."""
        repository = self.repository
        return repository.is_demo or (repository.archived and not repository.failed_days)


def repositories_of(user: User) -> QuerySet[TrackedRepository]:
    """In the order in which they were added."""
    return TrackedRepository.objects.filter(user=user).order_by("created_at", "id")


def repository_of(user: User, public_id: str) -> TrackedRepository | None:
    """One of `user`'s own, by the id that the API shows; whatever text that is."""
    uuid = _uuid_in(public_id)
    return repositories_of(user).filter(uuid=uuid).first() if uuid else None


def owners_of(user: User) -> QuerySet[FollowedOwner]:
    """In the order in which they were added."""
    return FollowedOwner.objects.filter(user=user).order_by("created_at", "id")


def owner_of(user: User, public_id: str) -> FollowedOwner | None:
    """One that `user` follows, by the id that the API shows; whatever text that is."""
    uuid = _uuid_in(public_id)
    return owners_of(user).filter(uuid=uuid).first() if uuid else None


def owners_to_read() -> QuerySet[FollowedOwner]:
    """Those whose list was read longest ago first."""
    return (
        FollowedOwner.objects.filter(user__is_active=True)
        .select_related("user", "user__github_credential")
        .order_by(F("last_read_at").asc(nulls_first=True), "id")
    )


def _uuid_in(text: str) -> UUID | None:
    try:
        uuid = UUID(text)
    except ValueError:
        return None
    return uuid if str(uuid) == text.lower() else None


def user_with_api_token(token: str) -> User | None:
    """The active user with this API token."""
    return _user_with(ApiToken.objects.all(), token)


def user_with_share_token(token: str) -> User | None:
    """The active user whose pages this share token opens."""
    return _user_with(ShareToken.objects.all(), token)


def _user_with(tokens: "QuerySet[ApiToken] | QuerySet[ShareToken]", token: str) -> User | None:
    found = (
        tokens.filter(digest=digest_of(token), user__is_active=True).select_related("user").first()
    )
    return found.user if found else None


def traffic_of(
    repository: TrackedRepository, *, within: DateRange, now: datetime
) -> RepositoryTraffic:
    """Everything about one repository."""
    return traffic_of_all([repository], within=within, now=now)[0]


def traffic_of_all(
    repositories: Iterable[TrackedRepository], *, within: DateRange, now: datetime
) -> list[RepositoryTraffic]:
    """Everything about each, in the order given, in a fixed number of queries."""
    repositories = list(repositories)
    days = days_of_all(repositories, within=within)
    windows, snapshots = _newest_of(repositories)
    return [
        RepositoryTraffic(
            repository=repository,
            days=days[repository.pk],
            last_14_days=windows.get(repository.pk, _NO_WINDOW)[0],
            window_until=windows.get(repository.pk, _NO_WINDOW)[1],
            referrers=snapshots.get((repository.pk, PopularityKind.REFERRERS), []),
            paths=snapshots.get((repository.pk, PopularityKind.PATHS), []),
            last_error=error_sentence(repository, now=now),
        )
        for repository in repositories
    ]


def days_of(repository: TrackedRepository, *, within: DateRange) -> list[Day]:
    """Oldest first."""
    return days_of_all([repository], within=within)[repository.pk]


def days_of_all(
    repositories: Collection[TrackedRepository], *, within: DateRange
) -> dict[int, list[Day]]:
    """By primary key, each oldest first, in one query."""
    days = within_range(TrafficDay.objects.filter(repository__in=repositories), "date", within)
    found: dict[int, list[Day]] = defaultdict(list)
    rows = days.order_by("repository_id", "date").values_list(
        "repository_id", "date", *FIGURES, "complete"
    )
    for repository_id, day, views, visitors, clones, cloners, complete in rows:
        found[repository_id].append(Day(day, views, visitors, clones, cloners, complete))
    return found


def extents_of(repositories: Iterable[TrackedRepository]) -> dict[int, tuple[date, date]]:
    """The first and the last stored day, by primary key, of those that have one."""
    ends = (
        TrafficDay.objects.filter(repository__in=repositories)
        .values("repository_id")
        .annotate(first=Min("date"), last=Max("date"))
        .values_list("repository_id", "first", "last")
    )
    return {repository_id: (first, last) for repository_id, first, last in ends}


def error_sentence(repository: TrackedRepository, *, now: datetime) -> str | None:
    """What is wrong with the fetching and what to do, or None.

    Also when nothing ran at all, which no failed fetch could have reported.
    """
    if repository.is_demo:
        return DEMO_SENTENCE
    if repository.last_error:
        return _as_of_today(repository, today=now.date())
    # The last attempt, a success, is told by this machine's clock as `now` is; `last_fetched_at` by
    # GitHub's.
    since = repository.last_attempt_at or repository.last_fetched_at or repository.created_at
    if now - since < OVERDUE_AFTER:
        return None
    return (
        f"Nothing was fetched since {since:%Y-%m-%d}: ask the operator whether `manage.py"
        f" fetch_traffic` still runs every day. {loss_warning(repository, today=now.date())}"
    )


def loss_warning(repository: TrackedRepository, *, today: date) -> str:
    """On which date days begin to be lost for good while nothing is fetched."""
    lost_from = _lost_from(repository)
    return _loss_to_come(lost_from) if today < lost_from else _loss_under_way(lost_from)


def _as_of_today(repository: TrackedRepository, *, today: date) -> str:
    """The message of the last fetch, whose warning may have come true since: nothing says that
    another fetch followed."""
    lost_from = _lost_from(repository)
    if today < lost_from:
        return repository.last_error
    return repository.last_error.replace(_loss_to_come(lost_from), _loss_under_way(lost_from))


def _lost_from(repository: TrackedRepository) -> date:
    return first_lost_date((repository.last_fetched_at or repository.created_at).date())


def _loss_to_come(lost_from: date) -> str:
    return f"Unless a fetch succeeds before, days will be lost for good on {lost_from}."


def _loss_under_way(lost_from: date) -> str:
    return f"Days are being lost for good since {lost_from}."


_Window = tuple[LastFourteenDays, date | None]
_NO_WINDOW: _Window = (LastFourteenDays(), None)
_Newest = tuple[dict[int, _Window], dict[tuple[int, str], list[dict[str, Any]]]]


def _newest_of(repositories: list[TrackedRepository]) -> _Newest:
    """GitHub's newest totals and the last of their days by repository, and its newest lists by
    repository and kind."""
    window = TrafficDay.objects.filter(repository=OuterRef("pk"), window_views__isnull=False)
    snapshot = PopularitySnapshot.objects.filter(repository=OuterRef("pk"))
    newest = [
        (window, "-date"),
        (snapshot.filter(kind=PopularityKind.REFERRERS), "-first_date"),
        (snapshot.filter(kind=PopularityKind.PATHS), "-first_date"),
    ]
    found = TrackedRepository.objects.filter(pk__in=[one.pk for one in repositories]).values_list(
        *(Subquery(rows.order_by(order).values("pk")[:1]) for rows, order in newest)
    )
    window_ids, snapshot_ids = [], []
    for window_id, *list_ids in found:
        window_ids.append(window_id)
        snapshot_ids.extend(list_ids)
    windows: dict[int, _Window] = {
        day.repository_id: (
            LastFourteenDays(
                views=day.window_views,
                unique_visitors=day.window_unique_visitors,
                clones=day.window_clones,
                unique_cloners=day.window_unique_cloners,
                as_of=day.repository.last_fetched_at,
            ),
            day.date,
        )
        for day in TrafficDay.objects.filter(pk__in=window_ids).select_related("repository")
    }
    snapshots = {
        (one.repository_id, one.kind): one.entries
        for one in PopularitySnapshot.objects.filter(pk__in=snapshot_ids)
    }
    return windows, snapshots


def fetched_repositories() -> QuerySet[TrackedRepository]:
    """Those that the daily run asks GitHub about."""
    return TrackedRepository.objects.filter(
        is_demo=False, replaced_at__isnull=True, user__is_active=True
    )


def repositories_to_fetch() -> QuerySet[TrackedRepository]:
    """Those that were fetched longest ago first, so that a run that stops early is fair."""
    return (
        fetched_repositories()
        .select_related("user", "user__github_credential")
        .order_by(F("last_fetched_at").asc(nulls_first=True), "id")
    )


def not_fetched_since(
    repositories: QuerySet[TrackedRepository], moment: datetime
) -> QuerySet[TrackedRepository]:
    """Those whose days GitHub goes on counting, last fetched before `moment` (or added, if never):
    annotated as `since`."""
    return (
        repositories.filter(archived=False)
        .annotate(since=Coalesce("last_fetched_at", "created_at"))
        .filter(since__lt=moment)
    )


def last_ended_run() -> FetchRun | None:
    """The newest run that was not killed; its `ended_at` is set."""
    return FetchRun.objects.filter(ended_at__isnull=False).order_by("-ended_at").first()


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many repositories were not fetched for too long, and when days begin to be lost."""

    count: int
    first_lost: date

    def sentence(self, *, today: date) -> str:
        """For the operator."""
        who = "1 repository was" if self.count == 1 else f"{self.count} repositories were"
        lost = "will be" if today < self.first_lost else "have been"
        return (
            f"{who} not fetched for two days or more; days {lost} lost for good from"
            f" {self.first_lost} on."
        )


def overdue(*, now: datetime) -> Overdue | None:
    """None when everything was fetched lately."""
    found = not_fetched_since(fetched_repositories(), now - OVERDUE_AFTER).aggregate(
        count=Count("pk"), oldest=Min("since")
    )
    if not found["count"]:
        return None
    return Overdue(found["count"], first_lost_date(found["oldest"].date()))
