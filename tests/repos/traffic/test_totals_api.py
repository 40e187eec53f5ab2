"""`/api/traffic`, `/api/traffic.zip`, and referrers and paths over time."""

import io
import re
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from repos.imports.reading import read_import
from repos.models import PopularitySnapshot, TrackedRepository, TrafficDay
from tests.factories import RepositoryFactory, UserFactory
from tests.repos.conftest import TokenApi
from users.models import User

pytestmark = pytest.mark.django_db
FIRST = date(2026, 3, 1)


def shared_page(client: APIClient) -> str:
    """The page of all repositories."""
    token = client.post("/api/users/share").json()["token"]
    return Client().get(f"/users/{token}/repos").content.decode()


def day(repository: TrackedRepository, n: int, **figures: Any) -> None:
    TrafficDay.objects.create(
        repository=repository, date=FIRST + timedelta(days=n), complete=True, **figures
    )


class TestTotals:
    def test_views_and_clones_are_added_up_per_day(self, user: User, client: APIClient) -> None:
        one, two = RepositoryFactory.create(user=user), RepositoryFactory.create(user=user)
        day(one, 0, views=5, unique_visitors=3, clones=1, window_views=50, window_clones=9)
        day(two, 0, views=7, unique_visitors=3, clones=None, window_views=70, window_clones=None)
        day(two, 1, views=None, clones=0)
        day(RepositoryFactory.create(), 0, views=1000, clones=1000, window_views=1000)

        assert client.get("/api/traffic").json() == {
            "traffic": [
                {"date": "2026-03-01", "views": 12, "clones": 1, "repositories": 2},
                {"date": "2026-03-02", "views": None, "clones": 0, "repositories": 1},
            ],
            "last_14_days": {"views": 120, "clones": 9},
        }

    def test_the_newest_window_of_each_repository_counts(
        self, user: User, client: APIClient
    ) -> None:
        repository = RepositoryFactory.create(user=user)
        day(repository, 0, window_views=50, window_clones=9)
        day(repository, 1, window_views=40, window_clones=8)
        day(repository, 2)

        assert client.get("/api/traffic").json()["last_14_days"] == {"views": 40, "clones": 8}

    def test_a_repository_that_is_followed_under_two_names_counts_once(
        self, user: User, client: APIClient, token_api: TokenApi
    ) -> None:
        renamed, present = (RepositoryFactory.create(user=user, github_id=7) for _ in range(2))
        other, theirs = (
            RepositoryFactory.create(user=owner, github_id=github_id)
            for owner, github_id in ((user, 8), (UserFactory.create(), 7))
        )
        day(renamed, 0, views=9, clones=2)
        day(renamed, 1, views=5, clones=None, window_views=50, window_clones=9)
        day(present, 1, views=4, clones=3, window_views=50, window_clones=9)
        day(present, 2, views=1, clones=0, window_views=40, window_clones=8)
        day(other, 1, views=100, clones=10, window_views=700, window_clones=70)
        day(theirs, 1, views=1000)

        body = client.get("/api/traffic").json()

        assert body == {
            "traffic": [
                {"date": "2026-03-01", "views": 9, "clones": 2, "repositories": 1},
                {"date": "2026-03-02", "views": 105, "clones": 13, "repositories": 2},
                {"date": "2026-03-03", "views": 1, "clones": 0, "repositories": 1},
            ],
            "last_14_days": {"views": 740, "clones": 78},
        }
        page = shared_page(client)
        table = page.partition('id="traffic-total"')[2].partition("</table>")[0]
        assert re.findall("<tr>(<td>.*)</tr>", table) == [
            "".join(f"<td>{figure}</td>" for figure in one.values()) for one in body["traffic"]
        ]
        assert "740 and 78 in GitHub" in page

    @pytest.mark.parametrize(("age", "views"), [(13, 57), (14, 50)])
    def test_figures_of_other_14_days_than_the_newest_are_not_among_the_last(
        self, age: int, views: int, user: User, client: APIClient
    ) -> None:
        archived, present = (RepositoryFactory.create(user=user) for _ in range(2))
        day(archived, 0, views=7, window_views=7, window_clones=1)
        day(present, age, views=50, window_views=50, window_clones=2)

        body = client.get("/api/traffic").json()

        assert body["last_14_days"]["views"] == views
        assert f"{views} and" in shared_page(client)

    def test_the_range_limits_the_days(self, user: User, client: APIClient) -> None:
        repository = RepositoryFactory.create(user=user)
        for n in range(5):
            day(repository, n, views=n)

        body = client.get("/api/traffic?start=2026-03-02&end=2026-03-03").json()

        assert [one["date"] for one in body["traffic"]] == ["2026-03-02", "2026-03-03"]
        assert client.get("/api/traffic?start=x").status_code == 400

    def test_totals_of_nothing(self, client: APIClient) -> None:
        assert client.get("/api/traffic").json() == {
            "traffic": [],
            "last_14_days": {"views": None, "clones": None},
        }

    def test_the_largest_figures_stay_figures(self, user: User, client: APIClient) -> None:
        for _ in range(3):
            day(RepositoryFactory.create(user=user), 0, views=10**14, clones=1)

        [total] = client.get("/api/traffic").json()["traffic"]

        assert total["views"] == 3 * 10**14

    @pytest.mark.parametrize("repositories", [1, 20])
    def test_totals_costs_the_same_queries_for_any_number(
        self,
        repositories: int,
        user: User,
        client: APIClient,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _ in range(repositories):
            day(RepositoryFactory.create(user=user), 0, views=1)

        with django_assert_num_queries(3):
            client.get("/api/traffic")


def two_of_one_name(user: User) -> tuple[TrackedRepository, TrackedRepository]:
    """A closed history with a day, and the one that was begun after it with another."""
    former = RepositoryFactory.create(
        user=user, owner="octo", name="One", key="octo/one", replaced_at=timezone.now()
    )
    present = RepositoryFactory.create(user=user, owner="octo", name="one", key="octo/one")
    day(former, 0, views=5)
    day(present, 5, views=7)
    return former, present


class TestZip:
    def test_zip_has_one_csv_for_each_repository(self, user: User, client: APIClient) -> None:
        one = RepositoryFactory.create(user=user, owner="octo", name="one", key="octo/one")
        two = RepositoryFactory.create(user=user, owner="octo", name="two", key="octo/two")
        RepositoryFactory.create()
        day(one, 0, views=5, unique_visitors=3)

        response = client.get("/api/traffic.zip")
        archive = zipfile.ZipFile(io.BytesIO(response.getvalue()))

        assert response["Content-Type"] == "application/zip"
        assert response["Content-Disposition"] == 'attachment; filename="traffic.zip"'
        assert response["Cache-Control"] == "no-store"
        assert response.streaming
        assert archive.testzip() is None
        assert archive.namelist() == ["octo/one/traffic.csv", "octo/two/traffic.csv"]
        for repository in (one, two):
            csv = client.get(f"/api/repos/{repository.uuid}/traffic.csv").content
            assert archive.read(f"{repository.full_name}/traffic.csv") == csv

    def test_two_histories_of_one_name_have_a_folder_each(
        self, user: User, client: APIClient
    ) -> None:
        former, present = two_of_one_name(user)

        content = client.get("/api/traffic.zip").getvalue()

        archive = zipfile.ZipFile(io.BytesIO(content))
        csv = {
            one: client.get(f"/api/repos/{one.uuid}/traffic.csv").content
            for one in (former, present)
        }
        assert {name: archive.read(name) for name in archive.namelist()} == {
            f"octo/One-{str(former.uuid)[:8]}/traffic.csv": csv[former],
            "octo/one/traffic.csv": csv[present],
        }

    @pytest.mark.parametrize("path", ["/api/traffic.zip", "/users/me/export"])
    def test_an_import_takes_the_history_of_the_present_of_two_of_one_name(
        self, path: str, user: User, client: APIClient
    ) -> None:
        two_of_one_name(user)
        if path == "/users/me/export":
            client.credentials()
            client.force_authenticate(user)
        content = client.get(path).getvalue()
        copy = RepositoryFactory.create(owner="octo", name="one")

        found = read_import(
            content, file_name="", wanted=copy.repository_name, today=FIRST + timedelta(days=9)
        )

        assert list(found.days) == [FIRST + timedelta(days=5)]

    def test_the_zip_of_one_installation_is_the_import_of_another(
        self, user: User, client: APIClient, token_api: TokenApi
    ) -> None:
        names = ("one", "two")
        for n, name in enumerate(names):
            repository = RepositoryFactory.create(
                user=user, owner="octo", name=name, key=f"octo/{name}"
            )
            day(repository, n, views=5 + n, unique_visitors=3, clones=None)
        content = client.get("/api/traffic.zip").getvalue()
        other = UserFactory.create()
        copies = [
            RepositoryFactory.create(user=other, owner="octo", name=name, key=f"octo/{name}")
            for name in names
        ]
        theirs = token_api(other)

        for copy in copies:
            response = theirs.post(
                f"/api/repos/{copy.uuid}/import",
                {"file": SimpleUploadedFile("traffic.zip", content)},
                format="multipart",
            )
            assert response.json()["days"] == 1

        assert theirs.get("/api/traffic.zip").getvalue() == content

    @pytest.mark.parametrize(
        ("accept", "status"),
        [("application/zip", 200), ("*/*", 200), ("application/json", 200), ("image/png", 406)],
    )
    def test_zip_accept(self, accept: str, status: int, client: APIClient) -> None:
        response = client.get("/api/traffic.zip", HTTP_ACCEPT=accept)

        assert response.status_code == status

    def test_an_error_is_json_even_for_those_who_want_a_zip(self, client: APIClient) -> None:
        client.credentials()

        response = client.get("/api/traffic.zip", HTTP_ACCEPT="application/zip")

        assert response.status_code == 401
        assert response["Content-Type"] == "application/json"

    @pytest.mark.parametrize("repositories", [1, 20])
    def test_zip_costs_the_same_queries_for_twenty_repositories(
        self,
        repositories: int,
        user: User,
        client: APIClient,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _ in range(repositories):
            RepositoryFactory.create(user=user)

        with django_assert_num_queries(3):
            client.get("/api/traffic.zip").getvalue()


def snapshot(
    repository: TrackedRepository, kind: str, first: int, last: int, entries: list[dict[str, Any]]
) -> None:
    PopularitySnapshot.objects.create(
        repository=repository,
        kind=kind,
        first_date=FIRST + timedelta(days=first),
        last_date=FIRST + timedelta(days=last),
        entries=entries,
    )


def referrer(name: str, views: int) -> dict[str, Any]:
    return {"referrer": name, "views": views, "unique_visitors": views // 2}


class TestPopularityOverTime:
    @pytest.fixture
    def repository(self, user: User) -> TrackedRepository:
        repository = RepositoryFactory.create(user=user)
        snapshot(repository, "referrers", 0, 1, [referrer("Google", 10), referrer("Bing", 4)])
        snapshot(repository, "referrers", 3, 3, [referrer("Hacker News", 90), referrer("Bing", 5)])
        return repository

    def test_every_referrer_day_by_day_most_visited_first(
        self, repository: TrackedRepository, client: APIClient
    ) -> None:
        assert client.get(f"/api/repos/{repository.uuid}/referrers").json() == [
            {
                "referrer": "Hacker News",
                "days": [{"date": "2026-03-04", "views": 90, "unique_visitors": 45}],
            },
            {
                "referrer": "Google",
                "days": [
                    {"date": "2026-03-01", "views": 10, "unique_visitors": 5},
                    {"date": "2026-03-02", "views": 10, "unique_visitors": 5},
                ],
            },
            {
                "referrer": "Bing",
                "days": [
                    {"date": "2026-03-01", "views": 4, "unique_visitors": 2},
                    {"date": "2026-03-02", "views": 4, "unique_visitors": 2},
                    {"date": "2026-03-04", "views": 5, "unique_visitors": 2},
                ],
            },
        ]

    def test_the_range_cuts_a_snapshot_that_stands_for_several_days(
        self, repository: TrackedRepository, client: APIClient
    ) -> None:
        body = client.get(
            f"/api/repos/{repository.uuid}/referrers?start=2026-03-02&end=2026-03-03"
        ).json()

        assert {entry["referrer"]: [day["date"] for day in entry["days"]] for entry in body} == {
            "Google": ["2026-03-02"],
            "Bing": ["2026-03-02"],
        }

    def test_a_path_has_its_newest_title(
        self, repository: TrackedRepository, client: APIClient
    ) -> None:
        for n, title in enumerate(("Old", "New")):
            entry = {"path": "/a", "title": title, "views": 3, "unique_visitors": 1}
            snapshot(repository, "paths", n, n, [entry])

        [path] = client.get(f"/api/repos/{repository.uuid}/paths").json()

        assert (path["path"], path["title"], len(path["days"])) == ("/a", "New", 2)

    def test_more_than_githubs_ten_come_together(
        self, repository: TrackedRepository, client: APIClient
    ) -> None:
        for n in range(4, 8):
            snapshot(
                repository, "referrers", n, n, [referrer(f"site {n} {m}", m) for m in range(10)]
            )

        assert len(client.get(f"/api/repos/{repository.uuid}/referrers").json()) == 43

    def test_others_repositories_and_wrong_ranges(
        self, repository: TrackedRepository, client: APIClient
    ) -> None:
        theirs = RepositoryFactory.create()

        for name in ("referrers", "paths"):
            assert client.get(f"/api/repos/{theirs.uuid}/{name}").status_code == 404
            path = f"/api/repos/{repository.uuid}/{name}"
            assert client.get(f"{path}?start=2026-13-01").status_code == 400
            assert client.get(f"{path}?start=9999-12-31&end=9999-12-31").json() == []
