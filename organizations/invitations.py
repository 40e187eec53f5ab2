"""Invitations by mail: owners and admins name an address, its proven holder joins by the code."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from core.exceptions import Forbidden, NotFound
from core.tasks.enqueueing import enqueue_on_commit
from organizations.models import Invitation, Membership, Organization
from organizations.services import lock_organization, require_admin
from organizations.tasks import INVITATION, send_invitation
from users.codes.services import WrongCode, consume_code, verify_code
from users.locking import lock_account
from users.models import User
from users.throttling.limits import RateLimitKey, hit


class UnprovenAddress(Forbidden):
    code = "email_not_verified"
    message = (
        "An invitation is for the holder of its address: verify yours first, with"
        " POST /auth/email/verify."
    )


def invite(*, inviter: User, organization: Organization, email: str, now: datetime) -> None:
    """Mail a code to `email`; it replaces an earlier one. Nobody learns whether an account has
    the address. Raises NotAnAdmin, UnknownOrganization when it was just deleted, and LimitReached
    for too many invitations of one inviter."""
    require_admin(inviter, organization)
    hit(RateLimitKey("invitation", str(inviter.pk)), rate=settings.RATE_LIMIT_RESET, now=now)
    with transaction.atomic():
        lock_account(inviter.pk)
        lock_organization(organization)
        Invitation.objects.bulk_create(
            [
                Invitation(
                    organization=organization,
                    email=email,
                    invited_by=inviter,
                    created_at=now,
                    expires_at=now + INVITATION.lifetime,
                )
            ],
            update_conflicts=True,
            unique_fields=["organization", "email"],
            update_fields=["invited_by", "created_at", "expires_at"],
        )
        enqueue_on_commit(send_invitation, organization.pk, email)


def revoke_invitation(*, editor: User, organization: Organization, invitation_id: int) -> None:
    """Its code stops working. Raises NotAnAdmin, and NotFound when it is gone."""
    require_admin(editor, organization)
    deleted, _ = Invitation.objects.filter(pk=invitation_id, organization=organization).delete()
    if not deleted:
        raise NotFound("There is no such invitation.")


def join(*, user: User, code: str, now: datetime) -> Organization:
    """The organization that `user` belongs to now.

    Raises UnprovenAddress, and WrongCode for a wrong, old, used, revoked or foreign code.
    """
    if user.email is None or not user.email_verified:
        raise UnprovenAddress
    found = verify_code(INVITATION, subject=user.email, code=code, now=now)
    if found is None:
        raise WrongCode
    with transaction.atomic():
        lock_account(user.pk)
        # It stays until the membership is there. Locked before its invitation, as by who deletes
        # it: the other way round each would wait for the other.
        organization = Organization.objects.select_for_update().filter(pk=int(found.scope)).first()
        if organization is None:
            raise WrongCode
        invitation = (
            Invitation.objects.filter(
                organization=organization, email=user.email, expires_at__gt=now
            )
            .select_for_update()
            .first()
        )
        if invitation is None or not consume_code(found):
            raise WrongCode
        invitation.delete()
        Membership.objects.get_or_create(user=user, organization=organization)
        # The database has counted the new member.
        organization.refresh_from_db(fields=["member_count"])
    return organization
