"""The admin's forms that set a password. They do what the API does besides."""

from typing import Any

from django.contrib.admin.forms import AdminPasswordChangeForm as OwnPasswordForm
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.utils import timezone

from users.models import User
from users.passwords.services import store_given_password


class _StoringMixin:
    def save(self, commit: bool = True) -> Any:
        user: User = super().save(commit=False)  # type: ignore[misc]  # Django's
        if commit:
            store_given_password(user=user, now=timezone.now())
        return user


class SetPasswordForm(_StoringMixin, AdminPasswordChangeForm):  # type: ignore[type-arg]  # only in the stubs
    """Staff set somebody's."""


class ChangeOwnPasswordForm(_StoringMixin, OwnPasswordForm):
    """Staff change their own."""
