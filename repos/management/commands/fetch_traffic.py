"""`manage.py fetch_traffic`: the daily run."""

import shutil
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone
from tqdm import tqdm

from core.email_addresses import canonical_email_if_possible
from core.exceptions import ValidationFailed
from core.locks import try_lock
from repos import selectors
from repos.fetching.owners import OwnerSummary, read_owners
from repos.fetching.services import DEFAULT_JOBS, Outcome, Summary, fetch_repositories
from repos.github_urls import parse_repository_url
from repos.models import FetchStatus, FetchTrigger, FollowedOwner, TrackedRepository
from repos.services.alerts import queue_due_alerts


class Command(BaseCommand):
    help = (
        "Fetch the traffic of all followed repositories from GitHub and merge it into their"
        " history. Exits with 1 when a repository failed or was left for the next run, else 0;"
        " when another run is under way, with 0 at once. Safe to repeat and to kill."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repo", metavar="URL", help="only this repository of GitHub")
        parser.add_argument("--user", metavar="EMAIL", help="only repositories of this user")
        parser.add_argument(
            "--jobs",
            metavar="N",
            type=int,
            default=DEFAULT_JOBS,
            help=f"GitHub credentials used in parallel (default {DEFAULT_JOBS});"
            " each is used for one call at a time",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["jobs"] < 1:
            raise CommandError("--jobs must be 1 or more.")
        email = options["user"]
        if email is not None:
            email = canonical_email_if_possible(email)
        repositories = self._chosen(options["repo"], email)
        with try_lock("fetch_traffic") as is_ours:
            if not is_ours:
                self.stdout.write("already running")
                return
            owners = self._read_owners(options["repo"], email, options["jobs"])
            summary = self._run(repositories, options["jobs"], owners.requests)
            # By GitHub's clock, as everything else in a run.
            queue_due_alerts(now=timezone.now() + summary.clock_offset)
        now = timezone.now() + summary.clock_offset
        for warning in (summary.clock_warning, summary.expiry_warning(now=now)):
            if warning:
                self.stderr.write(warning)
        if overdue := selectors.overdue(now=now):
            self.stderr.write(overdue.sentence(today=now.date()))
        if owners.failures or not summary.is_clean:
            sys.exit(1)

    def _chosen(self, url: str | None, email: str | None) -> QuerySet[TrackedRepository]:
        """`email` as it is stored."""
        repositories = selectors.repositories_to_fetch()
        if url is not None:
            try:
                repositories = repositories.filter(key=parse_repository_url(url).key)
            except ValidationFailed as error:
                raise CommandError(error.message) from error
        if email is not None:
            repositories = repositories.filter(user__email=email)
        has_owners = email is not None and self._owners(email).exists()
        is_narrowed = url is not None or email is not None
        if is_narrowed and not (repositories.exists() or has_owners):
            raise CommandError("Nobody follows such a repository; see --repo and --user.")
        return repositories

    def _owners(self, email: str | None) -> QuerySet[FollowedOwner]:
        owners = selectors.owners_to_read()
        return owners if email is None else owners.filter(user__email=email)

    def _read_owners(self, url: str | None, email: str | None, jobs: int) -> OwnerSummary:
        """What is new in their lists is fetched by this run."""
        owners = self._owners(email) if url is None else FollowedOwner.objects.none()
        summary = read_owners(owners, jobs=jobs)
        for login, message in summary.failures:
            self.stderr.write(f"{login}: {message}")
        return summary

    def _run(
        self, repositories: QuerySet[TrackedRepository], jobs: int, requests_before: int
    ) -> Summary:
        started = time.monotonic()
        # tqdm shows nothing where standard error is no terminal; nor on one that does not tell its
        # size, unless it is told one.
        columns, rows = shutil.get_terminal_size()
        with tqdm(
            total=0, unit=" repositories", disable=None, ncols=columns, nrows=rows, file=sys.stderr
        ) as progress:

            def set_total(count: int) -> None:
                progress.total = count
                progress.refresh()

            def show(outcome: Outcome) -> None:
                if outcome.status is not FetchStatus.FETCHED:
                    progress.clear()
                    self.stderr.write(f"{outcome.full_name}: {outcome.message}")
                progress.update(outcome.repositories)

            summary = fetch_repositories(
                repositories,
                trigger=FetchTrigger.COMMAND,
                jobs=jobs,
                on_plan=set_total,
                on_outcome=show,
            )
        requests = requests_before + summary.requests
        self.stdout.write(
            f"{summary.fetched} fetched, {summary.failed} failed, {summary.deferred} left for the"
            f" next run; {requests} requests in {time.monotonic() - started:.1f} s"
        )
        return summary
