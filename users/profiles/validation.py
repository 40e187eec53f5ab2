"""What an account must be, checked in one place for signing up and for edits."""

from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.field_errors import FieldErrors
from users.models import User
from users.models.user import EMAIL_TAKEN, NO_NAME, USERNAME_TAKEN
from users.passwords.validation import validate_new_password
from users.profiles.ages import validate_birthdate

RECOVERY_HINT = " If it is yours, log in, or set a new password with POST /auth/password/reset."


class NameTaken(ValidationError):
    """A name is another account's, maybe beside other errors.

    This tells that such an account exists, so the limit on sign-ups counts it.
    """


def validate_account(
    user: User,
    *,
    fields: Collection[str],
    today: date,
    errors: FieldErrors,
    password: str | None = None,
) -> None:
    """Check `fields` of `user`, bring them into the form in which they are stored, and raise what
    is wrong together with `errors` as one ValidationError, as NameTaken if a name is taken.

    `password` is one to be set. Fields with an error already are left out.
    """
    others = {each.name for each in User._meta.fields} - set(fields)
    with errors.collect():
        user.clean_fields(exclude=others | errors.fields)
    if user.birthdate is not None and "birthdate" in fields:
        with errors.collect():
            validate_birthdate(user.birthdate, today=today)
    if password is not None:
        with errors.collect():
            validate_new_password(password, user)
    if not (user.email or user.username or errors.fields & {"email", "username"}):
        errors.add(None, ValidationError(NO_NAME, code="email_or_username_required"))
    taken = taken_names(user, fields=set(fields) - errors.fields)
    for name, error in taken.items():
        errors.add(name, error)
    try:
        errors.raise_if_any()
    except ValidationError as error:
        if taken:
            raise NameTaken(error.error_dict) from error
        raise


def taken_names(user: User, *, fields: Collection[str]) -> dict[str, ValidationError]:
    """Of the names among `fields`, those that another account has."""
    taken = {}
    # Who signs up may have done so already and lost the response.
    hint = RECOVERY_HINT if user._state.adding else ""
    if "email" in fields and user.email:
        others = User.objects.with_email(user.email).exclude(pk=user.pk)
        if others.exists():
            taken["email"] = ValidationError(EMAIL_TAKEN + hint, code="unique")
    if "username" in fields and user.username:
        others = User.objects.with_username(user.username).exclude(pk=user.pk)
        if others.exists():
            taken["username"] = ValidationError(USERNAME_TAKEN + hint, code="username_taken")
    return taken


def save_account(user: User, *, update_fields: Collection[str] | None = None) -> None:
    """Store a validated account. Raises NameTaken when a race for a name was lost."""
    try:
        with transaction.atomic():
            user.save(update_fields=update_fields)
    except IntegrityError as error:
        # The other row is there to be found now.
        if taken := taken_names(user, fields=("email", "username")):
            raise NameTaken(taken) from error
        raise
