"""What a run has to ask: each repository of GitHub once per credential, however many follow it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from repos.credentials.services import Credential, NoCredential, credential_for
from repos.github import RepositoryRef
from repos.models import TrackedRepository


@dataclass(frozen=True, slots=True)
class FetchJob:
    """One repository of GitHub and the entries that the answer is for."""

    target: RepositoryRef
    repository_ids: tuple[int, ...]


@dataclass(slots=True)
class CredentialBatch:
    """Everything that is asked with one token, one after the other."""

    credential: Credential
    questions: list[FetchJob] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    works: list[CredentialBatch]
    # Entries that nothing can be asked for, and why.
    refused: list[tuple[TrackedRepository, str]]

    @property
    def entry_count(self) -> int:
        asked = sum(len(one.repository_ids) for work in self.works for one in work.questions)
        return asked + len(self.refused)


def plan_run(repositories: Iterable[TrackedRepository]) -> Plan:
    """The order of `repositories` is kept within each credential."""
    followers: dict[tuple[Credential, str], list[TrackedRepository]] = {}
    refused: list[tuple[TrackedRepository, str]] = []
    for repository in repositories:
        try:
            credential = credential_for(repository)
        except NoCredential as error:
            refused.append((repository, error.message))
        else:
            followers.setdefault((credential, repository.key), []).append(repository)
    works: dict[str, CredentialBatch] = {}
    for (credential, _), entries in followers.items():
        work = works.setdefault(credential.token, CredentialBatch(credential))
        work.questions.append(_question(credential, entries))
    return Plan(list(works.values()), refused)


def _question(credential: Credential, entries: list[TrackedRepository]) -> FetchJob:
    github_ids = {entry.github_id for entry in entries} - {None}
    return FetchJob(
        RepositoryRef(
            name=entries[0].repository_name,
            github_id=github_ids.pop() if len(github_ids) == 1 else None,
            etags=_shared_etags(credential, entries),
            may_be_private=credential.may_be_private,
        ),
        tuple(entry.pk for entry in entries),
    )


def _shared_etags(credential: Credential, entries: list[TrackedRepository]) -> dict[str, str]:
    """Of the bodies that every follower has stored; whoever is new needs the whole body."""
    first, *others = entries
    if any(entry.etags_credential != credential.fingerprint for entry in entries):
        return {}
    return {
        part: etag
        for part, etag in first.etags.items()
        if etag and all(other.etags.get(part) == etag for other in others)
    }
