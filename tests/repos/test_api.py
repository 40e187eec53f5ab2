"""The traffic API over HTTP, to the letter of its brief."""

import re
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from huey.contrib.djhuey import HUEY
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from repos.credentials.services import store_github_credential
from repos.models import (
    ApiToken,
    GitHubCredential,
    PopularitySnapshot,
    ShareToken,
    TrackedRepository,
    TrafficDay,
)
from repos.models.token import digest_of
from repos.traffic.merging import FIGURES
from tests.conftest import ApiAs
from tests.factories import RepositoryFactory, UserFactory
from tests.repos.conftest import TokenApi
from tests.repos.github_server import GitHubServer, Traffic
from users.models import User

pytestmark = pytest.mark.django_db

URL = "https://github.com/octo/hello"
TOKEN = re.compile(r"[0-9a-f]{32}")


def refused(response: Any, status: int) -> str:
    assert response.status_code == status, response.content
    body = response.json()
    assert isinstance(body["error"], str)
    assert body["error"]
    assert body["errors"]
    return str(body["error"])


class TestSignUpByEmail:
    def test_sign_up_by_email_gives_a_token_that_works_and_keeps_its_digest_only(
        self, api: APIClient
    ) -> None:
        response = api.post("/api/users/create", {"email": "Ada@Example.org"})

        assert response.status_code == 200
        assert list(response.json()) == ["token"]
        token = response.json()["token"]
        assert TOKEN.fullmatch(token)
        stored = ApiToken.objects.get()
        assert stored.digest == digest_of(token)
        assert stored.user.email == "ada@example.org"
        assert not stored.user.has_usable_password()
        assert api.get("/api/repos", HTTP_X_API_TOKEN=token).json() == []

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"email": None},
            {"email": ""},
            {"email": "ada"},
            {"email": "ada@"},
            {"email": "a b@example.org"},
            {"email": 7},
            {"email": ["ada@example.org"]},
            {"email": {"a": 1}},
            {"email": "a" * 300 + "@example.org"},
            {"email": "ada@example.org\nbcc: all@example.org"},
        ],
    )
    def test_sign_up_by_email_refuses_what_is_no_address(self, body: Any, api: APIClient) -> None:
        refused(api.post("/api/users/create", body), 400)
        assert not User.objects.exists()

    def test_sign_up_by_email_refuses_a_taken_address_whatever_the_case(
        self, api: APIClient
    ) -> None:
        UserFactory.create(email="ada@example.org")

        refused(api.post("/api/users/create", {"email": "ADA@example.org"}), 400)

    @pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"email": "a@b.org",}', "\xff"])
    def test_sign_up_by_email_refuses_what_is_no_json_object(
        self, body: str, api: APIClient
    ) -> None:
        refused(
            api.generic("POST", "/api/users/create", body, content_type="application/json"), 400
        )

    def test_sign_up_by_email_refuses_another_media_type(self, api: APIClient) -> None:
        refused(
            api.generic("POST", "/api/users/create", "email=a@b.org", content_type="text/plain"),
            415,
        )

    def test_sign_up_by_email_does_not_look_at_credentials(self, api: APIClient) -> None:
        response = api.post(
            "/api/users/create",
            {"email": "ada@example.org"},
            HTTP_X_API_TOKEN="wrong",
            HTTP_AUTHORIZATION="Bearer wrong",
        )

        assert response.status_code == 200


EVERY_OTHER_CALL = [
    ("post", "/api/users/token"),
    ("post", "/api/users/share"),
    ("post", "/api/users/unshare"),
    ("post", "/api/users/github"),
    ("post", "/api/repos/create"),
    ("get", "/api/repos"),
    ("get", "/api/repos/7d0e2a52-96c1-4a6c-8a0e-4bb6a1a4f7c3"),
    ("post", "/api/repos/7d0e2a52-96c1-4a6c-8a0e-4bb6a1a4f7c3/delete"),
    ("get", "/api/repos/7d0e2a52-96c1-4a6c-8a0e-4bb6a1a4f7c3/traffic.csv"),
    ("post", "/api/repos/7d0e2a52-96c1-4a6c-8a0e-4bb6a1a4f7c3/import"),
]


class TestAuthentication:
    @pytest.mark.parametrize(("method", "path"), EVERY_OTHER_CALL)
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"HTTP_X_API_TOKEN": ""},
            {"HTTP_X_API_TOKEN": "0" * 32},
            {"HTTP_X_API_TOKEN": "é" * 32},
            {"HTTP_AUTHORIZATION": "Bearer nonsense"},
        ],
    )
    def test_every_other_call_wants_a_valid_token(
        self, method: str, path: str, headers: dict[str, str], api: APIClient
    ) -> None:
        response = getattr(api, method)(path, **headers)

        refused(response, 401)
        assert response["WWW-Authenticate"]

    def test_the_bearer_of_a_registered_user_works_too(self, user: User, api_as: ApiAs) -> None:
        RepositoryFactory.create(user=user)

        assert len(api_as(user).get("/api/repos").json()) == 1

    def test_the_token_of_an_inactive_user_does_not(self, user: User, client: APIClient) -> None:
        User.objects.filter(pk=user.pk).update(is_active=False)

        refused(client.get("/api/repos"), 401)

    def test_a_share_token_opens_no_call(self, client: APIClient, api: APIClient) -> None:
        token = client.post("/api/users/share").json()["token"]

        refused(api.get("/api/repos", HTTP_X_API_TOKEN=token), 401)

    def test_an_api_token_opens_nothing_outside(self, client: APIClient) -> None:
        refused(client.get("/users/me"), 401)


class TestTokens:
    def test_a_registered_user_gets_one_and_the_next_replaces_it(
        self, user: User, api_as: ApiAs, api: APIClient
    ) -> None:
        bearer = api_as(user)
        first = bearer.post("/api/users/token").json()["token"]
        second = bearer.post("/api/users/token").json()["token"]

        assert TOKEN.fullmatch(second)
        refused(api.get("/api/repos", HTTP_X_API_TOKEN=first), 401)
        assert api.get("/api/repos", HTTP_X_API_TOKEN=second).status_code == 200

    def test_sharing_and_its_end(self, client: APIClient) -> None:
        first = client.post("/api/users/share")
        second = client.post("/api/users/share").json()

        assert first.status_code == 200
        assert second["url"] == f"http://testserver/users/{second['token']}/repos"
        assert ShareToken.objects.get().digest == digest_of(second["token"])
        assert client.post("/api/users/unshare").status_code == 202
        assert not ShareToken.objects.exists()
        assert client.post("/api/users/unshare").status_code == 202

    def test_a_github_token_is_stored_unreadably_and_removed(
        self, user: User, client: APIClient
    ) -> None:
        secret = "ghp_" + "a" * 36

        response = client.post("/api/users/github", {"token": secret})

        assert response.status_code == 202
        assert secret not in response.content.decode()
        assert secret not in GitHubCredential.objects.get(user=user).encrypted
        assert client.post("/api/users/github", {"token": None}).status_code == 202
        assert not GitHubCredential.objects.exists()

    @pytest.mark.parametrize(
        "body",
        [{}, {"token": ""}, {"token": 1}, {"token": "a b"}, {"token": "a\r\nX: y"}, {"token": "é"}],
    )
    def test_a_github_token_that_no_header_takes_is_refused(
        self, body: Any, client: APIClient
    ) -> None:
        refused(client.post("/api/users/github", body), 400)


class TestFollowing:
    def test_following_answers_the_id_and_lists_the_canonical_url(self, client: APIClient) -> None:
        response = client.post(
            "/api/repos/create", {"url": "http://www.github.com/octo/hello.git/"}
        )

        assert response.status_code == 200
        assert list(response.json()) == ["id"]
        assert str(UUID(response.json()["id"])) == response.json()["id"]
        (listed,) = client.get("/api/repos").json()
        assert list(listed) == ["id", "url", "created_at"]
        assert listed["id"] == response.json()["id"]
        assert listed["url"] == URL
        assert listed["created_at"].endswith("Z")

    def test_following_once_per_user_whatever_the_case(
        self, client: APIClient, token_api: TokenApi
    ) -> None:
        client.post("/api/repos/create", {"url": URL})

        error = refused(client.post("/api/repos/create", {"url": URL.upper()}), 400)
        again = refused(
            client.post("/api/repos/create", {"url": "https://github.com/OCTO/Hello"}), 400
        )
        other = token_api(UserFactory.create()).post("/api/repos/create", {"url": URL})

        assert error
        assert "already" in again
        assert other.status_code == 200

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"url": None},
            {"url": ""},
            {"url": 5},
            {"url": [URL]},
            {"url": "octo/hello"},
            {"url": "https://example.org/octo/hello"},
            {"url": URL + "\n/x"},
            {"url": URL + "/issues"},
            {"url": "https://github.com/octo/.."},
            {"url": "x" * 100_000},
        ],
    )
    def test_following_refuses_what_is_no_repository(self, body: Any, client: APIClient) -> None:
        refused(client.post("/api/repos/create", body), 400)
        assert not TrackedRepository.objects.exists()

    def test_a_deeper_path_is_told_the_right_form(self, client: APIClient) -> None:
        error = refused(client.post("/api/repos/create", {"url": URL + "/tree/main"}), 400)

        assert "https://github.com/owner/name" in error
        assert URL in error

    @pytest.mark.parametrize("count", [1, 20])
    def test_the_list_is_whole_and_costs_the_same(
        self,
        count: int,
        user: User,
        client: APIClient,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        RepositoryFactory.create_batch(count, user=user)
        RepositoryFactory.create()

        with django_assert_num_queries(2):
            listed = client.get("/api/repos?page_size=1&cursor=nonsense").json()

        assert len(listed) == count

    @pytest.mark.django_db(transaction=True)
    def test_the_first_fetch_follows_in_the_background(
        self, client: APIClient, github_server: GitHubServer
    ) -> None:
        today = datetime.now(UTC).date()
        github_server.add("octo/hello", traffic={today - timedelta(days=5): Traffic(9, 4, 3, 2)})

        created = client.post("/api/repos/create", {"url": URL}).json()

        detail = client.get(f"/api/repos/{created['id']}").json()
        assert [day["views"] for day in detail["traffic"] if day["views"]] == [9]
        assert detail["last_error"] is None

    @pytest.mark.django_db(transaction=True)
    def test_without_the_queue_the_first_fetch_runs_beside_the_request(
        self,
        client: APIClient,
        github_server: GitHubServer,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def broken(*arguments: Any) -> None:
            raise ConnectionError("the queue is gone")

        monkeypatch.setattr(HUEY, "enqueue", broken)
        today = datetime.now(UTC).date()
        github_server.add("octo/hello", traffic={today - timedelta(days=5): Traffic(9, 4, 3, 2)})

        assert client.post("/api/repos/create", {"url": URL}).status_code == 200

        # Else it would go on during the next test, on a database that is being emptied.
        for thread in threading.enumerate():
            if thread.name == "fetch_repository":
                thread.join(timeout=60)
        assert TrafficDay.objects.filter(views=9).exists()
        assert "cannot be reached; fetch_repository runs here" in caplog.text


def day_row(repository: TrackedRepository, day: date, **figures: Any) -> TrafficDay:
    zeros = dict.fromkeys(FIGURES, 0)
    return TrafficDay.objects.create(repository=repository, date=day, **(zeros | figures))


class TestDetail:
    @pytest.fixture
    def repository(self, user: User) -> TrackedRepository:
        repository = RepositoryFactory.create(
            user=user, last_fetched_at=datetime(2026, 3, 10, 3, 17, 5, tzinfo=UTC)
        )
        day_row(repository, date(2026, 3, 9), views=3, complete=False)
        day_row(repository, date(2026, 3, 1), views=5, unique_visitors=4, complete=True)
        day_row(
            repository,
            date(2026, 3, 10),
            clones=2,
            unique_cloners=1,
            window_views=8,
            window_unique_visitors=6,
            window_clones=2,
            window_unique_cloners=1,
        )
        PopularitySnapshot.objects.create(
            repository=repository,
            kind="paths",
            first_date=date(2026, 3, 10),
            last_date=date(2026, 3, 10),
            entries=[{"path": "/a", "title": "A", "views": 2, "unique_visitors": 1}],
        )
        return repository

    def test_detail_shows_everything(
        self, repository: TrackedRepository, client: APIClient
    ) -> None:
        body = client.get(f"/api/repos/{repository.uuid}").json()

        assert list(body) == [
            "id",
            "url",
            "created_at",
            "traffic",
            "last_14_days",
            "referrers",
            "paths",
            "last_fetched_at",
            "last_error",
            "growth",
            "weeks",
            "downloads",
            "releases",
            "archived",
            "credential_expires_at",
        ]
        assert body["traffic"][0] == {
            "date": "2026-03-01",
            "views": 5,
            "unique_visitors": 4,
            "clones": 0,
            "unique_cloners": 0,
            "complete": True,
        }
        assert [day["date"] for day in body["traffic"]] == [
            "2026-03-01",
            "2026-03-09",
            "2026-03-10",
        ]
        assert body["last_14_days"] == {
            "views": 8,
            "unique_visitors": 6,
            "clones": 2,
            "unique_cloners": 1,
            "as_of": "2026-03-10T03:17:05.000000Z",
        }
        assert body["referrers"] == []
        assert body["paths"] == [{"path": "/a", "title": "A", "views": 2, "unique_visitors": 1}]
        assert body["last_fetched_at"] == "2026-03-10T03:17:05.000000Z"

    def test_detail_shows_growth_weeks_downloads_and_releases(
        self, user: User, repository: TrackedRepository, client: APIClient
    ) -> None:
        repository.facts.create(
            date=date(2026, 3, 9), stars=7, forks=3, watchers=5, open_issues=None
        )
        repository.weeks.create(week=date(2026, 3, 2), views=9, unique_visitors=4)
        repository.download_days.create(date=date(2026, 3, 8), downloads=12)
        repository.releases.create(
            github_id=1,
            tag="v1",
            published_at=datetime(2026, 1, 5, 10, tzinfo=UTC),
            downloads=130,
        )
        store_github_credential(user=user, token="ghp_own", now=datetime(2026, 3, 1, tzinfo=UTC))
        expiry = datetime(2026, 9, 1, 8, 15, 54, tzinfo=UTC)
        user.github_credential.expires_at = expiry
        user.github_credential.save()
        path = f"/api/repos/{repository.uuid}"

        body = client.get(path).json()
        later = client.get(f"{path}?start=2026-03-10").json()

        assert body["growth"] == [
            {"date": "2026-03-09", "stars": 7, "forks": 3, "watchers": 5, "open_issues": None}
        ]
        assert body["weeks"] == [
            {
                "week": "2026-03-02",
                "views": 9,
                "unique_visitors": 4,
                "clones": None,
                "unique_cloners": None,
            }
        ]
        assert body["downloads"] == [{"date": "2026-03-08", "downloads": 12}]
        (release,) = body["releases"]
        assert (release["tag"], release["name"], release["downloads"]) == ("v1", "", 130)
        assert release["published_at"].startswith("2026-01-05T10:00:00")
        assert body["archived"] is False
        assert body["credential_expires_at"].startswith("2026-09-01T08:15:54")
        assert later["growth"] == later["weeks"] == later["downloads"] == []
        assert later["releases"] == body["releases"]

    @pytest.mark.parametrize(
        ("query", "days"),
        [
            ("", ["2026-03-01", "2026-03-09", "2026-03-10"]),
            ("?start=&end=", ["2026-03-01", "2026-03-09", "2026-03-10"]),
            ("?start=2026-03-09", ["2026-03-09", "2026-03-10"]),
            ("?end=2026-03-09", ["2026-03-01", "2026-03-09"]),
            ("?start=2026-03-09&end=2026-03-09", ["2026-03-09"]),
            ("?start=2027-01-01", []),
        ],
    )
    def test_detail_takes_a_range_with_both_ends(
        self, query: str, days: list[str], repository: TrackedRepository, client: APIClient
    ) -> None:
        body = client.get(f"/api/repos/{repository.uuid}{query}").json()

        assert [day["date"] for day in body["traffic"]] == days

    @pytest.mark.parametrize(
        "query", ["?start=x", "?end=2026-02-30", "?start=2026-03-02&end=2026-03-01", "?start=%00"]
    )
    def test_detail_refuses_a_range_that_is_none(
        self, query: str, repository: TrackedRepository, client: APIClient
    ) -> None:
        refused(client.get(f"/api/repos/{repository.uuid}{query}"), 400)
        refused(client.get(f"/api/repos/{repository.uuid}/traffic.csv{query}"), 400)

    def test_head_and_a_trailing_slash_are_answered(
        self, repository: TrackedRepository, client: APIClient
    ) -> None:
        assert client.head(f"/api/repos/{repository.uuid}").status_code == 200
        assert client.get(f"/api/repos/{repository.uuid}/").status_code == 200
        assert client.options(f"/api/repos/{repository.uuid}").status_code == 200

    def test_ten_years_of_days_cost_a_fixed_number_of_queries(
        self,
        repository: TrackedRepository,
        client: APIClient,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        TrafficDay.objects.bulk_create(
            TrafficDay(repository=repository, date=date(2016, 1, 1) + timedelta(days=n))
            for n in range(3650)
        )

        with django_assert_num_queries(11):
            body = client.get(f"/api/repos/{repository.uuid}").json()

        assert len(body["traffic"]) == 3653


SOME_ID = "7d0e2a52-96c1-4a6c-8a0e-4bb6a1a4f7c3"
UNKNOWN_IDS = ["nonsense", SOME_ID, "0", "%00", "é", "a" * 4000, SOME_ID.replace("-", "")]


class TestWhatIsNotYours:
    def test_detail_404_delete_400(self, client: APIClient) -> None:
        theirs = RepositoryFactory.create()

        refused(client.get(f"/api/repos/{theirs.uuid}"), 404)
        refused(client.get(f"/api/repos/{theirs.uuid}/traffic.csv"), 404)
        refused(
            client.post(f"/api/repos/{theirs.uuid}/import", "date\n", content_type="text/csv"), 404
        )
        refused(client.post(f"/api/repos/{theirs.uuid}/delete"), 400)
        assert TrackedRepository.objects.filter(pk=theirs.pk).exists()

    @pytest.mark.parametrize("public_id", UNKNOWN_IDS)
    def test_what_is_not_yours_so_is_what_does_not_exist(
        self, public_id: str, client: APIClient
    ) -> None:
        refused(client.get(f"/api/repos/{public_id}"), 404)
        refused(client.post(f"/api/repos/{public_id}/delete"), 400)


class TestDeleting:
    def test_deleting_takes_everything_along(self, user: User, client: APIClient) -> None:
        repository = RepositoryFactory.create(user=user)
        day_row(repository, date(2026, 3, 1))
        PopularitySnapshot.objects.create(
            repository=repository,
            kind="paths",
            first_date=date(2026, 3, 1),
            last_date=date(2026, 3, 1),
            entries=[],
        )

        assert client.post(f"/api/repos/{repository.uuid}/delete").status_code == 202
        assert not TrafficDay.objects.exists()
        assert not PopularitySnapshot.objects.exists()
        refused(client.get(f"/api/repos/{repository.uuid}"), 404)
        refused(client.post(f"/api/repos/{repository.uuid}/delete"), 400)

    def test_a_get_deletes_nothing(self, user: User, client: APIClient) -> None:
        repository = RepositoryFactory.create(user=user)

        response = client.get(f"/api/repos/{repository.uuid}/delete")

        refused(response, 405)
        assert "POST" in response["Allow"]
        assert TrackedRepository.objects.exists()


OWN_CSV = (
    "date,views,unique_visitors,clones,unique_cloners,complete\r\n"
    "2026-01-01,5,4,3,2,true\r\n"
    "2026-01-02,1,1,0,0,false\r\n"
)
# As that project writes it.
GITHUB_REPO_STATS_CSV = (
    "time_iso8601,clones_total,clones_unique,views_total,views_unique\n"
    "2020-12-01 00:00:00+00:00,4,3,59,13\n"
    "2020-12-02 00:00:00+00:00,2,2,91,16\n"
)
FRAGMENT_CSV = (
    "time_iso8601,views_total,views_unique,clones_total,clones_unique\n"
    "2020-12-21 00:00:00+00:00,12,2,,\n"
    "2020-12-22 00:00:00+00:00,40,23,2.0,1.0\n"
)


class TestFiles:
    @pytest.fixture
    def repository(self, user: User) -> TrackedRepository:
        return RepositoryFactory.create(user=user)

    @pytest.fixture
    def send(self, repository: TrackedRepository, client: APIClient) -> Callable[..., Any]:
        def post(body: Any, content_type: str = "text/csv") -> Any:
            return client.generic(
                "POST", f"/api/repos/{repository.uuid}/import", body, content_type=content_type
            )

        return post

    def exported(self, repository: TrackedRepository, client: APIClient) -> str:
        response = client.get(f"/api/repos/{repository.uuid}/traffic.csv")
        assert response.status_code == 200
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        return str(response.content.decode())

    def test_what_goes_in_comes_out(
        self, repository: TrackedRepository, client: APIClient, send: Callable[..., Any]
    ) -> None:
        assert send(OWN_CSV).json() == {
            "days": 2,
            "weeks": 0,
            "files": [{"name": "traffic.csv", "format": "foyer", "days": 2, "weeks": 0}],
        }
        assert self.exported(repository, client) == OWN_CSV

    def test_an_import_is_merged_by_the_maximum(
        self, repository: TrackedRepository, client: APIClient, send: Callable[..., Any]
    ) -> None:
        day_row(repository, date(2026, 1, 1), views=9, clones=1, complete=False)
        day_row(repository, date(2026, 1, 3), views=7)

        send(OWN_CSV)
        send(OWN_CSV)

        assert self.exported(repository, client).splitlines()[1:] == [
            "2026-01-01,9,4,3,2,true",
            "2026-01-02,1,1,0,0,false",
            "2026-01-03,7,0,0,0,false",
        ]

    def test_files_takes_the_files_of_github_repo_stats(
        self, repository: TrackedRepository, client: APIClient, send: Callable[..., Any]
    ) -> None:
        assert send(GITHUB_REPO_STATS_CSV).json()["days"] == 2
        assert send(FRAGMENT_CSV).json()["days"] == 2
        assert self.exported(repository, client).splitlines()[1:] == [
            "2020-12-01,59,13,4,3,false",
            "2020-12-02,91,16,2,2,false",
            "2020-12-21,12,2,,,false",
            "2020-12-22,40,23,2,1,false",
        ]

    def test_files_takes_a_form_with_a_file(
        self, repository: TrackedRepository, client: APIClient
    ) -> None:
        file = SimpleUploadedFile("traffic.csv", b"\xef\xbb\xbf" + OWN_CSV.encode())

        response = client.post(
            f"/api/repos/{repository.uuid}/import", {"file": file}, format="multipart"
        )

        assert response.json()["days"] == 2

    def test_a_day_that_may_still_grow_is_not_complete(
        self, repository: TrackedRepository, client: APIClient, send: Callable[..., Any]
    ) -> None:
        yesterday = datetime.now(UTC).date() - timedelta(days=1)

        send(OWN_CSV.splitlines()[0] + f"\n{yesterday},1,1,1,1,true\n")

        assert self.exported(repository, client).splitlines()[1].endswith(",false")

    @pytest.mark.parametrize(
        "lines",
        [
            "",
            "nonsense",
            "date,views\n2026-01-01,1",
            "date,date,views,unique_visitors,clones,unique_cloners\n",
            "HEADER\n2026-01-01,1,1,1,1",
            "HEADER\n2026-13-01,1,1,1,1,true",
            "HEADER\n2999-01-01,1,1,1,1,true",
            "HEADER\n1999-12-31,1,1,1,1,true",
            "HEADER\n2026-01-01,-1,1,1,1,true",
            "HEADER\n2026-01-01,1.5,1,1,1,true",
            "HEADER\n2026-01-01,1e3,1,1,1,true",
            "HEADER\n2026-01-01,9223372036854775808,1,1,1,true",
            "HEADER\n2026-01-01,1,1,1,1,maybe",
            'HEADER\n"2026-01-01,1,1,1,1,true',
            "HEADER\n2026-01-01\0,1,1,1,1,true",
            "HEADER\n" + "x" * 200_000,
            "time_iso8601,stars_cumulative\n2021-01-14 17:41:02+00:00,1",
        ],
    )
    def test_files_refuses_what_is_no_such_file_and_stores_nothing(
        self, lines: str, send: Callable[..., Any]
    ) -> None:
        header = "date,views,unique_visitors,clones,unique_cloners,complete"

        refused(send(lines.replace("HEADER", header)), 400)
        assert not TrafficDay.objects.exists()

    def test_files_takes_utf_16_with_a_byte_order_mark(self, send: Callable[..., Any]) -> None:
        assert send(b"\xff\xfe" + OWN_CSV.encode("utf-16-le")).json()["days"] == 2

    def test_files_refuses_other_media_types(self, send: Callable[..., Any]) -> None:
        refused(send("{}", "application/json"), 415)

    def test_files_refuses_a_form_without_the_file(
        self, repository: TrackedRepository, client: APIClient
    ) -> None:
        refused(
            client.post(
                f"/api/repos/{repository.uuid}/import", {"body": OWN_CSV}, format="multipart"
            ),
            400,
        )

    @pytest.mark.parametrize(
        ("accept", "status"),
        [("text/csv", 200), ("*/*", 200), ("application/json", 200), ("image/png", 406)],
    )
    def test_files_accept(
        self, accept: str, status: int, repository: TrackedRepository, client: APIClient
    ) -> None:
        response = client.get(f"/api/repos/{repository.uuid}/traffic.csv", HTTP_ACCEPT=accept)

        assert response.status_code == status

    def test_a_refusal_is_json_even_for_those_who_want_csv(self, client: APIClient) -> None:
        response = client.get(f"/api/repos/{SOME_ID}/traffic.csv", HTTP_ACCEPT="text/csv")

        refused(response, 404)
        assert response["Content-Type"].startswith("application/json")
