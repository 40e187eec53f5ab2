"""GitHub's weekly figures: the only source of true weekly visitors."""

from django.db import models

from repos.models.tracked_repository import TrackedRepository


class TrafficWeek(models.Model):
    """A week that GitHub listed. Figures are merged by the maximum and never fall.

    Null: neither GitHub nor a file has this figure.
    """

    repository = models.ForeignKey(
        TrackedRepository, on_delete=models.CASCADE, related_name="weeks", db_index=False
    )
    week = models.DateField(help_text="Its Monday (UTC).")
    views = models.PositiveBigIntegerField(null=True, blank=True)
    unique_visitors = models.PositiveBigIntegerField(null=True, blank=True)
    clones = models.PositiveBigIntegerField(null=True, blank=True)
    unique_cloners = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("repository", "week"), name="repos_one_row_per_week"),
        ]

    def __str__(self) -> str:
        return f"week of {self.week}"
