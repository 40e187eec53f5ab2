"""Validators of passwords beside Django's own."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from users.models.user import User

MAXIMUM_PASSWORD_LENGTH = 128


class MaximumLengthValidator:
    """At most 128 code points: long enough for any passphrase, short enough to hash in no time."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        if len(password) > MAXIMUM_PASSWORD_LENGTH:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return f"The password must have at most {MAXIMUM_PASSWORD_LENGTH} characters."


def validate_new_password(password: str, user: User, *, attr: str = "password") -> None:
    """Raises ValidationError under `attr` with every rule that the password breaks."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({attr: error.error_list}) from error
