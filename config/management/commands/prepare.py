import secrets

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from config.one_at_a_time import one_at_a_time
from config.static_files import collect_if_changed
from games.models import Game
from repos.demo import create_demo_traffic
from repos.models import Repository
from repos.services.tokens import issue_share_token
from users.models import User

ADMINISTRATOR = "admin"


class Command(BaseCommand):
    help = (
        "Bring database and static files up to date; on the first run create an administrator and, "
        "unless DEMO=0, load demo data. Safe to repeat."
    )

    def handle(self, *args: object, **options: object) -> None:
        with one_at_a_time():
            self._prepare()

    def _prepare(self) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        if collect_if_changed():
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
        administrator = User.objects.filter(is_superuser=True).order_by("pk").first()
        if administrator is not None and not Repository.objects.exists():
            now = timezone.now()
            create_demo_traffic(user=administrator, now=now)
            token = issue_share_token(user=administrator, now=now)
            self.stdout.write(
                "Demo traffic, made up:"
                f" http://{settings.HOST}:{settings.PORT}/users/{token}/repos (shown this once)."
            )
