"""Mails that warn before traffic is lost."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from pytest_django import Settings
from rest_framework.test import APIClient

from repos.credentials.services import store_expiry, store_github_credential
from repos.models import AlertPreference, TrackedRepository
from repos.services.alerts import queue_due_alerts
from tests.factories import RepositoryFactory, UserFactory
from tests.repos.fetching.running import NOW, ONE_DAY
from tests.repos.github_server import GitHubServer
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user() -> User:
    return UserFactory.create(email="ada@example.org", email_verified=True)


@pytest.fixture
def repository(user: User) -> TrackedRepository:
    return RepositoryFactory.create(
        user=user, owner="octo", name="hello", created_at=NOW, last_fetched_at=NOW
    )


def subjects() -> list[str]:
    return [str(one.subject) for one in mail.outbox]


def fails(repository: TrackedRepository, days: int = 3) -> None:
    repository.failed_days, repository.last_error = days, "GitHub refuses (403): do this."
    repository.save()


class TestCauses:
    @pytest.mark.parametrize(("days", "sent"), [(8, 0), (7, 1), (1, 1), (-2, 1)])
    def test_a_token_that_expires_within_seven_days(self, days: int, sent: int, user: User) -> None:
        store_github_credential(user=user, token="ghp_own", now=NOW)
        store_expiry([user.pk], NOW + days * ONE_DAY, asked_at=NOW)

        queue_due_alerts(now=NOW)

        assert len(mail.outbox) == sent
        if sent:
            assert mail.outbox[0].to == ["ada@example.org"]
            assert "POST /api/users/github" in mail.outbox[0].body
            assert f"{NOW + days * ONE_DAY:%Y-%m-%d}" in mail.outbox[0].body
            assert "ghp_own" not in mail.outbox[0].body
            has_expired = days < 0
            assert mail.outbox[0].subject.endswith("has expired" if has_expired else "expires soon")
            assert ("expired on" in mail.outbox[0].body) is has_expired

    @pytest.mark.parametrize(("days", "sent"), [(2, 0), (3, 1), (9, 1)])
    def test_three_daily_fetches_that_failed(
        self, days: int, sent: int, repository: TrackedRepository
    ) -> None:
        fails(repository, days)

        queue_due_alerts(now=NOW)

        assert len(mail.outbox) == sent
        if sent:
            assert "octo/hello: GitHub refuses (403): do this." in mail.outbox[0].body

    @pytest.mark.parametrize(("days_ago", "sent"), [(8, 0), (9, 1), (20, 1)])
    def test_days_that_are_lost_within_five_days(
        self, days_ago: int, sent: int, repository: TrackedRepository
    ) -> None:
        queue_due_alerts(now=NOW + days_ago * ONE_DAY)

        assert len(mail.outbox) == sent
        if sent:
            assert "2026-04-03" in mail.outbox[0].body

    def test_causes_neither_demo_nor_archived_nor_replaced_repositories_lose_days(
        self, user: User
    ) -> None:
        for fields in ({"is_demo": True}, {"archived": True}, {"replaced_at": NOW}):
            RepositoryFactory.create(user=user, created_at=NOW, **fields)

        queue_due_alerts(now=NOW + 20 * ONE_DAY)

        assert mail.outbox == []

    def test_many_repositories_are_one_mail(self, user: User) -> None:
        for n in range(25):
            fails(RepositoryFactory.create(user=user, name=f"r{n:02}", created_at=NOW))

        queue_due_alerts(now=NOW)

        (message,) = mail.outbox
        assert message.body.count("octo/r") == 20
        assert "and 5 more" in message.body


class TestOncePerCauseAndWeek:
    def test_once_per_cause_and_week_is_told_again_after_a_week(
        self, repository: TrackedRepository
    ) -> None:
        fails(repository)
        for days in (0, 1, 6.9):
            queue_due_alerts(now=NOW + timedelta(days=days))
        assert len(mail.outbox) == 1

        queue_due_alerts(now=NOW + 7 * ONE_DAY)

        assert len(mail.outbox) == 2

    def test_other_causes_have_mails_of_their_own(self, repository: TrackedRepository) -> None:
        fails(repository)
        queue_due_alerts(now=NOW)
        queue_due_alerts(now=NOW + 9 * ONE_DAY)

        assert len(set(subjects())) == 2


class TestEndOfARun:
    def test_end_of_a_run_mails_go_by_githubs_clock(
        self, user: User, github_server: GitHubServer, settings: Settings, tmp_path: Path
    ) -> None:
        settings.DATA_DIR = tmp_path
        github_server.now = lambda: NOW
        store_github_credential(user=user, token="ghp_own", now=NOW)
        github_server.add("octo/hello")
        RepositoryFactory.create(user=user, name="hello", created_at=NOW)
        # In six days by GitHub's clock, months ago by this machine's.
        expiry = NOW + 6 * ONE_DAY
        github_server.headers["GitHub-Authentication-Token-Expiration"] = f"{expiry:%F %T} UTC"

        call_command("fetch_traffic", stdout=StringIO(), stderr=StringIO())
        call_command("fetch_traffic", stdout=StringIO(), stderr=StringIO())

        assert subjects() == ["Your GitHub token for Foyer expires soon"]


class TestWhoGetsThem:
    @pytest.mark.parametrize(
        "change", [{"email_verified": False}, {"email": None}, {"is_active": False}]
    )
    def test_nobody_without_a_verified_address(
        self, change: dict[str, Any], user: User, repository: TrackedRepository
    ) -> None:
        fails(repository)
        User.objects.filter(pk=user.pk).update(**change)

        queue_due_alerts(now=NOW)

        assert mail.outbox == []

    def test_nobody_who_switched_them_off(
        self, client: APIClient, repository: TrackedRepository
    ) -> None:
        fails(repository)
        assert client.post("/api/users/alerts", {"email": False}).status_code == 202
        queue_due_alerts(now=NOW)
        assert mail.outbox == []

        assert client.post("/api/users/alerts", {"email": True}).status_code == 202
        queue_due_alerts(now=NOW)
        assert len(mail.outbox) == 1

    def test_switching_them_on_needs_a_proven_address(self, user: User, client: APIClient) -> None:
        User.objects.filter(pk=user.pk).update(email_verified=False)

        answer = client.post("/api/users/alerts", {"email": True})

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "email_not_verified"
        assert client.post("/api/users/alerts", {"email": False}).status_code == 202
        assert not AlertPreference.objects.get().email

    @pytest.mark.parametrize("body", [{}, {"email": None}, {"email": "perhaps"}, []])
    def test_anything_else_is_rejected(self, body: Any, client: APIClient) -> None:
        assert client.post("/api/users/alerts", body, format="json").status_code == 400
