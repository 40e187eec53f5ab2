"""Invitations into an organization."""

from django.conf import settings
from django.db import models

from organizations.models.organization import Organization


class Invitation(models.Model):
    """One for each address and organization; its code is a `MailedCode` (users.codes)."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="invitations", db_index=False
    )
    email = models.EmailField(max_length=254)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"], name="organizations_one_invitation_per_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} into {self.organization_id}"
