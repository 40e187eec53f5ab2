"""The public token of a repository's badges."""

from datetime import datetime

from django.db import transaction

from repos.models import BadgeToken, TrackedRepository
from repos.models.token import new_token
from repos.traffic.history import lock_repository


def issue_badge_token(*, repository: TrackedRepository, now: datetime) -> str:
    """The token of `repository`, the same until it is withdrawn. Raises UnknownRepository when it
    was just deleted."""
    with transaction.atomic():
        lock_repository(repository)
        badge, _ = BadgeToken.objects.get_or_create(
            repository=repository,
            defaults={"token": new_token(), "created_at": now},
        )
    return badge.token


def withdraw_badge_token(*, repository: TrackedRepository) -> None:
    """The badges are unknown from now on; caches of others may show them for an hour."""
    BadgeToken.objects.filter(repository=repository).delete()
