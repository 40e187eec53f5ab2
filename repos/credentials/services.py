"""Users' own GitHub credentials, and which credential serves which repository."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from core import encryption
from repos.github.exceptions import STORING_CALL
from repos.models import GitHubCredential, TrackedRepository
from users.models import User


@dataclass(frozen=True, slots=True)
class Credential:
    """A GitHub token. `may_be_private`: whether it may open private repositories to this user."""

    token: str
    may_be_private: bool

    def __repr__(self) -> str:
        return "Credential(***)"

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.token.encode()).hexdigest()


class NoCredential(Exception):
    """Nothing may be used for this repository; `sentence` tells its owner what to do."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


def store_github_credential(*, user: User, token: str, now: datetime) -> None:
    GitHubCredential.objects.update_or_create(
        user=user, defaults={"encrypted": encryption.encrypted(token), "stored_at": now}
    )


def remove_github_credential(*, user: User) -> None:
    GitHubCredential.objects.filter(user=user).delete()


def credential_for(repository: TrackedRepository) -> Credential:
    """The user's own, else the server's where its operator allows that. Raises NoCredential."""
    own = getattr(repository.user, "github_credential", None)
    if own is not None:
        try:
            return Credential(encryption.decrypted(own.encrypted), may_be_private=True)
        except encryption.Unreadable as error:
            raise NoCredential(
                "The stored GitHub token can no longer be decrypted, because the server's key"
                f" changed. Store it again with {STORING_CALL}."
            ) from error
    if settings.GITHUB_TOKEN:
        owners = settings.GITHUB_TOKEN_OWNERS
        is_named = repository.owner.lower() in owners
        if is_named or not owners:
            return Credential(settings.GITHUB_TOKEN, may_be_private=is_named)
    raise NoCredential(
        "There is no GitHub token to read this repository with. Store one that may read its traffic"
        f" with {STORING_CALL}."
    )
