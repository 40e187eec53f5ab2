"""The newest code for setting a password anew; see users.passwords.services."""

from django.db import models

from users.models.user import User


class PasswordReset(models.Model):
    """One row per address that a code was asked for, whether an account has it or not: what is
    done for a stranger's address then takes the same time."""

    email_hash = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, related_name="password_resets"
    )
    code_hash = models.CharField(max_length=128)
    expires_at = models.DateTimeField(db_index=True)
    # Wrong codes given of late. They outlive the code: a new one brings no new attempts.
    attempts = models.PositiveSmallIntegerField(default=0)
    last_attempt_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"code of {self.user_id} until {self.expires_at:%Y-%m-%d %H:%M}"
