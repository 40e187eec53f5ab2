"""The app of repository traffic."""

from importlib import import_module

from django.apps import AppConfig


class ReposConfig(AppConfig):
    name = "repos"
    verbose_name = "Repository traffic"

    def ready(self) -> None:
        import_module("repos.personal_data")
        # Registers itself with drf-spectacular.
        import_module("repos.openapi")
