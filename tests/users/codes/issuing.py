"""Codes without the mail, as the worker issues them."""

import re
from datetime import datetime

from django.core import mail

from users.codes.services import PASSWORD_RESET, CodeKind, issue_code
from users.models import User


def issue_reset_code(*, email: str, now: datetime) -> str | None:
    return issue(PASSWORD_RESET, email=email, now=now)


def issue(kind: CodeKind, *, email: str, now: datetime) -> str | None:
    user = User.objects.with_email(email).filter(is_active=True).first()
    issued = issue_code(kind, subject=email, user=user, now=now)
    return issued.code if user else None


def mailed_code() -> str:
    """The code in the newest mail."""
    (code,) = re.findall(r"\b[0-9]{8}\b", str(mail.outbox[-1].body))
    return str(code)


def another(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 10**8:08}"
