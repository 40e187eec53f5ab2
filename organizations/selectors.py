"""Reading organizations and their members."""

from collections.abc import Collection
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.aggregates import Count
from django.db.models.functions import Coalesce

from organizations.models import Organization
from users.models import User

MOST_MEMBERS_SHOWN = 100
_Membership = User.organizations.through


def organizations_with_member_count() -> QuerySet[Organization]:
    members = (
        _Membership.objects.filter(organization=OuterRef("pk"))
        .order_by()
        .values("organization")
        .values(count=Count("*"))
    )
    return Organization.objects.annotate(member_count=Coalesce(Subquery(members), 0))


def first_members_of(organization_ids: Collection[int]) -> dict[int, list[User]]:
    """The first MOST_MEMBERS_SHOWN members of each, by id, in one query.

    The id of the last one shown is looked up first and bounds the range that is read, so that an
    organization of a million members costs what one of a hundred costs.
    """
    last_shown = (
        _Membership.objects.filter(organization=OuterRef("pk"))
        .order_by("user_id")
        .values("user_id")[MOST_MEMBERS_SHOWN - 1 : MOST_MEMBERS_SHOWN]
    )
    rows = (
        Organization.objects.filter(pk__in=organization_ids)
        .annotate(last_shown=Coalesce(Subquery(last_shown), Value(2**63 - 1)))
        .filter(members__id__lte=F("last_shown"))
        .order_by("pk", "members__id")
        .values_list(
            "pk",
            "members__id",
            "members__username",
            "members__first_name",
            "members__last_name",
            "members__avatar",
        )
    )
    members: dict[int, list[User]] = {pk: [] for pk in organization_ids}
    for organization_id, pk, username, first_name, last_name, avatar in rows:
        members[organization_id].append(
            User(
                pk=pk,
                username=username,
                first_name=first_name,
                last_name=last_name,
                avatar=avatar,
            )
        )
    return members


def memberships_of(organization: Organization) -> QuerySet[Any]:
    """Each with its `user`. Not the users themselves: those SQLite would sort anew for each page,
    while the memberships have an index in the order of `user_id`."""
    return _Membership.objects.filter(organization=organization).select_related("user")
