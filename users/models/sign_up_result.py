"""Results of sign-ups that came with an `Idempotency-Key`; see users.signup.idempotency."""

from django.conf import settings
from django.db import models

from core.encryption import EncryptedTextField


class SignUpResult(models.Model):
    """One key at one endpoint. Without a response yet, the first request is being carried out."""

    key_hash = models.CharField(
        max_length=64, primary_key=True, help_text="Keyed hash of the endpoint and the key."
    )
    body_hash = models.CharField(max_length=64, help_text="Keyed hash of the first body.")
    # Deleting an account deletes what was answered about it.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    response = EncryptedTextField(blank=True, default="", help_text="Encrypted.")
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"result until {self.expires_at:%Y-%m-%d %H:%M}"
