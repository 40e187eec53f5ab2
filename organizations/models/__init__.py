"""The tables of organizations."""

from organizations.models.invitation import Invitation
from organizations.models.membership import Membership, Role
from organizations.models.organization import JoinPolicy, Organization

__all__ = ["Invitation", "JoinPolicy", "Membership", "Organization", "Role"]
