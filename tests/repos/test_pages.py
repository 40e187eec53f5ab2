"""The chart pages through HTTP (requirements E8 to E10)."""

import json
import logging
import re
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from repos import selectors
from repos.models import ApiToken, PopularitySnapshot, ShareToken, TrackedRepository, TrafficDay
from repos.models.token import digest_of
from tests.factories import RepositoryFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db
API_TOKEN = "0123456789abcdef" * 2
SHARE_TOKEN = "fedcba9876543210" * 2
FIRST = date(2025, 1, 1)


@pytest.fixture
def owner() -> User:
    user = UserFactory.create()
    ApiToken.objects.create(user=user, digest=digest_of(API_TOKEN))
    ShareToken.objects.create(user=user, digest=digest_of(SHARE_TOKEN))
    return user


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


def followed(owner: User, *days: date, **fields: Any) -> TrackedRepository:
    """A repository with one row a day: the n-th has n views, and so on."""
    repository = RepositoryFactory.create(user=owner, **fields)
    TrafficDay.objects.bulk_create(
        TrafficDay(
            repository=repository,
            date=day,
            views=100 + n,
            unique_visitors=10 + n,
            clones=20 + n,
            unique_cloners=5 + n,
            complete=True,
        )
        for n, day in enumerate(days)
    )
    return repository


def days(count: int, *, first: date = FIRST) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]


def overview(query: str = "", token: str = SHARE_TOKEN) -> str:
    return f"/users/{token}/repos{query}"


def page_of(repository: TrackedRepository, query: str = "", token: str = SHARE_TOKEN) -> str:
    return f"/users/{token}/repos/{repository.uuid}{query}"


class Page(HTMLParser):
    """What a machine reads in a page: its tables by id, its links, its data."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tables: dict[str, list[list[str]]] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._rows: list[list[str]] | None = None
        self._text: list[str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag == "table":
            self._rows = self.tables.setdefault(given.get("id") or "", [])
        elif tag == "tr" and self._rows is not None:
            self._rows.append([])
        elif tag in ("td", "th"):
            self._text = []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._rows and self._text is not None:
            self._rows[-1].append("".join(self._text).strip())
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def rows_of(self, repository: TrackedRepository) -> list[list[str]]:
        return self.tables[f"traffic-{repository.uuid}"][1:]

    def dates_of(self, repository: TrackedRepository) -> list[str]:
        return [row[0] for row in self.rows_of(repository)]

    @property
    def chart_data(self) -> dict[str, Any]:
        found = re.search(r'<script id="chart-data"[^>]*>(.*?)</script>', self.html, re.DOTALL)
        assert found is not None
        data: dict[str, Any] = json.loads(found[1])
        return data

    def attributes(self, tag: str, name: str) -> list[str]:
        return [given[name] or "" for one, given in self.tags if one == tag and name in given]


def opened(browser: Client, path: str, status: int = 200) -> Page:
    response = browser.get(path)
    assert response.status_code == status
    assert response["Content-Type"] == "text/html; charset=utf-8"
    return Page(response.content.decode())


class TestOneRepository:
    def test_dates_are_written_in_one_way(self, browser: Client, owner: User) -> None:
        page = opened(browser, page_of(followed(owner, *days(2)), "?end=2025-01-02"))

        assert "Jan." not in page.html
        assert "1 January 2025 to 2 January 2025: at most" in page.html

    def test_the_table_has_a_row_for_each_stored_day(self, browser: Client, owner: User) -> None:
        repository = followed(owner, FIRST, FIRST + timedelta(days=2))

        page = opened(browser, page_of(repository))

        assert page.rows_of(repository) == [
            ["2025-01-01", "100", "10", "20", "5", ""],
            ["2025-01-03", "101", "11", "21", "6", ""],
        ]

    @pytest.mark.parametrize(("age", "note"), [(13, "may still grow"), (15, "may be too low")])
    def test_an_incomplete_day_is_marked_by_whether_a_fetch_can_still_complete_it(
        self, age: int, note: str, browser: Client, owner: User
    ) -> None:
        first = timezone.now().date() - timedelta(days=age)
        repository = followed(owner, *days(2, first=first))
        repository.days.filter(date=first).update(complete=False)

        page = opened(browser, page_of(repository, "?by=day"))

        assert page.rows_of(repository)[0][5] == note
        data = page.chart_data["repositories"][str(repository.uuid)]
        assert data["growing"] == [0]

    def test_an_unknown_figure_is_an_empty_cell_and_a_gap(
        self, browser: Client, owner: User
    ) -> None:
        repository = followed(owner, *days(2))
        repository.days.filter(date=FIRST).update(clones=None, unique_cloners=None)

        page = opened(browser, page_of(repository, f"?end={days(2)[1]}"))

        assert page.rows_of(repository)[0] == ["2025-01-01", "100", "10", "", "", ""]
        data = page.chart_data["repositories"][str(repository.uuid)]
        assert data["clones"] == [None, 21]
        assert "201 views and 21 clones" in page.html

    def test_a_day_without_a_row_is_a_gap_and_a_quiet_day_is_not(
        self, browser: Client, owner: User
    ) -> None:
        repository = followed(owner, FIRST, FIRST + timedelta(days=2))
        repository.days.filter(date=FIRST).update(views=0)

        page = opened(browser, page_of(repository, f"?end={FIRST + timedelta(days=2)}"))

        data = page.chart_data
        assert data["starts"] == ["2025-01-01", "2025-01-02", "2025-01-03"]
        assert data["repositories"][str(repository.uuid)]["views"] == [0, None, 101]
        assert "1 day was not collected" in page.html

    def test_one_repository_both_kinds_of_token_open_it(self, browser: Client, owner: User) -> None:
        repository = followed(owner, FIRST)

        for token in (API_TOKEN, SHARE_TOKEN):
            assert opened(browser, page_of(repository, token=token)).rows_of(repository)

    def test_one_repository_only_the_page_of_an_api_token_warns_of_passing_it_on(
        self, browser: Client, owner: User
    ) -> None:
        repository = followed(owner, FIRST)

        assert "Do not pass" in opened(browser, page_of(repository, token=API_TOKEN)).html
        assert "Do not pass" not in opened(browser, page_of(repository, token=SHARE_TOKEN)).html

    def test_referrers_and_paths_of_the_newest_snapshot(self, browser: Client, owner: User) -> None:
        repository = followed(owner, FIRST)
        hostile = "</script><script>alert(1)</script>"
        PopularitySnapshot.objects.create(
            repository=repository,
            kind="paths",
            first_date=FIRST,
            last_date=FIRST,
            entries=[{"path": "/octo", "title": hostile, "views": 1234, "unique_visitors": 7}],
        )

        html = opened(browser, page_of(repository)).html

        assert "1,234" in html
        assert hostile not in html
        assert "&lt;/script&gt;" in html

    def test_githubs_own_unique_visitors_are_shown_and_no_sum_of_days(
        self, browser: Client, owner: User
    ) -> None:
        repository = followed(owner, *days(14))
        repository.days.filter(date=FIRST + timedelta(days=13)).update(
            window_views=1491,
            window_unique_visitors=77,
            window_clones=1,
            window_unique_cloners=1,
        )
        repository.last_fetched_at = datetime(2025, 1, 14, 3, tzinfo=UTC)
        repository.save()

        html = opened(browser, page_of(repository)).html

        assert "<dd>77</dd>" in html
        # As a number by itself: the address of the repository has digits too.
        assert not re.search(rf"\b{sum(10 + n for n in range(14))}\b", html)
        assert "16.5 unique visitors" in html

    def test_an_error_is_told_in_its_own_words(self, browser: Client, owner: User) -> None:
        repository = followed(owner, FIRST, last_error="The repository is gone <i>or renamed.")

        html = opened(browser, page_of(repository)).html

        assert "The repository is gone &lt;i&gt;or renamed." in html

    def test_one_repository_without_data_it_says_so(self, browser: Client, owner: User) -> None:
        repository = followed(owner, created_at=timezone.now())

        page = opened(browser, page_of(repository))

        assert "No traffic yet" in page.html
        assert page.rows_of(repository) == []

    def test_outside_of_the_history_it_names_its_ends(self, browser: Client, owner: User) -> None:
        repository = followed(owner, *days(3), last_fetched_at=timezone.now())

        page = opened(browser, page_of(repository, "?end=2024-01-01"))

        assert "runs from 2025-01-01 to 2025-01-03" in page.html

    def test_the_csv_is_the_table(self, browser: Client, owner: User) -> None:
        repository = followed(owner, *days(3))

        response = browser.get(page_of(repository, "?start=2025-01-02&end=2025-01-02&format=csv"))

        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"].startswith("attachment; filename=")
        assert response.content.decode().splitlines() == [
            "date,views,unique_visitors,clones,unique_cloners,complete",
            "2025-01-02,101,11,21,6,true",
        ]


class TestOverview:
    def test_overview_shows_every_repository_of_the_owner_and_no_other(
        self, browser: Client, owner: User
    ) -> None:
        mine = [followed(owner, *days(n + 1)) for n in range(3)]
        other = followed(UserFactory.create(), FIRST)

        page = opened(browser, overview())

        assert [len(page.rows_of(one)) for one in mine] == [1, 2, 3]
        assert f"traffic-{other.uuid}" not in page.html
        # Two charts each, on one axis for all.
        assert page.attributes("canvas", "data-repository").count(str(mine[0].uuid)) == 2
        series = page.chart_data["repositories"].values()
        assert {len(one["views"]) for one in series} == {len(page.chart_data["starts"])}

    def test_one_without_data_is_there_and_says_so(self, browser: Client, owner: User) -> None:
        followed(owner, FIRST)
        empty = followed(owner, created_at=timezone.now())

        page = opened(browser, overview())

        assert page.rows_of(empty) == []
        assert "No traffic yet" in page.html

    def test_overview_of_nobody_following_anything(self, browser: Client, owner: User) -> None:
        assert "No repository is followed yet" in opened(browser, overview()).html

    @pytest.mark.parametrize("slash", ["", "/"])
    def test_its_links_lead_to_the_pages(self, slash: str, browser: Client, owner: User) -> None:
        repository = followed(owner, FIRST)
        base = overview() + slash
        page = opened(browser, f"{base}?start=2025-01-01&by=day")
        links = [urljoin(base, href) for href in page.attributes("a", "href")]

        assert page_of(repository, "?start=2025-01-01&amp;by=day").replace("&amp;", "&") in links
        back = page_of(repository) + slash
        assert overview() in [
            urljoin(back, href) for href in opened(browser, back).attributes("a", "href")
        ]

    @pytest.mark.parametrize("repositories", [1, 20])
    def test_overview_costs_the_same_queries_for_any_number(
        self,
        repositories: int,
        browser: Client,
        owner: User,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _ in range(repositories):
            followed(owner, *days(3))

        with django_assert_num_queries(8):
            browser.get(overview())


class TestRange:
    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ("", ["2025-01-01", "2025-01-02", "2025-01-03", "2025-01-04"]),
            ("?start=&end=", ["2025-01-01", "2025-01-02", "2025-01-03", "2025-01-04"]),
            ("?start=2025-01-03", ["2025-01-03", "2025-01-04"]),
            ("?end=2025-01-02", ["2025-01-01", "2025-01-02"]),
            ("?start=2025-01-02&end=2025-01-03", ["2025-01-02", "2025-01-03"]),
            ("?start=2025-01-02&end=2025-01-02", ["2025-01-02"]),
            ("?start=0001-01-01&end=9999-12-31", days(4)),
            ("?start=2026-01-01", []),
        ],
    )
    def test_range_both_ends_are_included(
        self, query: str, shown: list[Any], browser: Client, owner: User
    ) -> None:
        repository = followed(owner, *days(4))

        for path in (page_of(repository, query), overview(query)):
            assert opened(browser, path).dates_of(repository) == [str(day) for day in shown]

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            (
                "?start=2025-02-30",
                "start must be a day of the calendar",
            ),
            ("?end=yesterday", "end must be a date"),
            ("?start=20250101", "start must be a date"),
            ("?start=%D9%A2%D9%A0%D9%A2%D9%A5-01-01", "start must be a date"),
            ("?start=%00", "start must be a date"),
            ("?start=2025-01-02&end=2025-01-01", "must not be after"),
            ("?by=year", "by must be day, week or month"),
            ("?start=%22%3E%3Cscript%3E", "start must be a date"),
        ],
    )
    def test_a_wrong_one_is_a_page_that_keeps_the_form(
        self, query: str, message: str, browser: Client, owner: User
    ) -> None:
        repository = followed(owner, FIRST)

        for path in (page_of(repository, query), overview(query)):
            page = opened(browser, path, status=400)
            assert message in page.html
            assert "start" in page.attributes("input", "name")
            assert '"><script>' not in page.html

    def test_the_form_keeps_what_was_asked(self, browser: Client, owner: User) -> None:
        repository = followed(owner, *days(4))

        page = opened(browser, page_of(repository, "?start=2025-01-02&by=week"))

        assert page.attributes("input", "value") == ["2025-01-02", ""]

    def test_quick_ranges_mark_the_present_one(self, browser: Client, owner: User) -> None:
        followed(owner, FIRST)

        page = opened(browser, overview())
        current = [given for tag, given in page.tags if "aria-current" in given]

        assert [link["href"] for link in current] == ["?"]

    def test_a_range_that_begins_in_a_gap_shows_it(self, browser: Client, owner: User) -> None:
        repository = followed(owner, *days(2), *days(2, first=date(2025, 1, 11)))
        late = followed(owner, *days(3, first=date(2025, 1, 10)))
        query = "?start=2025-01-08&end=2025-01-12"

        page = opened(browser, page_of(repository, query))
        together = opened(browser, overview(query))

        assert page.chart_data["starts"][0] == "2025-01-08"
        assert "3 days were not collected" in page.html
        drawn = together.chart_data["repositories"]
        assert drawn[str(repository.uuid)]["views"] == [None, None, None, 102, 103]
        assert drawn[str(repository.uuid)]["first"] == 0
        # Nobody could have collected the days before its first.
        assert drawn[str(late.uuid)]["views"] == [None, None, 100, 101, 102]
        assert drawn[str(late.uuid)]["first"] == 2

    def test_a_range_that_begins_before_the_history_begins_with_it(
        self, browser: Client, owner: User
    ) -> None:
        repository = followed(owner, *days(4))

        page = opened(browser, page_of(repository, "?start=2024-12-01&end=2025-01-04"))

        assert page.chart_data["starts"][0] == "2025-01-01"
        assert "not collected</strong>" not in page.html

    def test_long_ranges_are_rolled_up_into_averages(self, browser: Client, owner: User) -> None:
        monday = date(2024, 1, 1)
        repository = followed(owner, *days(400, first=monday))

        data = opened(browser, page_of(repository, "?by=month&end=2024-02-29")).chart_data

        assert data["by"] == "month"
        assert data["starts"] == ["2024-01-01", "2024-02-01"]
        series = data["repositories"][str(repository.uuid)]
        assert series["views"] == [115, 145]
        assert series["unique_visitors"] == [25, 55]
        assert series["collected"] == [31, 29]

    @pytest.mark.parametrize(("length", "by"), [(120, "day"), (121, "week"), (1200, "month")])
    def test_the_finest_legible_grouping_is_chosen(
        self, length: int, by: str, browser: Client, owner: User
    ) -> None:
        last = FIRST + timedelta(days=length - 1)
        repository = followed(owner, FIRST, last)

        page = opened(browser, page_of(repository, f"?end={last}"))

        assert page.chart_data["by"] == by


class TestGrowth:
    def test_growth_and_downloads_are_charts_and_a_table(
        self, browser: Client, owner: User
    ) -> None:
        repository = followed(owner, *days(3))
        for n in range(3):
            repository.facts.create(
                date=days(3)[n], stars=1000 + n, forks=20, watchers=None, open_issues=7 - n
            )
        repository.download_days.create(date=days(3)[2], downloads=55)

        page = opened(browser, page_of(repository, f"?end={days(3)[2]}"))

        data = page.chart_data["repositories"][str(repository.uuid)]
        assert data["stars"] == [1000, 1001, 1002]
        assert data["open_issues"] == [7, 6, 5]
        assert data["downloads"] == [None, None, 55]
        assert "watchers" not in data
        assert page.attributes("canvas", "data-total") == [
            "views", "clones", "stars", "forks", "open_issues", "downloads",
        ]  # fmt: skip
        assert page.tables[f"growth-{repository.uuid}"][1:] == [
            ["2025-01-01", "1000", "20", "", "7", ""],
            ["2025-01-02", "1001", "20", "", "6", ""],
            ["2025-01-03", "1002", "20", "", "5", "55"],
        ]

    def test_downloads_after_days_without_a_fetch_are_those_of_all_these_days(
        self, browser: Client, owner: User
    ) -> None:
        repository = followed(owner, date(2024, 1, 1), date(2024, 3, 31))
        # A fetch every other day of January 2024, then on the last days of February and March.
        for n in range(0, 31, 2):
            repository.download_days.create(date=date(2024, 1, 1 + n), downloads=20)
        repository.download_days.create(date=date(2024, 2, 29), downloads=290)
        repository.download_days.create(date=date(2024, 3, 10), downloads=30)

        page = opened(browser, page_of(repository, "?by=month&end=2024-03-31"))

        data = page.chart_data["repositories"][str(repository.uuid)]
        assert data["downloads"] == [round(16 * 20 / 31, 1), 10, 3]

    def test_growth_shows_where_no_traffic_could_be_fetched(
        self, browser: Client, owner: User
    ) -> None:
        repository = followed(owner)
        repository.facts.create(date=FIRST, stars=5)

        page = opened(browser, page_of(repository))

        assert page.attributes("canvas", "data-total") == ["stars"]
        assert page.rows_of(repository) == []


class TestWeeks:
    MONDAY = date(2025, 1, 6)

    def test_weeks_show_githubs_own_people_and_no_sum_of_days(
        self, browser: Client, owner: User
    ) -> None:
        repository = followed(owner, *days(14, first=self.MONDAY))
        repository.weeks.create(week=self.MONDAY, views=1, unique_visitors=33, clones=9999)

        page = opened(browser, page_of(repository, "?by=week&end=2025-01-19"))

        data = page.chart_data["repositories"][str(repository.uuid)]
        # The larger of the sum of the days and GitHub's figure.
        assert data["views"] == [sum(range(100, 107)), sum(range(107, 114))]
        assert data["clones"] == [9999, sum(range(27, 34))]
        assert data["unique_visitors"] == [33, None]
        assert data["unique_cloners"] == [None, None]
        assert data["collected"] == [7, 7]

    def test_a_week_that_begins_before_the_range_is_not_shown_as_a_whole(
        self, browser: Client, owner: User
    ) -> None:
        repository = followed(owner, *days(7, first=self.MONDAY))
        repository.weeks.create(week=self.MONDAY, views=5000, unique_visitors=33)

        page = opened(browser, page_of(repository, "?by=week&start=2025-01-10&end=2025-01-12"))

        data = page.chart_data["repositories"][str(repository.uuid)]
        assert data["views"] == [104 + 105 + 106]
        assert data["unique_visitors"] == [None]

    @pytest.mark.parametrize(
        ("end", "views", "people"), [("2025-01-12", 5000, 33), ("2025-01-11", 615, None)]
    )
    def test_a_week_that_ends_after_the_range_is_not_shown_as_a_whole(
        self, end: str, views: int, people: int | None, browser: Client, owner: User
    ) -> None:
        repository = followed(owner, *days(7, first=self.MONDAY))
        repository.weeks.create(week=self.MONDAY, views=5000, unique_visitors=33)

        page = opened(browser, page_of(repository, f"?by=week&end={end}"))

        data = page.chart_data["repositories"][str(repository.uuid)]
        assert data["views"] == [views]
        assert data["unique_visitors"] == [people]

    def test_the_total_of_a_week_is_that_of_the_charts_below(
        self, browser: Client, owner: User
    ) -> None:
        for github_id in (1, 2, 2):
            repository = followed(owner, *days(3, first=self.MONDAY))
            TrackedRepository.objects.filter(pk=repository.pk).update(github_id=github_id)
            repository.weeks.create(week=self.MONDAY, views=1000 * github_id)

        page = opened(browser, overview("?by=week&end=2025-01-12"))

        total = page.chart_data["repositories"]["total"]
        assert total["views"] == [3000]
        assert total["clones"] == [2 * (20 + 21 + 22)]


class TestMarks:
    @pytest.fixture
    def repository(self, owner: User) -> TrackedRepository:
        repository = followed(owner, *days(3))
        repository.releases.create(
            github_id=1, tag="v1<b>", published_at=datetime(2025, 1, 2, 23, 59, tzinfo=UTC)
        )
        repository.releases.create(
            github_id=2, tag="v0", published_at=datetime(2024, 1, 2, tzinfo=UTC)
        )
        repository.notes.create(date=days(3)[1], text="On <TV>", created_at=timezone.now())
        return repository

    def test_releases_and_notes_stand_on_the_chart_in_the_table_and_in_a_list(
        self, repository: TrackedRepository, browser: Client
    ) -> None:
        page = opened(browser, page_of(repository, "?end=2025-01-03"))

        data = page.chart_data["repositories"][str(repository.uuid)]
        assert data["marks"] == [[1, ["Release v1<b>", "On <TV>"]]]
        assert page.rows_of(repository)[1][5] == "Release v1<b>; On <TV>"
        assert "<b>" not in page.html.replace("&lt;b&gt;", "")
        assert page.html.count("Release v1&lt;b&gt;") == 2
        assert "Release v0" not in page.html

    def test_they_stand_on_the_overview_too(
        self, repository: TrackedRepository, browser: Client
    ) -> None:
        page = opened(browser, overview("?end=2025-01-03"))

        assert page.rows_of(repository)[1][5] == "Release v1<b>; On <TV>"
        assert page.chart_data["repositories"][str(repository.uuid)]["marks"]


class TestTotal:
    def test_the_overview_adds_up_views_and_clones(self, browser: Client, owner: User) -> None:
        first, _ = followed(owner, *days(2)), followed(owner, FIRST)
        first.days.filter(date=days(2)[1]).update(clones=None)

        page = opened(browser, overview("?end=2025-01-02"))

        assert page.tables["traffic-total"][1:] == [
            ["2025-01-01", "200", "40", "2"],
            ["2025-01-02", "101", "", "1"],
        ]
        assert page.chart_data["repositories"]["total"]["views"] == [200, 101]
        assert page.chart_data["repositories"]["total"]["clones"] == [40, None]
        assert "301 views and 40 clones" in page.html

    def test_the_total_stays_where_one_of_several_has_days(
        self, browser: Client, owner: User
    ) -> None:
        followed(owner, *days(2))
        followed(owner, days(2)[1])

        page = opened(browser, overview("?end=2025-01-01"))

        assert page.tables["traffic-total"][1:] == [["2025-01-01", "100", "20", "1"]]

    def test_one_repository_needs_no_total(self, browser: Client, owner: User) -> None:
        followed(owner, FIRST)

        assert "traffic-total" not in opened(browser, overview()).tables


class TestPopular:
    def test_more_than_ten_over_time_most_visited_first(self, browser: Client, owner: User) -> None:
        repository = followed(owner, *days(3))
        for n in range(2):
            PopularitySnapshot.objects.create(
                repository=repository,
                kind="referrers",
                first_date=days(3)[n],
                last_date=days(3)[n],
                entries=[
                    {"referrer": f"site {m}", "views": 10 * m + n, "unique_visitors": m}
                    for m in range(1 + 8 * n, 9 + 8 * n)
                ],
            )

        [table] = [
            rows
            for rows in opened(browser, page_of(repository)).tables.values()
            if rows and rows[0][0] == "Site"
        ]

        assert len(table) == 1 + 16
        assert table[1] == ["site 16", "", "161", "16", "161 2 Jan 2025"]
        # Not in the newest list any more: a dash.
        assert table[-1] == ["site 1", "", "\u2013", "\u2013", "10 1 Jan 2025"]

    def test_the_range_holds_for_them_too(self, browser: Client, owner: User) -> None:
        repository = followed(owner, *days(3))
        PopularitySnapshot.objects.create(
            repository=repository,
            kind="paths",
            first_date=FIRST,
            last_date=FIRST,
            entries=[{"path": "/a", "title": "A page", "views": 1, "unique_visitors": 1}],
        )

        assert "A page" in opened(browser, page_of(repository)).html
        assert "A page" not in opened(browser, page_of(repository, "?start=2025-01-02")).html


class TestNotices:
    def test_demo_data_are_information_and_no_error(self, browser: Client, owner: User) -> None:
        repository = followed(owner, FIRST, is_demo=True)

        for path in (page_of(repository), overview()):
            html = opened(browser, path).html
            assert "This is demo data" in html
            assert 'class="information"' in html
            assert 'class="problem"' not in html

    def test_an_archived_repository_has_not_failed(self, browser: Client, owner: User) -> None:
        repository = followed(
            owner, FIRST, archived=True, last_error="octo/hello is archived. Nothing to do."
        )

        for path in (page_of(repository), overview()):
            html = opened(browser, path).html
            assert "Nothing to do" in html
            assert 'class="problem"' not in html
            assert "The last fetch failed" not in html

    def test_a_fetch_that_never_ran_has_not_failed(self, browser: Client, owner: User) -> None:
        html = opened(browser, page_of(followed(owner, FIRST))).html

        assert "ask the operator" in html
        assert "The last fetch failed" not in html

    def test_a_fetch_that_failed_is_told_as_such(self, browser: Client, owner: User) -> None:
        repository = followed(owner, FIRST, archived=True, failed_days=1, last_error="Gone (404).")

        assert "The last fetch failed.</strong> Gone (404)." in (
            opened(browser, page_of(repository)).html
        )

    def test_history_outside_the_range_is_named_without_a_fetch_too(
        self, browser: Client, owner: User
    ) -> None:
        repository = followed(owner, *days(3), created_at=timezone.now())

        for path in (page_of(repository, "?start=2026-01-01"), overview("?start=2026-01-01")):
            html = opened(browser, path).html
            assert "runs from 2025-01-01 to 2025-01-03" in html
            assert "No traffic yet" not in html

    def test_a_printed_page_says_that_its_address_opens_it(
        self, browser: Client, owner: User
    ) -> None:
        assert (
            "without headers and footers" in opened(browser, page_of(followed(owner, FIRST))).html
        )


class TestWhoMayLook:
    def test_every_wrong_pair_gets_the_same_page(self, browser: Client, owner: User) -> None:
        mine = followed(owner, FIRST)
        foreign = followed(UserFactory.create(), FIRST)
        deleted = followed(owner, FIRST)
        uuid = deleted.uuid
        deleted.delete()

        pages = [
            re.sub(r'nonce="[^"]*"', "", opened(browser, path, status=404).html)
            for path in (
                page_of(mine, token="0" * 32),
                page_of(mine, token="%00"),
                page_of(foreign),
                f"/users/{SHARE_TOKEN}/repos/{uuid}",
                f"/users/{SHARE_TOKEN}/repos/nonsense",
                f"/users/{SHARE_TOKEN}/repos/{str(mine.uuid).replace('-', '')}",
                overview(token="me"),
                overview("?start=wrong", token="f" * 32),
            )
        ]

        assert len(set(pages)) == 1

    def test_nobody_whose_account_is_closed(self, browser: Client, owner: User) -> None:
        owner.is_active = False
        owner.save()

        opened(browser, overview(), status=404)

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
    def test_other_methods_are_refused_by_a_page(
        self, method: str, browser: Client, owner: User
    ) -> None:
        for path in (overview(), page_of(followed(owner))):
            response = getattr(browser, method)(path)

            assert response.status_code == 405
            assert response["Allow"] == "GET, HEAD, OPTIONS"
            assert response["Content-Type"] == "text/html; charset=utf-8"

    def test_head_and_options_answer(self, browser: Client, owner: User) -> None:
        assert browser.head(overview()).status_code == 200
        assert browser.options(overview())["Allow"] == "GET, HEAD, OPTIONS"


class TestWhatDoesNotLeak:
    @pytest.mark.parametrize(
        ("path", "status"),
        [
            (overview(), 200),
            (overview("?start=x"), 400),
            (overview(token="0" * 32), 404),
            (f"/users/{SHARE_TOKEN}/repos/x", 404),
        ],
    )
    def test_headers(self, path: str, status: int, browser: Client, owner: User) -> None:
        response = browser.get(path)

        assert response.status_code == status
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["X-Robots-Tag"] == "noindex"
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"
        policy = dict(
            part.split(" ", 1) for part in response["Content-Security-Policy"].split("; ")
        )
        assert policy["default-src"] == "'none'"
        assert policy["connect-src"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["base-uri"] == "'none'"
        assert re.fullmatch(r"'nonce-[\w-]{22}'", policy["script-src"])

    def test_every_answer_has_a_nonce_of_its_own(self, browser: Client, owner: User) -> None:
        policies = {browser.get(overview())["Content-Security-Policy"] for _ in range(3)}

        assert len(policies) == 3

    def test_nothing_inline_and_nothing_from_elsewhere(self, browser: Client, owner: User) -> None:
        repository = followed(owner, *days(3))

        for path in (overview(), page_of(repository)):
            page = opened(browser, path)
            scripts = [given for tag, given in page.tags if tag == "script"]
            assert all("src" in one or one.get("type") == "application/json" for one in scripts)
            loaded = page.attributes("script", "src") + page.attributes("link", "href")
            assert all(one.startswith("/static/") for one in loaded)
            assert not [given for _, given in page.tags if "style" in given]
            assert not [name for _, given in page.tags for name in given if name.startswith("on")]

    @pytest.mark.parametrize("token", [API_TOKEN, SHARE_TOKEN])
    def test_no_page_holds_the_token_that_opened_it(
        self, token: str, browser: Client, owner: User
    ) -> None:
        repository = followed(owner, *days(3))

        for path in (overview(token=token), page_of(repository, token=token)):
            assert token not in opened(browser, path).html

    def test_links_out_give_no_referrer(self, browser: Client, owner: User) -> None:
        repository = followed(owner, *days(3))

        page = opened(browser, page_of(repository))
        out = [given for tag, given in page.tags if tag == "a" and "//" in (given["href"] or "")]

        assert [given["href"] for given in out] == [repository.url]
        assert "noreferrer" in (out[0]["rel"] or "")

    def test_no_token_reaches_a_log(
        self, browser: Client, owner: User, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)

        for path in (overview(), overview("?start=x"), overview() + "/nonsense"):
            browser.get(path)
        browser.post(overview())

        assert "users/<str:token>/repos" in caplog.text
        assert SHARE_TOKEN not in caplog.text

    def test_a_failure_is_a_page_and_keeps_the_token_out_of_the_log(
        self,
        browser: Client,
        owner: User,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        def fail(*args: object, **kwargs: object) -> None:
            raise RuntimeError("out of order")

        monkeypatch.setattr(selectors, "traffic_of_all", fail)

        page = opened(browser, overview(), status=500)

        assert "Something went wrong" in page.html
        assert SHARE_TOKEN not in capsys.readouterr().err


def test_one_is_not_said_in_the_plural(owner: User, browser: Client) -> None:
    repositories = [RepositoryFactory.create(user=owner) for _ in range(2)]
    TrafficDay.objects.create(
        repository=repositories[0],
        date=timezone.now().date(),
        views=1,
        unique_visitors=1,
        clones=1,
        unique_cloners=1,
        complete=False,
    )

    page, all_of_them = (
        " ".join(browser.get(address).content.decode().split())
        for address in (page_of(repositories[0]), overview())
    )

    assert "1 view and 1 clone in 1 day; on average 1 unique visitor and 1 unique cloner a" in page
    assert "with 1 view." in page
    assert "1 view and 1 clone in the range" in all_of_them
    assert "1 day of all repositories as a table" in all_of_them
