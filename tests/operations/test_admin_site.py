"""What all pages of the admin share: the start page, files, the policy."""

import csv
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from pytest_django import DjangoAssertNumQueries

from core.admin.csv_export import to_cell
from games.models import DailyPlays
from repos.models import ApiToken, FetchRun, TrafficDay
from repos.models.token import digest_of
from tests.factories import (
    PASSWORD,
    GameFactory,
    PlaySessionFactory,
    RepositoryFactory,
    UserFactory,
)
from users.admin import UserAdmin

pytestmark = pytest.mark.django_db
LISTS = ["users_user", "games_game", "playsessions_playsession", "repos_trackedrepository"]


@pytest.fixture
def clerk() -> Client:
    """Staff without a single right."""
    client = Client()
    client.force_login(UserFactory.create(is_staff=True))
    return client


def exported(client: Client, model: str, ids: list[Any]) -> str:
    return exported_bytes(client, model, ids).decode("utf-8-sig")


def exported_bytes(client: Client, model: str, ids: list[Any]) -> bytes:
    response: Any = client.post(
        reverse(f"admin:{model}_changelist"),
        {"action": "export_csv", "_selected_action": ids},
    )
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return b"".join(response.streaming_content)


class TestStartPage:
    def test_start_page_tells_how_things_are(self, admin_client: Client) -> None:
        now = timezone.now()
        game = GameFactory.create()
        DailyPlays.objects.create(game=game, date=now.date(), plays=41)
        DailyPlays.objects.create(game=game, date=now.date() - timedelta(days=6), plays=1)
        DailyPlays.objects.create(game=game, date=now.date() - timedelta(days=7), plays=1000)
        RepositoryFactory.create(last_error="gone")
        RepositoryFactory.create(last_error="Nothing to do.", archived=True)
        FetchRun.objects.create(
            trigger="command", started_at=now, fetched_count=7, failed_count=3, ended_at=now
        )

        response = admin_client.get(reverse("admin:index"))

        state = response.context["state"]
        assert (state.plays_today, state.plays_last_days) == (41, 42)
        assert [(each.name, each.plays) for each in state.trending] == [(game.name, 42)]
        assert f"/admin/games/game/{game.pk}/change/" in response.content.decode()
        assert (state.repository_count, state.failing_count) == (2, 1)
        assert "7 fetched, 3 failed" in response.content.decode()

    def test_start_page_says_when_no_run_came(self, admin_client: Client) -> None:
        RepositoryFactory.create()

        assert "Overdue" in admin_client.get(reverse("admin:index")).content.decode()

    def test_start_page_tells_nothing_to_whoever_may_see_nothing(self, clerk: Client) -> None:
        response = clerk.get(reverse("admin:index"))

        assert response.status_code == 200
        assert response.context["state"] is None

    def test_start_page_costs_the_same_queries_for_any_number_of_rows(
        self, admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(10):
            RepositoryFactory.create()

        with django_assert_max_num_queries(12):
            admin_client.get(reverse("admin:index"))


class TestExport:
    def test_export_gives_the_columns_of_the_list(self, admin_client: Client) -> None:
        game = GameFactory.create(name="Harbour Lights")

        lines = exported(admin_client, "games_game", [game.pk]).splitlines()

        assert lines[0].startswith("id,name,released,genre")
        assert lines[1].startswith(f"{game.pk},Harbour Lights,,{game.genre}")

    @pytest.mark.parametrize("model", LISTS)
    def test_export_exists_for_what_staff_list(self, model: str, admin_client: Client) -> None:
        play = PlaySessionFactory.create()
        rows = {
            "users_user": play.user.pk,
            "games_game": play.game.pk,
            "playsessions_playsession": play.pk,
            "repos_trackedrepository": RepositoryFactory.create().pk,
        }

        assert len(exported(admin_client, model, [rows[model]]).splitlines()) == 2

    def test_export_does_not_ask_for_each_row(
        self, admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        plays = [PlaySessionFactory.create().pk for _ in range(20)]

        with django_assert_max_num_queries(10):
            exported(admin_client, "playsessions_playsession", plays)

    @pytest.mark.parametrize(
        ("name", "cell"),
        [
            ("=1+1", "'=1+1"),
            ("@SUM(1)", "'@SUM(1)"),
            ("-1+1|x", "'-1+1|x"),
            ("\uff1d1+1", "'\uff1d1+1"),
            ("'=1+1", "''=1+1"),
            ("''=1+1", "'''=1+1"),
            ("'Round Midnight", "'Round Midnight"),
            ("Sales <EMEA>", "Sales <EMEA>"),
            ("a < b > c", "a < b > c"),
            ("<b>Ada</b> &amp; Co", "<b>Ada</b> &amp; Co"),
            ("-5", "-5"),
        ],
    )
    def test_a_text_is_no_formula_and_can_be_read_back(
        self, admin_client: Client, name: str, cell: str
    ) -> None:
        user = UserFactory.create(first_name=name)

        (row,) = csv.DictReader(exported(admin_client, "users_user", [user.pk]).splitlines())

        assert row["first_name"] == cell
        read_back = re.sub(r"^'(?='*[=+\-@\uff1d])", "", row["first_name"])
        assert read_back == name

    def test_starts_with_a_byte_order_mark(self, admin_client: Client) -> None:
        user = UserFactory.create(first_name="Zoë")

        content = exported_bytes(admin_client, "users_user", [user.pk])

        assert content.startswith(b"\xef\xbb\xbfid,")
        assert "Zoë" in content.decode("utf-8-sig")

    def test_a_column_made_of_html_is_its_text(self) -> None:
        text = "Sales <EMEA> & Co"

        assert to_cell(format_html("<a href='/x'>{}</a>", text)) == text

    def test_a_phone_number_is_as_it_is(self) -> None:
        assert to_cell("+4930901820") == "+4930901820"

    def test_export_is_for_whoever_may_see_the_rows(self, clerk: Client) -> None:
        user = UserFactory.create()

        response = clerk.post(
            reverse("admin:users_user_changelist"),
            {"action": "export_csv", "_selected_action": [user.pk]},
        )

        assert response.status_code == 403


class TestChartOfARepository:
    def test_chart_of_a_repository_is_the_page_of_its_owner_without_a_token(
        self, admin_client: Client
    ) -> None:
        repository = RepositoryFactory.create()
        ApiToken.objects.create(user=repository.user, digest=digest_of("0" * 32))
        TrafficDay.objects.create(repository=repository, date="2025-01-01", views=5)

        page = admin_client.get(
            reverse("admin:repos_trackedrepository_chart", args=[repository.pk])
        )

        assert page.status_code == 200
        html = page.content.decode()
        assert f'<table class="days" id="traffic-{repository.uuid}">' in html
        assert digest_of("0" * 32) not in html
        assert "nonce-" in page["Content-Security-Policy"]

    def test_chart_of_a_repository_is_linked_from_the_list(self, admin_client: Client) -> None:
        repository = RepositoryFactory.create()

        html = admin_client.get(
            reverse("admin:repos_trackedrepository_changelist")
        ).content.decode()

        assert reverse("admin:repos_trackedrepository_chart", args=[repository.pk]) in html

    def test_chart_of_a_repository_is_for_whoever_may_see_repositories(
        self, clerk: Client, client: Client
    ) -> None:
        url = reverse("admin:repos_trackedrepository_chart", args=[RepositoryFactory.create().pk])

        assert clerk.get(url).status_code == 403
        assert client.get(url).status_code == 302


def test_a_game_shows_its_plays_over_time(admin_client: Client) -> None:
    game = GameFactory.create()
    DailyPlays.objects.create(game=game, date=timezone.now().date(), plays=12)

    html = admin_client.get(reverse("admin:games_game_change", args=[game.pk])).content.decode()

    assert "at most 12 a day" in html
    assert admin_client.get(reverse("admin:games_game_add")).status_code == 200


@pytest.mark.parametrize("name", ["index", "login", *(f"{model}_changelist" for model in LISTS)])
def test_pages_take_nothing_from_elsewhere_and_nothing_inline(
    name: str, admin_client: Client
) -> None:
    client = Client() if name == "login" else admin_client

    response = client.get(reverse(f"admin:{name}"))
    policy = response["Content-Security-Policy"]
    # A browser sends the forms of a no-referrer page with `Origin: null`: nobody could log in.
    assert response["Referrer-Policy"] == "same-origin"

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


class TestLogInPage:
    def test_each_description_that_is_referred_to_is_there(self, client: Client) -> None:
        page = client.get("/admin/login/").content.decode()

        for described_by in re.findall(r'aria-describedby="([^"]+)"', page):
            assert f'id="{described_by}"' in page

    def test_an_email_address_can_be_typed_whatever_its_length(self, client: Client) -> None:
        assert 'name="username"' in (page := client.get("/admin/login/").content.decode())
        assert 'maxlength="254"' in page


class TestInputThatNoPageOfTheAdminSends:
    @pytest.mark.parametrize("identifier", ["abc", "9" * 30, "", "1.5"])
    @pytest.mark.parametrize("model", LISTS)
    def test_ids_that_are_none_are_no_failure_of_the_server(
        self, admin_client: Client, model: str, identifier: str
    ) -> None:
        for action in ("delete_selected", "export_csv"):
            response = admin_client.post(
                reverse(f"admin:{model}_changelist"),
                {"action": action, "_selected_action": identifier},
            )

            content = response.getvalue()  # of an export, which is streamed
            assert response.status_code < 500, (action, content)

    @pytest.mark.parametrize("year", ["0", "10000", "-1", "9" * 30])
    def test_a_year_that_is_none_is_no_failure_of_the_server(
        self, admin_client: Client, year: str
    ) -> None:
        response = admin_client.get(f"/admin/users/user/?date_joined__year={year}", follow=True)

        assert response.status_code == 200

    def test_a_fault_of_the_server_is_not_called_a_bad_request(
        self, admin_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        admin_client.raise_request_exception = False
        monkeypatch.setattr(UserAdmin, "get_list_display", lambda *_: int("a fault"))

        assert admin_client.get("/admin/users/user/").status_code == 500

    @pytest.mark.parametrize("page", ["//evil.example/", "https://evil.example/", ""])
    def test_log_in_leads_to_no_other_host(self, client: Client, page: str) -> None:
        UserFactory.create(username="boss", is_staff=True)

        response = client.post(
            "/admin/login/", {"username": "boss", "password": PASSWORD, "next": page}
        )

        assert response.headers["Location"] == "/admin/"
