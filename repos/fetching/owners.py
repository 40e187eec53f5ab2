"""Reading the lists of followed owners: what is new is followed from this run on."""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from core.logs.formatter import redact
from repos.credentials.services import NoCredential, credential_for
from repos.fetching.workers import BatchDone, CredentialBatch, run_batches
from repos.github import (
    GitHubError,
    HttpClient,
    ListedRepository,
    OwnerClient,
    OwnerRef,
    RetryPolicy,
)
from repos.models import FollowedOwner, TrackedRepository, UnfollowedRepository
from users.models import User

_log = logging.getLogger("foyer.traffic")


@dataclass(frozen=True, slots=True)
class OwnerList:
    repositories: Sequence[ListedRepository] = ()
    problem: GitHubError | None = None


@dataclass(frozen=True, slots=True)
class OwnerJob:
    """The list of one owner, for those who follow it with the same credential."""

    ref: OwnerRef
    owner_ids: tuple[int, ...]

    def run(self, http: HttpClient) -> OwnerList:
        try:
            return OwnerList(OwnerClient(http, self.ref).repositories())
        except GitHubError as problem:
            return OwnerList(problem=problem)

    def failed(self, http: HttpClient, problem: GitHubError) -> OwnerList:
        return OwnerList(problem=problem)


@dataclass(slots=True)
class OwnerSummary:
    """`added`: primary keys of the repositories that are followed since. `failures`: login and
    message of each owner whose list could not be read."""

    requests: int = 0
    added: list[int] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)


def read_owners(
    owners: Iterable[FollowedOwner],
    *,
    clock: Callable[[], datetime] = timezone.now,
    policy: RetryPolicy | None = None,
    jobs: int = 1,
) -> OwnerSummary:
    """Follow what is new in the lists of `owners`. One owner's failure is its own."""
    summary = OwnerSummary()
    for item in run_batches(_plan(owners, summary, clock()), jobs=jobs, clock=clock, policy=policy):
        if isinstance(item, BatchDone):
            summary.requests += item.request_count
        else:
            for owner_id in item.job.owner_ids:
                _store_safely(owner_id, item.result, summary, now=clock())
    return summary


def _plan(
    owners: Iterable[FollowedOwner], summary: OwnerSummary, now: datetime
) -> list[CredentialBatch[OwnerJob]]:
    same: dict[tuple[str, OwnerRef], list[FollowedOwner]] = {}
    for owner in owners:
        try:
            credential = credential_for(owner.user, owner=owner.login)
        except NoCredential as error:
            _store_failure(owner, error.message, summary, now=now)
        else:
            ref = OwnerRef(owner.key, credential.may_be_private, credential.owners)
            same.setdefault((credential.token, ref), []).append(owner)
    batches: dict[str, CredentialBatch[OwnerJob]] = {}
    for (token, ref), group in same.items():
        job = OwnerJob(ref, tuple(owner.pk for owner in group))
        batches.setdefault(token, CredentialBatch(token)).jobs.append(job)
    return list(batches.values())


def _store_safely(
    owner_id: int, result: OwnerList, summary: OwnerSummary, *, now: datetime
) -> None:
    try:
        with transaction.atomic():
            added = _store(owner_id, result, summary, now=now)
    except Exception:  # noqa: BLE001  # one that cannot be stored must not stop the others
        _log.exception("storing the repositories of owner %s failed", owner_id)
        connection.close_if_unusable_or_obsolete()
        summary.failures.append((f"owner {owner_id}", "The list could not be stored; see the log."))
    else:
        summary.added += added


def _store(owner_id: int, result: OwnerList, summary: OwnerSummary, *, now: datetime) -> list[int]:
    # Their repositories are added here: see `lock_account`.
    User.objects.select_for_update().filter(followed_owners=owner_id).first()
    owner = FollowedOwner.objects.select_for_update().filter(pk=owner_id).first()
    if owner is None:
        return []  # not followed any more
    if result.problem is not None:
        _store_failure(owner, result.problem.message, summary, now=now)
        return []
    _rename(owner, {one.name.owner for one in result.repositories})
    owner.last_read_at, owner.last_error = now, ""
    owner.save(update_fields=["login", "key", "last_read_at", "last_error"])
    new = _new_of(owner, result.repositories)
    TrackedRepository.objects.bulk_create(
        [
            TrackedRepository(
                user_id=owner.user_id,
                owner=one.name.owner,
                name=one.name.name,
                key=one.name.key,
                github_id=one.github_id,
                created_at=now,
            )
            for one in new
        ],
        # Its user may be adding one of them at this instant.
        ignore_conflicts=True,
    )
    return list(
        TrackedRepository.objects.filter(
            user_id=owner.user_id, key__in=[one.name.key for one in new], replaced_at__isnull=True
        ).values_list("pk", flat=True)
    )


def _rename(owner: FollowedOwner, logins: Collection[str]) -> None:
    """GitHub redirects the list of an owner that was renamed."""
    if len(logins) != 1:
        return
    (login,) = logins
    if login.lower() == owner.key:
        return  # as its follower typed it
    taken = FollowedOwner.objects.filter(user_id=owner.user_id, key=login.lower())
    if not taken.exclude(pk=owner.pk).exists():
        owner.login, owner.key = login, login.lower()


def _new_of(owner: FollowedOwner, listed: Iterable[ListedRepository]) -> list[ListedRepository]:
    tracked = TrackedRepository.objects.filter(
        user_id=owner.user_id, replaced_at__isnull=True
    ).values_list("key", "github_id")
    unfollowed = UnfollowedRepository.objects.filter(owner=owner).values_list("key", "github_id")
    known = [*tracked, *unfollowed]
    keys = {key for key, _ in known}
    github_ids = {github_id for _, github_id in known}
    return [
        one
        for one in listed
        if one.github_id not in github_ids
        and one.name.key not in keys
        and (owner.forks or not one.is_fork)
    ]


def _store_failure(
    owner: FollowedOwner, message: str, summary: OwnerSummary, *, now: datetime
) -> None:
    error = redact(message)
    if FollowedOwner.objects.filter(pk=owner.pk).update(last_error=error):
        summary.failures.append((owner.login, error))
