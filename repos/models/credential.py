"""A user's own GitHub token."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.encryption import EncryptedTextField


class GitHubCredential(models.Model):
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="github_credential"
    )
    encrypted = EncryptedTextField(editable=False)
    stored_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="As GitHub said with its last response."
    )

    class Meta:
        verbose_name = "GitHub credential"

    def __str__(self) -> str:
        return f"GitHub credential of {self.user}"
