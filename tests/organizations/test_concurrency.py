"""Many at one instant, each thread with a connection of its own."""

from collections import Counter
from functools import partial

import pytest

from organizations.models import Membership, Organization, Role
from organizations.services import UnknownOrganization, require_admin, require_owner
from tests.concurrency import at_once
from tests.conftest import ApiAs
from tests.factories import OrganizationFactory, UserFactory
from tests.users.codes.issuing import mailed_code

# Threads see only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


def owners_of(organization: Organization) -> set[int]:
    return set(
        Membership.objects.filter(organization=organization, role=Role.OWNER).values_list(
            "user_id", flat=True
        )
    )


def test_of_owners_who_all_step_down_one_stays(api_as: ApiAs) -> None:
    owners = UserFactory.create_batch(8)
    organization = OrganizationFactory.create(creator=owners[0])
    for owner in owners[1:]:
        Membership.objects.create(user=owner, organization=organization, role=Role.OWNER)

    responses = at_once(
        [
            partial(
                api_as(owner).patch,
                f"/organizations/{organization.pk}/members/{owner.pk}",
                {"role": "member"},
            )
            for owner in owners
            for _ in range(4)
        ]
    )

    statuses = Counter(response.status_code for response in responses)
    assert set(statuses) <= {200, 403, 409}
    assert len(owners_of(organization)) == 1


def test_of_owners_who_all_leave_one_stays(api_as: ApiAs) -> None:
    owners = UserFactory.create_batch(16)
    organization = OrganizationFactory.create(creator=owners[0])
    for owner in owners[1:]:
        Membership.objects.create(user=owner, organization=organization, role=Role.OWNER)

    responses = at_once(
        [
            partial(api_as(owner).delete, f"/organizations/{organization.pk}/members/{owner.pk}")
            for owner in owners
        ]
    )

    assert Counter(response.status_code for response in responses) == {204: 15, 409: 1}
    organization.refresh_from_db()
    assert organization.member_count == len(owners_of(organization)) == 1


def test_owners_who_all_delete_their_accounts_leave_an_owner(api_as: ApiAs) -> None:
    owners = UserFactory.create_batch(8)
    organization = OrganizationFactory.create(creator=owners[0])
    for owner in owners[1:]:
        Membership.objects.create(user=owner, organization=organization, role=Role.OWNER)
    member = UserFactory.create()
    member.organizations.add(organization)

    responses = at_once([partial(api_as(owner).delete, "/users/me") for owner in owners])

    assert Counter(response.status_code for response in responses) == {204: 8}
    organization.refresh_from_db()
    assert owners_of(organization) == {member.pk}
    assert organization.member_count == 1


def test_the_last_owner_leaves_only_after_the_promotion_of_another(api_as: ApiAs) -> None:
    owner, admin = UserFactory.create_batch(2)
    organization = OrganizationFactory.create(creator=owner)
    Membership.objects.create(user=admin, organization=organization, role=Role.ADMIN)
    path = f"/organizations/{organization.pk}/members"

    left, promoted = at_once(
        [
            partial(api_as(owner).delete, f"{path}/{owner.pk}"),
            partial(api_as(owner).patch, f"{path}/{admin.pk}", {"role": "owner"}),
        ]
    )

    assert (left.status_code, promoted.status_code) in {(204, 200), (409, 200)}
    assert admin.pk in owners_of(organization)


def test_one_use_of_an_invitation_wins(api_as: ApiAs) -> None:
    owner = UserFactory.create()
    invited = UserFactory.create(email="ada@example.org", email_verified=True)
    organization = OrganizationFactory.create(creator=owner)
    api_as(owner).post(f"/organizations/{organization.pk}/invitations", {"email": invited.email})
    code = mailed_code()
    client = api_as(invited)

    # As many as a web process handles at a time: each compares a hash with a connection in hand,
    # and more would wait for one of the pool's until that gives up.
    responses = at_once([partial(client.post, "/organizations/join", {"code": code})] * 16)

    assert Counter(response.status_code for response in responses) == {200: 1, 400: 15}
    organization.refresh_from_db()
    assert organization.member_count == 2


def test_of_many_who_delete_an_organization_one_succeeds(api_as: ApiAs) -> None:
    owner = UserFactory.create()
    organization = OrganizationFactory.create(creator=owner)
    client = api_as(owner)

    responses = at_once([partial(client.delete, f"/organizations/{organization.pk}")] * 16)

    assert Counter(response.status_code for response in responses) == {204: 1, 404: 15}


def test_an_owner_gets_404_and_not_403_when_the_organization_is_gone() -> None:
    owner = UserFactory.create()
    organization = OrganizationFactory.create(creator=owner)
    Organization.objects.filter(pk=organization.pk).delete()

    with pytest.raises(UnknownOrganization):
        require_owner(owner, organization)
    with pytest.raises(UnknownOrganization):
        require_admin(owner, organization)


def test_an_organization_may_be_deleted_while_people_are_invited_and_join(api_as: ApiAs) -> None:
    owner = UserFactory.create()
    invited = UserFactory.create(email="ada@example.org", email_verified=True)

    for _ in range(4):
        organization = OrganizationFactory.create(creator=owner)
        path = f"/organizations/{organization.pk}"
        api_as(owner).post(f"{path}/invitations", {"email": invited.email})
        code = mailed_code()

        joined, another, deleted = at_once(
            [
                partial(api_as(invited).post, "/organizations/join", {"code": code}),
                partial(api_as(owner).post, f"{path}/invitations", {"email": "eve@example.org"}),
                partial(api_as(owner).delete, path),
            ]
        )

        assert joined.status_code in {200, 400}
        assert another.status_code in {202, 404}
        assert deleted.status_code == 204
        assert not Membership.objects.filter(organization=organization.pk).exists()


def test_members_are_counted_right_while_they_come_and_go(api_as: ApiAs) -> None:
    organizations = OrganizationFactory.create_batch(3)
    ids = [organization.pk for organization in organizations]
    clients = [api_as(UserFactory.create()) for _ in range(12)]

    def come_and_go(number: int) -> set[int]:
        client = clients[number]
        chosen = [ids[number % 3 :], ids[: number % 3 + 1], []]
        return {
            client.patch("/users/me", {"organizations": wanted}).status_code
            for wanted in (*chosen, *chosen[:2])
        }

    assert set().union(*at_once([partial(come_and_go, n) for n in range(12)])) == {200}

    for organization in organizations:
        organization.refresh_from_db()
        members = Membership.objects.filter(organization=organization).count()
        assert organization.member_count == members
