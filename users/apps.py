from importlib import import_module

from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "users"

    def ready(self) -> None:
        # It hears of every change of a user or session, in commands and tasks as well.
        import_module("users.sessions.cache")
        import_module("users.export.declarations")
        # Registers itself with drf-spectacular.
        import_module("users.openapi")
