"""Mails that warn before traffic is lost."""

from django.conf import settings
from django.db import models


class AlertCause(models.TextChoices):
    CREDENTIAL_EXPIRES = "credential_expires", "the GitHub token expires"
    FETCHES_FAIL = "fetches_fail", "three daily fetches failed"
    DAYS_LOST = "days_lost", "days will be lost"


class AlertPreference(models.Model):
    """No row: mails are on when the address is verified."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alert_preference"
    )
    email = models.BooleanField()

    def __str__(self) -> str:
        return f"alerts of {self.user}"


class SentAlert(models.Model):
    """When a user was last warned of a cause: once a week is enough."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="sent_alerts",
        # The unique constraint below begins with it.
        db_index=False,
    )
    cause = models.CharField(max_length=18, choices=AlertCause.choices)
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("user", "cause"), name="repos_one_alert_per_cause"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_cause_display()}"
