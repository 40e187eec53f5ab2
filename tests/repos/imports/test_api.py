"""`POST /api/repos/<id>/import` with the files of every keeper."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from repos.models import TrackedRepository, TrafficDay, TrafficWeek
from repos.services import importing
from tests.factories import RepositoryFactory
from tests.repos.imports.samples import (
    GITHUB_CLONES,
    GITHUB_VIEWS,
    GITHUB_WEEKS,
    REPO_STATS_FRAGMENT,
    TRACKER_STATE,
    as_json,
    ghstats_database,
    zipped,
)
from users.models import User

pytestmark = pytest.mark.django_db
Send = Callable[..., Any]
STATS = ghstats_database(
    {1: "octocat/app", 2: "octocat/other"},
    [(1, "2024-07-26T00:00:00Z", 9, 5, 3, 0, 0), (2, "2024-07-27T00:00:00Z", 9, 8, 8, 8, 8)],
)


@pytest.fixture
def repository(user: User) -> TrackedRepository:
    return RepositoryFactory.create(user=user, owner="octocat", name="app", key="octocat/app")


@pytest.fixture
def send(repository: TrackedRepository, client: APIClient) -> Send:
    def post(content: bytes, query: str = "", name: str = "upload.bin") -> Any:
        return client.post(
            f"/api/repos/{repository.uuid}/import{query}",
            {"file": SimpleUploadedFile(name, content)},
            format="multipart",
        )

    return post


def test_the_response_has_the_name_of_the_file_as_it_was_sent(send: Send) -> None:
    name = "Aufrufe größer à la März.json"

    response = send(as_json(GITHUB_CLONES), name=name)

    assert [file["name"] for file in response.json()["files"]] == [name]


def csv_of(repository: TrackedRepository, client: APIClient) -> list[str]:
    response = client.get(f"/api/repos/{repository.uuid}/traffic.csv")
    return str(response.content.decode()).splitlines()[1:]


@pytest.mark.parametrize(
    ("content", "keeper", "stored"),
    [
        (as_json(GITHUB_CLONES), "github", ["2026-03-04,,,9,5,false"]),
        (
            REPO_STATS_FRAGMENT.encode(),
            "github-repo-stats",
            ["2020-12-21,59,13,2,1,false", "2020-12-22,40,23,,,false"],
        ),
        (
            b"_date,total_views,unique_views\n2020-11-16,7,2\n",
            "repository-traffic-action",
            ["2020-11-16,7,2,,,false"],
        ),
        (
            b"repository_name,date,clones,unique_visitors/cloners\r\napp,2017-07-16,7,3\r\n",
            "github-traffic-stats",
            ["2017-07-16,,,7,3,false"],
        ),
        (STATS, "ghstats", ["2024-07-26,5,3,0,0,false"]),
        (
            as_json(TRACKER_STATE),
            "github-traffic-tracker",
            ["2026-02-10,12,,4,,false", "2026-02-11,20,6,8,,false", "2026-02-12,,,0,0,false"],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_file_of_each_keeper_is_taken_and_told_as_such(
    content: bytes, keeper: str, stored: list[str], send: Send, client: APIClient
) -> None:
    response = send(content, name="whatever.txt")
    repository = TrackedRepository.objects.get()

    assert response.status_code == 200
    assert response.json() == {
        "days": len(stored),
        "weeks": 0,
        "files": [{"name": "whatever.txt", "format": keeper, "days": len(stored), "weeks": 0}],
    }
    assert csv_of(repository, client) == stored


def test_what_a_file_does_not_tell_is_null_in_the_detail_and_never_hides_a_figure(
    repository: TrackedRepository, client: APIClient, send: Send
) -> None:
    send(as_json(GITHUB_CLONES))
    [day] = client.get(f"/api/repos/{repository.uuid}").json()["traffic"]
    assert (day["views"], day["unique_visitors"], day["clones"]) == (None, None, 9)

    header = b"date,views,unique_visitors,clones,unique_cloners,complete\n"
    send(header + b"2026-03-04,50,3,,,true\n")
    send(as_json(GITHUB_CLONES))

    assert csv_of(repository, client) == ["2026-03-04,50,3,9,5,true"]


def test_views_and_clones_that_were_put_into_one_file_are_both_taken(
    repository: TrackedRepository, client: APIClient, send: Send
) -> None:
    send(b"_date,total_views,unique_views,total_clones,unique_clones\n2020-11-16,7,2,3,1\n")

    assert csv_of(repository, client) == ["2020-11-16,7,2,3,1,false"]


def test_several_files_in_one_zip(
    repository: TrackedRepository, client: APIClient, send: Send
) -> None:
    response = send(
        zipped(
            {
                "a/views.json": as_json(GITHUB_VIEWS),
                "a/clones.json": as_json(GITHUB_CLONES),
                "README.md": "[x](y)",
            }
        )
    )

    assert response.json() == {
        "days": 3,
        "weeks": 0,
        "files": [
            {"name": "a/views.json", "format": "github", "days": 2, "weeks": 0},
            {"name": "a/clones.json", "format": "github", "days": 1, "weeks": 0},
        ],
    }
    assert csv_of(repository, client)[1] == "2026-03-04,,,9,5,false"


@pytest.mark.parametrize(
    "path",
    [
        "{}/traffic.csv",
        "traffic/{}/traffic.csv",
        "my backup/traffic/{}/traffic.csv",
        "repositories/{}-12/days.csv",
    ],
)
@pytest.mark.parametrize("separator", ["/", "\\"])
def test_a_zip_that_was_packed_again_still_tells_of_which_repository_a_file_is(
    path: str, separator: str, send: Send, client: APIClient, repository: TrackedRepository
) -> None:
    header = "date,views,unique_visitors,clones,unique_cloners,complete\n"

    def packed(name: str) -> str:
        return path.format(name).replace("/", separator)

    archive = zipped(
        {
            packed(repository.full_name): f"{header}2026-01-05,5,2,1,1,true\n",
            packed("octocat/other"): f"{header}2026-01-05,5000,2,1,1,true\n",
        }
    )

    assert send(archive).json()["days"] == 1
    [day] = client.get(f"/api/repos/{repository.uuid}").json()["traffic"]
    assert day["views"] == 5


def test_one_broken_file_of_a_zip_stores_nothing(send: Send) -> None:
    response = send(zipped({"a.json": as_json(GITHUB_VIEWS), "b.json": b"{"}))

    assert response.status_code == 400
    assert "b.json" in response.json()["error"]
    assert not TrafficDay.objects.exists()


def test_rows_of_another_name_are_taken_on_demand(
    repository: TrackedRepository, client: APIClient, send: Send
) -> None:
    refused = send(ghstats_database({2: "octocat/old-name"}, []))
    taken = send(STATS, "?repository=OCTOCAT/other")

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "repository_not_in_file"
    assert "octocat/old-name" in refused.json()["error"]
    assert taken.json()["days"] == 1
    assert csv_of(repository, client) == ["2024-07-27,8,8,8,8,false"]


@pytest.mark.parametrize("source", ["octocat", "octocat/", "a/b/c", "%00/x", "../x", "a%20/b"])
def test_a_name_that_is_none_is_rejected(source: str, send: Send) -> None:
    response = send(STATS, f"?repository={source}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == "repository"


@pytest.mark.parametrize(
    "content",
    [
        rb'{"views": [{"timestamp": "\ud800", "count": 1, "uniques": 1}]}',
        rb'{"views": [{"timestamp": "2026-01-01T00:00:00Z", "count": {"\udfff": 1}}]}',
        rb'{"repo": "octocat/\udc00", "dailyHistory": []}',
        rb'{"message": "\udfff", "documentation_url": "x"}',
    ],
)
def test_half_a_character_in_a_file_can_be_told(content: bytes, send: Send) -> None:
    response = send(content)

    assert response.status_code == 400
    assert "?" in response.json()["error"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-16-le"])
def test_json_as_powershell_writes_it_is_read(encoding: str, send: Send) -> None:
    response = send(as_json(GITHUB_CLONES).decode().encode(encoding))

    assert response.json()["days"] == 1


def test_a_number_without_end_is_rejected_in_plain_words(send: Send) -> None:
    error = send(b'{"views": [' + b"9" * 5000 + b"]}").json()["error"]

    assert error == "file: The JSON has a number of 5000 digits."


def test_a_wrong_file_is_named_by_its_content(send: Send) -> None:
    response = send(b"\x89PNG\r\n\x1a\n", name="traffic.csv")

    assert response.status_code == 400
    assert response.json()["errors"] == [
        {"code": "invalid_import", "detail": "This is a PNG picture.", "attr": "file"}
    ]


def test_an_export_imported_elsewhere_is_equal(
    repository: TrackedRepository, client: APIClient, send: Send, user: User
) -> None:
    send(as_json(GITHUB_VIEWS))
    send(as_json(TRACKER_STATE))
    send(b"date,views,unique_visitors,clones,unique_cloners,complete\n2025-01-01,5,,0,0,true\n")
    exported = client.get(f"/api/repos/{repository.uuid}/traffic.csv").content
    copy = RepositoryFactory.create(user=user)

    client.post(f"/api/repos/{copy.uuid}/import", exported, content_type="text/csv")

    assert client.get(f"/api/repos/{copy.uuid}/traffic.csv").content == exported
    detail = client.get(f"/api/repos/{repository.uuid}").json()["traffic"]
    assert client.get(f"/api/repos/{copy.uuid}").json()["traffic"] == detail


def test_a_file_as_large_as_allowed_gets_through_and_one_more_byte_does_not(
    send: Send, client: APIClient, repository: TrackedRepository
) -> None:
    content = as_json(GITHUB_VIEWS)
    padded = content + b" " * (32 * 1024 * 1024 - len(content))

    assert send(padded).status_code == 200
    assert send(padded + b" ").status_code == 413


def test_an_empty_body_is_told_what_to_send(
    repository: TrackedRepository, client: APIClient
) -> None:
    response = client.post(f"/api/repos/{repository.uuid}/import")

    assert response.status_code == 400
    assert "this endpoint takes text/csv or multipart/form-data." in response.json()["error"]


def test_pictures_keep_their_own_limit(client: APIClient) -> None:
    """The limit of imports is theirs alone."""
    response = client.put(
        "/users/me/avatar",
        {"avatar": SimpleUploadedFile("me.png", b" " * (12 * 1024 * 1024))},
        format="multipart",
    )

    assert response.status_code == 413


def test_imports_beyond_the_slots_get_a_retry_after(
    send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_WAIT_SECONDS", 0.01)
    with importing._slot(), importing._slot():
        response = send(as_json(GITHUB_VIEWS))

    assert response.status_code == 503
    assert "Retry-After" in response
    assert send(as_json(GITHUB_VIEWS)).status_code == 200


def test_a_day_that_may_still_grow_is_not_complete(
    send: Send, repository: TrackedRepository
) -> None:
    today = datetime.now(UTC).date()
    header = "date,views,unique_visitors,clones,unique_cloners,complete"

    send(f"{header}\n{today},1,1,1,1,true\n".encode())

    assert not repository.days.get().complete


def test_weekly_answers_go_into_the_weeks_by_the_maximum(
    send: Send, repository: TrackedRepository
) -> None:
    TrafficWeek.objects.create(
        repository=repository, week=date(2026, 3, 2), views=5000, unique_visitors=1, clones=7
    )

    report = send(as_json(GITHUB_WEEKS)).json()
    send(as_json(GITHUB_WEEKS))

    assert (report["days"], report["weeks"]) == (0, 2)
    assert not TrafficDay.objects.exists()
    assert list(
        repository.weeks.order_by("week").values_list("week", "views", "unique_visitors", "clones")
    ) == [(date(2026, 2, 23), 440, 143, None), (date(2026, 3, 2), 5000, 339, 7)]
