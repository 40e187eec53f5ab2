"""The project's own app (commands, checks, templates) and its admin site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.checks import register

from operations.checks import sqlite_is_safe


class OperationsConfig(AppConfig):
    name = "operations"

    def ready(self) -> None:
        register(sqlite_is_safe)


class FoyerAdminConfig(AdminConfig):
    default_site = "operations.admin.site.FoyerAdminSite"
