"""Counters of events that are limited; see users.throttling.limits."""

from django.db import models


class RateLimit(models.Model):
    """How often something happened in a window of time that began with its first event."""

    key = models.CharField(
        max_length=64, primary_key=True, help_text="Keyed hash of what is counted."
    )
    count = models.PositiveIntegerField()
    ends_at_ms = models.BigIntegerField(
        db_index=True, help_text="End of the window, milliseconds since 1970."
    )

    def __str__(self) -> str:
        return f"{self.count} until {self.ends_at_ms}"
