"""What badges tell, read from the database."""

from collections.abc import Callable

from django.db.models import Sum

from repos.models import BadgeToken, TrackedRepository, TrafficDay
from repos.models.token import is_token
from repos.traffic.totals import whole_number


def repository_with_badge_token(token: str) -> TrackedRepository | None:
    """The repository whose badges `token` opens; None for an inactive owner, too, and for any text
    that is no token."""
    if not is_token(token):
        return None
    badge = (
        BadgeToken.objects.filter(token=token, repository__user__is_active=True)
        .select_related("repository")
        .first()
    )
    return badge.repository if badge else None


def _views(repository: TrackedRepository) -> int | None:
    return _total(repository, "views")


def _clones(repository: TrackedRepository) -> int | None:
    return _total(repository, "clones")


def _total(repository: TrackedRepository, figure: str) -> int | None:
    """Over all stored days; None where no day tells it."""
    days = TrafficDay.objects.filter(repository=repository)
    return whole_number(days.aggregate(total=Sum(figure))["total"])


def _unique_visitors(repository: TrackedRepository) -> int | None:
    """GitHub's own figure of its 14 days: daily ones have no meaningful sum."""
    newest = (
        TrafficDay.objects.filter(repository=repository, window_unique_visitors__isnull=False)
        .order_by("-date")
        .first()
    )
    return newest.window_unique_visitors if newest else None


def _downloads(repository: TrackedRepository) -> int | None:
    """The present counters of all releases; without a release 0, once GitHub was asked."""
    total = whole_number(repository.releases.aggregate(total=Sum("downloads"))["total"])
    return 0 if total is None and repository.releases_since is not None else total


def _stars(repository: TrackedRepository) -> int | None:
    newest = repository.facts.filter(stars__isnull=False).order_by("-date").first()
    return newest.stars if newest else None


# The label and the figure of each metric, by its name in the address.
METRICS: dict[str, tuple[str, Callable[[TrackedRepository], int | None]]] = {
    "views": ("views", _views),
    "unique-visitors": ("unique visitors, 14 days", _unique_visitors),
    "clones": ("clones", _clones),
    "downloads": ("downloads", _downloads),
    "stars": ("stars", _stars),
}
