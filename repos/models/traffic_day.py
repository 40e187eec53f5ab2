"""The history: one row for each day (UTC) that a fetch or an import covered."""

from django.db import models

from repos.models.tracked_repository import TrackedRepository
from repos.traffic.merging import DayFigures


class TrafficDay(models.Model):
    """No row: never collected. Zeros: nobody came. Not complete: the figures may be too low.
    Null: an imported file has the other figures of the day, but not this one.

    Figures are merged by the maximum (`repos.traffic.merging`) and never fall. The other columns
    are what GitHub said on this day; the last fetch of the day counts.
    """

    repository = models.ForeignKey(
        TrackedRepository,
        on_delete=models.CASCADE,
        related_name="days",
        # The unique constraint below begins with it.
        db_index=False,
    )
    date = models.DateField()
    views = models.PositiveBigIntegerField(null=True, blank=True)
    unique_visitors = models.PositiveBigIntegerField(null=True, blank=True)
    clones = models.PositiveBigIntegerField(null=True, blank=True)
    unique_cloners = models.PositiveBigIntegerField(null=True, blank=True)
    complete = models.BooleanField(default=False)

    # GitHub's totals of its 14 days up to this one: each person is counted once over them.
    window_views = models.PositiveBigIntegerField(null=True, blank=True)
    window_unique_visitors = models.PositiveBigIntegerField(null=True, blank=True)
    window_clones = models.PositiveBigIntegerField(null=True, blank=True)
    window_unique_cloners = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("repository", "date"), name="repos_one_row_per_day"),
        ]

    def __str__(self) -> str:
        return f"{self.date}"

    @property
    def figures(self) -> DayFigures:
        return DayFigures(
            views=self.views,
            unique_visitors=self.unique_visitors,
            clones=self.clones,
            unique_cloners=self.unique_cloners,
            complete=self.complete,
        )
