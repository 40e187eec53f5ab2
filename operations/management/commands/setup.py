import secrets

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from core.locks import exclusive_lock
from games.demo import create_demo_similar_games
from games.models import Game
from operations.serving.listening import base_url
from operations.static_files import collect_static_if_changed
from repos.demo import create_demo_traffic
from repos.models import TrackedRepository
from repos.services.tokens import issue_share_token
from users.models import User

ADMINISTRATOR = "admin"


class Command(BaseCommand):
    help = (
        "Bring database and static files up to date; on the first run create an administrator and, "
        "unless DEMO=0, load demo data. Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--static-only", action="store_true", help="collect the static files and stop"
        )

    def handle(self, *args: object, static_only: bool, **options: object) -> None:
        if static_only:
            collect_static_if_changed()
            return
        with exclusive_lock("prepare"):
            self._set_up()

    def _set_up(self) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        if collect_static_if_changed():
            self.stdout.write("Static files collected.")
        self._create_administrator()
        if settings.DEMO:
            self._load_demo()

    def _create_administrator(self) -> None:
        if User.objects.filter(is_superuser=True).exists():
            return
        if User.objects.filter(username__iexact=ADMINISTRATOR).exists():
            self.stdout.write("No administrator yet: create one with manage.py createsuperuser.")
            return
        password = secrets.token_urlsafe(15)
        User.objects.create_superuser(username=ADMINISTRATOR, password=password)
        self.stdout.write(
            f"Administrator: {ADMINISTRATOR}, password: {password} (shown this once)."
        )

    def _load_demo(self) -> None:
        """Each domain's own, and only where that domain holds nothing yet."""
        if not Game.objects.exists():
            call_command(
                "import_games",
                settings.BASE_DIR / "games" / "catalogue" / "games.csv",
                stdout=self.stdout,
            )
            create_demo_similar_games()
        administrator = User.objects.filter(is_superuser=True).order_by("pk").first()
        if administrator is not None and not TrackedRepository.objects.exists():
            now = timezone.now()
            create_demo_traffic(user=administrator, now=now)
            token = issue_share_token(user=administrator, now=now)
            self.stdout.write(
                f"Demo traffic, made up: {base_url()}/users/{token}/repos (shown this once)."
            )
