"""Owners on GitHub whose repositories are all followed."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from core.models import ConstraintFieldErrorsMixin


class FollowedOwner(ConstraintFieldErrorsMixin):
    """A user or an organization of GitHub. Each run reads the list of its repositories."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="followed_owners",
        # The unique constraint below begins with it.
        db_index=False,
    )
    login = models.CharField(max_length=80)
    key = models.CharField(max_length=80, help_text="The login in lower case.")
    forks = models.BooleanField(default=False, help_text="Whether forks are followed too.")
    created_at = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    constraint_fields: ClassVar[dict[str, str]] = {"owner_exists": "url"}

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("user", "key"),
                name="repos_owner_once_per_user",
                violation_error_code="owner_exists",
                violation_error_message="You follow this owner already.",
            ),
        ]

    def __str__(self) -> str:
        return self.login

    @property
    def url(self) -> str:
        return f"https://github.com/{self.login}"


class UnfollowedRepository(models.Model):
    """A repository of a followed owner that was deleted by hand, and must not come back."""

    owner = models.ForeignKey(
        FollowedOwner, on_delete=models.CASCADE, related_name="unfollowed", db_index=False
    )
    key = models.CharField(max_length=181, help_text="owner/name in lower case")
    github_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "unfollowed repositories"
        constraints = [
            models.UniqueConstraint(fields=("owner", "key"), name="repos_unfollowed_once"),
        ]

    def __str__(self) -> str:
        return self.key
