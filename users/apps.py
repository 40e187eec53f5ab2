from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils import timezone


def _note_log_in(user: Any, **_: Any) -> None:
    """In the admin. Not by save(), as Django does it: that fails for an account that was deleted
    since its password was looked at, and puts back the names that a search finds it by."""
    type(user)._base_manager.filter(pk=user.pk).update(last_login=timezone.now())


class UsersConfig(AppConfig):
    name = "users"

    def ready(self) -> None:
        # It hears of every change of a user or session, in commands and tasks as well.
        import_module("users.sessions.cache")
        import_module("users.export.declarations")
        # In the place of Django's, which comes later and finds its name taken.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
        user_logged_in.connect(_note_log_in, dispatch_uid="update_last_login")
        # Registers itself with drf-spectacular.
        import_module("users.openapi")
