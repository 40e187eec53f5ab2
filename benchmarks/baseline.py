"""What Django's request and response leave room for: routing and plain functions, no middleware, no
ORM, plain SQL on the very database that Foyer serves. It checks tokens by their signature and
stores plays without the checks, the counters and the indexes' sake: a floor, not a service.

Served like Foyer: `granian benchmarks.baseline:application` with DATA_DIR and FLOOR_KEY.
"""

import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import orjson

try:
    import pysqlite3 as sqlite3
except ImportError:
    import sqlite3
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

DATABASE = Path(os.environ["DATA_DIR"]) / "foyer.sqlite3"
KEY = os.environ["FLOOR_KEY"]

settings.configure(
    DEBUG=False,
    SECRET_KEY=KEY,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
    INSTALLED_APPS=[],
    DATABASES={},
    USE_TZ=True,
)
_local = threading.local()


def _database() -> Any:
    if not hasattr(_local, "database"):
        _local.database = sqlite3.connect(DATABASE, timeout=20, isolation_level=None)
        # As Foyer: what was answered as stored survives a power cut.
        _local.database.execute("PRAGMA synchronous=FULL")
    return _local.database


def _answer(data: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(orjson.dumps(data), content_type="application/json", status=status)


def _user(request: HttpRequest) -> Any:
    token = request.META["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    claims = jwt.decode(token, KEY, algorithms=["HS256"])
    return (
        _database()
        .execute(
            "SELECT id, username, email, first_name, last_name, gender, birthdate, phone, is_staff,"
            " date_joined FROM users_user WHERE id = ? AND is_active",
            (claims["user"],),
        )
        .fetchone()
    )


_GAMES = (
    "SELECT g.id, g.name, r.id, r.name, g.play_count"
    " FROM games_game g JOIN games_genre r ON r.id = g.genre_id "
)


def _game(row: Any) -> dict[str, Any]:
    genre = {"id": row[2], "name": row[3]}
    return {"id": row[0], "name": row[1], "genre": genre, "play_count": row[4]}


def games(request: HttpRequest) -> HttpResponse:
    rows = _database().execute(_GAMES + "ORDER BY g.id LIMIT 100")
    return _answer([_game(row) for row in rows])


def game(request: HttpRequest, pk: int) -> HttpResponse:
    return _answer(_game(_database().execute(_GAMES + "WHERE g.id = ?", (pk,)).fetchone()))


def play(request: HttpRequest) -> HttpResponse:
    user, now = _user(request), datetime.now(UTC)
    game_id = orjson.loads(request.body)["game"]
    moment = now.replace(tzinfo=None).isoformat(" ")
    [play_id] = (
        _database()
        .execute(
            "INSERT INTO playsessions_playsession (user_id, game_id, created_at)"
            " VALUES (?, ?, ?) RETURNING id",
            (user[0], game_id, moment),
        )
        .fetchone()
    )
    return _answer({"id": play_id, "user": user[0], "game": game_id, "created_at": now}, 201)


_LAST_PLAYED = """
    SELECT u.id, u.username, u.email, p.created_at, g.id, g.name, r.id, r.name
    FROM users_user u
    LEFT JOIN playsessions_playsession p ON p.id = (
        SELECT id FROM playsessions_playsession WHERE user_id = u.id
        ORDER BY created_at DESC, id DESC LIMIT 1)
    LEFT JOIN games_game g ON g.id = p.game_id LEFT JOIN games_genre r ON r.id = g.genre_id
    ORDER BY u.id LIMIT 100
"""


def last_played(request: HttpRequest) -> HttpResponse:
    if not _user(request)[8]:
        return _answer({}, 403)
    return _answer(
        [
            {
                "id": user_id,
                "username": username,
                "email": email,
                "last_played": played_at
                and {
                    "game": {
                        "id": game_id,
                        "name": name,
                        "genre": {"id": genre_id, "name": genre_name},
                    },
                    "played_at": f"{played_at.replace(' ', 'T')}Z",
                },
            }
            for user_id, username, email, played_at, game_id, name, genre_id, genre_name in (
                _database().execute(_LAST_PLAYED)
            )
        ]
    )


_ME = ("id", "username", "email", "first_name", "last_name", "gender", "birthdate", "phone")


def me(request: HttpRequest) -> HttpResponse:
    return _answer(dict(zip(_ME, _user(request), strict=False)))


urlpatterns = [
    path("games", games),
    path("games/<int:pk>", game),
    path("playsessions", play),
    path("users/lastplayed", last_played),
    path("users/me", me),
]
application = get_wsgi_application()
