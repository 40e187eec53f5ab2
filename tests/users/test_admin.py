"""Users and organizations in the admin: useful, quick, and as strict as the API."""

import re
from typing import Any, ClassVar

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from organizations.models import Organization
from tests.conftest import ApiAs
from tests.factories import PASSWORD, OrganizationFactory, PlaySessionFactory, UserFactory
from users.avatars.sandbox import ProcessedImage
from users.avatars.services import paths_in_storage, replace_avatar
from users.models import Session, User
from users.passwords.forms import ChangeOwnPasswordForm
from users.sessions.services import Device, open_session

pytestmark = pytest.mark.django_db

USERS = reverse("admin:users_user_changelist")
ORGANIZATIONS = reverse("admin:organizations_organization_changelist")


def pictured(**fields: Any) -> User:
    user = UserFactory.create(**fields)
    replace_avatar(user=user, picture=ProcessedImage(b"picture", "jpg"))
    return user


def form_of(client: Client, url: str) -> dict[str, Any]:
    """What a browser would send back, unchanged."""
    form = client.get(url).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, False)} | {
        "data": "{}"
    }


@pytest.fixture
def clerk() -> User:
    """Staff who may change accounts and are no superuser."""
    user = UserFactory.create(is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=("view_user", "change_user", "add_user"))
    )
    return user


class TestStaffWhoAreNoSuperusers:
    RIGHTS: ClassVar[dict[str, Any]] = {"is_staff": "on", "is_superuser": "on", "groups": []}

    def test_give_nobody_rights(self, clerk: User, client: Client) -> None:
        client.force_login(clerk)
        user = UserFactory.create()
        every = [str(permission.pk) for permission in Permission.objects.all()]

        for account in (clerk, user):
            url = reverse("admin:users_user_change", args=[account.pk])
            rights = self.RIGHTS | {"user_permissions": every}
            answer = client.post(url, form_of(client, url) | rights | {"first_name": "Changed"})
            assert answer.status_code == 302

        for account in (clerk, user):
            account.refresh_from_db()
            assert account.first_name == "Changed"
            assert not account.is_superuser
        assert not user.is_staff
        assert clerk.user_permissions.count() == 3

    def test_change_no_superuser(self, clerk: User, client: Client) -> None:
        client.force_login(clerk)
        captain = pictured(is_staff=True, is_superuser=True)
        open_session(user=captain, device=Device(None, ""), now=timezone.now())
        url = reverse("admin:users_user_change", args=[captain.pk])
        passwords = {"password1": "twelve green bottles", "password2": "twelve green bottles"}

        assert client.get(url).status_code == 200
        assert client.post(url, {"email": "clerk@example.org"}).status_code == 403
        assert client.post(url.replace("change", "password"), passwords).status_code == 403
        for action in ("log_out", "remove_picture", "remove_second_factor"):
            client.post(USERS, {"action": action, "_selected_action": [captain.pk]})

        captain.refresh_from_db()
        assert captain.check_password(PASSWORD)
        assert captain.avatar
        assert captain.sessions.exists()

    @pytest.mark.parametrize("by_group", [False, True])
    @pytest.mark.parametrize("is_active", [False, True])
    def test_change_no_staff_with_other_rights(
        self, clerk: User, client: Client, *, by_group: bool, is_active: bool
    ) -> None:
        client.force_login(clerk)
        other, equal = (
            UserFactory.create(is_staff=True, is_active=is_active),
            UserFactory.create(is_staff=True, is_active=is_active),
        )
        right = Permission.objects.get(codename="delete_user")
        if by_group:
            group = Group.objects.create(name="Editors")
            group.permissions.add(right)
            other.groups.add(group)
        else:
            other.user_permissions.add(right)
        equal.user_permissions.set(clerk.user_permissions.all())
        passwords = {"password1": "twelve green bottles", "password2": "twelve green bottles"}

        for account, expected in ((other, 403), (equal, 302)):
            url = reverse("admin:users_user_change", args=[account.pk])
            answer = client.post(url.replace("change", "password"), passwords)
            assert answer.status_code == expected
            account.refresh_from_db()
            assert account.check_password(PASSWORD) == (expected == 403)

    def test_delete_no_superuser(self, clerk: User, client: Client) -> None:
        clerk.user_permissions.add(Permission.objects.get(codename="delete_user"))
        client.force_login(clerk)
        captain, user = UserFactory.create(is_superuser=True), UserFactory.create()
        selection = {"action": "delete_selected", "post": "yes"}

        url = reverse("admin:users_user_delete", args=[captain.pk])
        assert client.post(url, {"post": "yes"}).status_code == 403
        chosen = {"_selected_action": [captain.pk, user.pk]}
        assert client.post(USERS, selection | chosen).status_code == 403
        assert client.post(USERS, selection | {"_selected_action": [user.pk]}).status_code == 302

        assert User.objects.filter(pk=captain.pk).exists()
        assert not User.objects.filter(pk=user.pk).exists()

    def test_give_no_rights_to_a_group_either(self, clerk: User, client: Client) -> None:
        rights = Permission.objects.filter(content_type__app_label="auth")
        clerk.user_permissions.add(*rights)
        group = Group.objects.create(name="Clerks")
        client.force_login(clerk)
        every = {"name": "Clerks", "permissions": [right.pk for right in rights]}

        url = reverse("admin:auth_group_change", args=[group.pk])
        assert client.get(url).status_code == 200
        assert client.post(url, every).status_code == 403
        assert client.post(reverse("admin:auth_group_add"), every).status_code == 403

        assert not group.permissions.exists()


class TestUsers:
    @pytest.mark.parametrize("rows", [1, 50])
    def test_users_are_listed_with_their_pictures_in_few_queries(
        self, admin_client: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        users = [pictured() for _ in range(rows)]

        # Session, user, count, rows.
        with django_assert_num_queries(4):
            page = admin_client.get(USERS).content.decode()

        assert page.count("<img ") >= rows
        assert f"/avatars/{str(users[0].avatar)[-36:]}" in page

    def test_users_are_found_whatever_the_case(self, admin_client: Client) -> None:
        UserFactory.create(username="zoe", last_name="Straße")

        for words in ("STRASSE", "Zoe", "zoe stra\u00dfe", "strasse ZO\u00cb"):
            assert "zoe" in admin_client.get(USERS, {"q": words}).content.decode()

    def test_users_are_found_by_their_sessions_beside_addresses(
        self, admin_client: Client, api_as: ApiAs
    ) -> None:
        api_as(UserFactory.create(username="zoe", last_name="Müller"))
        sessions = "/admin/users/session/"

        for words in ("muller ZOE", "127.0.0.1", "test"):
            assert "zoe" in admin_client.get(sessions, {"q": words}).content.decode()
        assert "zoe" not in admin_client.get(sessions, {"q": "127.0.0.2"}).content.decode()

    def test_users_show_picture_organizations_and_data(self, admin_client: Client) -> None:
        user = pictured(data={"nickname": "Zed"})
        user.organizations.add(OrganizationFactory.create(name="Society"))

        page = admin_client.get(reverse("admin:users_user_change", args=[user.pk])).content.decode()

        assert 'height="200"' in page
        assert "Society" in page
        assert "nickname" in page

    def test_users_are_edited_as_strictly_as_by_the_api(self, admin_client: Client) -> None:
        user = UserFactory.create(username="ada")
        UserFactory.create(username="bob")
        url = reverse("admin:users_user_change", args=[user.pk])
        form = form_of(admin_client, url)
        wrong = {
            "birthdate": "2020-01-01",
            "phone": "12",
            "username": "BOB",
            "data": "[]",
            "email": "x",
        }

        answer = admin_client.post(url, form | wrong)

        assert set(answer.context["adminform"].form.errors) == set(wrong)
        right = {"birthdate": "1990-01-01", "phone": "0044 (0)20 7946 0018", "username": "Ada"}
        assert admin_client.post(url, form | right).status_code == 302
        user.refresh_from_db()
        assert (user.username, user.phone) == ("Ada", "+442079460018")

    @pytest.mark.parametrize(
        "data",
        [
            *('{"a":', '{"a": NaN}', '{"a": 1, "a": 2}', '{"a": "\\u0000"}', '{"a": "\\ud800"}'),
            *("[" * 100_000, '{"a":' * 9 + "1" + "}" * 9, '{"a": 9223372036854775808}'),
        ],
        ids=lambda data: data[:20],
    )
    def test_users_have_the_data_that_the_api_takes(self, admin_client: Client, data: str) -> None:
        user = UserFactory.create(data={"kept": True})
        url = reverse("admin:users_user_change", args=[user.pk])

        answer = admin_client.post(url, form_of(admin_client, url) | {"data": data})

        assert answer.status_code == 200
        form = answer.context["adminform"].form
        assert set(form.errors) == {"data"}
        assert form["data"].value() == data, "it is shown as it was typed"
        assert User.objects.get(pk=user.pk).data == {"kept": True}

    def test_users_are_searched_for_however_much_is_pasted(self, admin_client: Client) -> None:
        assert admin_client.get(USERS, {"q": "x" * 60_000}).status_code == 200

    def test_users_are_added(self, admin_client: Client) -> None:
        form = {
            "username": "grace",
            "usable_password": "true",
            "password1": "a garden of forking paths",
            "password2": "a garden of forking paths",
        }

        assert admin_client.post(reverse("admin:users_user_add"), form).status_code == 302

        assert User.objects.get(username="grace").check_password("a garden of forking paths")

    @pytest.mark.django_db(transaction=True)
    def test_users_are_told_of_another_email_address(self, admin_client: Client) -> None:
        user = UserFactory.create(email="ada@example.org", email_verified=True)
        url = reverse("admin:users_user_change", args=[user.pk])
        form = form_of(admin_client, url)

        admin_client.post(url, form | {"email": " Ada@Example.ORG "})

        user.refresh_from_db()
        assert user.email_verified, "it is the same address"
        assert mail.outbox == []

        admin_client.post(url, form | {"email": "lovelace@example.org"})

        user.refresh_from_db()
        assert (user.email, user.email_verified) == ("lovelace@example.org", False)
        assert [message.to for message in mail.outbox] == [["ada@example.org"]]

    @pytest.mark.parametrize(
        "password",
        [
            {"password1": "a garden of forking paths", "password2": "a garden of forking paths"},
            {"usable_password": "false", "set_usable_password": "", "unset-password": "1"},
        ],
        ids=["another", "none"],
    )
    @pytest.mark.django_db(transaction=True)
    def test_users_whose_password_is_set_are_logged_out_and_told(
        self, admin_client: Client, api_as: ApiAs, password: dict[str, str]
    ) -> None:
        user = UserFactory.create(email="ada@example.org")
        client = api_as(user)
        client.post("/auth/code", {"email": "ada@example.org"})
        (code,) = re.findall(r"\b[0-9]{8}\b", str(mail.outbox.pop().body))

        url = reverse("admin:auth_user_password_change", args=[user.pk])
        assert admin_client.post(url, password).status_code == 302

        assert client.get("/users/me").status_code == 401
        body = {"email": "ada@example.org", "code": code}
        assert client.post("/auth/token", body).status_code == 401
        assert [message.subject for message in mail.outbox] == ["Your password was changed"]
        assert [message.to for message in mail.outbox] == [["ada@example.org"]]

    @pytest.mark.django_db(transaction=True)
    def test_staff_who_change_their_own_password_are_told(self, client: Client) -> None:
        client.force_login(UserFactory.create(email="boss@example.org", is_staff=True))
        new, url = "a garden of forking paths", reverse("admin:password_change")
        assert 'name="new_password2"' in client.get(url).content.decode()

        answer = client.post(
            url,
            {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
        )

        assert answer.status_code == 302
        assert [message.to for message in mail.outbox] == [["boss@example.org"]]

    def test_a_new_password_of_ones_own_puts_nothing_back(self) -> None:
        changed, deleted = UserFactory.create(), UserFactory.create()
        new = "a garden of forking paths"
        typed = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
        forms = [ChangeOwnPasswordForm(user, typed) for user in (changed, deleted)]
        assert all(form.is_valid() for form in forms)
        User.objects.filter(pk=changed.pk).update(first_name="Meanwhile")
        User.objects.get(pk=deleted.pk).delete()

        for form in forms:
            form.save()

        (stored,) = User.objects.all()
        assert stored.first_name == "Meanwhile"
        assert stored.check_password(new)

    @pytest.mark.django_db(transaction=True)
    def test_users_are_deleted_entirely(self, admin_client: Client) -> None:
        one, many = pictured(username="one"), [pictured(), pictured()]
        PlaySessionFactory.create(user=one)

        url = reverse("admin:users_user_delete", args=[one.pk])
        admin_client.post(url, {"post": "yes"})
        selected = [user.pk for user in many]
        admin_client.post(
            USERS, {"action": "delete_selected", "_selected_action": selected, "post": "yes"}
        )

        assert [user.username for user in User.objects.all()] == ["admin"]
        assert list(paths_in_storage()) == []

    @pytest.mark.django_db(transaction=True)
    def test_users_lose_sessions_and_pictures_by_actions(
        self, admin_client: Client, rf: Any
    ) -> None:
        user = pictured()
        open_session(user=user, device=Device("127.0.0.1", ""), now=user.date_joined)

        admin_client.post(USERS, {"action": "log_out", "_selected_action": [user.pk]})
        admin_client.post(USERS, {"action": "remove_picture", "_selected_action": [user.pk]})

        assert not Session.objects.filter(user=user).exists()
        assert list(paths_in_storage()) == []


class TestOrganizations:
    @pytest.mark.parametrize("rows", [1, 50])
    def test_organizations_are_listed_with_their_members_counted_in_few_queries(
        self, admin_client: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        members = UserFactory.create_batch(2)
        for organization in OrganizationFactory.create_batch(rows, creator=members[0]):
            organization.members.add(members[1])

        # Session, user, count, first and last date, rows.
        with django_assert_num_queries(4):
            page = admin_client.get(ORGANIZATIONS).content.decode()

        memberships = reverse("admin:organizations_membership_changelist")
        link = f"{memberships}?organization__id__exact={Organization.objects.latest('pk').pk}"
        assert f'<a href="{link}">2</a>' in page
        assert len(admin_client.get(link).context["cl"].result_list) == 2

    def test_organizations_are_found_whatever_the_case(self, admin_client: Client) -> None:
        OrganizationFactory.create(name="Straße")

        for words in ("STRASSE", "stra\u00dfe", "stra-\u00dfe"):
            assert "Straße" in admin_client.get(ORGANIZATIONS, {"q": words}).content.decode()

    def test_organizations_are_refused_a_taken_name(self, admin_client: Client) -> None:
        OrganizationFactory.create(name="Straße")
        url = reverse("admin:organizations_organization_add")

        answer = admin_client.post(url, {"name": "STRASSE", "join": "open"})

        assert set(answer.context["adminform"].form.errors) == {"name"}
        assert admin_client.post(url, {"name": "Weg", "join": "open"}).status_code == 302
