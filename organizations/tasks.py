"""Work of organizations for the background worker."""

from datetime import timedelta

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from organizations.models import Invitation
from users.codes.services import CodeKind, issue_code
from users.mail import send_template_email
from users.tasks import RETRIES

INVITATION = CodeKind("organization invitation", lifetime=timedelta(days=7))


@db_task(**RETRIES)  # type: ignore[untyped-decorator]  # huey has no types
def send_invitation(organization_id: int, email: str) -> None:
    """Issued here and not in the request: the code is never queued. Each retry sends a new one."""
    now = timezone.now()
    invitation = (
        Invitation.objects.filter(organization=organization_id, email=email, expires_at__gt=now)
        .select_related("organization")
        .first()
    )
    if invitation is None:
        return
    issued = issue_code(INVITATION, subject=email, user=None, now=now, scope=str(organization_id))
    send_template_email(
        "organization_invitation",
        to=email,
        code=issued.code,
        organization=invitation.organization.name,
        days=INVITATION.lifetime.days,
    )


@db_periodic_task(crontab(minute="30", hour="4"))  # type: ignore[untyped-decorator]  # huey has no types
def clean_invitations() -> None:
    Invitation.objects.filter(expires_at__lte=timezone.now()).delete()
