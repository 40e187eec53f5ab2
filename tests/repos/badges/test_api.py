"""Badges through HTTP."""

import errno
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from repos.badges import cache
from repos.badges.cache import badge_cache
from repos.models import BadgeToken, TrackedRepository, TrafficDay
from repos.services.badges import withdraw_badge_token
from tests.factories import RepositoryFactory
from users.models import User

METRICS = ("views", "unique-visitors", "clones", "downloads", "stars")


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    badge_cache.clear()


@pytest.fixture
def repository(user: User) -> TrackedRepository:
    return RepositoryFactory.create(user=user)


@pytest.fixture
def token(repository: TrackedRepository, client: APIClient) -> str:
    return str(client.post(f"/api/repos/{repository.uuid}/badge").json()["token"])


@pytest.fixture
def reader() -> Client:
    return Client(raise_request_exception=False)


def day(repository: TrackedRepository, n: int, **figures: Any) -> None:
    TrafficDay.objects.create(
        repository=repository, date=date(2026, 3, 1) + timedelta(days=n), **figures
    )


class TestToken:
    def test_a_badge_has_absolute_addresses(
        self, repository: TrackedRepository, client: APIClient
    ) -> None:
        body = client.post(f"/api/repos/{repository.uuid}/badge").json()

        base = f"http://testserver/badges/{body['token']}/views"
        assert body == {
            "token": body["token"],
            "svg": f"{base}.svg",
            "json": f"{base}.json",
            "markdown": f"![views]({base}.svg)",
        }

    def test_a_repeated_call_gives_the_same_token_until_unbadge(
        self, repository: TrackedRepository, client: APIClient, token: str
    ) -> None:
        again = client.post(f"/api/repos/{repository.uuid}/badge").json()["token"]
        closed = client.post(f"/api/repos/{repository.uuid}/unbadge")
        anew = client.post(f"/api/repos/{repository.uuid}/badge").json()["token"]

        assert again == token
        assert closed.status_code == 202
        assert anew != token

    def test_unbadge_without_a_badge_is_fine(
        self, repository: TrackedRepository, client: APIClient
    ) -> None:
        assert client.post(f"/api/repos/{repository.uuid}/unbadge").status_code == 202

    def test_somebody_elses_repository_is_unknown(self, client: APIClient) -> None:
        theirs = RepositoryFactory.create()

        assert client.post(f"/api/repos/{theirs.uuid}/badge").status_code == 404
        assert client.post(f"/api/repos/{theirs.uuid}/unbadge").status_code == 404

    def test_the_token_opens_badges_and_nothing_else(
        self, repository: TrackedRepository, token: str, reader: Client
    ) -> None:
        assert reader.get(f"/badges/{token}/views.svg").status_code == 200
        assert reader.get(f"/users/{token}/repos").status_code == 404
        assert reader.get("/api/repos", HTTP_X_API_TOKEN=token).status_code == 401


class TestImages:
    def test_each_metric_as_svg_and_as_json(
        self, repository: TrackedRepository, token: str, reader: Client
    ) -> None:
        day(repository, 0, views=1200, unique_visitors=40, clones=3, unique_cloners=1)
        day(repository, 1, views=34, clones=None, window_views=9, window_unique_visitors=77)
        for n, downloads in enumerate((12_000, 345)):
            repository.releases.create(
                github_id=n, tag=f"v{n}", published_at=timezone.now(), downloads=downloads
            )
            repository.facts.create(date=date(2026, 3, 1 + n), stars=999_998 + n)

        told = {
            metric: reader.get(f"/badges/{token}/{metric}.json").json()["message"]
            for metric in METRICS
        }
        drawn = {
            metric: ET.fromstring(reader.get(f"/badges/{token}/{metric}.svg").content)
            for metric in METRICS
        }

        assert told == {
            "views": "1.2k",
            "unique-visitors": "77",
            "clones": "3",
            "downloads": "12k",
            "stars": "1M",
        }
        for metric, root in drawn.items():
            assert root.attrib["aria-label"].endswith(f": {told[metric]}")

    def test_an_unknown_figure_is_no_zero(
        self, repository: TrackedRepository, token: str, reader: Client
    ) -> None:
        day(repository, 0, views=5, unique_visitors=2)

        assert reader.get(f"/badges/{token}/clones.json").json() == {
            "schemaVersion": 1,
            "label": "clones",
            "message": "no data yet",
            "color": "lightgrey",
        }

    def test_without_a_release_there_are_no_downloads_once_github_was_asked(
        self, repository: TrackedRepository, token: str, reader: Client
    ) -> None:
        before = reader.get(f"/badges/{token}/downloads.json").json()["message"]
        TrackedRepository.objects.update(releases_since=date(2026, 3, 1))
        badge_cache.clear()

        after = reader.get(f"/badges/{token}/downloads.json").json()["message"]

        assert (before, after) == ("no data yet", "0")

    def test_the_chart_draws_the_whole_history(
        self, repository: TrackedRepository, token: str, reader: Client
    ) -> None:
        for n in range(3):
            day(repository, n, views=n, unique_visitors=n)

        response = reader.get(f"/badges/{token}/chart.svg")

        assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
        text = response.content.decode()
        assert repository.full_name in text
        assert "2026-03-01" in text
        assert "2026-03-03" in text

    def test_a_chart_without_history_says_so(self, token: str, reader: Client) -> None:
        assert b"No traffic is stored yet." in reader.get(f"/badges/{token}/chart.svg").content

    def test_headers_let_others_cache_it_and_run_nothing(self, token: str, reader: Client) -> None:
        response = reader.get(f"/badges/{token}/views.svg")

        assert response["Cache-Control"] == "public, max-age=3600"
        assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
        assert "script-src" not in response["Content-Security-Policy"]
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert "Set-Cookie" not in response
        assert "Cookie" not in response.get("Vary", "")

    def test_an_unchanged_image_is_not_sent_again(
        self, repository: TrackedRepository, token: str, reader: Client
    ) -> None:
        path = f"/badges/{token}/views.svg"
        etag = reader.get(path)["ETag"]

        unchanged = reader.get(path, HTTP_IF_NONE_MATCH=etag)
        day(repository, 0, views=5)
        badge_cache.clear()
        changed = reader.get(path, HTTP_IF_NONE_MATCH=etag)

        assert unchanged.status_code == 304
        assert unchanged["ETag"] == etag
        assert unchanged["Cache-Control"] == "public, max-age=3600"
        assert changed.status_code == 200

    @pytest.mark.parametrize(
        "name", ["views.svg", "chart.svg", "nonsense.svg", "views.png", "views"]
    )
    @pytest.mark.parametrize("unknown", ["0" * 32, "x", "%00", "é"])
    def test_an_unknown_address_is_an_image_that_says_so(
        self, name: str, unknown: str, reader: Client, db: None
    ) -> None:
        response = reader.get(f"/badges/{unknown}/{name}")

        assert response.status_code == 404
        assert response["Content-Type"].startswith("image/svg+xml")
        assert ET.fromstring(response.content).findtext("{*}title") in (
            "badge: unknown",
            "There is no badge at this address.",
        )

    def test_an_unknown_metric_of_a_known_token_is_unknown_too(
        self, token: str, reader: Client
    ) -> None:
        assert reader.get(f"/badges/{token}/secrets.svg").status_code == 404

    def test_unknown_data_are_an_error_in_json(self, reader: Client, db: None) -> None:
        response = reader.get(f"/badges/{'0' * 32}/views.json")

        assert response.status_code == 404
        assert response.json()["errors"][0]["code"] == "unknown_badge"

    def test_other_methods_are_refused_and_head_answers(self, token: str, reader: Client) -> None:
        path = f"/badges/{token}/views.svg"

        assert reader.post(path).status_code == 405
        assert reader.head(path).status_code == 200
        assert reader.options(path).status_code == 200

    def test_the_badge_of_an_inactive_owner_is_unknown(
        self, user: User, token: str, reader: Client
    ) -> None:
        User.objects.filter(pk=user.pk).update(is_active=False)

        assert reader.get(f"/badges/{token}/views.svg").status_code == 404


class TestCache:
    def test_readers_do_not_reach_the_database_again(
        self, token: str, reader: Client, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        first = reader.get(f"/badges/{token}/views.svg")

        with django_assert_num_queries(0):
            again = reader.get(f"/badges/{token}/views.svg")

        assert again.content == first.content

    def test_an_import_shows_at_once(
        self,
        repository: TrackedRepository,
        token: str,
        client: APIClient,
        reader: Client,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        before = reader.get(f"/badges/{token}/views.json").json()["message"]

        with django_capture_on_commit_callbacks(execute=True):
            client.post(
                f"/api/repos/{repository.uuid}/import",
                "date,views,unique_visitors,clones,unique_cloners\n2026-01-01,5,4,3,2\n",
                content_type="text/csv",
            )

        assert before == "no data yet"
        assert reader.get(f"/badges/{token}/views.json").json()["message"] == "5"

    @pytest.mark.django_db(transaction=True)
    def test_a_change_that_cannot_be_announced_is_stored_all_the_same(
        self,
        repository: TrackedRepository,
        token: str,
        client: APIClient,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def announce() -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(cache, "_announce", announce)

        imported = client.post(
            f"/api/repos/{repository.uuid}/import",
            "date,views,unique_visitors,clones,unique_cloners\n2026-01-01,5,4,3,2\n",
            content_type="text/csv",
        )
        closed = client.post(f"/api/repos/{repository.uuid}/unbadge")

        assert (imported.status_code, closed.status_code) == (200, 202)
        assert "No space left on device" in caplog.text

    @pytest.mark.parametrize("how", ["unbadge", "repository", "user"])
    def test_a_token_that_is_gone_opens_nothing(
        self,
        how: str,
        repository: TrackedRepository,
        token: str,
        reader: Client,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        assert reader.get(f"/badges/{token}/views.svg").status_code == 200

        with django_capture_on_commit_callbacks(execute=True):
            if how == "unbadge":
                withdraw_badge_token(repository=repository)
            else:
                (repository if how == "repository" else repository.user).delete()

        assert reader.get(f"/badges/{token}/views.svg").status_code == 404
        assert not BadgeToken.objects.exists()

    def test_an_entry_serves_for_a_limited_time(
        self,
        repository: TrackedRepository,
        token: str,
        reader: Client,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A change on another machine is seen by then."""
        monkeypatch.setattr(cache, "MAX_AGE_SECONDS", 0.0)
        reader.get(f"/badges/{token}/views.json")
        day(repository, 0, views=5)

        assert reader.get(f"/badges/{token}/views.json").json()["message"] == "5"

    def test_strangers_who_try_tokens_fill_nothing(self, reader: Client, db: None) -> None:
        reader.get(f"/badges/{'0' * 32}/views.svg")

        assert badge_cache._entries == {}

    def test_the_cache_is_bounded(
        self, token: str, reader: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cache, "MAX_ENTRIES", 2)
        for name in ("views.svg", "clones.svg", "views.json"):
            reader.get(f"/badges/{token}/{name}")

        assert list(badge_cache._entries) == [(token, "clones.svg"), (token, "views.json")]
