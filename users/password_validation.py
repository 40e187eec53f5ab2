"""Validators of passwords beside Django's own."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError

MAXIMUM_PASSWORD_LENGTH = 128


class MaximumLengthValidator:
    """At most 128 code points: long enough for any passphrase, short enough to hash in no time."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        if len(password) > MAXIMUM_PASSWORD_LENGTH:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return f"The password must have at most {MAXIMUM_PASSWORD_LENGTH} characters."
