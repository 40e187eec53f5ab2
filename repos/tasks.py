"""What the background worker does for repositories."""

from huey.contrib.djhuey import db_task

from repos.models import FetchTrigger, Repository
from repos.services.fetching import fetch_repositories


@db_task()  # type: ignore[untyped-decorator]  # huey has no types
def fetch_repository(repository_id: int, trigger: str) -> None:
    """Fetch one entry. What fails is recorded with it; the daily run tries again."""
    repositories = Repository.objects.select_related("user", "user__github_credential")
    fetch_repositories(
        repositories.filter(pk=repository_id, is_demo=False), trigger=FetchTrigger(trigger), jobs=1
    )


def fetch_new_repository(repository_id: int) -> None:
    fetch_repository(repository_id, FetchTrigger.CREATION.value)
