"""Following and unfollowing repositories."""

from datetime import datetime

from django.db import transaction

from core.models import full_clean_and_save
from core.tasks.enqueueing import enqueue_on_commit
from repos.github_urls import parse_repository_url
from repos.models import (
    FetchTrigger,
    FollowedOwner,
    TrackedRepository,
    UnfollowedRepository,
)
from repos.tasks import fetch_repository
from repos.traffic.history import locked_repository
from users.locking import lock_account
from users.models import User


def follow_repository(*, user: User, url: str, now: datetime) -> TrackedRepository:
    """Store the traffic of the repository at `url` from now on; the first fetch is queued.

    Raises NotARepositoryUrl, and ValidationError when `user` follows it already.
    """
    name = parse_repository_url(url)
    repository = TrackedRepository(
        user=user, owner=name.owner, name=name.name, key=name.key, created_at=now
    )
    with transaction.atomic():
        lock_account(user.pk)
        full_clean_and_save(repository)
        UnfollowedRepository.objects.filter(owner__user=user, key=name.key).delete()
        enqueue_on_commit(fetch_repository, repository.pk, FetchTrigger.CREATION.value)
    return repository


def unfollow_repository(*, repository: TrackedRepository) -> bool:
    """Delete it and everything that belongs to it. False when it was deleted already.

    While its owner is followed it does not come back with the owner's list.
    """
    with transaction.atomic():
        # A fetch that stores days at this instant comes before or after.
        locked_repository(repository.pk)
        owners = FollowedOwner.objects.select_for_update().filter(
            user_id=repository.user_id, key=repository.owner.lower()
        )
        for owner in owners:
            owner.unfollowed.update_or_create(
                key=repository.key, defaults={"github_id": repository.github_id}
            )
        _, deleted = TrackedRepository.objects.filter(pk=repository.pk).delete()
    if repository.github_id is not None:
        # One that was followed under its former name may have the present one now. GitHub tells it
        # only to who does not ask for changes alone. After the transaction: who deletes that one at
        # this instant holds it locked, and would wait for this one.
        TrackedRepository.objects.filter(
            user_id=repository.user_id, github_id=repository.github_id
        ).update(etags={})
    return bool(deleted.get(TrackedRepository._meta.label))
