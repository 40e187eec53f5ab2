"""`manage.py import_games`."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from games.catalogue import importing
from games.catalogue.parser import Entry
from games.models import Game, Genre
from tests.factories import GameFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "catalogue.csv"
    path.write_text("name,genre\nTetris,Puzzle\nPokémon Red,Role-playing\n", encoding="utf-8")
    return path


def shown() -> list[tuple[str, str]]:
    return list(Game.objects.order_by("name").values_list("name", "genre__name"))


def test_adds_games_and_genres(catalogue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_games", catalogue)

    assert shown() == [("Pokémon Red", "Role-playing"), ("Tetris", "Puzzle")]
    printed = capsys.readouterr()
    assert printed.out == "2 games: 2 created, 0 updated, 0 unchanged; 2 genres created.\n"
    assert not printed.err, "no progress bar where nobody watches"


def test_changes_nothing_the_second_time(
    catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("import_games", catalogue)
    ids = set(Game.objects.values_list("id", flat=True))

    call_command("import_games", catalogue)

    assert set(Game.objects.values_list("id", flat=True)) == ids
    assert "0 created, 0 updated, 2 unchanged; 0 genres" in capsys.readouterr().out


def test_updates_known_games_whatever_their_case(
    catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = GameFactory.create(name="TETRIS", genre__name="Sports", play_count=7)
    GameFactory.create(name="Pong", genre=known.genre)

    call_command("import_games", catalogue)

    known.refresh_from_db()
    assert (known.name, known.genre.name, known.play_count) == ("Tetris", "Puzzle", 7)
    assert Game.objects.filter(name="Pong").exists(), "games that the file lacks stay"
    assert "1 created, 1 updated, 0 unchanged; 2 genres" in capsys.readouterr().out


def test_reads_json(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.JSON"
    path.write_text(json.dumps([{"name": "Tetris", "genre": "Puzzle"}]), encoding="utf-8")

    call_command("import_games", path)

    assert shown() == [("Tetris", "Puzzle")]


def test_takes_a_genre_however_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.csv"
    path.write_text("name,genre\nTetris,Puzzle\nPortal,PUZZLE\n", encoding="utf-8")

    call_command("import_games", path)

    assert shown() == [("Portal", "Puzzle"), ("Tetris", "Puzzle")]


def test_imports_nothing_of_a_file_with_a_bad_line(catalogue: Path) -> None:
    catalogue.write_text("name,genre\nTetris,Puzzle\nPong\n,Sports\n", encoding="utf-8")

    with pytest.raises(CommandError) as refusal:
        call_command("import_games", catalogue)

    assert "line 3:" in str(refusal.value)
    assert "line 4:" in str(refusal.value)
    assert refusal.value.returncode == 1
    assert not Game.objects.exists()
    assert not Genre.objects.exists()


def test_imports_nothing_when_it_fails_half_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH_SIZE", 1)

    def fail_at_the_second(_: int) -> None:
        if Game.objects.count() == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.import_catalogue(
            [Entry(2, "Tetris", "Puzzle"), Entry(3, "Pong", "Sports")],
            progress=fail_at_the_second,
        )

    assert not Game.objects.exists()
    assert not Genre.objects.exists()


@pytest.mark.parametrize("name", ["missing.csv", "catalogue.txt", "."])
def test_says_which_file_it_cannot_read(catalogue: Path, name: str) -> None:
    path = catalogue.parent / name
    if path.suffix == ".txt":
        catalogue.rename(path)

    with pytest.raises(CommandError, match=str(path)):
        call_command("import_games", path)


def test_costs_the_same_queries_for_one_and_for_many(
    django_assert_max_num_queries: pytest.FixtureRequest,
) -> None:
    entries = [Entry(n, f"Game {n}", "Puzzle") for n in range(400)]

    with django_assert_max_num_queries(10):  # type: ignore[operator]  # a fixture
        importing.import_catalogue(entries, progress=lambda _: None)
