"""What each run of the fetcher did, in words."""

from django.db import models

from repos.models.tracked_repository import TrackedRepository


class FetchTrigger(models.TextChoices):
    COMMAND = "command", "manage.py fetch_traffic"
    CREATION = "creation", "a new repository"
    OWNER = "owner", "a followed owner"
    ADMIN = "admin", "fetch now, in the admin"


class FetchStatus(models.TextChoices):
    FETCHED = "fetched"
    FAILED = "failed"
    DEFERRED = "left", "left for the next run"


class FetchRun(models.Model):
    """`ended_at` is null while it runs, and stays so when it was killed."""

    trigger = models.CharField(max_length=8, choices=FetchTrigger.choices)
    started_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # Of tracked repositories; several of them may be one repository of GitHub.
    fetched_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    deferred_count = models.PositiveIntegerField(default=0)
    request_count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "fetch"
        verbose_name_plural = "fetches"

    def __str__(self) -> str:
        return f"{self.get_trigger_display()}, {self.started_at:%Y-%m-%d %H:%M} UTC"


class FetchOutcome(models.Model):
    run = models.ForeignKey(FetchRun, on_delete=models.CASCADE, related_name="outcomes")
    repository = models.ForeignKey(
        TrackedRepository, on_delete=models.CASCADE, related_name="fetch_outcomes"
    )
    result = models.CharField(max_length=7, choices=FetchStatus.choices)
    message = models.TextField(blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.repository}: {self.result}"
