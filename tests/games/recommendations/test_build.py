"""`manage.py build_recommendations`."""

import fcntl
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from games.models import Game, PlayedGame, RecommendedGames, SimilarGames
from games.recommendations import services
from games.recommendations.neighbours import Suggestion, suggestions
from tests.factories import GameFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db


def run(capsys: pytest.CaptureFixture[str]) -> str:
    call_command("build_recommendations")
    return capsys.readouterr().out


@pytest.fixture
def games() -> list[Game]:
    """Three that two people play, and each of them one more."""
    games: list[Game] = GameFactory.create_batch(5)
    for own in games[3:]:
        user = UserFactory.create()
        for game in [*games[:3], own]:
            PlayedGame.objects.create(user=user, game=game, plays=1, last_played_at=timezone.now())
    return games


def lists() -> dict[str, object]:
    return {
        "similar": list(SimilarGames.objects.order_by("pk").values_list("pk", "neighbours")),
        "recommended": list(RecommendedGames.objects.order_by("pk").values()),
    }


def test_says_how_much_it_built(games: list[Game], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys).startswith("5 games and 2 people in ")
    assert SimilarGames.objects.count() == 5
    assert [len(row.suggestions) for row in RecommendedGames.objects.all()] == [1, 1]


def test_builds_the_same_again(games: list[Game], capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys)
    first = lists()

    run(capsys)

    assert lists() == first


def test_leaves_everything_where_nobody_played(capsys: pytest.CaptureFixture[str]) -> None:
    game = GameFactory.create()
    SimilarGames.objects.create(game=game, neighbours=[])

    assert run(capsys) == "Nobody has played yet: nothing to build.\n"
    assert SimilarGames.objects.exists()


def test_a_second_run_leaves_at_once(
    games: list[Game], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path(settings.DATA_DIR / "build_recommendations.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        assert run(capsys) == "already running\n"

    assert not SimilarGames.objects.exists()


@pytest.mark.parametrize("after", [0, 3, 4, 5])
def test_that_is_killed_leaves_whole_lists_and_is_made_up_for(
    games: list[Game],
    after: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(capsys)
    before = lists()
    PlayedGame.objects.filter(game=games[0]).delete()
    monkeypatch.setattr(services, "_BATCH_SIZE", 1)
    done = 0

    def die(count: int) -> None:
        nonlocal done
        done += count
        if done > after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        services.build_recommendations(progress=die)

    if after < 4:
        assert lists() == before
    for row in RecommendedGames.objects.all():
        assert {tuple(pair) for pair in row.suggestions} <= {
            (game.pk, because.pk) for game in games for because in games
        }
    run(capsys)
    assert games[0].pk not in dict(SimilarGames.objects.values_list("pk", "neighbours"))
    assert {row.played_count for row in RecommendedGames.objects.all()} == {3}


@pytest.mark.django_db(transaction=True)
def test_survives_an_account_that_is_deleted_meanwhile(
    games: list[Game], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = PlayedGame.objects.order_by("user").values_list("user", flat=True)[0]

    def delete_first(*args: Any, **kwargs: Any) -> list[Suggestion]:
        PlayedGame.objects.filter(user=gone).delete()
        RecommendedGames.objects.filter(user=gone).delete()
        User.objects.filter(pk=gone).delete()
        return suggestions(*args, **kwargs)

    monkeypatch.setattr(services, "suggestions", delete_first)

    run(capsys)

    assert RecommendedGames.objects.count() == 1


def test_cron_runs_it(games: list[Game], settings: Settings) -> None:
    [job] = [job for _, job in settings.CRONJOBS if "recommendations" in job]
    module, _, function = job.rpartition(".")

    getattr(import_module(module), function)()

    assert SimilarGames.objects.count() == 5
