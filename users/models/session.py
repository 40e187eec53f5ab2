"""A log-in that lasts. Every JWT names its session and dies with it."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import models

from users.models.user import User


class Session(models.Model):
    """A live session; one that has ended has no row.

    The newest refresh token is kept as its claims, never as a string: signing the same claims
    again gives the same token.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="sessions", db_index=False
    )
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True, help_text="When its newest token expires.")
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    # Empty for a session that cannot be refreshed (POST /auth).
    refresh_id = models.CharField(max_length=32, blank=True)
    previous_refresh_id = models.CharField(max_length=32, blank=True)
    refreshed_at = models.DateTimeField(help_text="When its newest tokens were issued.")

    # Set when a token of it is authenticated: until then only a commit can change the outcome.
    valid_until: datetime | None = None

    class Meta:
        indexes = [
            models.Index(fields=["user", "-created_at"], name="sessions_of_user"),
            # Everybody's, for the admin.
            models.Index(fields=["created_at", "id"], name="sessions_newest"),
        ]

    def __str__(self) -> str:
        return f"session of {self.user_id} since {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_renewable(self) -> bool:
        return bool(self.refresh_id)

    @property
    def ends_at(self) -> datetime:
        """The last moment a refresh can prolong it to."""
        return self.created_at + settings.SESSION_LIFETIME
