"""Reading organizations, their members and invitations."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, TypedDict, cast

from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from core.db.fields import MAX_ID
from core.db.prepared_query import PreparedLookup
from organizations.models import Invitation, Membership, Organization
from users.models import User

MAX_MEMBERS_SHOWN = 100


def organizations() -> QuerySet[Organization]:
    return Organization.objects.all()


class MemberRow(TypedDict):
    organization_id: int
    user_id: int
    role: str
    user__username: str | None
    user__first_name: str
    user__last_name: str
    user__avatar: str | None


def first_members_of(organization_ids: Collection[int]) -> dict[int, list[MemberRow]]:
    """The first MAX_MEMBERS_SHOWN members of each, by user id, in one query for a page of the usual
    size.

    The id of the last one shown is looked up first and bounds the range that is read, so that an
    organization of a million members costs what one of a hundred costs.
    """
    members: dict[int, list[MemberRow]] = {pk: [] for pk in organization_ids}
    for row in _first_members.rows(organization_ids, MAX_ID):
        members[row["organization_id"]].append(cast("MemberRow", row))
    return members


def _build_first_members(organization_ids: Collection[int]) -> QuerySet[Organization, Any]:
    last_shown = (
        Membership.objects.filter(organization=OuterRef("pk"))
        .order_by("user_id")
        .values("user_id")[MAX_MEMBERS_SHOWN - 1 : MAX_MEMBERS_SHOWN]
    )
    rows: QuerySet[Organization, Any] = (
        Organization.objects.filter(pk__in=organization_ids)
        .alias(last_shown=Coalesce(Subquery(last_shown), Value(MAX_ID)))
        .filter(memberships__user_id__lte=F("last_shown"))
        .order_by("pk", "memberships__user_id")
        .values(
            organization_id=F("pk"),
            **{
                name: F(f"memberships__{name}")
                for name in MemberRow.__annotations__
                if name != "organization_id"
            },
        )
    )
    return rows


_first_members = PreparedLookup(_build_first_members)


def members_of(organization: Organization) -> QuerySet[Membership, Any]:
    """Of memberships, not of users: SQLite would sort those again for each page, while the
    memberships have an index in the order of `user_id`."""
    members = Membership.objects.filter(organization=organization)
    rows: QuerySet[Membership, Any] = members.values(*MemberRow.__annotations__)
    return rows


def role_of(user: User, organization: Organization) -> str | None:
    return (
        Membership.objects.filter(user=user, organization=organization)
        .values_list("role", flat=True)
        .first()
    )


def invitations_of(organization: Organization, *, now: datetime) -> QuerySet[Invitation]:
    """Those that can still be accepted."""
    return Invitation.objects.filter(organization=organization, expires_at__gt=now)
