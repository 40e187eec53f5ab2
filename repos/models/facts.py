"""What GitHub says of the repository itself, day by day."""

from django.db import models

from repos.models.tracked_repository import TrackedRepository

FACTS = ("stars", "forks", "watchers", "open_issues")


class RepositoryFacts(models.Model):
    """As of the last fetch of the day (UTC). Null: GitHub did not say."""

    repository = models.ForeignKey(
        TrackedRepository, on_delete=models.CASCADE, related_name="facts", db_index=False
    )
    date = models.DateField()
    stars = models.PositiveBigIntegerField(null=True, blank=True)
    forks = models.PositiveBigIntegerField(null=True, blank=True)
    # GitHub's `subscribers_count`; its `watchers_count` repeats the stars.
    watchers = models.PositiveBigIntegerField(null=True, blank=True)
    # Pull requests included, as GitHub counts.
    open_issues = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = "growth"
        verbose_name_plural = "growth"
        constraints = [
            models.UniqueConstraint(
                fields=("repository", "date"), name="repos_one_row_of_facts_per_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date}"
