"""Tokens of the traffic API and of its pages: shown once, kept as digests."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from repos.models import ApiToken, ShareToken
from repos.models.token import digest_of, new_token
from users.models import User
from users.profiles.profile_fields import AccountFields
from users.profiles.validation import NameTaken
from users.signup.services import register
from users.signup.throttle import signup_rate_limit


def sign_up_with_token(
    *,
    ip_address: str | None,
    now: datetime,
    malformed: ValidationError | None = None,
    **fields: Unpack[AccountFields],
) -> tuple[User, str]:
    """A new account that needs no password, and its API token (requirement E1).

    Raises LimitReached, and ValidationError for an email address that is malformed or taken.
    """
    with signup_rate_limit(ip_address, now=now), _recovery_hint(), transaction.atomic():
        user = register(today=now.date(), malformed=malformed, **fields)
        return user, issue_api_token(user=user, now=now)


@contextmanager
def _recovery_hint() -> Iterator[None]:
    """For who lost the response, and the token with it."""
    try:
        yield
    except NameTaken as error:
        message = f"{' '.join(error.messages)} Then POST /api/users/token gives a new API token."
        raise NameTaken({"email": ValidationError(message, code="unique")}) from error


def issue_api_token(*, user: User, now: datetime) -> str:
    """A new API token in place of the old one, which opens nothing any more."""
    return _issue(ApiToken, user, now)


def issue_share_token(*, user: User, now: datetime) -> str:
    """A token that opens the pages of `user` and nothing else, in place of the old one."""
    return _issue(ShareToken, user, now)


def stop_sharing(*, user: User) -> None:
    ShareToken.objects.filter(user=user).delete()


def _issue(kind: type[ApiToken] | type[ShareToken], user: User, now: datetime) -> str:
    token = new_token()
    kind.objects.update_or_create(
        user=user, defaults={"digest": digest_of(token), "created_at": now}
    )
    return token
