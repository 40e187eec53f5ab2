"""The project's own app (commands, checks, templates) and its admin site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.checks import register

from config.checks import sqlite_is_safe


class ConfigAppConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        register(sqlite_is_safe)


class FoyerAdminConfig(AdminConfig):
    default_site = "config.admin_site.FoyerAdminSite"
