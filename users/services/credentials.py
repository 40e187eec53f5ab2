"""Checking a name and a password."""

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, check_password, make_password

from config.errors import NotAuthenticated
from users.models import User


class WrongCredentials(NotAuthenticated):
    """One answer for an unknown name, a wrong password and an inactive account."""

    code = "wrong_credentials"
    message = "Name or password is wrong."


def user_with_credentials(
    *, password: str, username: str | None = None, email: str | None = None
) -> User | None:
    """The active user whom both belong to; `username` may hold an email address.

    Takes the time of one password hash whatever the outcome: Django hashes for an unusable
    password too. An old hash is replaced by one with today's parameters.
    """
    user = _find(username=username, email=email)

    def rehash(raw_password: str) -> None:
        if user is not None:
            # Only what was compared is replaced, not a password that was changed meanwhile.
            old_hash, user.password = user.password, make_password(raw_password)
            User.objects.filter(pk=user.pk, password=old_hash).update(password=user.password)

    stored = user.password if user else UNUSABLE_PASSWORD_PREFIX
    if not check_password(password, stored, setter=rehash) or user is None:
        return None
    return user if user.is_active else None


def require_credentials(
    *, password: str, username: str | None = None, email: str | None = None
) -> User:
    """Raises WrongCredentials unless they belong to an active user."""
    user = user_with_credentials(username=username, email=email, password=password)
    if user is None:
        raise WrongCredentials
    return user


def _find(*, username: str | None, email: str | None) -> User | None:
    users = User.objects.all()
    if username:
        users = (
            User.objects.with_email(username)
            if "@" in username
            else User.objects.with_username(username)
        )
    if email:
        users = users & User.objects.with_email(email)
    return users.first() if username or email else None
