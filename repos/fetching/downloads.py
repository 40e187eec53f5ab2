"""Downloads per day, from the growth of GitHub's counters."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import F

from repos.github import AssetCounter, ReleaseCounters
from repos.models import DownloadDay, Release, ReleaseAsset, TrackedRepository

_BATCH = 500


def store_releases(
    repository: TrackedRepository, releases: Iterable[ReleaseCounters] | None, *, today: date
) -> None:
    """`releases` None: unchanged. Call it with the repository locked.

    Each asset's counter counts on its own: the first fetch counts nothing, a new asset counts from
    0, and one that is gone takes nothing away.
    """
    stored = dict(repository.assets.values_list("github_id", "downloads"))
    assets: list[AssetCounter] = []
    if releases is not None:
        releases = list(releases)
        assets = [asset for release in releases for asset in release.assets]
        _replace_releases(repository, releases)
    growth = _store_counters(repository, assets, stored)
    since = repository.releases_since
    if since is None:
        repository.releases_since = today
    elif growth or (today > since and stored):
        # On the first day no row of zeros: it would tell how often it was fetched.
        _add_to_day(repository, today, growth)


def _store_counters(
    repository: TrackedRepository, assets: list[AssetCounter], stored: Mapping[int, int]
) -> int:
    """By how much the counters grew."""
    grown = {
        asset.github_id: asset.downloads
        for asset in assets
        if asset.downloads > stored.get(asset.github_id, -1)
    }
    ReleaseAsset.objects.bulk_create(
        [
            ReleaseAsset(repository=repository, github_id=github_id, downloads=downloads)
            for github_id, downloads in grown.items()
        ],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["repository", "github_id"],
        update_fields=["downloads"],
    )
    return sum(downloads - stored.get(github_id, 0) for github_id, downloads in grown.items())


def _replace_releases(repository: TrackedRepository, releases: list[ReleaseCounters]) -> None:
    stored = {one.github_id: one for one in repository.releases.all()}
    if gone := stored.keys() - {one.github_id for one in releases}:
        repository.releases.filter(github_id__in=gone).delete()
    listed = [
        Release(
            repository=repository,
            github_id=one.github_id,
            tag=one.tag,
            name=one.name,
            published_at=one.published_at,
            downloads=one.downloads,
        )
        for one in releases
    ]
    columns = ["tag", "name", "published_at", "downloads"]

    def is_new(release: Release) -> bool:
        before = stored.get(release.github_id)
        return before is None or any(
            getattr(before, column) != getattr(release, column) for column in columns
        )

    Release.objects.bulk_create(
        list(filter(is_new, listed)),
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["repository", "github_id"],
        update_fields=columns,
    )


def _add_to_day(repository: TrackedRepository, today: date, growth: int) -> None:
    day = DownloadDay.objects.filter(repository=repository, date=today)
    if not day.update(downloads=F("downloads") + growth):
        DownloadDay.objects.create(repository=repository, date=today, downloads=growth)
