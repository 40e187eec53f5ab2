"""Following and unfollowing owners on GitHub."""

from datetime import datetime

from django.db import transaction

from core.models import full_clean_and_save
from core.tasks.enqueueing import enqueue_on_commit
from repos.github_urls import parse_owner_url
from repos.models import FollowedOwner
from repos.selectors import owner_of
from repos.tasks import fetch_owner
from users.locking import lock_account
from users.models import User


def follow_owner(*, user: User, url: str, forks: bool, now: datetime) -> FollowedOwner:
    """Follow every repository of the owner at `url` that the credential may push to; the list is
    read at once in the background, and by every run.

    Raises NotAnOwnerUrl, and ValidationError when `user` follows it already.
    """
    login = parse_owner_url(url)
    owner = FollowedOwner(user=user, login=login, key=login.lower(), forks=forks, created_at=now)
    with transaction.atomic():
        lock_account(user.pk)
        full_clean_and_save(owner)
        enqueue_on_commit(fetch_owner, owner.pk)
    return owner


def unfollow_owner(*, user: User, owner_id: str) -> bool:
    """Its repositories stay. False when `user` follows no owner with this id."""
    owner = owner_of(user, owner_id)
    if owner is None:
        return False
    _, deleted = FollowedOwner.objects.filter(pk=owner.pk).delete()
    return bool(deleted.get(FollowedOwner._meta.label))
