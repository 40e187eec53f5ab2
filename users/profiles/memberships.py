"""The organizations of an account.

By the relation of the model, since the app of organizations lies above this one.
"""

from collections.abc import Collection, Iterable
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Manager

from core.exceptions import Conflict
from users.models import User


class LastOwner(Conflict):
    code = "last_owner"
    message = (
        "An organization needs an owner, and this is its last one: make somebody else an owner"
        " first, or delete the organization."
    )


class BriefOrganization(TypedDict):
    """An organization as its members' accounts show it."""

    id: int
    name: str
    description: str
    join: str


def organizations_by_user(user_ids: Collection[int]) -> dict[int, list[BriefOrganization]]:
    """Those that each belongs to, by id, in one query.

    As SQL, because everybody who looks at an account asks: the ORM takes ten times as long to write
    this query as to read its answer, and makes a manager and a queryset for each user of a list.
    """
    found: dict[int, list[BriefOrganization]] = {pk: [] for pk in user_ids}
    if not found:
        return found
    places = ", ".join(["%s"] * len(found))
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT user_id, organization.id, name, description, "join"'  # noqa: S608  # places only
            " FROM organizations_organization organization"
            " JOIN users_user_organizations ON organization_id = organization.id"
            f" WHERE user_id IN ({places}) ORDER BY organization.id",
            list(found),
        )
        for user_id, pk, name, description, join in cursor.fetchall():
            found[user_id].append(
                {"id": pk, "name": name, "description": description, "join": join}
            )
    return found


def organizations_to_join(ids: Collection[int], *, user: User | None = None) -> list[Any]:
    """All of them, those that `user` belongs to already included.

    Raises ValidationError under `organizations` for unknown ids, and for organizations that take
    members by invitation only.
    """
    organizations = list(_organizations().filter(pk__in=set(ids))) if ids else []
    if unknown := set(ids) - {organization.pk for organization in organizations}:
        raise unknown_organizations(unknown)
    closed = [organization for organization in organizations if organization.join != "open"]
    if closed and user is not None:
        own = set(user.memberships.values_list("organization_id", flat=True))
        closed = [organization for organization in closed if organization.pk not in own]
    if closed:
        names = ", ".join(f"\u201c{organization.name}\u201d" for organization in closed)
        error = ValidationError(f"{names}: members join by invitation only.", code="closed")
        raise ValidationError({"organizations": error})
    return organizations


def unknown_organizations(ids: Iterable[int]) -> ValidationError:
    names = ", ".join(map(str, sorted(ids)))
    error = ValidationError(f"There is no organization {names}.", code="does_not_exist")
    return ValidationError({"organizations": error})


def replace_memberships(*, user: User, organizations: Iterable[Any]) -> None:
    """Let `user` belong to exactly these organizations. Raises LastOwner for one that would be left
    without an owner."""
    User.organizations.through.objects.replace(user_id=user.pk, organizations=organizations)


def end_memberships(user: User) -> None:
    """Before the account is deleted."""
    User.organizations.through.objects.end_all_of(user_id=user.pk, email=user.email)


def _organizations() -> Manager[Any]:
    return User._meta.get_field("organizations").related_model._default_manager
