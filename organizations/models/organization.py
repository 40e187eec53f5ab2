"""Organizations."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from core.models import ConstraintFieldErrorsMixin, DerivedFieldsMixin
from core.text import comparison_key


class JoinPolicy(models.TextChoices):
    OPEN = "open"
    INVITATION = "invitation"


class Organization(ConstraintFieldErrorsMixin, DerivedFieldsMixin):
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=600, editable=False, help_text="See core.text.")
    description = models.CharField(max_length=2000, blank=True)
    join = models.CharField(
        max_length=10,
        choices=JoinPolicy.choices,
        default=JoinPolicy.OPEN,
        db_default=JoinPolicy.OPEN,
        help_text="Who may join: everybody, or only who was invited.",
    )
    # Counted by the database itself (migration 0007), whoever adds or deletes memberships.
    member_count = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # Who created it, for the admin; who may change it are its owners. Null once that account is
    # deleted.
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="created_organizations",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    # Cut: what is longer than this differs before.
    derived_fields = {"name_key": lambda organization: comparison_key(organization.name)[:600]}
    constraint_fields: ClassVar[dict[str, str]] = {"name_taken": "name"}

    class Meta:
        # Where they stand in a list of their own: without it PostgreSQL answers in any order.
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["name_key"],
                name="organizations_name_unique",
                violation_error_code="name_taken",
                violation_error_message="An organization with this name exists already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
