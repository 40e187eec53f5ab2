import json
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from core.text import comparison_key
from games.catalogue import parser as reader
from games.catalogue.parser import Entry, InvalidCatalogue

TODAY = date(2026, 11, 27)
read_csv = partial(reader.read_csv, today=TODAY)
read_json = partial(reader.read_json, today=TODAY)
DEMO = Path(reader.__file__).parent / "games.csv"


def problems_of_csv(content: bytes) -> list[str]:
    with pytest.raises(InvalidCatalogue) as refusal:
        read_csv(content)
    return [str(problem) for problem in refusal.value.problems]


def problems_of_json(content: bytes) -> list[str]:
    with pytest.raises(InvalidCatalogue) as refusal:
        read_json(content)
    return [str(problem) for problem in refusal.value.problems]


class TestReadCSV:
    def test_read_csv_reads_names_as_they_are_written(self) -> None:
        content = 'name,genre\nPokémon Red,Role-playing\n"Papers, Please", Simulation \n'.encode()

        entries = read_csv(content)

        assert entries == [
            Entry(2, "Pokémon Red", "Role-playing"),
            Entry(3, "Papers, Please", "Simulation"),
        ]

    @pytest.mark.parametrize(
        "content",
        [
            b"\xef\xbb\xbfname,genre\nTetris,Puzzle\n",
            b"name,genre\r\nTetris,Puzzle\r\n",
            b"name,genre\rTetris,Puzzle",
            b"Genre , NAME\nPuzzle,Tetris\n",
            b"year,name,genre\n1984,Tetris,Puzzle\n",
            b"name,genre\n\n \nTetris,Puzzle\n,\n",
            b"name;genre\nTetris;Puzzle\n",
            b"name\tgenre\nTetris\tPuzzle\n",
            b"sep=;\r\nname;genre\r\nTetris;Puzzle\r\n",
            b"NAME,GENRE,RELEASED\nTetris,Puzzle,\n",
            b"name,genre,,\nTetris,Puzzle,,\n",
            "\ufeffname,genre\nTetris,Puzzle\n".encode("utf-16-le"),
            "\ufeffname,genre\nTetris,Puzzle\n".encode("utf-16-be"),
        ],
        ids=[
            *("byte order mark", "CRLF", "CR", "order and case", "other columns", "blank lines"),
            *("semicolon", "tab", "sep=", "capitals", "empty columns", "UTF-16 LE", "UTF-16 BE"),
        ],
    )
    def test_read_csv_takes_what_spreadsheets_write(self, content: bytes) -> None:
        assert [(entry.name, entry.genre) for entry in read_csv(content)] == [("Tetris", "Puzzle")]

    def test_read_csv_names_every_bad_line(self) -> None:
        lines = [
            b"name,genre",
            b"Tetris,Puzzle",
            b",Puzzle",
            b"Doom,",
            b"Papers, Please,Simulation",
            b"TETRIS,Puzzle",
            b"No\0l,Puzzle",
            b"Pok\xe9mon,Role-playing",
            b"x" * 201 + b",Puzzle",
            b"Pong," + b"y" * 101,
            b'Go"od,"bad"x',
            b"Pong",
            b"Myst,Adventure",
        ]

        problems = problems_of_csv(b"\n".join(lines))

        advice = "put a text with a comma into double quotes."
        missing = "the column genre has none; write a comma for an empty field too."
        assert problems == [
            "line 3: name: Give a name.",
            "line 4: genre: Give a name.",
            "line 5: There are 3 fields, but 2 columns; " + advice,
            "line 6: 'TETRIS' is already on line 2.",
            "line 7: name: Use a name without control characters or line breaks.",
            "line 8: This is not UTF-8; save the file as UTF-8.",
            "line 9: name: Use at most 200 characters for the name.",
            "line 10: genre: Use at most 100 characters for the name.",
            "line 11: This is not CSV (',' expected after '\"').",
            "line 12: There are 1 fields, but 2 columns; " + missing,
        ]

    def test_read_csv_counts_lines_as_an_editor_does_when_a_field_spans_some(self) -> None:
        content = b'name,genre,note\nTetris,Puzzle,"two\nlines"\nPong,,\n'

        assert problems_of_csv(content) == ["line 4: genre: Give a name."]

    @pytest.mark.parametrize(
        ("content", "found"),
        [
            (b"", "nothing"),
            (b"\n", "nothing"),
            (b"name\nTetris\n", "'name'"),
            (b"Tetris,Puzzle\n", "'tetris,puzzle'"),
            (b"name,genre,name\nTetris,Puzzle,x\n", "'name,genre,name'"),
            (b"x" * 100, f"'{'x' * 40}'"),
        ],
    )
    def test_read_csv_asks_for_the_columns(self, content: bytes, found: str) -> None:
        [problem] = problems_of_csv(content)

        assert problem.startswith("line 1: Name the columns in the first line: name,genre")
        assert problem.endswith(f"; found {found}.")

    def test_read_csv_refuses_a_file_without_games(self) -> None:
        assert problems_of_csv(b"name,genre\n") == ["The file holds no games."]

    @pytest.mark.parametrize("encoding", ["utf-16-be", "utf-32"])
    def test_read_csv_refuses_other_encodings(self, encoding: str) -> None:
        assert problems_of_csv("name,genre\nTetris,Puzzle\n".encode(encoding))

    def test_read_csv_reads_the_year_that_tells_two_games_of_one_name_apart(self) -> None:
        content = b"name,genre,released\nDoom,Shooter,1993\nDoom,Shooter,2016\nMyst,Adventure,\n"

        assert read_csv(content) == [
            Entry(2, "Doom", "Shooter", 1993),
            Entry(3, "Doom", "Shooter", 2016),
            Entry(4, "Myst", "Adventure", None),
        ]

    def test_read_csv_names_a_year_that_is_none(self) -> None:
        rows = "A,x,1899\nB,x,2028\nC,x,93\nD,x,1993.0\nE,x,27.11.1993\nF,x,2027\n"

        assert problems_of_csv(f"name,genre,released\n{rows}".encode()) == [
            "line 2: released: Give a year from 1900 to 2027, not '1899'.",
            "line 3: released: Give a year from 1900 to 2027, not '2028'.",
            "line 4: released: Give a year like 1985, not '93'.",
            "line 5: released: Give a year like 1985, not '1993.0'.",
            "line 6: released: Give a year like 1985, not '27.11.1993'.",
        ]

    @pytest.mark.parametrize(
        "again", ["Assassin\u2019s Creed", "ASSASSINS CREED", "Assassin's-Creed\u2122"]
    )
    def test_read_csv_names_a_game_that_comes_twice_however_it_is_spelled(self, again: str) -> None:
        content = f"name,genre\nAssassin's Creed,Action\n{again},Action\n".encode()

        assert problems_of_csv(content) == [f"line 3: {again!r} is already on line 2."]

    def test_read_csv_names_the_line_of_a_quote_that_never_ends(self) -> None:
        assert problems_of_csv(b'name,genre\n"Tetris,Puzzle\nPong,Sports\n') == [
            "line 2: This is not CSV (unexpected end of data)."
        ]

    def test_read_csv_refuses_a_name_that_folding_makes_too_long(self) -> None:
        content = f"name,genre\n{'ﷺ' * 200},Puzzle\n".encode()

        assert problems_of_csv(content) == [
            "line 2: name: Use at most 200 characters for the name."
        ]


class TestReadJSON:
    def test_read_json_reads_an_array_of_objects(self) -> None:
        content = '[{"name": "Ōkami", "genre": "Action-adventure", "year": 2006}]'.encode()

        assert read_json(content) == [Entry(1, "Ōkami", "Action-adventure")]

    def test_read_json_names_every_bad_line(self) -> None:
        content = b"""[
            {"name": "Tetris", "genre": "Puzzle"},
            {"name": "Pong"},
            {"name": 5, "genre": null},
            ["Doom", "Shooter"], "Doom",
            {"name": "tetris", "genre": "Puzzle"},
            {
                "name": "Nul\\u0000", "genre": "Puzzle"
            },
            {"name": "Half\\ud800", "genre": "Puzzle"},
            {"name": "Twice", "name": "Thrice", "genre": "Puzzle"}
        ]"""

        problems = problems_of_json(content)

        form = 'Each game is an object like {"name": "Tetris", "genre": "Puzzle"}.'
        assert problems == [
            "line 3: Give genre once, as text.",
            "line 4: Give name and genre once, as text.",
            f"line 5: {form}",
            f"line 5: {form}",
            "line 6: 'tetris' is already on line 2.",
            "line 7: name: Use a name without control characters or line breaks.",
            "line 10: name: This is not UTF-8; save the file as UTF-8.",
            "line 11: Give name once, as text.",
        ]

    @pytest.mark.parametrize(
        ("content", "line"),
        [
            (b"", 1),
            (b'[\n{"name": "Tetris"\n"genre": 1}]', 3),
            (b'[{"name": "Tetris", "genre": "Puzzle"}] more', 1),
            (b"[1, 2", 1),
            (b'[\n"\xff', 2),
        ],
    )
    def test_read_json_names_the_line_that_is_not_json(self, content: bytes, line: int) -> None:
        [problem] = problems_of_json(content)

        assert problem.startswith(f"line {line}: This is not JSON (")

    @pytest.mark.parametrize("content", [b"{}", b"null", b'"x"', b"1"])
    def test_read_json_asks_for_an_array(self, content: bytes) -> None:
        [problem] = problems_of_json(content)

        assert problem.startswith("The file must be an array")

    def test_read_json_reads_years(self) -> None:
        content = b"""[{"name": "Doom", "genre": "Shooter", "released": 1993},
            {"name": "Myst", "genre": "Adventure", "released": null}]"""

        assert [entry.released for entry in read_json(content)] == [1993, None]

    @pytest.mark.parametrize("year", ["1e400", '"1993"', "1993.5", "true", "[]", "9" * 5000, "-1"])
    def test_read_json_refuses_other_years(self, year: str) -> None:
        content = f'[{{"name": "Doom", "genre": "Shooter", "released": {year}}}]'.encode()

        assert "released" in problems_of_json(content)[0]

    @pytest.mark.parametrize("content", [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000])
    def test_read_json_refuses_deep_nesting(self, content: bytes) -> None:
        assert problems_of_json(content)

    def test_read_json_refuses_endless_numbers(self) -> None:
        assert problems_of_json(b'[{"name": ' + b"9" * 10_000 + b', "genre": "Puzzle"}]') == [
            "line 1: Give name once, as text."
        ]

    def test_read_json_refuses_a_file_without_games(self) -> None:
        assert problems_of_json(b"[]") == ["The file holds no games."]


class TestDemoCatalogue:
    def test_demo_catalogue_is_fit_for_import(self) -> None:
        entries = read_csv(DEMO.read_bytes())

        assert len(entries) >= 200
        assert len({comparison_key(entry.genre) for entry in entries}) == len(
            {e.genre for e in entries}
        )

    def test_demo_catalogue_means_the_same_as_json(self) -> None:
        entries = read_csv(DEMO.read_bytes())
        content = json.dumps([entry._asdict() for entry in entries], indent=1)

        assert [e[1:] for e in read_json(content.encode())] == [e[1:] for e in entries]
