"""Users' own GitHub credentials, and which credential serves which repository."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from core import encryption
from repos.github.exceptions import STORING_CALL
from repos.github_tokens import clean_github_token
from repos.models import GitHubCredential
from users.models import User


@dataclass(frozen=True, slots=True)
class Credential:
    """A GitHub token. `may_be_private`: whether it may open private repositories to this user.
    `owners`: whose repositories it is meant for, in lower case; empty: everybody's. `user_id`:
    whose own it is; None for the server's. Equal tokens are one credential."""

    token: str
    may_be_private: bool
    owners: frozenset[str] = frozenset()
    user_id: int | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return "Credential(***)"

    @property
    def fingerprint(self) -> str:
        """What was stored with another fingerprint is asked for again. It differs by
        `may_be_private` and `owners`, so that "unchanged" never stands for "still private" or "of
        an owner that was named then"."""
        limits = [str(self.may_be_private), *sorted(self.owners)]
        return hashlib.sha256(f"{' '.join(limits)} {self.token}".encode()).hexdigest()


class NoCredential(Exception):
    """Nothing may be used for this repository; `message` tells the user what to do."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


def store_github_credential(*, user: User, token: str, now: datetime) -> None:
    """`token` may be as it was pasted. Raises NotAToken."""
    token = clean_github_token(token)
    GitHubCredential.objects.update_or_create(
        user=user,
        defaults={
            "encrypted": encryption.encrypted(token),
            "stored_at": now,
            "expires_at": None,
        },
    )


def remove_github_credential(*, user: User) -> None:
    GitHubCredential.objects.filter(user=user).delete()


def store_expiry(user_ids: Collection[int], expires_at: datetime, *, asked_at: datetime) -> None:
    """When GitHub said that the tokens of these users expire; not for one that was stored after
    `asked_at`."""
    GitHubCredential.objects.filter(user_id__in=user_ids, stored_at__lte=asked_at).update(
        expires_at=expires_at
    )


def credential_for(user: User, *, owner: str) -> Credential:
    """For what `owner` has on GitHub: the user's own, else the server's where its operator allows
    that. Raises NoCredential."""
    own = getattr(user, "github_credential", None)
    if own is not None:
        try:
            return Credential(
                encryption.decrypted(own.encrypted), may_be_private=True, user_id=user.pk
            )
        except encryption.Unreadable as error:
            raise NoCredential(
                "The stored GitHub token can no longer be decrypted, because the server's key"
                f" changed. Store it again with {STORING_CALL}."
            ) from error
    if settings.GITHUB_TOKEN:
        owners = settings.GITHUB_TOKEN_OWNERS
        is_named = owner.lower() in owners
        if is_named or not owners:
            return Credential(settings.GITHUB_TOKEN, may_be_private=is_named, owners=owners)
    raise NoCredential(
        f"There is no GitHub token to read what {owner} has with. Store one that may read traffic"
        f" with {STORING_CALL}."
    )
