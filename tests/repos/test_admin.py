"""Repositories in the admin: useful, quick, and silent about secrets."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from repos import models
from repos.credentials.services import store_github_credential
from repos.fetching.services import fetch_repositories
from repos.models import FetchRun, FetchTrigger, TrackedRepository, TrafficDay
from repos.services import tokens
from repos.services.badges import issue_badge_token
from repos.services.notes import add_note
from tests.factories import RepositoryFactory, UserFactory
from tests.repos.github_server import FakeRelease, GitHubServer, Traffic

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 4, 30, tzinfo=UTC)
SECRET = "ghp_nobodyMayEverSeeThisToken0123456789"
MODELS = [
    models.AlertPreference,
    models.ApiToken,
    models.BadgeToken,
    models.DownloadDay,
    models.FetchOutcome,
    models.FetchRun,
    models.FollowedOwner,
    models.GitHubCredential,
    models.Note,
    models.PopularitySnapshot,
    models.Release,
    models.ReleaseAsset,
    models.RepositoryFacts,
    models.SentAlert,
    models.ShareToken,
    models.TrackedRepository,
    models.TrafficDay,
    models.TrafficWeek,
    models.UnfollowedRepository,
]


@pytest.fixture
def fill(github_server: GitHubServer) -> Callable[[int], None]:
    def filled(count: int) -> None:
        github_server.now = lambda: NOW
        for n in range(count):
            github_server.add(
                f"octo/r{n}",
                traffic={NOW.date(): Traffic(30, 20, 10, 10)},
                releases=[FakeRelease(1, "v1", {11: 5})],
            )
            entry = RepositoryFactory.create(name=f"r{n}")
            entry.download_days.create(date=NOW.date(), downloads=1)
            owner = entry.user.followed_owners.create(login="octo", key="octo", created_at=NOW)
            owner.unfollowed.create(key="octo/never")
            models.AlertPreference.objects.create(user=entry.user, email=True)
            entry.user.sent_alerts.create(cause=models.AlertCause.DAYS_LOST, sent_at=NOW)
            tokens.issue_api_token(user=entry.user, now=NOW)
            tokens.issue_share_token(user=entry.user, now=NOW)
            issue_badge_token(repository=entry, now=NOW)
            add_note(repository=entry, date=NOW.date(), text="Launch", now=NOW)
            store_github_credential(user=entry.user, token=f"{SECRET}{n}", now=NOW)
        for entry in TrackedRepository.objects.all():
            fetch_repositories([entry], trigger=FetchTrigger.ADMIN, clock=lambda: NOW)

    return filled


def list_url(model: Any) -> str:
    return reverse(f"admin:repos_{model._meta.model_name}_changelist")


@pytest.mark.parametrize("model", MODELS)
class TestEveryList:
    def test_every_list_is_there_and_costs_the_same_however_long(
        self,
        model: Any,
        fill: Callable[[int], None],
        admin_client: Client,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        fill(6)

        with django_assert_max_num_queries(8):
            response = admin_client.get(list_url(model))

        assert response.status_code == 200
        assert SECRET not in response.content.decode()

    def test_each_row_opens_and_searches_work(
        self, model: Any, fill: Callable[[int], None], admin_client: Client
    ) -> None:
        fill(1)
        row = model.objects.first()

        page = admin_client.get(
            reverse(f"admin:repos_{model._meta.model_name}_change", args=[row.pk])
        )

        assert page.status_code == 200
        assert SECRET not in page.content.decode()
        for secret in ("digest", "encrypted"):
            if hasattr(row, secret):
                assert getattr(row, secret) not in page.content.decode()
        assert admin_client.get(list_url(model) + "?q=octo").status_code == 200

    def test_nothing_is_added_by_hand(self, model: Any, admin_client: Client) -> None:
        add = reverse(f"admin:repos_{model._meta.model_name}_add")

        assert admin_client.get(add).status_code == 403


def test_every_model_is_there() -> None:
    assert {model for model in admin.site._registry if model._meta.app_label == "repos"} == set(
        MODELS
    )


class TestRepositories:
    def test_repositories_fetch_now(
        self,
        admin_client: Client,
        github_server: GitHubServer,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        github_server.add("octo/hello")
        entry = RepositoryFactory.create(name="hello")
        demo = RepositoryFactory.create(is_demo=True)

        with django_capture_on_commit_callbacks(execute=True):
            response = admin_client.post(
                list_url(TrackedRepository),
                {"action": "fetch_now", "_selected_action": [entry.pk, demo.pk]},
                follow=True,
            )

        assert "1 repositories will be fetched" in response.content.decode()
        assert FetchRun.objects.get().trigger == FetchTrigger.ADMIN
        assert TrafficDay.objects.filter(repository=entry).exists()
        assert not TrafficDay.objects.filter(repository=demo).exists()

    @pytest.mark.parametrize(("value", "count"), [("failed", 1), ("fine", 2), ("never", 2)])
    def test_repositories_are_filtered_by_their_last_fetch(
        self, value: str, count: int, admin_client: Client
    ) -> None:
        RepositoryFactory.create(last_error="Gone.")
        RepositoryFactory.create(last_fetched_at=NOW)
        RepositoryFactory.create(last_fetched_at=NOW, archived=True, last_error="Nothing to do.")
        RepositoryFactory.create()

        page = admin_client.get(list_url(TrackedRepository) + f"?fetch={value}")

        assert f"{count} repositor" in page.content.decode()

    def test_repositories_are_deleted_with_their_history(self, admin_client: Client) -> None:
        first, second = RepositoryFactory.create(), RepositoryFactory.create()
        for repository in (first, second):
            TrafficDay.objects.create(repository=repository, date=date(2026, 3, 1), views=5)
        url = reverse("admin:repos_trackedrepository_delete", args=[first.pk])

        page = admin_client.get(url).content.decode()
        admin_client.post(url, {"post": "yes"})
        admin_client.post(
            list_url(TrackedRepository),
            {"action": "delete_selected", "_selected_action": [second.pk], "post": "yes"},
        )

        assert "Days of traffic: 1" in page
        assert not TrackedRepository.objects.exists()
        assert not TrafficDay.objects.exists()

    def test_history_cannot_be_changed_or_deleted(self, admin_client: Client) -> None:
        day = TrafficDay.objects.create(
            repository=RepositoryFactory.create(), date=date(2026, 3, 1), views=5
        )
        url = reverse("admin:repos_trafficday_change", args=[day.pk])

        assert admin_client.post(url, {"views": 1}).status_code == 403
        assert (
            admin_client.post(url.replace("change", "delete"), {"post": "yes"}).status_code == 403
        )

    def test_a_token_can_be_revoked(self, admin_client: Client) -> None:
        user = UserFactory.create()
        tokens.issue_api_token(user=user, now=NOW)

        admin_client.post(
            reverse("admin:repos_apitoken_delete", args=[user.api_token.pk]), {"post": "yes"}
        )

        assert not models.ApiToken.objects.exists()
