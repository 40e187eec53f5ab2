"""Codes that were mailed; see users.codes.services."""

from django.db import models

from users.models.user import User


class MailedCode(models.Model):
    """The newest code of one purpose for one address, whether an account has it or not: what is
    done for a stranger's address then takes the same time."""

    purpose = models.CharField(max_length=30)
    subject_hash = models.CharField(max_length=64, help_text="Keyed hash of whom it was mailed to.")
    # What else the code is about, such as the organization of an invitation.
    scope = models.CharField(max_length=40, blank=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="mailed_codes")
    code_hash = models.CharField(max_length=128)
    expires_at = models.DateTimeField(db_index=True)
    # Wrong codes of late. They outlive the code: a new one brings no new attempts.
    attempts = models.PositiveSmallIntegerField(default=0)
    last_attempt_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_hash", "purpose", "scope"], name="users_one_code_per_purpose"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} code of {self.user_id} until {self.expires_at:%Y-%m-%d %H:%M}"
