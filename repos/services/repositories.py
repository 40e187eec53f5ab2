"""Following and unfollowing repositories."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from core.models import full_clean_and_save
from repos.github_urls import parse_repository_url
from repos.models import Repository
from users.models import User


def follow_repository(
    *, user: User, url: str, now: datetime, fetch_later: Callable[[int], object]
) -> Repository:
    """Keep the traffic of the repository at `url` from now on.

    `fetch_later` gets the primary key once the row is there to be found; when the queue is broken
    the entry stands, and the daily run fetches it. Raises NotARepositoryUrl, and ValidationError
    when `user` follows it already.
    """
    name = parse_repository_url(url)
    repository = Repository(
        user=user, owner=name.owner, name=name.name, key=name.key, created_at=now
    )
    with transaction.atomic():
        full_clean_and_save(repository)
        transaction.on_commit(lambda: fetch_later(repository.pk), robust=True)
    return repository


def unfollow_repository(*, repository: Repository) -> None:
    """Delete the entry and everything that belongs to it."""
    repository.delete()
