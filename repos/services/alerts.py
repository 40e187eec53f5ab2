"""Mails that warn before traffic is lost: which are due, and that each is sent once a week."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from core.exceptions import ValidationFailed
from core.tasks.enqueueing import enqueue_on_commit
from repos.fetching.services import EXPIRY_NOTICE
from repos.models import (
    AlertCause,
    AlertPreference,
    GitHubCredential,
    SentAlert,
    TrackedRepository,
)
from repos.selectors import fetched_repositories, loss_warning, not_fetched_since
from repos.tasks import send_alert
from repos.traffic.merging import COVERED_DAYS
from users.models import User

FAILED_DAYS = 3
LOSS_NOTICE_DAYS = 5
REPEAT_AFTER = timedelta(days=7)
# Names in one mail; more are counted.
_MAX_NAMES = 20
_BATCH = 500

Due = dict[int, list[str]]


class AddressNotVerified(ValidationFailed):
    code = "email_not_verified"
    attr = "email"
    message = (
        "Alerts are mailed to a verified address only. Verify yours with POST /auth/email/verify."
    )


def set_email_alerts(*, user: User, email: bool) -> None:
    """Raises AddressNotVerified for switching them on."""
    if email and not (user.email and user.email_verified):
        raise AddressNotVerified
    AlertPreference.objects.update_or_create(user=user, defaults={"email": email})


def queue_due_alerts(*, now: datetime) -> None:
    """Queue the mails that are due at the end of a run."""
    due: dict[AlertCause, Due] = {
        AlertCause.CREDENTIAL_EXPIRES: _expiring(now),
        AlertCause.FETCHES_FAIL: _failing(),
        AlertCause.DAYS_LOST: _losing_days(now),
    }
    for cause, users in due.items():
        for user_id, lines in users.items():
            # Of two runs at once the other claimed it; or the account was deleted.
            with suppress(IntegrityError):
                _queue(user_id, cause, lines, now=now)


def _queue(user_id: int, cause: AlertCause, lines: list[str], *, now: datetime) -> None:
    """In one transaction with the claim: a mail is queued once, whatever else runs."""
    with transaction.atomic():
        if _claim(user_id, cause, now=now):
            enqueue_on_commit(send_alert, user_id, cause.value, lines)


def _claim(user_id: int, cause: AlertCause, *, now: datetime) -> bool:
    """False when a mail of this cause was sent to the user less than a week ago."""
    sent = SentAlert.objects.filter(user_id=user_id, cause=cause)
    if sent.filter(sent_at__lte=now - REPEAT_AFTER).update(sent_at=now):
        return True
    if sent.exists():
        return False
    SentAlert.objects.create(user_id=user_id, cause=cause, sent_at=now)
    return True


# Alerts are on unless they were switched off.
_WANTS_MAIL = Q(user__is_active=True, user__email_verified=True, user__email__isnull=False) & (
    Q(user__alert_preference__isnull=True) | Q(user__alert_preference__email=True)
)


def _expiring(now: datetime) -> Due:
    """The moment, and a second line where it has passed."""
    rows = GitHubCredential.objects.filter(
        _WANTS_MAIL, expires_at__lte=now + EXPIRY_NOTICE
    ).values_list("user_id", "expires_at")
    return {
        user_id: [f"{expires_at:%Y-%m-%d %H:%M} UTC", *(["expired"] if expires_at <= now else [])]
        for user_id, expires_at in rows
        if expires_at is not None
    }


def _fetched() -> QuerySet[TrackedRepository]:
    return fetched_repositories().filter(_WANTS_MAIL).order_by("user_id", "key")


def _failing() -> Due:
    rows = _fetched().filter(failed_days__gte=FAILED_DAYS)
    return _by_user(
        (row.user_id, f"{row.full_name}: {row.last_error}") for row in rows.iterator(_BATCH)
    )


def _losing_days(now: datetime) -> Due:
    """Those whose first day is lost in LOSS_NOTICE_DAYS days or less."""
    day = now.date() - timedelta(days=COVERED_DAYS - LOSS_NOTICE_DAYS - 1)
    rows = not_fetched_since(_fetched(), datetime.combine(day, time.min, tzinfo=UTC))
    return _by_user(
        (row.user_id, f"{row.full_name}: {loss_warning(row, today=now.date())}")
        for row in rows.iterator(_BATCH)
    )


def _by_user(lines: Iterable[tuple[int, str]]) -> Due:
    found: dict[int, list[str]] = defaultdict(list)
    more: dict[int, int] = defaultdict(int)
    for user_id, line in lines:
        if len(found[user_id]) < _MAX_NAMES:
            found[user_id].append(line)
        else:
            more[user_id] += 1
    for user_id, count in more.items():
        found[user_id].append(f"and {count} more")
    return found
