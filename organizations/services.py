"""Founding, editing and deleting organizations."""

from django.db import transaction

from core.exceptions import Forbidden
from core.models import full_clean_and_save
from organizations.models import Organization
from users.models import User


class NotYourOrganization(Forbidden):
    code = "not_your_organization"
    message = "Only the creator of an organization and staff may change it."


def create_organization(*, creator: User, name: str, description: str = "") -> Organization:
    """The creator is its first member. Raises ValidationError for a taken name."""
    organization = Organization(name=name, description=description, creator=creator)
    with transaction.atomic():
        full_clean_and_save(organization)
        creator.organizations.add(organization)
    return organization


def update_organization(
    *,
    editor: User,
    organization: Organization,
    name: str | None = None,
    description: str | None = None,
) -> Organization:
    """What is None stays. Raises NotYourOrganization, and ValidationError for a taken name."""
    _require_editor(editor, organization)
    changes = {"name": name, "description": description}
    for field, value in changes.items():
        if value is not None:
            setattr(organization, field, value)
    with transaction.atomic():
        full_clean_and_save(organization)
    return organization


def delete_organization(*, editor: User, organization: Organization) -> None:
    """Its members stay what they are, without it. Raises NotYourOrganization."""
    _require_editor(editor, organization)
    organization.delete()


def _require_editor(editor: User, organization: Organization) -> None:
    """It is the creator's, member or not, and staff's; once the creator's account is gone, staff's
    alone (docs/decisions/0020-organizations-outlive-their-creator.md)."""
    if organization.creator_id == editor.pk:
        return
    if not editor.is_staff:
        raise NotYourOrganization
    editor.require_staff_rights()
