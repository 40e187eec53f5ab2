"""Creating, editing and deleting organizations; roles and memberships."""

from collections.abc import Callable

from django.db import transaction

from core.exceptions import Forbidden, NotFound
from core.models import full_clean_and_save
from organizations.models import Membership, Organization, Role
from organizations.selectors import role_of
from users.locking import lock_account
from users.models import User

# What must hold of the locked row; raises when it does not.
Precondition = Callable[[Organization], None]


class NotYourOrganization(Forbidden):
    code = "not_your_organization"
    message = "Only the owners of an organization and staff may do this."


class NotAnAdmin(Forbidden):
    code = "not_an_admin"
    message = "Only owners and admins of the organization and staff may do this."


class OnlyOwnersRemoveOwners(Forbidden):
    code = "only_owners_remove_owners"
    message = "Only an owner may remove an owner."


class UnknownOrganization(NotFound):
    code = "unknown_organization"
    message = "There is no organization with this id."


class NotAMember(NotFound):
    code = "not_a_member"
    message = "The organization has no member with this id."


def create_organization(
    *, creator: User, name: str, description: str = "", join: str | None = None
) -> Organization:
    """The creator is its owner. Raises ValidationError for a taken name."""
    organization = Organization(name=name, description=description, creator=creator)
    if join is not None:
        organization.join = join
    with transaction.atomic():
        # An edit of the profile that names all organizations (`If-Match` on `/users/me`) comes
        # before or after, and undoes nothing unseen.
        lock_account(creator.pk)
        full_clean_and_save(organization)
        Membership.objects.create(user=creator, organization=organization, role=Role.OWNER)
    return organization


def update_organization(
    *,
    editor: User,
    organization: Organization,
    name: str | None = None,
    description: str | None = None,
    join: str | None = None,
    precondition: Precondition | None = None,
) -> Organization:
    """What is None stays. `precondition` is called with the locked row before it is changed.

    Raises NotYourOrganization, UnknownOrganization, and ValidationError for a taken name.
    """
    require_owner(editor, organization)
    changes = {"name": name, "description": description, "join": join}
    given = {field: value for field, value in changes.items() if value is not None}
    with transaction.atomic():
        current = lock_organization(organization, precondition)
        for field, value in given.items():
            setattr(current, field, value)
        # Only these columns: the database counts members concurrently.
        full_clean_and_save(current, update_fields=given)
    return current


def delete_organization(
    *, editor: User, organization: Organization, precondition: Precondition | None = None
) -> None:
    """Its members stay what they are, without it. `precondition` as in `update_organization`.

    Raises NotYourOrganization, and UnknownOrganization when somebody else deleted it concurrently.
    """
    require_owner(editor, organization)
    remove_organization(organization, precondition)


def remove_organization(
    organization: Organization, precondition: Precondition | None = None
) -> None:
    """Raises UnknownOrganization when it is gone already."""
    with transaction.atomic():
        lock_organization(organization, precondition)
        # Nobody is to succeed an owner now, which would cost a look for each member.
        Membership.objects.filter(organization=organization).update(role=Role.MEMBER)
        organization.delete()


def lock_organization(
    organization: Organization, precondition: Precondition | None = None
) -> Organization:
    """The row as it is now. Raises UnknownOrganization."""
    current = Organization.objects.select_for_update().filter(pk=organization.pk).first()
    if current is None:
        raise UnknownOrganization
    if precondition is not None:
        precondition(current)
    return current


def change_role(*, editor: User, organization: Organization, user_id: int, role: str) -> Membership:
    """Raises NotYourOrganization, NotAMember, and LastOwner for the last owner's step down."""
    require_owner(editor, organization)
    with transaction.atomic():
        membership = Membership.objects.locked(user_id=user_id, organization_id=organization.pk)
        if membership is None:
            raise NotAMember
        # Asked again under the lock: who just stepped down may not promote any more.
        require_owner(editor, organization)
        if role != Role.OWNER:
            membership.require_another_owner()
        membership.role = role
        # The admin deletes memberships without the lock.
        if not Membership.objects.filter(pk=membership.pk).update(role=role):
            raise NotAMember
    return membership


def end_membership(*, editor: User, organization: Organization, user_id: int) -> None:
    """Leave, or remove somebody: admins remove members and admins, owners everybody.

    Raises NotAnAdmin, OnlyOwnersRemoveOwners, NotAMember, and LastOwner.
    """
    is_oneself = user_id == editor.pk
    if not is_oneself:
        require_admin(editor, organization)
    with transaction.atomic():
        membership = Membership.objects.locked(user_id=user_id, organization_id=organization.pk)
        if membership is None:
            raise NotAMember
        is_another_owner = membership.role == Role.OWNER and not is_oneself
        if is_another_owner and _rights_of(editor, organization) != Role.OWNER:
            raise OnlyOwnersRemoveOwners
        membership.require_another_owner()
        membership.delete()


def require_owner(user: User, organization: Organization) -> None:
    """Raises NotYourOrganization, and UnknownOrganization when it was deleted concurrently."""
    if _rights_of(user, organization) != Role.OWNER:
        _require_existing(organization)
        raise NotYourOrganization


def require_admin(user: User, organization: Organization) -> None:
    """Raises NotAnAdmin for whoever is neither, and UnknownOrganization as `require_owner`."""
    if _rights_of(user, organization) not in (Role.OWNER, Role.ADMIN):
        _require_existing(organization)
        raise NotAnAdmin


def _require_existing(organization: Organization) -> None:
    """The roles go with the organization: without this look, an owner who deletes twice could be
    told that the organization is not theirs."""
    if not Organization.objects.filter(pk=organization.pk).exists():
        raise UnknownOrganization


def _rights_of(user: User, organization: Organization) -> str | None:
    """The own role; beyond it, staff have an owner's rights everywhere."""
    role = role_of(user, organization)
    if role == Role.OWNER or not user.is_staff:
        return role
    user.require_staff_rights()
    return Role.OWNER
