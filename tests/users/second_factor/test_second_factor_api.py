"""The second factor."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from core.encryption import rotate_all
from core.env import Rate
from tests.conftest import ApiAs
from tests.factories import PASSWORD, StaffFactory, UserFactory
from tests.users.codes.issuing import mailed_code
from users.models import RecoveryCode, SecondFactor, User
from users.second_factor.services import enrol

pytestmark = pytest.mark.django_db


class Clock:
    """The moment that services are told; moves on by 30 seconds with each code."""

    def __init__(self) -> None:
        # Early in the present 30 seconds: JWTs are read by the real clock.
        self.now = datetime.fromtimestamp(int(time.time()) // 30 * 30 + 5, UTC)

    def tick(self, seconds: int = 30) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


class App:
    """An authenticator app, and the recovery codes beside it."""

    def __init__(self, client: APIClient, clock: Clock) -> None:
        self.clock = clock
        self.secret = client.post("/auth/totp").json()["secret"]
        answer = client.post("/auth/totp/confirm", {"code": self.code()})
        assert answer.status_code == 200
        self.recovery_codes: list[str] = answer.json()["recovery_codes"]
        clock.tick()

    def code(self, *, at: int = 0) -> str:
        moment = self.clock.now + timedelta(seconds=at)
        return pyotp.TOTP(self.secret).at(moment)

    def wrong_code(self) -> str:
        right = {int(self.code(at=seconds)) for seconds in (-60, -30, 0, 30, 60)}
        return next(f"{n:06}" for n in range(10) if n not in right)


def log_in(api: APIClient, **body: object) -> Any:
    return api.post("/auth/token", {"username": "ada", "password": PASSWORD, **body})


def code_of(answer: Any) -> str:
    return str(answer.json()["errors"][0]["code"])


@pytest.fixture
def ada(api_as: ApiAs) -> APIClient:
    return api_as(UserFactory.create(username="ada", email="ada@example.org"))


@pytest.fixture
def app(clock: Clock, ada: APIClient) -> App:
    return App(ada, clock)


class TestEnrolment:
    def test_enrolment_gives_a_secret_an_address_for_apps_and_a_picture(
        self, clock: Clock, ada: APIClient
    ) -> None:
        body = ada.post("/auth/totp").json()

        totp = pyotp.parse_uri(body["otpauth_url"])
        assert totp.secret == body["secret"]
        assert (totp.name, totp.issuer) == ("ada", "Foyer")
        # 32 characters of base32: 160 bits.
        assert len(body["secret"]) == 32
        assert body["qr_svg"].startswith("<svg")

    def test_enrolment_protects_nothing_until_it_is_confirmed(
        self, clock: Clock, ada: APIClient, api: APIClient
    ) -> None:
        ada.post("/auth/totp")

        assert log_in(api).status_code == 200
        assert ada.get("/auth/totp").json()["active"] is False

    def test_enrolment_can_be_begun_again(self, clock: Clock, ada: APIClient) -> None:
        first = ada.post("/auth/totp").json()["secret"]
        second = ada.post("/auth/totp").json()["secret"]

        old = ada.post("/auth/totp/confirm", {"code": pyotp.TOTP(first).at(clock.now)})
        new = ada.post("/auth/totp/confirm", {"code": pyotp.TOTP(second).at(clock.now)})

        assert (old.status_code, new.status_code) == (400, 200)

    def test_enrolment_conflicts_with_one_that_is_active(self, app: App, ada: APIClient) -> None:
        assert ada.post("/auth/totp").status_code == 409
        assert ada.post("/auth/totp/confirm", {"code": app.code()}).status_code == 409

    def test_enrolment_gives_ten_recovery_codes_once(self, app: App, ada: APIClient) -> None:
        assert len(set(app.recovery_codes)) == 10
        status = ada.get("/auth/totp").json()
        assert status["active"] is True
        assert status["recovery_codes_left"] == 10

    def test_enrolment_is_mailed_to_the_owner(
        self,
        clock: Clock,
        ada: APIClient,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            App(ada, clock)

        assert "second factor" in mail.outbox[-1].subject

    def test_enrolment_keeps_no_secret_in_the_clear(self, app: App) -> None:
        stored = repr(list(SecondFactor.objects.values())) + repr(
            list(RecoveryCode.objects.values())
        )

        assert app.secret not in stored
        for code in app.recovery_codes:
            assert code not in stored
            assert code.replace("-", "") not in stored

    @pytest.mark.parametrize("code", ["12345", "abcdef", "", None, [], 10**6])
    def test_enrolment_confirms_with_six_digits_only(
        self, clock: Clock, ada: APIClient, code: object
    ) -> None:
        ada.post("/auth/totp")

        answer = ada.post("/auth/totp/confirm", {"code": code})

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["attr"] == "code"

    def test_there_is_nothing_to_confirm_before(self, clock: Clock, ada: APIClient) -> None:
        assert ada.post("/auth/totp/confirm", {"code": "123456"}).status_code == 409

    def test_open_sessions_go_on(self, clock: Clock, ada: APIClient, api_as: ApiAs) -> None:
        elsewhere = api_as(User.objects.get())
        App(ada, clock)

        assert elsewhere.get("/users/me").status_code == 200


class TestLogIn:
    @pytest.mark.parametrize("path", ["/auth", "/auth/token"])
    def test_log_in_asks_for_it_after_the_right_password(
        self, app: App, api: APIClient, path: str
    ) -> None:
        body = {"username": "ada", "password": PASSWORD}

        without, with_it = api.post(path, body), api.post(path, body | {"otp": app.code()})

        assert (without.status_code, code_of(without)) == (401, "second_factor_required")
        assert with_it.status_code == 200

    def test_a_wrong_password_gives_no_hint_of_it(self, app: App, api: APIClient) -> None:
        UserFactory.create(username="eve")

        answers = [
            api.post("/auth/token", {"username": name, "password": "wrong", **otp})
            for name in ("ada", "eve", "nobody")
            for otp in ({}, {"otp": app.code()})
        ]

        assert {answer.status_code for answer in answers} == {401}
        assert len({answer.content for answer in answers}) == 1

    def test_log_in_takes_the_code_as_people_type_it(self, app: App, api: APIClient) -> None:
        code = app.code()

        assert log_in(api, otp=f" {code[:3]} {code[3:]}").status_code == 200

    def test_a_code_works_once(self, app: App, api: APIClient) -> None:
        code = app.code()

        assert log_in(api, otp=code).status_code == 200
        assert log_in(api, otp=code).status_code == 401

    def test_the_code_of_the_confirmation_is_used_up(
        self, clock: Clock, ada: APIClient, api: APIClient
    ) -> None:
        app = App(ada, clock)

        assert log_in(api, otp=app.code(at=-30)).status_code == 401
        assert log_in(api, otp=app.code()).status_code == 200

    @pytest.mark.parametrize(("drift", "expected"), [(-60, 401), (-30, 200), (30, 200), (60, 401)])
    def test_log_in_accepts_one_step_of_drift(
        self, app: App, clock: Clock, api: APIClient, drift: int, expected: int
    ) -> None:
        clock.tick(300)

        assert log_in(api, otp=app.code(at=drift)).status_code == expected

    def test_an_older_code_does_not_work_after_a_newer_one(
        self, app: App, clock: Clock, api: APIClient
    ) -> None:
        clock.tick(300)
        older, newer = app.code(at=-30), app.code()

        assert log_in(api, otp=newer).status_code == 200
        assert log_in(api, otp=older).status_code == 401

    def test_log_in_takes_each_recovery_code_once(
        self, app: App, api: APIClient, ada: APIClient
    ) -> None:
        code = app.recovery_codes[3]

        assert log_in(api, otp=code.upper().replace("-", " ")).status_code == 200
        assert log_in(api, otp=code).status_code == 401
        assert ada.get("/auth/totp").json()["recovery_codes_left"] == 9

    @pytest.mark.parametrize("otp", ["12345", "nonsense", "x" * 100, "\u0661" * 3])
    def test_what_is_no_code_is_a_wrong_one(self, app: App, api: APIClient, otp: str) -> None:
        assert log_in(api, otp=otp).status_code == 401

    def test_accounts_without_one_ignore_it(self, api: APIClient) -> None:
        UserFactory.create(username="ada")

        assert log_in(api, otp="123456").status_code == 200
        assert log_in(api, otp=None).status_code == 200
        assert log_in(api, otp="").status_code == 200

    def test_a_mailed_code_asks_for_it_and_stays_good_meanwhile(
        self, app: App, api: APIClient
    ) -> None:
        api.post("/auth/code", {"email": "ada@example.org"})
        body = {"email": "ada@example.org", "code": mailed_code()}

        without = api.post("/auth/token", body)
        for _ in range(5):
            wrong = api.post("/auth/token", body | {"otp": app.wrong_code()})
        with_it = api.post("/auth/token", body | {"otp": app.code()})

        assert (without.status_code, code_of(without)) == (401, "second_factor_required")
        assert wrong.status_code == 401
        assert with_it.status_code == 200

    def test_a_reset_and_a_new_password_leave_it(
        self, app: App, api: APIClient, ada: APIClient
    ) -> None:
        change = {"old_password": PASSWORD, "new_password": "ten green bottles"}
        assert ada.put("/users/me/password", change).status_code == 204
        api.post("/auth/password/reset", {"email": "ada@example.org"})
        reset = {"email": "ada@example.org", "code": mailed_code(), "password": PASSWORD}
        assert api.post("/auth/password/reset/confirm", reset).status_code == 204

        assert code_of(log_in(api)) == "second_factor_required"

    def test_failures_count_as_failed_log_ins(
        self, app: App, api: APIClient, settings: Settings
    ) -> None:
        settings.RATE_LIMIT_LOGIN = Rate(3, 60)

        for _ in range(5):
            assert code_of(log_in(api)) == "second_factor_required"
        statuses = [log_in(api, otp=app.wrong_code()).status_code for _ in range(4)]

        assert statuses == [401, 401, 401, 429]

    def test_guesses_are_bounded_whatever_the_names_and_addresses(
        self, app: App, clock: Clock, api: APIClient, settings: Settings
    ) -> None:
        settings.RATE_LIMIT_LOGIN = Rate(1000, 60)
        settings.TRUSTED_PROXIES = 1

        statuses = [
            api.post(
                "/auth/token",
                {"username": "ada", "password": PASSWORD, "otp": app.wrong_code()},
                headers={"X-Forwarded-For": f"192.0.2.{n}"},
            ).status_code
            for n in range(31)
        ]

        assert statuses == [401] * 30 + [429]

    def test_log_in_survives_a_new_key(self, app: App, api: APIClient, settings: Settings) -> None:
        new = "a new key, of at least thirty-two bytes"
        settings.CREDENTIAL_KEYS = [new, *settings.CREDENTIAL_KEYS]
        assert rotate_all() == (1, 0)
        settings.CREDENTIAL_KEYS = [new]

        assert log_in(api, otp=app.code()).status_code == 200

    def test_a_lost_key_is_the_servers_fault_and_recovery_codes_still_work(
        self, app: App, api: APIClient, settings: Settings
    ) -> None:
        settings.CREDENTIAL_KEYS = ["another key, of at least thirty-two bytes"]

        assert log_in(api, otp=app.code()).status_code == 503
        assert log_in(api, otp=app.recovery_codes[0]).status_code == 200


class TestRemoval:
    def test_removal_takes_password_and_code(
        self,
        app: App,
        api: APIClient,
        ada: APIClient,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            answer = ada.delete("/auth/totp", {"password": PASSWORD, "otp": app.code()})

        assert answer.status_code == 204
        assert log_in(api).status_code == 200
        assert not RecoveryCode.objects.exists()
        assert "removed" in mail.outbox[-1].subject

    def test_removal_takes_a_recovery_code(self, app: App, ada: APIClient) -> None:
        body = {"password": PASSWORD, "otp": app.recovery_codes[0]}

        assert ada.delete("/auth/totp", body).status_code == 204

    def test_wrong_password_or_code_is_400(self, app: App, ada: APIClient) -> None:
        wrong_password = ada.delete("/auth/totp", {"password": "wrong", "otp": app.code()})
        wrong_code = ada.delete("/auth/totp", {"password": PASSWORD, "otp": app.wrong_code()})
        nothing = ada.delete("/auth/totp")

        for answer in (wrong_password, wrong_code, nothing):
            assert answer.status_code == 400
        assert wrong_password.json()["errors"][0]["attr"] == "password"
        assert wrong_code.json()["errors"][0]["attr"] == "otp"
        assert SecondFactor.objects.exists()

    def test_failures_count_as_failed_log_ins(
        self, app: App, api: APIClient, ada: APIClient, settings: Settings
    ) -> None:
        settings.RATE_LIMIT_LOGIN = Rate(3, 60)
        body = {"password": PASSWORD, "otp": app.wrong_code()}

        statuses = [ada.delete("/auth/totp", body).status_code for _ in range(4)]

        assert statuses == [400, 400, 400, 429]
        assert api.post("/auth", {"username": "ada", "password": "x"}).status_code == 429

    def test_removal_of_none_is_404(self, clock: Clock, ada: APIClient) -> None:
        body = {"password": PASSWORD, "otp": "123456"}

        assert ada.delete("/auth/totp", body).status_code == 404


class TestAdmin:
    @pytest.fixture
    def staff(self, clock: Clock, api_as: ApiAs) -> App:
        user = StaffFactory.create(username="staff", is_superuser=True)
        return App(api_as(user), clock)

    def log_in(self, client: Client, **body: str) -> Any:
        body = {"username": "staff", "password": PASSWORD, **body}
        return client.post("/admin/login/?next=/admin/", body)

    def test_admin_asks_for_it(self, staff: App, client: Client) -> None:
        assert "second factor" in self.log_in(client).content.decode()
        assert self.log_in(client, otp=staff.wrong_code()).status_code == 200
        assert self.log_in(client, otp=staff.code()).status_code == 302
        assert client.get("/admin/").status_code == 200

    def test_admin_takes_recovery_codes(self, staff: App, client: Client) -> None:
        assert self.log_in(client, otp=staff.recovery_codes[0]).status_code == 302

    def test_admin_gives_no_hint_before_the_right_password(
        self, staff: App, client: Client
    ) -> None:
        StaffFactory.create(username="eve")

        pages = [
            self.log_in(client, username=name, password="wrong", **otp).content.decode()
            for name in ("staff", "eve", "nobody")
            for otp in ({}, {"otp": staff.code()})
        ]

        notes = {tuple(re.findall(r'class="errornote">(.*?)</p>', page)) for page in pages}
        assert len(notes) == 1

    def test_staff_remove_that_of_others_who_are_told(
        self,
        app: App,
        client: Client,
        api: APIClient,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        staff = StaffFactory.create(username="staff", is_superuser=True)
        enrol(user=staff, now=timezone.now())
        users = User.objects.order_by("username")
        client.force_login(staff)
        body = {"action": "remove_second_factor", "_selected_action": [user.pk for user in users]}

        with django_capture_on_commit_callbacks(execute=True):
            assert client.post("/admin/users/user/", body).status_code == 302

        assert log_in(api).status_code == 200
        assert mail.outbox[-1].to == ["ada@example.org"]
        assert "staff" in str(mail.outbox[-1].body)
        # Not their own: that takes its code.
        assert list(SecondFactor.objects.values_list("user__username", flat=True)) == ["staff"]


class TestRequiredOfStaff:
    @pytest.fixture(autouse=True)
    def _required(self, settings: Settings) -> None:
        settings.STAFF_SECOND_FACTOR = "required"

    def test_staff_without_one_have_no_rights_of_staff_until_then(
        self, clock: Clock, api_as: ApiAs
    ) -> None:
        other = UserFactory.create()
        staff = api_as(StaffFactory.create())
        calls = [
            ("get", "/users", None),
            ("get", "/users/lastplayed", None),
            ("post", "/genres", {"name": "New"}),
            ("patch", f"/users/{other.pk}", {"first_name": "x"}),
            ("get", f"/user/{other.username}", None),
        ]

        refused = [getattr(staff, method)(path, body) for method, path, body in calls]
        seen = staff.get(f"/users/{other.pk}").json()
        App(staff, clock)
        allowed = [getattr(staff, method)(path, body) for method, path, body in calls]

        assert [(answer.status_code, code_of(answer)) for answer in refused] == [
            (403, "second_factor_required")
        ] * len(calls)
        assert "email" not in seen
        assert {answer.status_code for answer in allowed} <= {200, 201}

    def test_their_own_account_stays_theirs(self, api_as: ApiAs) -> None:
        staff = api_as(StaffFactory.create())

        assert staff.get("/users/me").json()["is_staff"] is True
        assert staff.patch("/users/me", {"first_name": "x"}).status_code == 200

    def test_the_admin_is_closed_with_a_message(self, client: Client) -> None:
        staff = StaffFactory.create(username="ada", is_superuser=True)

        answer = client.post("/admin/login/", {"username": "ada", "password": PASSWORD})
        client.force_login(staff)

        assert "POST /auth/totp" in answer.content.decode()
        assert client.get("/admin/").status_code == 302

    def test_others_are_not_concerned(self, api: APIClient) -> None:
        UserFactory.create(username="ada")

        assert log_in(api).status_code == 200
