"""Sessions, and what belongs to them, in the admin."""

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.conftest import ApiAs
from tests.factories import StaffFactory, UserFactory
from tests.users.codes.issuing import issue_reset_code
from users.models import MailedCode, Session
from users.second_factor.services import enrol

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(StaffFactory.create(is_superuser=True))
    return client


class TestEndingSessions:
    def test_ending_sessions_of_a_user(self, browser: Client, api_as: ApiAs) -> None:
        user, other = UserFactory.create(), UserFactory.create()
        phone, laptop, stranger = api_as(user), api_as(user), api_as(other)

        answer = browser.post(
            "/admin/users/user/",
            {"action": "log_out", "_selected_action": [user.pk]},
            follow=True,
        )

        assert answer.status_code == 200
        assert phone.get("/users/me").status_code == 401
        assert laptop.get("/users/me").status_code == 401
        assert stranger.get("/users/me").status_code == 200

    def test_ending_sessions_needs_the_right_to_change_users(
        self, client: Client, api_as: ApiAs
    ) -> None:
        user = UserFactory.create()
        phone = api_as(user)
        client.force_login(StaffFactory.create())

        client.post("/admin/users/user/", {"action": "log_out", "_selected_action": [user.pk]})

        assert phone.get("/users/me").status_code == 200

    def test_ending_sessions_by_deleting_one(self, browser: Client, api_as: ApiAs) -> None:
        phone = api_as(UserFactory.create())
        session = Session.objects.get()

        browser.post(f"/admin/users/session/{session.pk}/delete/", {"post": "yes"})

        assert phone.get("/users/me").status_code == 401

    def test_ending_sessions_by_switching_the_account_off(
        self, browser: Client, api_as: ApiAs
    ) -> None:
        user = UserFactory.create()
        phone = api_as(user)
        form = browser.get(f"/admin/users/user/{user.pk}/change/").context["adminform"].form
        values = {
            name: "" if form[name].value() is None else form[name].value()
            for name in form.fields
            if name not in ("is_active", "password", "groups", "user_permissions")
        }
        values = {name: value for name, value in values.items() if value is not False}

        answer = browser.post(f"/admin/users/user/{user.pk}/change/", values | {"data": "{}"})

        assert answer.status_code == 302
        assert phone.get("/users/me").status_code == 401
        assert not Session.objects.filter(user=user).exists()


class TestLists:
    @pytest.mark.parametrize(
        "model", ["session", "knownip", "mailedcode", "secondfactor", "ratelimit", "sessionepoch"]
    )
    @pytest.mark.parametrize("rows", [1, 12])
    def test_lists_cost_the_same_however_many_rows(
        self,
        browser: Client,
        api_as: ApiAs,
        django_assert_max_num_queries: DjangoAssertNumQueries,
        model: str,
        rows: int,
    ) -> None:
        for user in UserFactory.create_batch(rows):
            api_as(user)
            issue_reset_code(email=user.email, now=timezone.now())
            enrol(user=user, now=timezone.now())

        with django_assert_max_num_queries(9):
            assert browser.get(f"/admin/users/{model}/").status_code == 200

    def test_lists_show_no_secrets(self, browser: Client, api_as: ApiAs) -> None:
        user = UserFactory.create(email="ada@example.org")
        api_as(user)
        issue_reset_code(email="ada@example.org", now=timezone.now())
        enrol(user=user, now=timezone.now())
        reset, session = MailedCode.objects.get(), Session.objects.get()

        pages = [
            browser.get(f"/admin/users/{path}").content.decode()
            for path in (
                "mailedcode/",
                f"mailedcode/{reset.pk}/change/",
                "session/",
                f"session/{session.pk}/change/",
                f"user/{user.pk}/change/",
                "secondfactor/",
                f"secondfactor/{user.pk}/change/",
            )
        ]

        for page in pages:
            assert reset.code_hash not in page
            assert session.refresh_id not in page
            assert user.password not in page

    def test_lists_find_sessions_by_user(self, browser: Client, api_as: ApiAs) -> None:
        for name in ("ada", "bob"):
            api_as(UserFactory.create(username=name, email=f"{name}@example.org"))

        page = browser.get("/admin/users/session/?q=ada").content.decode()

        assert "1 session" in page
