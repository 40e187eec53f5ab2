import sys

from django.core.management import call_command
from django.core.management.base import BaseCommand

from core.models import close_all_connections
from operations.serving.listening import base_url, require_free_port
from operations.serving.supervisor import Supervisor, web_command, worker_command


class Command(BaseCommand):
    help = "Prepare the installation, then run web server and background worker until told to stop."

    def handle(self, *args: object, **options: object) -> None:
        require_free_port(shared=False)
        call_command("setup", stdout=self.stdout)
        close_all_connections()
        address = base_url()
        self.stdout.write(
            f"Foyer on {address} (API: {address}/docs, staff: {address}/admin/). Ctrl-C stops it."
        )
        self.stdout.flush()
        programs = {"web": web_command(), "worker": worker_command()}
        sys.exit(Supervisor(programs).run())
