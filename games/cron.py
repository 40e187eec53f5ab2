"""The entry of the crontab."""

from django.core.management import call_command


def build_recommendations() -> None:
    call_command("build_recommendations")
