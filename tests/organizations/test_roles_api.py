"""Roles: who may do what to whom, and the rule of the last owner."""

import pytest
from rest_framework.test import APIClient

from organizations.models import Membership, Organization, Role
from tests.conftest import ApiAs
from tests.factories import OrganizationFactory, StaffFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return UserFactory.create()


@pytest.fixture
def organization(owner: User) -> Organization:
    return OrganizationFactory.create(creator=owner)


def member_of(organization: Organization, role: str = Role.MEMBER) -> User:
    user = UserFactory.create()
    Membership.objects.create(user=user, organization=organization, role=role)
    return user


def roles_in(organization: Organization) -> dict[int, str]:
    return dict(Membership.objects.filter(organization=organization).values_list("user_id", "role"))


# Nobody, somebody else, a member, an admin, an owner, staff.
WHO = ("nobody", "other", "member", "admin", "owner", "staff")
ACCESS = {
    "GET ": (401, 200, 200, 200, 200, 200),
    "PATCH ": (401, 403, 403, 403, 200, 200),
    "DELETE ": (401, 403, 403, 403, 204, 204),
    "GET /members": (401, 200, 200, 200, 200, 200),
    "PATCH /members/{member}": (401, 403, 403, 403, 200, 200),
    "DELETE /members/{second member}": (401, 403, 403, 204, 204, 204),
    "DELETE /members/{second admin}": (401, 403, 403, 204, 204, 204),
    "DELETE /members/{second owner}": (401, 403, 403, 403, 204, 204),
    "DELETE /members/{oneself}": (401, 404, 204, 204, 204, 404),
    "GET /invitations": (401, 403, 403, 200, 200, 200),
    "POST /invitations": (401, 403, 403, 202, 202, 202),
    "DELETE /invitations/{invitation}": (401, 403, 403, 204, 204, 204),
}
BODIES = {
    "PATCH ": {"name": "New"},
    "PATCH /members/{member}": {"role": "admin"},
    "POST /invitations": {"email": "ada@example.org"},
}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("endpoint", ACCESS)
def test_every_endpoint_answers_each_role_as_the_table_says(
    endpoint: str,
    who: str,
    organization: Organization,
    api: APIClient,
    api_as: ApiAs,
) -> None:
    owner = organization.creator
    assert owner is not None
    people = {
        "other": UserFactory.create(),
        "member": member_of(organization),
        "admin": member_of(organization, Role.ADMIN),
        "owner": owner,
        "staff": StaffFactory.create(),
        "second member": member_of(organization),
        "second admin": member_of(organization, Role.ADMIN),
        "second owner": member_of(organization, Role.OWNER),
    }
    client = api if who == "nobody" else api_as(people[who])
    invited = api_as(owner).post(
        f"/organizations/{organization.pk}/invitations", {"email": "eve@example.org"}
    )
    assert invited.status_code == 202
    targets = {name: str(user.pk) for name, user in people.items()} | {
        "oneself": str(people["member" if who == "nobody" else who].pk),
        "invitation": str(organization.invitations.get().pk),
    }
    method, _, path = endpoint.partition(" ")
    for name, pk in targets.items():
        path = path.replace(f"{{{name}}}", pk)

    response = getattr(client, method.lower())(
        f"/organizations/{organization.pk}{path}", BODIES.get(endpoint)
    )

    assert response.status_code == ACCESS[endpoint][WHO.index(who)], response.content


@pytest.mark.parametrize(
    ("method", "path"), [("patch", ""), ("patch", "/members/{member}"), ("post", "/invitations")]
)
@pytest.mark.parametrize("body", [{"name": 5, "role": "king", "email": "nobody"}, None])
def test_whoever_may_not_is_told_so_whatever_the_body(
    organization: Organization, api_as: ApiAs, method: str, path: str, body: dict[str, str] | None
) -> None:
    member = member_of(organization)
    url = f"/organizations/{organization.pk}{path}".replace("{member}", str(member.pk))

    assert getattr(api_as(member), method)(url, body).status_code == 403


class TestChangingRoles:
    def test_changing_roles_shows_the_member_with_the_new_role(
        self, api_as: ApiAs, organization: Organization, owner: User
    ) -> None:
        member = member_of(organization)

        response = api_as(owner).patch(
            f"/organizations/{organization.pk}/members/{member.pk}", {"role": "admin"}
        )

        assert response.json() == {
            "id": member.pk,
            "username": member.username,
            "first_name": "",
            "last_name": "",
            "avatar": None,
            "role": "admin",
        }
        listed = api_as(member).get(f"/organizations/{organization.pk}/members").json()
        assert [each["role"] for each in listed] == ["owner", "admin"]

    @pytest.mark.parametrize("role", ["admin", "member"])
    def test_the_last_owner_cannot_step_down(
        self, api_as: ApiAs, organization: Organization, owner: User, role: str
    ) -> None:
        path = f"/organizations/{organization.pk}/members/{owner.pk}"

        response = api_as(owner).patch(path, {"role": role})

        assert response.status_code == 409
        assert response.json()["errors"][0]["code"] == "last_owner"
        assert roles_in(organization) == {owner.pk: "owner"}
        assert api_as(owner).patch(path, {"role": "owner"}).status_code == 200

    def test_one_of_two_owners_can_step_down(
        self, api_as: ApiAs, organization: Organization, owner: User
    ) -> None:
        second = member_of(organization, Role.OWNER)

        path = f"/organizations/{organization.pk}/members/{owner.pk}"
        assert api_as(owner).patch(path, {"role": "member"}).status_code == 200

        assert roles_in(organization) == {owner.pk: "member", second.pk: "owner"}
        # And is no owner any more.
        path = f"/organizations/{organization.pk}/members/{second.pk}"
        assert api_as(owner).patch(path, {"role": "member"}).status_code == 403

    @pytest.mark.parametrize("user_id", [None, 0, 2**63 - 1, 2**63, 10**30])
    def test_whoever_is_no_member_has_no_role(
        self, api_as: ApiAs, organization: Organization, owner: User, user_id: int | None
    ) -> None:
        if user_id is None:
            user_id = UserFactory.create().pk

        path = f"/organizations/{organization.pk}/members/{user_id}"

        assert api_as(owner).patch(path, {"role": "admin"}).status_code == 404
        assert api_as(owner).delete(path).status_code == 404

    def test_an_unknown_role_is_rejected(
        self, api_as: ApiAs, organization: Organization, owner: User
    ) -> None:
        response = api_as(owner).patch(
            f"/organizations/{organization.pk}/members/{owner.pk}", {"role": "king"}
        )

        assert response.status_code == 400
        assert response.json()["errors"][0]["attr"] == "role"


class TestLeaving:
    @pytest.mark.parametrize("alone", [True, False])
    @pytest.mark.parametrize("by_profile", [True, False])
    def test_the_last_owner_cannot_leave(
        self,
        api_as: ApiAs,
        organization: Organization,
        owner: User,
        alone: bool,
        by_profile: bool,
    ) -> None:
        if not alone:
            member_of(organization, Role.ADMIN)
        client = api_as(owner)

        response = (
            client.patch("/users/me", {"organizations": []})
            if by_profile
            else client.delete(f"/organizations/{organization.pk}/members/{owner.pk}")
        )

        assert response.status_code == 409
        assert roles_in(organization)[owner.pk] == "owner"

    def test_a_profile_that_cannot_leave_changes_nothing_else(
        self, api_as: ApiAs, organization: Organization, owner: User
    ) -> None:
        response = api_as(owner).patch("/users/me", {"first_name": "New", "organizations": []})

        assert response.status_code == 409
        assert api_as(owner).get("/users/me").json()["first_name"] == ""

    def test_members_leave_by_their_profile(
        self, api_as: ApiAs, organization: Organization, owner: User
    ) -> None:
        member = member_of(organization)

        response = api_as(member).patch("/users/me", {"organizations": []})

        assert response.json()["organizations"] == []
        assert roles_in(organization) == {owner.pk: "owner"}


class TestDeletedAccounts:
    def test_the_longest_serving_admin_succeeds_the_last_owner(
        self, api_as: ApiAs, organization: Organization, owner: User
    ) -> None:
        member = member_of(organization)
        first_admin = member_of(organization, Role.ADMIN)
        second_admin = member_of(organization, Role.ADMIN)

        assert api_as(owner).delete("/users/me").status_code == 204

        assert roles_in(organization) == {
            member.pk: "member",
            first_admin.pk: "owner",
            second_admin.pk: "admin",
        }

    def test_deleted_accounts_without_admins_the_longest_serving_member_does(
        self, api_as: ApiAs, organization: Organization, owner: User
    ) -> None:
        leaving = member_of(organization)
        second = member_of(organization)
        # Longest serving counts from joining, not from the account.
        leaving.organizations.remove(organization)
        leaving.organizations.add(organization)

        api_as(owner).delete("/users/me")

        assert roles_in(organization) == {leaving.pk: "member", second.pk: "owner"}

    def test_while_there_is_another_owner_nobody_is_promoted(
        self, api_as: ApiAs, organization: Organization, owner: User
    ) -> None:
        admin = member_of(organization, Role.ADMIN)
        second = member_of(organization, Role.OWNER)

        api_as(owner).delete("/users/me")

        assert roles_in(organization) == {admin.pk: "admin", second.pk: "owner"}

    def test_an_organization_without_members_is_in_the_care_of_staff(
        self, api_as: ApiAs, organization: Organization, owner: User
    ) -> None:
        api_as(owner).delete("/users/me")

        path = f"/organizations/{organization.pk}"
        assert api_as(UserFactory.create()).patch(path, {"name": "Mine"}).status_code == 403
        renamed = api_as(StaffFactory.create()).patch(path, {"name": "Ours"})
        assert (renamed.status_code, renamed.json()["member_count"]) == (200, 0)


class TestMemberCount:
    def test_member_count_follows_every_way_in_and_out(
        self, api_as: ApiAs, organization: Organization, owner: User
    ) -> None:
        client = api_as(owner)

        def count() -> int:
            found: int = client.get(f"/organizations/{organization.pk}").json()["member_count"]
            return found

        assert count() == 1
        member, other = member_of(organization), UserFactory.create()
        assert count() == 2
        api_as(other).patch("/users/me", {"organizations": [organization.pk]})
        api_as(other).patch("/users/me", {"organizations": [organization.pk]})
        assert count() == 3
        api_as(other).patch("/users/me", {"organizations": []})
        assert count() == 2
        client.delete(f"/organizations/{organization.pk}/members/{member.pk}")
        assert count() == 1


class TestClosedOrganizations:
    @pytest.fixture
    def closed(self) -> Organization:
        return OrganizationFactory.create(name="Lodge", join="invitation")

    def test_nobody_joins_by_profile(self, api_as: ApiAs, closed: Organization) -> None:
        user = UserFactory.create()

        response = api_as(user).patch("/users/me", {"organizations": [closed.pk]})

        assert response.status_code == 400
        assert [e["attr"] for e in response.json()["errors"]] == ["organizations"]
        assert "Lodge" in response.json()["error"]

    def test_nobody_joins_at_sign_up(self, api: APIClient, closed: Organization) -> None:
        response = api.post(
            "/auth/signup",
            {
                "email": "ada@example.org",
                "password": "correct horse battery staple",
                "organizations": [closed.pk],
            },
        )

        assert response.status_code == 400
        assert "Lodge" in response.json()["error"]
        assert not User.objects.filter(email="ada@example.org").exists()

    def test_naming_one_that_one_is_in_already_is_no_joining(
        self, api_as: ApiAs, closed: Organization
    ) -> None:
        member = member_of(closed, Role.ADMIN)

        response = api_as(member).patch("/users/me", {"organizations": [closed.pk]})

        assert response.status_code == 200
        assert response.json()["organizations"][0]["join"] == "invitation"
        assert roles_in(closed) == {member.pk: "admin"}
