from django.core.management.base import BaseCommand

from operations.serving import server as web_server


class Command(BaseCommand):
    help = "Run the web server alone, as systemd and containers do."

    def handle(self, *args: object, **options: object) -> None:
        web_server.serve()
