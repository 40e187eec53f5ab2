"""The one entry of the crontab."""

from django.core.management import call_command


def fetch_traffic() -> None:
    """The command locks, records and reports by itself."""
    call_command("fetch_traffic")
