from importlib import import_module

from django.apps import AppConfig


class PlaySessionsConfig(AppConfig):
    name = "playsessions"
    verbose_name = "play sessions"

    def ready(self) -> None:
        import_module("playsessions.personal_data")
