from django.apps import AppConfig


class PlaySessionsConfig(AppConfig):
    name = "playsessions"
    verbose_name = "play sessions"
