"""Similar games of the demo catalogue."""

from pathlib import Path

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from games import catalogue
from games.demo import create_demo_similar_games
from games.models import DailyPlays, Game, PlayedGame

DEMO = Path(catalogue.__file__).parent / "games.csv"


@pytest.mark.django_db
def test_demo_games_have_sensible_similar_ones_and_no_plays(api: APIClient) -> None:
    call_command("import_games", DEMO)

    create_demo_similar_games()

    for name, expected in (
        ("Half-Life", "Half-Life 2"),
        ("Doom Eternal", "Doom"),
        ("The Secret of Monkey Island", "Maniac Mansion"),
        ("Tekken 3", "Tekken 8"),
    ):
        game = Game.objects.get(name=name)
        similar = api.get(f"/games/{game.pk}/similar?page_size=10").json()
        assert len(similar) == 10
        assert expected in [each["name"] for each in similar], name
        of_genre = [each for each in similar if each["genre"]["id"] == game.genre_id]
        assert len(of_genre) >= 5, name
    assert not PlayedGame.objects.exists()
    assert not DailyPlays.objects.exists()
    assert not Game.objects.filter(play_count__gt=0).exists()
