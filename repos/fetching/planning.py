"""What a run has to ask: each repository of GitHub once per credential, however many users track
it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from repos.credentials.services import Credential, NoCredential, credential_for
from repos.fetching.workers import CredentialBatch
from repos.github import FetchResult, GitHubError, HttpClient, RepositoryClient, RepositoryRef
from repos.models import TrackedRepository


@dataclass(frozen=True, slots=True)
class FetchJob:
    """One repository of GitHub, and the tracked repositories that the result is for."""

    ref: RepositoryRef
    repository_ids: tuple[int, ...]
    credential_fingerprint: str

    def run(self, http: HttpClient) -> FetchResult:
        return RepositoryClient(http, self.ref).fetch()

    def failed(self, http: HttpClient, problem: GitHubError) -> FetchResult:
        return FetchResult(requested_at=http.now, problem=problem)


@dataclass(slots=True)
class Plan:
    batches: list[CredentialBatch[FetchJob]]
    # Those for which there is no credential, and why.
    rejected: list[tuple[TrackedRepository, str]] = field(default_factory=list)

    @property
    def repository_count(self) -> int:
        planned = sum(len(job.repository_ids) for batch in self.batches for job in batch.jobs)
        return planned + len(self.rejected)


def plan_run(repositories: Iterable[TrackedRepository]) -> Plan:
    """The order of `repositories` is kept within each credential."""
    same: dict[tuple[Credential, int | str], list[TrackedRepository]] = {}
    plan = Plan([])
    for repository in repositories:
        try:
            credential = credential_for(repository.user, owner=repository.owner)
        except NoCredential as error:
            plan.rejected.append((repository, error.message))
        else:
            identity = repository.github_id or repository.key
            same.setdefault((credential, identity), []).append(repository)
    batches: dict[str, CredentialBatch[FetchJob]] = {}
    for (credential, _), group in same.items():
        batch = batches.setdefault(credential.token, CredentialBatch(credential.token))
        batch.jobs.append(_job(credential, group))
        if credential.user_id is not None:
            batch.user_ids.update(repository.user_id for repository in group)
    plan.batches = list(batches.values())
    return plan


def _job(credential: Credential, group: list[TrackedRepository]) -> FetchJob:
    return FetchJob(
        RepositoryRef(
            name=group[0].repository_name,
            github_id=group[0].github_id,
            etags=_shared_etags(credential, group),
            may_be_private=credential.may_be_private,
            owners=credential.owners,
        ),
        tuple(repository.pk for repository in group),
        credential.fingerprint,
    )


def _shared_etags(credential: Credential, group: list[TrackedRepository]) -> dict[str, str]:
    """Of the bodies that all of them have stored; a new one needs the whole body."""
    first, *others = group
    if any(one.etags_credential != credential.fingerprint for one in group):
        return {}
    return {
        suffix: etag
        for suffix, etag in first.etags.items()
        if etag and all(other.etags.get(suffix) == etag for other in others)
    }
