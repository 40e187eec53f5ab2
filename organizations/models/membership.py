"""Who belongs to an organization, in which role."""

from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction

from core.db.fields import MAX_ID
from organizations.models.invitation import Invitation
from organizations.models.organization import Organization
from users.profiles.memberships import LastOwner, unknown_organizations


class Role(models.TextChoices):
    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


class MembershipManager(models.Manager["Membership"]):
    def replace(self, *, user_id: int, organizations: Iterable[Organization]) -> None:
        """Let a user belong to exactly these organizations: join as a member, or leave.

        Raises LastOwner for one that would be left without an owner, and ValidationError under
        `organizations` for one that was just deleted. Whether the user may join is for the caller
        to check.
        """
        wanted = {organization.pk for organization in organizations}
        with transaction.atomic():
            present = set(self.filter(user_id=user_id).values_list("organization_id", flat=True))
            locked = lock_organizations(present ^ wanted)
            if gone := wanted - present - locked:
                raise unknown_organizations(gone)
            leaving = self.filter(user_id=user_id, organization_id__in=present - wanted)
            for membership in leaving:
                membership.require_another_owner()
            leaving.delete()
            self.bulk_create(
                [
                    Membership(user_id=user_id, organization_id=pk)
                    for pk in sorted(wanted - present)
                ],
                ignore_conflicts=True,
            )

    def end_all_of(self, *, user_id: int, email: str | None) -> None:
        """For an account that is deleted: also the last owner leaves, and a successor takes over
        (see Membership). Invitations to its address go too."""
        memberships = self.filter(user_id=user_id)
        lock_organizations(memberships.values_list("organization_id", flat=True))
        memberships.delete()
        Invitation.objects.filter(email=email).delete()

    def locked(self, *, user_id: int, organization_id: int) -> "Membership | None":
        """The membership, while no other transaction changes roles in its organization."""
        lock_organizations([organization_id])
        # SQLite fails on an id beyond its integers rather than finding nobody.
        user_id = min(user_id, MAX_ID)
        return self.filter(user_id=user_id, organization_id=organization_id).first()


def lock_organizations(ids: Iterable[int]) -> set[int]:
    """Those that there are, until the end of the transaction, in one order, so that two of these
    never wait for each other. The triggers lock the same rows, to count. On SQLite the transaction
    is the only writer.
    """
    rows = Organization.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk")
    return set(rows.values_list("pk", flat=True))


class Membership(models.Model):
    """`User.organizations` goes through this table. Whoever has served longest has the lowest id.

    Triggers (migration 0007) keep `Organization.member_count`, and make the longest-serving admin,
    else member, an owner when the last owner is gone with the account.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="memberships",
        db_index=False,
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="memberships", db_index=False
    )
    role = models.CharField(
        max_length=6, choices=Role.choices, default=Role.MEMBER, db_default=Role.MEMBER
    )

    objects: ClassVar[MembershipManager] = MembershipManager()

    class Meta:
        # Older than this model: Django made it for `User.organizations`.
        db_table = "users_user_organizations"
        unique_together = (("user", "organization"),)
        indexes = [
            # Members in the order of their ids, without sorting all of them.
            models.Index(fields=["organization", "user"], name="users_of_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.organization_id}: {self.role}"

    def clean(self) -> None:
        """For the admin's form: the last owner stays one there too."""
        stored = Membership.objects.filter(pk=self.pk, role=Role.OWNER).first()
        if stored is not None and self.role != Role.OWNER:
            try:
                stored.require_another_owner()
            except LastOwner as error:
                raise ValidationError({"role": error.message}, code=error.code) from error

    def require_another_owner(self) -> None:
        """Raises LastOwner when this is the only owner. Call it on a locked membership."""
        if self.role != Role.OWNER:
            return
        others = Membership.objects.filter(
            organization_id=self.organization_id, role=Role.OWNER
        ).exclude(pk=self.pk)
        if not others.exists():
            raise LastOwner
