"""Invitations by mail."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import TestCase
from django.utils import timezone
from pytest_django import Settings

from core.env import Rate
from organizations.models import Invitation, Membership, Organization, Role
from tests.conftest import ApiAs
from tests.factories import OrganizationFactory, UserFactory
from tests.users.codes.issuing import another, mailed_code
from users.models import MailedCode, User

pytestmark = pytest.mark.django_db

ADDRESS = "ada@example.org"


@pytest.fixture
def owner() -> User:
    return UserFactory.create()


@pytest.fixture
def organization(owner: User) -> Organization:
    return OrganizationFactory.create(creator=owner, name="Lodge", join="invitation")


@pytest.fixture
def invited() -> User:
    return UserFactory.create(email=ADDRESS, email_verified=True)


def invite(api_as: ApiAs, owner: User, organization: Organization, email: str = ADDRESS) -> str:
    """The code of the mail."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        response = api_as(owner).post(
            f"/organizations/{organization.pk}/invitations", {"email": email}
        )
    assert (response.status_code, response.json()) == (202, {})
    return mailed_code()


class TestJoining:
    def test_the_invited_address_joins_once_as_a_member(
        self, api_as: ApiAs, owner: User, organization: Organization, invited: User
    ) -> None:
        code = invite(api_as, owner, organization)
        assert mail.outbox[-1].to == [ADDRESS]
        assert "Lodge" in mail.outbox[-1].body

        joined = api_as(invited).post("/organizations/join", {"code": code})

        assert joined.status_code == 200
        assert joined.json() == api_as(owner).get(f"/organizations/{organization.pk}").json()
        assert joined.json()["member_count"] == 2
        assert {each["id"]: each["role"] for each in joined.json()["members"]} == {
            owner.pk: "owner",
            invited.pk: "member",
        }
        assert api_as(invited).post("/organizations/join", {"code": code}).status_code == 400
        assert not Invitation.objects.exists()

    def test_the_code_may_be_typed_with_spaces_and_hyphens(
        self, api_as: ApiAs, owner: User, organization: Organization, invited: User
    ) -> None:
        code = invite(api_as, owner, organization)

        response = api_as(invited).post("/organizations/join", {"code": f" {code[:4]}-{code[4:]} "})

        assert response.status_code == 200

    def test_another_account_cannot_use_the_code(
        self, api_as: ApiAs, owner: User, organization: Organization, invited: User
    ) -> None:
        code = invite(api_as, owner, organization)
        other = UserFactory.create(email="eve@example.org", email_verified=True)

        foreign = api_as(other).post("/organizations/join", {"code": code})
        wrong = api_as(other).post("/organizations/join", {"code": "00000000"})

        assert foreign.status_code == wrong.status_code == 400
        assert foreign.json() == wrong.json()
        assert api_as(invited).post("/organizations/join", {"code": code}).status_code == 200

    def test_an_unproven_address_cannot_join(
        self, api_as: ApiAs, owner: User, organization: Organization
    ) -> None:
        code = invite(api_as, owner, organization)
        holder = UserFactory.create(email=ADDRESS, email_verified=False)

        response = api_as(holder).post("/organizations/join", {"code": code})

        assert response.status_code == 403
        assert response.json()["errors"][0]["code"] == "email_not_verified"
        assert not Membership.objects.filter(user=holder).exists()

    def test_a_newer_code_replaces_the_older_one(
        self, api_as: ApiAs, owner: User, organization: Organization, invited: User
    ) -> None:
        older = invite(api_as, owner, organization)
        newer = invite(api_as, owner, organization)

        assert api_as(invited).post("/organizations/join", {"code": older}).status_code == 400
        assert api_as(invited).post("/organizations/join", {"code": newer}).status_code == 200

    def test_codes_of_two_organizations_both_work(
        self, api_as: ApiAs, owner: User, organization: Organization, invited: User
    ) -> None:
        other = OrganizationFactory.create(creator=owner)
        first, second = invite(api_as, owner, organization), invite(api_as, owner, other)

        assert api_as(invited).post("/organizations/join", {"code": second}).json()["id"] == (
            other.pk
        )
        assert api_as(invited).post("/organizations/join", {"code": first}).json()["id"] == (
            organization.pk
        )

    @pytest.mark.parametrize("end", ["expired", "revoked"])
    def test_an_ended_invitation_does_not_work(
        self, api_as: ApiAs, owner: User, organization: Organization, invited: User, end: str
    ) -> None:
        code = invite(api_as, owner, organization)
        if end == "expired":
            past = timezone.now() - timedelta(seconds=1)
            Invitation.objects.update(expires_at=past)
            MailedCode.objects.update(expires_at=past)
        else:
            path = f"/organizations/{organization.pk}/invitations/{Invitation.objects.get().pk}"
            assert api_as(owner).delete(path).status_code == 204
            assert api_as(owner).delete(path).status_code == 404

        assert api_as(invited).post("/organizations/join", {"code": code}).status_code == 400

    def test_joining_is_good_for_seven_days(
        self, api_as: ApiAs, owner: User, organization: Organization
    ) -> None:
        invite(api_as, owner, organization)

        left = Invitation.objects.get().expires_at - timezone.now()
        assert timedelta(days=6, hours=23) < left <= timedelta(days=7)
        assert MailedCode.objects.get().expires_at - timezone.now() > timedelta(days=6, hours=23)

    def test_five_wrong_codes_block_the_account(
        self, api_as: ApiAs, owner: User, organization: Organization, invited: User
    ) -> None:
        code = invite(api_as, owner, organization)
        client = api_as(invited)
        for n in range(5):
            wrong = another(code, by=n + 1)
            assert client.post("/organizations/join", {"code": wrong}).status_code == 400

        response = client.post("/organizations/join", {"code": code})
        assert response.status_code == 400
        assert response.json()["errors"][0]["attr"] == "code"

    def test_whoever_is_a_member_already_keeps_the_role(
        self, api_as: ApiAs, owner: User, organization: Organization, invited: User
    ) -> None:
        Membership.objects.create(user=invited, organization=organization, role=Role.ADMIN)
        code = invite(api_as, owner, organization)

        response = api_as(invited).post("/organizations/join", {"code": code})

        assert response.status_code == 200
        assert Membership.objects.get(user=invited).role == "admin"

    @pytest.mark.parametrize("code", ["1234567", "123456789", "abcdefgh", "", None, 1.5, []])
    def test_a_malformed_code_is_rejected_by_name(
        self, api_as: ApiAs, invited: User, code: object
    ) -> None:
        response = api_as(invited).post("/organizations/join", {"code": code})

        assert response.status_code == 400
        assert response.json()["errors"][0]["attr"] == "code"


class TestInviting:
    def test_inviting_tells_nobody_whether_an_account_has_the_address(
        self, api_as: ApiAs, owner: User, organization: Organization, invited: User
    ) -> None:
        path = f"/organizations/{organization.pk}/invitations"
        client = api_as(owner)

        with TestCase.captureOnCommitCallbacks(execute=True):
            known = client.post(path, {"email": ADDRESS})
            unknown = client.post(path, {"email": "nobody@example.org"})

        assert known.status_code == unknown.status_code == 202
        assert known.content == unknown.content
        assert [message.to for message in mail.outbox] == [[ADDRESS], ["nobody@example.org"]]

    def test_inviting_lists_open_invitations(
        self, api_as: ApiAs, owner: User, organization: Organization
    ) -> None:
        invite(api_as, owner, organization)
        invite(api_as, owner, organization, "old@example.org")
        Invitation.objects.filter(email="old@example.org").update(
            expires_at=timezone.now() - timedelta(days=1)
        )

        listed = api_as(owner).get(f"/organizations/{organization.pk}/invitations").json()

        assert [each["email"] for each in listed] == [ADDRESS]
        assert listed[0].keys() == {"id", "email", "created_at", "expires_at"}

    def test_inviting_is_limited_for_each_inviter(
        self, api_as: ApiAs, owner: User, organization: Organization, settings: Settings
    ) -> None:
        settings.RATE_LIMIT_RESET = Rate(2, 60)
        client, path = api_as(owner), f"/organizations/{organization.pk}/invitations"

        with TestCase.captureOnCommitCallbacks(execute=True):
            statuses = [
                client.post(path, {"email": f"{n}@example.org"}).status_code for n in range(3)
            ]

        assert statuses == [202, 202, 429]
        assert len(mail.outbox) == 2

    def test_an_address_that_is_none_is_rejected(
        self, api_as: ApiAs, owner: User, organization: Organization
    ) -> None:
        response = api_as(owner).post(
            f"/organizations/{organization.pk}/invitations", {"email": "nobody"}
        )

        assert response.status_code == 400
        assert response.json()["errors"][0]["attr"] == "email"
