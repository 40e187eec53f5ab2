"""A repository of GitHub that a user tracks."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from core.models import ConstraintFieldErrorsMixin
from repos.github_urls import RepositoryName


class TrackedRepository(ConstraintFieldErrorsMixin):
    """Two users who track the same repository of GitHub have a row and a history each: deleting
    one must not touch the other (docs/decisions, history per user)."""

    # What the API calls `id`. The primary key stays a short integer: it stands in every day's row.
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="repositories",
        # The unique constraint below begins with it.
        db_index=False,
    )
    owner = models.CharField(max_length=80)
    name = models.CharField(max_length=100)
    key = models.CharField(max_length=181, db_index=True, help_text="owner/name in lower case")
    created_at = models.DateTimeField()
    is_demo = models.BooleanField(default=False, help_text="Made-up history; never fetched.")

    github_id = models.BigIntegerField(null=True, blank=True, help_text="Survives a rename.")
    archived = models.BooleanField(default=False, help_text="Read-only on GitHub.")
    replaced_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When GitHub was seen to use the name for another repository. Never fetched"
        " again; the history stays, and the name can be followed again.",
    )
    # ETags by request path, of bodies that are stored already, so that GitHub need not send them
    # again. GitHub binds an ETag to the credential: they count only for the one whose SHA-256 this
    # is.
    etags = models.JSONField(default=dict, blank=True)
    etags_credential = models.CharField(max_length=64, blank=True)
    last_fetched_at = models.DateTimeField(null=True, blank=True)
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    # The day on which GitHub's releases were first read: what is new since counts from 0.
    releases_since = models.DateField(null=True, blank=True)
    # Days on which the fetch failed, since the last success: what the alert counts.
    failed_days = models.PositiveSmallIntegerField(default=0)
    last_failed_on = models.DateField(null=True, blank=True)

    constraint_fields: ClassVar[dict[str, str]] = {"repository_exists": "url"}

    class Meta:
        # The name under which the table was made.
        db_table = "repos_repository"
        verbose_name = "repository"
        verbose_name_plural = "repositories"
        constraints = [
            models.UniqueConstraint(
                fields=("user", "key"),
                condition=models.Q(replaced_at__isnull=True),
                name="repos_once_per_user",
                violation_error_code="repository_exists",
                violation_error_message="You follow this repository already.",
            ),
        ]
        indexes = [models.Index(fields=("user", "created_at"), name="repos_of_user")]

    def __str__(self) -> str:
        return f"{self.full_name} (demo)" if self.is_demo else self.full_name

    @property
    def repository_name(self) -> RepositoryName:
        return RepositoryName(self.owner, self.name)

    @property
    def full_name(self) -> str:
        return self.repository_name.full_name

    @property
    def url(self) -> str:
        return self.repository_name.url

    def rename(self, name: RepositoryName) -> None:
        self.owner, self.name, self.key = name.owner, name.name, name.key
