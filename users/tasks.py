"""Work for the background worker (`manage.py run_worker`)."""

from datetime import datetime

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from users.cleanup import delete_expired
from users.mail import send_template_email
from users.passwords.reset_codes import CODE_LIFETIME, issue_reset_code

# A mail server that is down is asked again, for about an hour: 10 s, 20 s, 40 s …
_RETRIES = {"retries": 8, "retry_delay": 10, "retry_backoff": 2}
# Whoever waits for a code asks again sooner than that.
_RETRIES_OF_A_CODE = {"retries": 10, "retry_delay": 15}


@db_task(**_RETRIES_OF_A_CODE)  # type: ignore[untyped-decorator]  # huey has no types
def send_reset_code(email: str) -> None:
    """Issued here and not when it was asked for: the call then takes the same time for every
    address, and the code itself is never queued. Each retry sends a new one."""
    code = issue_reset_code(email=email, now=timezone.now())
    if code is not None:
        minutes = int(CODE_LIFETIME.total_seconds() // 60)
        send_template_email("reset_code", to=email.lower(), code=code, minutes=minutes)


@db_task(**_RETRIES)  # type: ignore[untyped-decorator]  # huey has no types
def send_password_changed(email: str, at: datetime) -> None:
    send_template_email("password_changed", to=email, at=at)


@db_task(**_RETRIES)  # type: ignore[untyped-decorator]  # huey has no types
def send_email_changed(old_email: str, at: datetime) -> None:
    send_template_email("email_changed", to=old_email, at=at)


@db_periodic_task(crontab(minute="*/10"))  # type: ignore[untyped-decorator]  # huey has no types
def clean() -> None:
    delete_expired(now=timezone.now())
