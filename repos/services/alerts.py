"""Mails that warn before traffic is lost: which are due, and that each is sent once a week."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

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
from repos.selectors import loss_warning
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
    message = (
        "Alerts are mailed to a verified address only. Verify yours with POST /auth/email/verify."
    )


def set_email_alerts(*, user: User, email: bool) -> None:
    """Raises AddressNotVerified for switching them on."""
    if email and not has_verified_email(user):
        raise AddressNotVerified(attr="email")
    AlertPreference.objects.update_or_create(user=user, defaults={"email": email})


def has_verified_email(user: User) -> bool:
    return bool(user.email) and user.email_verified


def queue_due_alerts(*, now: datetime) -> int:
    """Queue the mails that are due at the end of a run; how many there are."""
    due: dict[AlertCause, Due] = {
        AlertCause.CREDENTIAL_EXPIRES: _expiring(now),
        AlertCause.FETCHES_FAIL: _failing(),
        AlertCause.DAYS_LOST: _losing_days(now),
    }
    return sum(
        _queue(user_id, cause, lines, now=now)
        for cause, users in due.items()
        for user_id, lines in users.items()
    )


def _queue(user_id: int, cause: AlertCause, lines: list[str], *, now: datetime) -> bool:
    """False when the user was told less than a week ago. In one transaction with the claim: a mail
    is queued once, whatever else runs."""
    with transaction.atomic():
        if not _claim(user_id, cause, now=now):
            return False
        enqueue_on_commit(send_alert, user_id, cause.value, lines)
    return True


def _claim(user_id: int, cause: AlertCause, *, now: datetime) -> bool:
    told = SentAlert.objects.filter(user_id=user_id, cause=cause)
    if told.filter(sent_at__lte=now - REPEAT_AFTER).update(sent_at=now):
        return True
    if told.exists():
        return False
    try:
        with transaction.atomic():
            SentAlert.objects.create(user_id=user_id, cause=cause, sent_at=now)
    except IntegrityError:
        return False  # another run, or the account was deleted
    return True


def _wants_mail(prefix: str = "user__") -> Q:
    return Q(
        **{
            f"{prefix}is_active": True,
            f"{prefix}email_verified": True,
            f"{prefix}email__isnull": False,
        }
    ) & (
        Q(**{f"{prefix}alert_preference__isnull": True})
        | Q(**{f"{prefix}alert_preference__email": True})
    )


def _expiring(now: datetime) -> Due:
    rows = GitHubCredential.objects.filter(
        _wants_mail(), expires_at__lte=now + EXPIRY_NOTICE
    ).values_list("user_id", "expires_at")
    return {
        user_id: [f"{expires_at:%Y-%m-%d %H:%M} UTC"]
        for user_id, expires_at in rows
        if expires_at is not None
    }


def _fetched() -> QuerySet[TrackedRepository]:
    return TrackedRepository.objects.filter(
        _wants_mail(), is_demo=False, replaced_at__isnull=True
    ).order_by("user_id", "key")


def _failing() -> Due:
    rows = _fetched().filter(failed_days__gte=FAILED_DAYS)
    return _by_user(
        (row.user_id, f"{row.full_name}: {row.last_error}") for row in rows.iterator(_BATCH)
    )


def _losing_days(now: datetime) -> Due:
    """Those whose first day is lost in LOSS_NOTICE_DAYS days or less."""
    day = now.date() - timedelta(days=COVERED_DAYS - LOSS_NOTICE_DAYS - 1)
    rows = (
        _fetched()
        .filter(archived=False)
        .annotate(since=Coalesce("last_fetched_at", "created_at"))
        .filter(since__lt=datetime.combine(day, time.min, tzinfo=UTC))
    )
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
