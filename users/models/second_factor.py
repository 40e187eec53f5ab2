"""Second factors: time-based codes of an authenticator app, and codes for when it is lost."""

from django.db import models

from core.encryption import EncryptedTextField
from users.models.user import User


class SecondFactor(models.Model):
    """The secret that an account shares with an authenticator app (RFC 6238)."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="second_factor"
    )
    secret = EncryptedTextField(editable=False)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(
        null=True, help_text="When its owner first gave a code; until then it is not asked for."
    )
    # The number of the 30 seconds whose code was used last: no code works twice.
    last_used_step = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"second factor of {self.user_id}"


class RecoveryCode(models.Model):
    """Stands in for a code of the app, once; a used one has no row."""

    second_factor = models.ForeignKey(
        SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    code_hash = models.CharField(max_length=128, editable=False)

    def __str__(self) -> str:
        return f"recovery code of {self.second_factor_id}"
