"""Releases, the download counters of their assets, and the downloads of each day."""

from django.db import models

from repos.models.tracked_repository import TrackedRepository


class Release(models.Model):
    """A published release that GitHub listed in the last fetch of the releases."""

    repository = models.ForeignKey(
        TrackedRepository, on_delete=models.CASCADE, related_name="releases", db_index=False
    )
    github_id = models.BigIntegerField()
    tag = models.CharField(max_length=255)
    name = models.CharField(max_length=255, blank=True)
    published_at = models.DateTimeField()
    # The sum of the counters of its assets.
    downloads = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("repository", "github_id"), name="repos_release_once"),
        ]

    def __str__(self) -> str:
        return self.tag


class ReleaseAsset(models.Model):
    """The highest download counter seen of one asset.

    The row outlives the asset on GitHub: an asset that is missing in one fetch and there in the
    next is not counted from 0 again.
    """

    repository = models.ForeignKey(
        TrackedRepository, on_delete=models.CASCADE, related_name="assets", db_index=False
    )
    github_id = models.BigIntegerField()
    downloads = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("repository", "github_id"), name="repos_asset_once"),
        ]

    def __str__(self) -> str:
        return f"asset {self.github_id}"


class DownloadDay(models.Model):
    """By how much the counters of all assets grew, on the date (UTC) of the fetch.

    A row for each day on which the releases were fetched, but for the first, which has nothing to
    compare with.
    """

    repository = models.ForeignKey(
        TrackedRepository, on_delete=models.CASCADE, related_name="download_days", db_index=False
    )
    date = models.DateField()
    downloads = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("repository", "date"), name="repos_one_row_of_downloads_per_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date}"
