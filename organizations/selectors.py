"""Reading organizations, their members and invitations."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from core.db.fields import MAX_ID
from organizations.models import Invitation, Membership, Organization
from users.models import User

MAX_MEMBERS_SHOWN = 100


def organizations() -> QuerySet[Organization]:
    return Organization.objects.all()


def first_members_of(organization_ids: Collection[int]) -> dict[int, list[Membership]]:
    """The first MAX_MEMBERS_SHOWN members of each, by user id, in one query.

    The id of the last one shown is looked up first and bounds the range that is read, so that an
    organization of a million members costs what one of a hundred costs.
    """
    last_shown = (
        Membership.objects.filter(organization=OuterRef("pk"))
        .order_by("user_id")
        .values("user_id")[MAX_MEMBERS_SHOWN - 1 : MAX_MEMBERS_SHOWN]
    )
    rows = (
        Organization.objects.filter(pk__in=organization_ids)
        .annotate(last_shown=Coalesce(Subquery(last_shown), Value(MAX_ID)))
        .filter(memberships__user_id__lte=F("last_shown"))
        .order_by("pk", "memberships__user_id")
        .values_list(
            "pk",
            "memberships__role",
            "memberships__user_id",
            "memberships__user__username",
            "memberships__user__first_name",
            "memberships__user__last_name",
            "memberships__user__avatar",
        )
    )
    members: dict[int, list[Membership]] = {pk: [] for pk in organization_ids}
    for organization_id, role, pk, username, first_name, last_name, avatar in rows:
        user = User(
            pk=pk, username=username, first_name=first_name, last_name=last_name, avatar=avatar
        )
        members[organization_id].append(Membership(user=user, role=role))
    return members


def memberships_of(organization: Organization) -> QuerySet[Membership]:
    """Each with its `user`. Not the users themselves: SQLite would sort those again for each page,
    while the memberships have an index in the order of `user_id`."""
    return Membership.objects.filter(organization=organization).select_related("user")


def role_of(user: User, organization: Organization) -> str | None:
    return (
        Membership.objects.filter(user=user, organization=organization)
        .values_list("role", flat=True)
        .first()
    )


def invitations_of(organization: Organization, *, now: datetime) -> QuerySet[Invitation]:
    """Those that can still be accepted."""
    return Invitation.objects.filter(organization=organization, expires_at__gt=now)
