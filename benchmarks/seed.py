"""The rows every measurement runs on: made up, and the same each time."""

import random
from datetime import UTC, date, datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from games.models import Game, Genre
from users.models import User
from users.sessions.services import Device, create_24_hour_session

USERS, GENRES, GAMES, PLAYS = 10_000, 30, 1_000, 1_000_000
PASSWORD = "benchmark password 1"
STAFF, PLAYER = "user00001", "user00002"
FIRST_PLAY = datetime(2023, 1, 1, tzinfo=UTC)
BATCH = 10_000


def seed(plays: int = PLAYS) -> None:
    """Fill an empty database. The plays spread over a year, users and games."""
    with transaction.atomic():
        _users()
        _games()
        _plays(plays)
        _count()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _users() -> None:
    # Hashed once: ten thousand times would take minutes and change nothing.
    password = make_password(PASSWORD)
    names = [f"user{number:05d}" for number in range(1, USERS + 1)]
    User.objects.bulk_create(
        [
            User(
                username=name,
                email=f"{name}@example.org",
                password=password,
                first_name=f"First{name}",
                last_name=f"Last{name}",
                birthdate=date(1990, 1, 1),
                is_staff=name == STAFF,
                search_text=name,
            )
            for name in names
        ],
        batch_size=500,
    )


def _games() -> None:
    chance = random.Random(1)
    genres = []
    for number in range(1, GENRES + 1):
        genre = Genre(name=f"Genre {number:02d}")
        genre.save()
        genres.append(genre)
    games = []
    for number in range(1, GAMES + 1):
        game = Game(name=f"Game {number:04d}: The Long Title", genre=chance.choice(genres))
        game.set_derived_fields()
        games.append(game)
    Game.objects.bulk_create(games)


def _plays(plays: int) -> None:
    """By plain SQL: a million model objects would take minutes."""
    chance = random.Random(2)
    users = list(User.objects.order_by("pk").values_list("pk", flat=True))
    games = list(Game.objects.order_by("pk").values_list("pk", flat=True))
    step = timedelta(days=365) / max(plays, 1)
    adapted = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        for start in range(0, plays, BATCH):
            cursor.executemany(
                "INSERT INTO playsessions_playsession (user_id, game_id, created_at)"
                " VALUES (%s, %s, %s)",
                [
                    (
                        chance.choice(users),
                        chance.choice(games),
                        adapted(FIRST_PLAY + step * number),
                    )
                    for number in range(start, min(start + BATCH, plays))
                ],
            )


def _count() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE games_game SET play_count ="
            " (SELECT count(*) FROM playsessions_playsession WHERE game_id = games_game.id)"
        )
        cursor.execute(
            "INSERT INTO games_dailyplays (game_id, date, plays)"
            " SELECT game_id, date(created_at) AS day, count(*)"
            " FROM playsessions_playsession GROUP BY game_id, day"
        )


def token_of(username: str) -> str:
    """Good for a day: no measurement outlives it."""
    device = Device(ip_address="127.0.0.1", user_agent="benchmark")
    user = User.objects.get(username=username)
    return create_24_hour_session(user=user, device=device, now=timezone.now()).token
