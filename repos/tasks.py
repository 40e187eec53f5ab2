"""What the background worker does for repositories."""

import logging

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from core.tasks.enqueueing import enqueue
from repos import selectors
from repos.fetching.owners import read_owners
from repos.fetching.services import fetch_repositories
from repos.github import RetryPolicy
from repos.models import FetchTrigger, TrackedRepository
from users.mail import send_template_email
from users.models import User

_log = logging.getLogger("foyer.traffic")


# The daily run has more time; the worker must not hang on GitHub for long.
_POLICY = RetryPolicy(attempts=2, slow_attempts=1, job_seconds=20, waiting_seconds=2)


# Behind whatever else the worker has to do, mails above all.
@db_task(priority=-10)  # type: ignore[untyped-decorator]  # huey has no types
def fetch_repository(repository_id: int, trigger: str) -> None:
    """Fetch one repository. What fails is recorded with it; the daily run tries again."""
    repositories = TrackedRepository.objects.select_related("user", "user__github_credential")
    fetch_repositories(
        repositories.filter(pk=repository_id, is_demo=False, replaced_at__isnull=True),
        trigger=FetchTrigger(trigger),
        policy=_POLICY,
        jobs=1,
    )


@db_task(priority=-10)  # type: ignore[untyped-decorator]  # huey has no types
def fetch_owner(owner_id: int) -> None:
    """Read the list of a newly followed owner, and queue what is in it: one by one, so that mails
    need not wait for hundreds of repositories. What fails is recorded; the daily run tries again.
    """
    summary = read_owners(selectors.owners_to_read().filter(pk=owner_id), policy=_POLICY)
    for repository_id in summary.added:
        enqueue(fetch_repository, repository_id, FetchTrigger.OWNER.value)


# A mail server that is down is asked again, for about an hour: 10 s, 20 s, 40 s …
@db_task(retries=8, retry_delay=10, retry_backoff=2)  # type: ignore[untyped-decorator]  # huey has no types
def send_alert(user_id: int, cause: str, lines: list[str]) -> None:
    """To the address that the account has now."""
    user = User.objects.filter(pk=user_id, is_active=True, email_verified=True).first()
    if user is not None and user.email:
        send_template_email(cause, to=user.email, folder="repos/mail", lines=lines)


@db_periodic_task(crontab(hour="*/6", minute="43"))  # type: ignore[untyped-decorator]  # huey has no types
def warn_of_loss() -> None:
    """Tell the operator when the daily run stays away: what GitHub forgets is lost for good."""
    now = timezone.now()
    if overdue := selectors.overdue(now=now):
        _log.warning(
            "%s Does `manage.py fetch_traffic` run every day?",
            overdue.sentence(today=now.date()),
        )
