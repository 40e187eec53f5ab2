"""Work for the background worker (`manage.py run_worker`)."""

from datetime import datetime

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from users.cleanup import delete_expired
from users.codes.services import (
    EMAIL_CHANGE,
    EMAIL_VERIFICATION,
    LOG_IN,
    PASSWORD_RESET,
    CodeKind,
    code_subject,
    issue_code,
)
from users.locking import AccountDeleted
from users.mail import send_template_email
from users.models import User

# A mail server that is down is asked again, for about an hour: 10 s, 20 s, 40 s …
RETRIES = {"retries": 8, "retry_delay": 10, "retry_backoff": 2}
# People who wait for a code ask again sooner than that. A server that greylists takes the mail of
# an unknown sender after 5 minutes: one of these tries comes 7 minutes after the first.
_RETRIES_OF_A_CODE = {"retries": 8, "retry_delay": 10, "retry_backoff": 1.6}


# Codes are issued here and not when they were asked for: the request then takes the same time for
# every address, and the code itself is never queued. Each retry sends a new one.


@db_task(**_RETRIES_OF_A_CODE)  # type: ignore[untyped-decorator]  # huey has no types
def send_reset_code(email: str) -> None:
    _send_code_of_account(PASSWORD_RESET, email, template="reset_code")


@db_task(**_RETRIES_OF_A_CODE)  # type: ignore[untyped-decorator]  # huey has no types
def send_log_in_code(email: str) -> None:
    _send_code_of_account(LOG_IN, email, template="log_in_code")


@db_task(**_RETRIES_OF_A_CODE)  # type: ignore[untyped-decorator]  # huey has no types
def send_verification_code(user_id: int, email: str) -> None:
    user = User.objects.filter(pk=user_id, email=email, is_active=True).first()
    if user is not None:
        _send_code(
            EMAIL_VERIFICATION,
            email,
            user,
            subject=code_subject(user, email),
            template="verification_code",
        )


@db_task(**_RETRIES_OF_A_CODE)  # type: ignore[untyped-decorator]  # huey has no types
def send_email_change_code(user_id: int, email: str) -> None:
    """No code for an address that another account has verified."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    others = User.objects.with_email(email).exclude(pk=user_id)
    if user is not None and not others.filter(email_verified=True).exists():
        subject = code_subject(user, email)
        _send_code(EMAIL_CHANGE, email, user, subject=subject, template="verification_code")


def _send_code_of_account(kind: CodeKind, email: str, *, template: str) -> None:
    user = User.objects.with_email(email).filter(is_active=True).first()
    _send_code(kind, email, user, subject=email, template=template)


def _send_code(
    kind: CodeKind, email: str, user: User | None, *, subject: str, template: str
) -> None:
    try:
        issued = issue_code(kind, subject=subject, user=user, now=timezone.now())
    except AccountDeleted:
        return  # since it was looked up
    if user is not None:
        send_template_email(
            template,
            to=email.lower(),
            code=issued.code,
            works_from=issued.works_from,
            minutes=int(kind.lifetime.total_seconds() // 60),
        )


@db_task(**RETRIES)  # type: ignore[untyped-decorator]  # huey has no types
def send_password_changed(email: str, at: datetime) -> None:
    send_template_email("password_changed", to=email, at=at)


@db_task(**RETRIES)  # type: ignore[untyped-decorator]  # huey has no types
def send_email_changed(old_email: str, at: datetime) -> None:
    send_template_email("email_changed", to=old_email, at=at)


@db_task(**RETRIES)  # type: ignore[untyped-decorator]  # huey has no types
def send_email_claimed(email: str, username: str, at: datetime) -> None:
    send_template_email("email_claimed", to=email, username=username, at=at)


@db_task(**RETRIES)  # type: ignore[untyped-decorator]  # huey has no types
def send_second_factor_changed(email: str, change: str, at: datetime) -> None:
    """`change`: "enabled", "removed" or "reset" (by staff)."""
    send_template_email("second_factor_changed", to=email, change=change, at=at)


@db_periodic_task(crontab(minute="*/10"))  # type: ignore[untyped-decorator]  # huey has no types
def clean() -> None:
    delete_expired(now=timezone.now())
