"""Random lives of accounts against a model that knows only dictionaries (hypothesis)."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, assume
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from rest_framework.test import APIClient

from tests.factories import UserFactory
from tests.users.codes.issuing import issue_reset_code
from users.models import MailedCode, Session, User

PASSWORDS = ("ten green bottles", "a garden of forking paths", "correct horse battery")


@dataclass
class ModelSession:
    """What a client holds, and whether it should work."""

    name: str
    access: str
    refresh: str = ""
    previous_refresh: str = ""
    older_refresh: str = ""
    alive: bool = True


@dataclass
class ModelAccount:
    password: str
    active: bool = True
    deleted: bool = False
    code: str = ""
    attempts: int = 0
    sessions: list[ModelSession] = field(default_factory=list)

    def revoke_sessions(self, keep: ModelSession | None = None) -> None:
        for session in self.sessions:
            if session is not keep:
                session.alive = False


class AccountLives(RuleBasedStateMachine):
    sessions = Bundle("sessions")

    @initialize()
    def begin(self) -> None:
        User.objects.all().delete()
        MailedCode.objects.all().delete()
        self.api = APIClient()
        self.accounts: dict[str, ModelAccount] = {}

    def _call(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = getattr(self.api, method)(path, body, headers=headers)
        assert answer.status_code < 500
        return answer

    def _account(self, name: str) -> ModelAccount:
        account = self.accounts.get(name)
        assume(account is not None and not account.deleted)
        assert account is not None
        return account

    # --- Coming in -------------------------------------------------------------------------------

    @rule(name=st.sampled_from("abc"), password=st.sampled_from(PASSWORDS), target=sessions)
    def sign_up(self, name: str, password: str) -> ModelSession:
        account = self.accounts.get(name)
        free = account is None or account.deleted
        body = {"email": f"{name}@example.org", "username": name, "password": password}

        answer = self._call("post", "/auth/signup", body)

        assert answer.status_code == (201 if free else 400)
        if not free:
            return ModelSession(name, "no token", alive=False)
        tokens = answer.json()
        session = ModelSession(name, tokens["access"], tokens["refresh"])
        self.accounts[name] = ModelAccount(password, sessions=[session])
        return session

    @rule(
        name=st.sampled_from("abc"),
        password=st.sampled_from(PASSWORDS),
        day=st.booleans(),
        target=sessions,
    )
    def log_in(self, name: str, password: str, day: bool) -> ModelSession:
        account = self.accounts.get(name)
        right = account and not account.deleted and account.active and account.password == password
        body = {"username": name, "password": password}

        answer = self._call("post", "/auth" if day else "/auth/token", body)

        assert answer.status_code == (200 if right else 401)
        if not right:
            return ModelSession(name, "no token", alive=False)
        assert account
        tokens = answer.json()
        session = ModelSession(
            name, tokens["token"] if day else tokens["access"], tokens.get("refresh", "")
        )
        account.sessions.append(session)
        return session

    # --- Being in --------------------------------------------------------------------------------

    @rule(session=sessions)
    def use(self, session: ModelSession) -> None:
        answer = self._call("get", "/auth/sessions", token=session.access)

        assert answer.status_code == (200 if session.alive else 401)
        if session.alive:
            alive = [each for each in self.accounts[session.name].sessions if each.alive]
            assert len(answer.json()) == len(alive)
            assert sum(row["current"] for row in answer.json()) == 1

    @rule(session=sessions)
    def refresh(self, session: ModelSession) -> None:
        assume(session.refresh)

        answer = self._call("post", "/auth/token/refresh", {"refresh": session.refresh})

        assert answer.status_code == (200 if session.alive else 401)
        if session.alive:
            session.older_refresh = session.previous_refresh
            session.previous_refresh = session.refresh
            session.access, session.refresh = answer.json()["access"], answer.json()["refresh"]

    @rule(session=sessions)
    def refresh_again(self, session: ModelSession) -> None:
        assume(session.previous_refresh)

        answer = self._call("post", "/auth/token/refresh", {"refresh": session.previous_refresh})

        assert answer.status_code == (200 if session.alive else 401)
        if session.alive:
            assert answer.json() == {"access": session.access, "refresh": session.refresh}

    @rule(session=sessions)
    def replay(self, session: ModelSession) -> None:
        assume(session.older_refresh)

        answer = self._call("post", "/auth/token/refresh", {"refresh": session.older_refresh})

        assert answer.status_code == 401
        session.alive = False

    # --- Going out -------------------------------------------------------------------------------

    @rule(session=sessions)
    def log_out(self, session: ModelSession) -> None:
        answer = self._call("delete", "/auth", token=session.access)

        assert answer.status_code == (204 if session.alive else 401)
        session.alive = False

    @rule(session=sessions)
    def log_out_everywhere(self, session: ModelSession) -> None:
        answer = self._call("delete", "/auth/sessions", token=session.access)

        assert answer.status_code == (204 if session.alive else 401)
        if session.alive:
            self.accounts[session.name].revoke_sessions()

    @rule(session=sessions, old=st.sampled_from(PASSWORDS), new=st.sampled_from(PASSWORDS))
    def change_password(self, session: ModelSession, old: str, new: str) -> None:
        body = {"old_password": old, "new_password": new}

        answer = self._call("put", "/users/me/password", body, session.access)

        if not session.alive:
            assert answer.status_code == 401
        elif self.accounts[session.name].password != old:
            assert answer.status_code == 400
        else:
            assert answer.status_code == 204
            account = self.accounts[session.name]
            account.password, account.code = new, ""
            account.revoke_sessions(keep=session)

    # --- Forgotten passwords ---------------------------------------------------------------------

    @rule(name=st.sampled_from("abc"))
    def ask_for_a_code(self, name: str) -> None:
        account = self._account(name)

        # As the worker does, which alone knows the code.
        code = issue_reset_code(email=f"{name}@example.org", now=timezone.now())

        assert (code is not None) == account.active
        account.code = code or ""

    @rule(name=st.sampled_from("abc"), right=st.booleans(), new=st.sampled_from(PASSWORDS))
    def confirm_a_code(self, name: str, right: bool, new: str) -> None:
        account = self._account(name)
        assume(account.code)
        code = account.code if right else f"{(int(account.code) + 1) % 10**8:08}"
        body = {"email": f"{name}@example.org", "code": code, "password": new}

        answer = self._call("post", "/auth/password/reset/confirm", body)

        if right and account.active and account.attempts < 5:
            assert answer.status_code == 204
            account.password, account.code, account.attempts = new, "", 0
            account.revoke_sessions()
        else:
            assert answer.status_code == 400
            account.attempts = min(5, account.attempts + 1)

    # --- The account itself ----------------------------------------------------------------------

    @rule(name=st.sampled_from("abc"), active=st.booleans())
    def switch(self, name: str, active: bool) -> None:
        account = self._account(name)
        user = User.objects.get(username=name)
        user.is_active = active
        user.save()

        account.active = active
        if not active:
            account.revoke_sessions()

    @rule(session=sessions)
    def delete(self, session: ModelSession) -> None:
        answer = self._call("delete", "/users/me", token=session.access)

        assert answer.status_code == (204 if session.alive else 401)
        if session.alive:
            account = self.accounts[session.name]
            account.deleted = True
            account.revoke_sessions()

    @invariant()
    def rows_are_the_living_sessions(self) -> None:
        alive = sum(
            session.alive for account in self.accounts.values() for session in account.sessions
        )
        assert Session.objects.count() == alive


@pytest.mark.django_db
def test_accounts_live_as_the_model_says() -> None:
    UserFactory.create()  # the hash of its password is made once, before the clock runs
    run_state_machine_as_test(
        AccountLives,
        settings=hypothesis_settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
