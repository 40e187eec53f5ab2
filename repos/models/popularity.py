"""GitHub's lists of referrers and popular paths, as they were day by day."""

from django.db import models

from repos.models.tracked_repository import TrackedRepository


class PopularityKind(models.TextChoices):
    REFERRERS = "referrers"
    PATHS = "paths"


class PopularitySnapshot(models.Model):
    """One list, the same on every day from `first_date` to `last_date` (UTC, both included).

    Most repositories are quiet: days on which nothing changed share a row.
    """

    repository = models.ForeignKey(
        TrackedRepository, on_delete=models.CASCADE, related_name="snapshots", db_index=False
    )
    kind = models.CharField(max_length=9, choices=PopularityKind.choices)
    first_date = models.DateField()
    last_date = models.DateField()
    # As the API shows them, GitHub's order kept.
    entries = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("repository", "kind", "first_date"), name="repos_one_snapshot_per_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} from {self.first_date} to {self.last_date}"
