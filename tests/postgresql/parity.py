"""`python -m tests.postgresql.parity --calls 10000`: one long sequence of calls on the database of
DATABASE_URL, a line of JSON for each answer. The same seed gives the same lines on every database.
"""

# Letters of other alphabets are the point; nothing of Django can be imported before its set-up;
# tables of names and paths are read best as tables.
# ruff: noqa: RUF001, E402, E501

import argparse
import base64
import json
import os
import random
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from rest_framework.test import APIClient

from games.models import Game, Genre
from organizations.models import Organization
from playsessions.models import PlaySession
from users.models import User

# Ids of each table begin far away from each other and from every other number.
FIRST_ID = 10_000_000
NUMBERED = (User, Organization, Genre, Game, PlaySession)
COMPARED_HEADERS = ("Allow", "Content-Type", "Link", "Location", "WWW-Authenticate")
PASSWORD = "correct horse battery staple"

NAMES = ("d", "ça", "Zoo", "ä", "a b", "ab", "İstanbul", "ısı", "ISI", "Ǆ", "ß", "SS", "ﬁ", "Ω", "Ω",
         "é", "e\u0301", "%", "_", "\\", "a%b", "'", '"', "😀", "東京", "٣", "x" * 200, "x" * 201, " ",
         "tab\t", "", "Tetris", "TETRIS")  # fmt: skip
NUMBERS = (0, -1, 1, 2**31, 2**63 - 1, 2**63, "1", 1.5, 1e22, 0.1, True, None)
DATES = (
    "1990-05-17",
    "2000-02-29",
    "1899-12-31",
    "2990-01-01",
    "2001-02-29",
    "0001-01-01",
    "x",
    None,
)


class Likeness:
    """Answers without what must differ: each id, token and UUID becomes the number of its first
    appearance, times are only said to be times."""

    _VOLATILE = re.compile(
        r"(?P<jwt>eyJ[\w-]+\.[\w-]+\.[\w-]+)"
        r"|(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00))"
        r"|(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
        # A second more or less has passed.
        r'|(?<=seconds\\": )(?P<seconds>\d)\b'
        r"|(?P<hex>\b[0-9a-f]{32}\b)"
        r"|(?P<cursor>(?<=cursor=)[\w-]+)"
        r"|(?P<id>\b[1-9]\d{7}\b)"
    )

    def __init__(self) -> None:
        self._first_seen: dict[str, str] = {}

    def of(self, text: str) -> str:
        today = datetime.now(tz=UTC).date().isoformat()
        return self._VOLATILE.sub(self._replaced, text).replace(today, "<today>")

    def _replaced(self, match: "re.Match[str]") -> str:
        kind, value = str(match.lastgroup), match[0]
        if kind in ("jwt", "time", "seconds"):
            return f"<{kind}>"
        if kind == "cursor":
            return self.of(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode())
        return self._first_seen.setdefault(value, f"<{kind} {len(self._first_seen)}>")


class Sequence:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._client = APIClient(raise_request_exception=False)
        self._likeness = Likeness()
        # The present user's token first, then what calls may name. All in the order of creation.
        self._tokens: list[str] = []
        self._known: dict[str, list[Any]] = {kind: [0, 2**63] for kind in ("user", "game", "genre")}
        self._known |= {"organization": [0], "repository": [], "play": [0], "refresh": ["x"]}
        self._names: list[str] = ["nobody"]
        self._links: list[str] = []

    def run(self, calls: int) -> None:
        User.objects.create_superuser(username="root", password=PASSWORD)
        self._log_in("root")
        actions: list[Callable[[], None]] = [
            *[self._sign_up] * 3, *[self._read] * 8, *[self._page] * 3, *[self._play] * 4,
            *[self._edit_profile] * 3, *[self._catalogue] * 4, *[self._organize] * 3,
            *[self._sessions] * 2, *[self._follow] * 2, self._delete,
        ]  # fmt: skip
        for _ in range(calls):
            self._random.choice(actions)()

    def _call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        token = self._random.choice(["", *self._tokens[-6:], *self._tokens[:1] * 4])
        if token:
            headers["Authorization"] = f"Bearer {token}"
        options: dict[str, Any] = {} if body is None else {"data": json.dumps(body)}
        answer = self._client.generic(
            method, path, content_type="application/json", headers=headers, **options
        )
        content = answer.getvalue()
        parsed = json.loads(content) if content else None
        shown = {
            # jsonb keeps no order of members.
            "body": json.dumps(parsed, sort_keys=True, ensure_ascii=False),
            "headers": {name: answer[name] for name in COMPARED_HEADERS if name in answer},
        }
        said = self._likeness.of(json.dumps({"call": f"{method} {path}", "sent": body} | shown))
        sys.stdout.write(f"{answer.status_code} {said}\n")
        self._links += re.findall(r"<http://testserver([^>]+)>", answer.headers.get("Link", ""))
        return parsed if 200 <= answer.status_code < 300 else None

    def _one(self, kind: str) -> Any:
        return self._random.choice(self._known[kind][-12:] or [0])

    def _value(self) -> Any:
        return self._random.choice((*NAMES, *NUMBERS, [], {}, [1], {"a": 1}))

    def _maybe(self, usual: Any) -> Any:
        return usual if self._random.random() < 0.9 else self._value()

    def _name(self) -> str:
        return self._random.choice(NAMES) + self._random.choice(
            ("", "", str(self._random.random()))
        )

    def _log_in(self, name: str) -> None:
        answer = self._call("POST", "/auth", {"username": name, "password": PASSWORD})
        if answer:
            self._tokens.append(answer["token"])

    def _sign_up(self) -> None:
        name = self._random.choice(("Bill", "bill", "I", f"U.{self._random.randrange(10**6)}"))
        body = {
            "username": self._maybe(name),
            "email": self._maybe(f"{name}@Example.org"),
            "password": PASSWORD,
            "birthdate": self._maybe("1990-05-17"),
            "first_name": self._maybe("Ada"),
            "data": self._maybe({"n": self._value(), "m": [self._value()]}),
            "organizations": self._maybe([self._one("organization")][: self._random.randrange(2)]),
        }
        door = self._random.choice(("/users", "/auth/signup", "/user", "/api/users/create"))
        answer = self._call("POST", door, body)
        if answer and "access" in answer:
            self._known["user"].append(answer["id"])
            self._tokens.append(answer["access"])
            self._known["refresh"].append(answer["refresh"])
        self._names.append(name)

    def _read(self) -> None:
        paths = [
            "/", "/users/me", "/users/stats", "/users/lastplayed?page_size=3", "/genres", "/api/repos",
            "/auth/sessions?page_size=1", f"/users/{self._one('user')}", f"/games/{self._one('game')}",
            f"/games/{self._one('game')}/plays", f"/organizations/{self._one('organization')}",
            f"/organizations/{self._one('organization')}/members", f"/user/{self._names[-1]}",
            f"/api/repos/{self._one('repository')}", f"/games?genre={self._one('genre')}&page_size=2",
            f"/games/{self._one('game')}/similar?page_size=2", "/games/trending?page_size=2&days=2",
            "/games/recommended?page_size=3", "/users/me/games?page_size=2",
            f"/playsessions?game={self._one('game')}&page_size=4", "/organizations?page_size=2",
            f"/users?page_size=3&organization={self._one('organization')}", "/users?gender=female",
        ]  # fmt: skip
        self._call("GET", self._random.choice(paths))

    def _page(self) -> None:
        ordering = self._random.choice(("name", "-name", "play_count", "-play_count", "id", ""))
        path = self._random.choice(
            (f"/games?page_size=3&ordering={ordering}", "/users?page_size=3")
        )
        answer_path = self._random.choice([path, *self._links[-6:]])
        if self._random.random() < 0.3:
            self._client.credentials()
            word = self._random.choice(NAMES).strip()[:3].encode()
            answer_path = path + "&search=" + "".join(f"%{byte:02x}" for byte in word)
        self._call("GET", answer_path)

    def _play(self) -> None:
        play = f"/playsessions/{self._one('play')}"
        if self._random.random() < 0.2:
            self._call("POST", f"{play}/heartbeat")
        elif self._random.random() < 0.2:
            self._call("PATCH", play, self._maybe({"ended": self._maybe(True)}))
        elif self._random.random() < 0.1:
            call_command("build_recommendations", stdout=sys.stderr)
        headers = {"Idempotency-Key": str(self._random.randrange(30))}
        body = self._maybe({"game": self._maybe(self._one("game"))})
        answer = self._call("POST", "/playsessions", body, **self._random.choice(({}, headers)))
        if answer:
            self._known["play"].append(answer["id"])

    def _edit_profile(self) -> None:
        name, value = self._random.choice((
            ("first_name", self._name()), ("birthdate", self._random.choice(DATES)),
            ("data", {"k": self._value(), "a": {"b": self._value()}}), ("phone", "+49 30 901820"),
            ("organizations", [self._one("organization")]), ("gender", "female"),
            ("email", f"{self._name()}@example.org"), ("username", self._name()),
        ))  # fmt: skip
        path = self._random.choice(("/users/me", "/users/me", f"/users/{self._one('user')}"))
        self._call("PATCH", path, {name: self._maybe(value)})

    def _catalogue(self) -> None:
        kind, path = self._random.choice(
            (("genre", "/genres"), ("game", "/games"), ("game", "/games"))
        )
        body = {"name": self._maybe(self._name()), "genre": self._maybe(self._one("genre"))}
        if self._random.random() < 0.3:
            body["released"] = self._maybe(self._random.choice((1993, 2016)))
        if self._random.random() < 0.7:
            answer = self._call("POST", path, body)
            if answer:
                self._known[kind].append(answer["id"])
        else:
            self._call("PATCH", f"{path}/{self._one(kind)}", body)

    def _organize(self) -> None:
        body = {"name": self._maybe(self._name()), "description": self._maybe("Makes things.")}
        if self._random.random() < 0.6:
            answer = self._call("POST", "/organizations", body)
            if answer:
                self._known["organization"].append(answer["id"])
        else:
            self._call("PATCH", f"/organizations/{self._one('organization')}", body)

    def _sessions(self) -> None:
        draw = self._random.random()
        if draw < 0.4:
            answer = self._call("POST", "/auth/token/refresh", {"refresh": self._one("refresh")})
            if answer:
                self._known["refresh"].append(answer["refresh"])
        elif draw < 0.8:
            self._log_in(self._random.choice((*self._names[-5:], "ROOT", "no")))
        else:
            self._call("POST", "/auth/token", {"email": "bill@EXAMPLE.org", "password": PASSWORD})

    def _follow(self) -> None:
        if self._random.random() < 0.6:
            url = f"https://github.com/Octo/r{self._random.randrange(40)}"
            answer = self._call("POST", "/api/repos/create", {"url": self._maybe(url)})
            if answer and "id" in answer:
                self._known["repository"].append(answer["id"])
        else:
            self._call("POST", f"/api/repos/{self._one('repository')}/delete")

    def _delete(self) -> None:
        kind, path = self._random.choice((
            ("game", "/games"), ("genre", "/genres"), ("organization", "/organizations"),
            ("user", "/users"),
        ))  # fmt: skip
        self._call("DELETE", f"{path}/{self._one(kind)}")


def begin_ids_apart() -> None:
    for turn, model in enumerate(NUMBERED, start=1):
        table, first = model._meta.db_table, turn * FIRST_ID
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, first]
                )
            else:
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute(
                    "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, first]
                )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--seed", type=int, default=6)
    options = parser.parse_args()
    settings.ALLOWED_HOSTS = ["testserver"]
    # One run is slower than the other: what depends on seconds would differ.
    settings.ACCESS_TOKEN_LIFETIME = timedelta(days=1)
    # What a password costs is no matter of the database.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    call_command("migrate", verbosity=0)
    begin_ids_apart()
    Sequence(options.seed).run(options.calls)


if __name__ == "__main__":
    main()
