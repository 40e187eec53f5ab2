"""What the background worker does for repositories."""

import logging

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from repos import selectors
from repos.fetching.services import fetch_repositories
from repos.github import RetryPolicy
from repos.models import FetchTrigger, TrackedRepository

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


@db_periodic_task(crontab(hour="*/6", minute="43"))  # type: ignore[untyped-decorator]  # huey has no types
def warn_of_loss() -> None:
    """Tell the operator when the daily run stays away: what GitHub forgets is lost for good."""
    if overdue := selectors.overdue(now=timezone.now()):
        _log.warning(
            "%d repositories were not fetched for two days or more; days will be lost for good from"
            " %s on. Does `manage.py fetch_traffic` run every day?",
            overdue.count,
            overdue.first_lost,
        )
