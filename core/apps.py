"""The app `core`: its migration creates the task queue's tables on PostgreSQL."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
