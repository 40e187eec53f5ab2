"""The token in the addresses of a repository's badges."""

from django.db import models
from django.utils import timezone

from repos.models.tracked_repository import TrackedRepository


class BadgeToken(models.Model):
    """Opens the badges of one repository and nothing else.

    Stored as it is, unlike the other tokens: it stands in a README for everybody to read, and the
    endpoint shows it again.
    """

    repository = models.OneToOneField(
        TrackedRepository, on_delete=models.CASCADE, related_name="badge_token"
    )
    token = models.CharField(max_length=32, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"badge token of {self.repository}"
