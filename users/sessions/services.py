"""Opening, refreshing and ending sessions."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from core.exceptions import NotAuthenticated, NotFound
from core.models import nowait
from core.tasks.enqueueing import enqueue
from users.models import Session, User
from users.profiles.selectors import live_sessions_of
from users.sessions.cache import session_cache
from users.sessions.credentials import (
    InvalidCredentials,
    authenticate_by_code,
    authenticate_by_password,
)
from users.sessions.known_ips import remember_ip
from users.sessions.selectors import get_active_session
from users.sessions.tokens import InvalidTokenError, read_token, signed_token
from users.tasks import send_log_in_code
from users.throttling.limits import RateLimitKey, hit, network_limit

_log = logging.getLogger("foyer.sessions")

_LONGEST_USER_AGENT = 300
# Not with each request: that would make a write of every read.
_LAST_USE_NOTED_EVERY = timedelta(minutes=1)


class SessionExpired(NotAuthenticated):
    code = "token_not_valid"
    message = "This token is not valid, or its session has ended; log in again."


class NoSuchSession(NotFound):
    message = "You have no session with this id."


@dataclass(frozen=True)
class Device:
    """Where a log-in comes from, for the owner's list of sessions."""

    ip_address: str | None
    user_agent: str


@dataclass(frozen=True)
class TokenPair:
    access: str
    refresh: str


@dataclass(frozen=True)
class SessionToken:
    token: str
    expires_at: datetime


@dataclass(frozen=True)
class Credentials:
    """A password of `username` (which may hold an email address) or `email`, or a `code` that was
    mailed to `email`; `otp` is the second factor."""

    username: str | None = None
    email: str | None = None
    password: str | None = None
    code: str | None = None
    otp: str | None = None


def log_in(credentials: Credentials, *, device: Device, now: datetime) -> TokenPair:
    """A session that lives on by refreshing. Raises what `users.sessions.credentials` raises."""
    user = _authenticate(credentials, device, now)
    # Not `now`: hashing may have waited for its turn.
    return open_session(user=user, device=device, now=timezone.now())


def log_in_for_24_hours(credentials: Credentials, *, device: Device, now: datetime) -> SessionToken:
    """A session with one token. Raises what `users.sessions.credentials` raises."""
    user = _authenticate(credentials, device, now)
    return create_24_hour_session(user=user, device=device, now=timezone.now())


def request_log_in_code(*, email: str, address: str | None, now: datetime) -> None:
    """Have a code mailed to the active account of `email`, if there is one; the worker finds out.
    Raises LimitReached."""
    hit(
        RateLimitKey("log-in code by email", email.lower()),
        network_limit("log-in code by address", address),
        rate=settings.RATE_LIMIT_RESET,
        now=now,
    )
    enqueue(send_log_in_code, email)


def open_session(*, user: User, device: Device, now: datetime) -> TokenPair:
    """A session that lives on by refreshing: 30 days from each refresh, 180 days in all. Raises
    InvalidCredentials when the account was deleted, locked or given another password since `user`
    was read."""
    session = _create(
        user, device, now, lifetime=settings.REFRESH_TOKEN_LIFETIME, refresh_id=uuid4().hex
    )
    return _pair(session, now=now)


def create_24_hour_session(*, user: User, device: Device, now: datetime) -> SessionToken:
    """A session of 24 hours with one token (requirements D4, D9). Raises what `open_session`
    does."""
    session = _create(user, device, now, lifetime=settings.SESSION_TOKEN_LIFETIME, refresh_id="")
    return SessionToken(_access_token(session, now, session.expires_at), session.expires_at)


def rotate_refresh_token(*, refresh: str, now: datetime) -> TokenPair:
    """Exchange a refresh token for its one successor (RFC 9700 §4.14.2). Raises SessionExpired.

    One statement claims the token, so of racing clients one rotates. The others get the same
    successor, and so does a client whose response was lost, however late, until the successor has
    been used itself. A token from before that is a replay, which ends the session.
    """
    try:
        session_id, _, refresh_id, _ = read_token(refresh, "refresh")
    except InvalidTokenError as error:
        raise SessionExpired from error
    session = get_active_session(session_id, now=now)
    if session is None or not session.is_renewable:
        raise SessionExpired

    # Its own columns alone: a condition on the user would become a subquery, which PostgreSQL does
    # not ask again when it has waited for the winner, and so there would be several.
    claimed = Session.objects.filter(pk=session_id, refresh_id=refresh_id).update(
        previous_refresh_id=refresh_id,
        refresh_id=uuid4().hex,
        refreshed_at=now,
        last_used_at=now,
        expires_at=min(_whole_second(now) + settings.REFRESH_TOKEN_LIFETIME, session.ends_at),
    )
    session = get_active_session(session_id, now=now)
    if session is None:
        raise SessionExpired
    if not claimed and refresh_id != session.previous_refresh_id:
        _log.warning(
            "a refresh token was used again; its session is ended",
            extra={"fields": {"user": session.user_id, "session": str(session.pk)}},
        )
        session.delete()
        raise SessionExpired
    return _pair(session, now=now)


def get_session_by_access_token(token: str, *, now: datetime) -> Session:
    """Raises SessionExpired unless the token is an access token of a live session."""
    try:
        session_id, user_id, _, token_expires_at = read_token(token, "access")
    except InvalidTokenError as error:
        raise SessionExpired from error
    look_up = partial(get_active_session, session_id, now=now)
    cache = session_cache()
    session = (
        cache.get(session_id=session_id, user_id=user_id, now=now, look_up=look_up)
        if cache
        else look_up()
    )
    if session is None:
        raise SessionExpired
    if now - session.last_used_at >= _LAST_USE_NOTED_EVERY:
        _touch(session, now)
    session.valid_until = min(
        token_expires_at, session.expires_at, session.last_used_at + _LAST_USE_NOTED_EVERY
    )
    return session


def revoke_session(session: Session) -> None:
    """Of several requests that end one session at once, one ends it; the others, like every later
    one, get SessionExpired."""
    deleted, _ = session.delete()
    if not deleted:
        raise SessionExpired


def revoke_own_session(*, user: User, session_id: UUID, now: datetime) -> None:
    """Raises NoSuchSession unless it is a live session of `user`."""
    deleted, _ = live_sessions_of(user, now=now).filter(pk=session_id).delete()
    if not deleted:
        raise NoSuchSession


def revoke_sessions(*, user: User, keep: Session | None = None) -> None:
    """End all of a user's sessions, or all but one."""
    sessions = Session.objects.filter(user=user)
    (sessions.exclude(pk=keep.pk) if keep else sessions).delete()


def _authenticate(credentials: Credentials, device: Device, now: datetime) -> User:
    if credentials.code is not None:
        return authenticate_by_code(
            email=credentials.email or "",
            code=credentials.code,
            otp=credentials.otp,
            address=device.ip_address,
            now=now,
        )
    return authenticate_by_password(
        username=credentials.username,
        email=credentials.email,
        password=credentials.password or "",
        otp=credentials.otp,
        address=device.ip_address,
        now=now,
    )


def _touch(session: Session, now: datetime) -> None:
    """Not worth waiting for, nor a failure: the database may be locked or read-only."""
    with suppress(DatabaseError), nowait():
        Session.objects.filter(pk=session.pk, last_used_at__lt=now).update(last_used_at=now)
        session.last_used_at = now
    if cache := session_cache():
        cache.renew(session)


def _create(
    user: User, device: Device, now: datetime, *, lifetime: timedelta, refresh_id: str
) -> Session:
    with transaction.atomic():
        # Who set another password or locked the account since it was looked at has ended all its
        # sessions; this one must not come after.
        same = User.objects.filter(pk=user.pk, is_active=True, password=user.password)
        if not same.select_for_update().values_list("pk").first():
            raise InvalidCredentials
        remember_ip(user=user, address=device.ip_address, now=now)
        return Session.objects.create(
            user=user,
            created_at=now,
            last_used_at=now,
            refreshed_at=now,
            expires_at=_whole_second(now) + lifetime,
            ip_address=device.ip_address,
            user_agent=device.user_agent[:_LONGEST_USER_AGENT],
            refresh_id=refresh_id,
        )


def _whole_second(moment: datetime) -> datetime:
    """As tokens carry it: row and token expire together."""
    return moment.replace(microsecond=0)


def _pair(session: Session, *, now: datetime) -> TokenPair:
    """The same tokens for the same session, so that racing clients are none the wiser; only an
    access token that has lived half of its time is issued again."""
    is_recent = now - session.refreshed_at < settings.ACCESS_TOKEN_LIFETIME / 2
    issued_at = session.refreshed_at if is_recent else now
    access_expires_at = min(issued_at + settings.ACCESS_TOKEN_LIFETIME, session.expires_at)
    return TokenPair(
        access=_access_token(session, issued_at, access_expires_at),
        refresh=signed_token(
            "refresh",
            session_id=session.pk,
            user_id=session.user_id,
            issued_at=session.refreshed_at,
            expires_at=session.expires_at,
            token_id=session.refresh_id,
        ),
    )


def _access_token(session: Session, issued_at: datetime, expires_at: datetime) -> str:
    return signed_token(
        "access",
        session_id=session.pk,
        user_id=session.user_id,
        issued_at=issued_at,
        expires_at=expires_at,
        token_id=session.refresh_id or session.pk.hex,
    )
