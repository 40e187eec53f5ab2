"""The tables of organizations."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from core.models import ConstraintFieldErrorsMixin
from core.text import casefold_nfkc


class Organization(ConstraintFieldErrorsMixin):
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=600, editable=False, help_text="The name, folded.")
    description = models.CharField(max_length=2000, blank=True)
    # Null once the creator's account is gone: the organization stays, in the care of staff.
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="created_organizations",
    )
    created_at = models.DateTimeField(auto_now_add=True)

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

    def clean(self) -> None:
        self.name_key = casefold_nfkc(self.name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = casefold_nfkc(self.name)
        super().save(*args, **kwargs)
