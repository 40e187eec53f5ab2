import errno
import socket
import sys

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from core.models import close_all_connections
from operations.serving.supervisor import Supervisor, web_command, worker_command


class Command(BaseCommand):
    help = "Prepare the installation, then run web server and background worker until told to stop."

    def handle(self, *args: object, **options: object) -> None:
        refuse_busy_port(settings.HOST, settings.PORT)
        call_command("setup", stdout=self.stdout)
        close_all_connections()
        address = f"http://{settings.HOST}:{settings.PORT}"
        self.stdout.write(
            f"Foyer on {address} (API: {address}/docs, staff: {address}/admin/). Ctrl-C stops it."
        )
        self.stdout.flush()
        programs = {"web": web_command(), "worker": worker_command()}
        sys.exit(Supervisor(programs).run())


def refuse_busy_port(host: str, port: int) -> None:
    """The web server would share a port with a second one of its kind, without a word."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise CommandError(_reason(error, host, port)) from None


def _reason(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} of {host} is in use. Choose another one: PORT={port + 1} make run."
        case errno.EACCES:
            return f"Port {port} is reserved for root. Choose one above 1023: PORT=8000 make run."
        case errno.EADDRNOTAVAIL:
            return f"HOST={host} is no address of this machine."
        case _:
            return f"Port {port} of {host} cannot be opened: {error.strerror}."
