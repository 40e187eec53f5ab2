"""One client's life: it signs up, plays, writes, reads, logs out; and remembers the answers."""

import random
import secrets
import threading
from dataclasses import dataclass, field

from benchmarks.chaos.client import Client

PASSWORD = "correct horse battery staple"


@dataclass
class Account:
    """What was acknowledged."""

    name: str
    token: str
    plays: set[int] = field(default_factory=set)
    note: str | None = None
    repositories: set[str] = field(default_factory=set)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class Player:
    def __init__(self, client: Client, *, seed: int) -> None:
        self._client = client
        self._random = random.Random(seed)
        self.accounts: list[Account] = []
        self.ended_tokens: list[str] = []
        self.failure: BaseException | None = None

    def play_until(self, stop: threading.Event) -> None:
        try:
            self._games = [game["id"] for game in self._client.call("GET", "/games").json()]
            self._sign_up()
            while not stop.is_set():
                self._act(self.accounts[-1])
        except BaseException as error:  # noqa: BLE001  # said by the report
            self.failure = error

    def _act(self, account: Account) -> None:
        draw = self._random.random()
        if draw < 0.35:
            self._record_play(account)
        elif draw < 0.45:
            self._write_note(account)
        elif draw < 0.47:
            self._follow_repository(account)
        elif draw < 0.48:
            self._log_in_again(account)
        elif draw < 0.485:
            self._sign_up()
        else:
            path = self._random.choice(
                ["/users/me", "/games?page_size=20", f"/games/{self._random.choice(self._games)}",
                 "/playsessions?page_size=20", "/auth/sessions", "/users/stats"]
            )  # fmt: skip
            self._expect(200, "GET", path, headers=account.headers)

    def _expect(self, status: int, method: str, path: str, **options: object) -> dict[str, object]:
        response = self._client.call(method, path, **options)
        if response.status_code != status:
            raise AssertionError(f"{method} {path}: {response.status_code} {response.text[:200]}")
        body: dict[str, object] = response.json() if response.content else {}
        return body

    def _sign_up(self) -> None:
        name = f"player{secrets.token_hex(6)}"
        response = self._client.call(
            "POST",
            "/users",
            json={"username": name, "email": f"{name}@example.org", "password": PASSWORD,
                  "birthdate": "1990-05-17"},
        )  # fmt: skip
        # Taken: the first try was stored, and its answer lost with the process.
        if response.status_code not in (201, 400):
            raise AssertionError(f"sign-up: {response.status_code} {response.text[:200]}")
        self.accounts.append(Account(name, self._log_in(name)))

    def _log_in(self, name: str) -> str:
        body = {"username": name, "password": PASSWORD}
        return str(self._expect(200, "POST", "/auth", json=body)["token"])

    def _log_in_again(self, account: Account) -> None:
        response = self._client.call("DELETE", "/auth", headers=account.headers)
        # 401: the first try ended it, and its answer was lost.
        if response.status_code not in (204, 401):
            raise AssertionError(f"log-out: {response.status_code} {response.text[:200]}")
        self.ended_tokens.append(account.token)
        account.token = self._log_in(account.name)

    def _record_play(self, account: Account) -> None:
        play = self._expect(
            201,
            "POST",
            "/playsessions",
            json={"game": self._random.choice(self._games)},
            headers=account.headers | {"Idempotency-Key": secrets.token_hex(8)},
        )
        account.plays.add(int(str(play["id"])))

    def _write_note(self, account: Account) -> None:
        note = secrets.token_hex(8)
        self._expect(
            200, "PATCH", "/users/me", json={"data": {"note": note}}, headers=account.headers
        )
        account.note = note

    def _follow_repository(self, account: Account) -> None:
        name = f"octo/r{secrets.token_hex(5)}"
        response = self._client.call(
            "POST",
            "/api/repos/create",
            json={"url": f"https://github.com/{name}"},
            headers=account.headers,
        )
        if response.status_code not in (200, 201, 202, 400):
            raise AssertionError(f"repository: {response.status_code} {response.text[:200]}")
        account.repositories.add(name)
