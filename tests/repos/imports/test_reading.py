"""Every keeper's file is recognised by its content, and what it does not tell stays unknown."""

import contextlib
import io
import random
import subprocess
import sys
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from repos.github_urls import RepositoryName
from repos.imports import ghstats_program
from repos.imports.histories import (
    FileHistory,
    NotTraffic,
    OtherRepositories,
    UnreadableFile,
)
from repos.imports.reading import MAX_BYTES, Import, read_import
from repos.traffic.merging import DayFigures
from tests.repos.imports.samples import (
    GITHUB_CLONES,
    GITHUB_VIEWS,
    GITHUB_WEEKS,
    REPO_STATS_FRAGMENT,
    TRACKER_STATE,
    as_json,
    ghstats_database,
    zipped,
)

TODAY = date(2026, 3, 10)
WANTED = RepositoryName("octocat", "App")
Figures = tuple[int | None, int | None, int | None, int | None]


def read(content: bytes | str, *, wanted: RepositoryName = WANTED) -> Import:
    raw = content.encode() if isinstance(content, str) else content
    return read_import(raw, file_name="upload", wanted=wanted, today=TODAY)


def read_file(content: bytes | str, **options: Any) -> FileHistory:
    [file] = read(content, **options).files
    return file


def told(days: Any) -> dict[str, Figures]:
    return {
        day.isoformat(): (one.views, one.unique_visitors, one.clones, one.unique_cloners)
        for day, one in days.items()
    }


def rejection_of(content: bytes | str, **options: Any) -> str:
    with pytest.raises(UnreadableFile) as rejected:
        read(content, **options)
    assert rejected.value.attr == "file"
    return str(rejected.value)


class TestCsvKeepers:
    def test_own_format_with_an_empty_cell_is_unknown_there(self) -> None:
        file = read_file(
            "date,views,unique_visitors,clones,unique_cloners,complete\n"
            "2026-03-01,5,,0,0,true\n2026-03-02,,,,,false\n"
        )

        assert file.format == "foyer"
        assert file.days == {
            date(2026, 3, 1): DayFigures(5, None, 0, 0, complete=True),
            date(2026, 3, 2): DayFigures(),
        }

    def test_github_repo_stats_with_an_empty_cell_is_unknown_there(self) -> None:
        file = read_file(REPO_STATS_FRAGMENT)

        assert file.format == "github-repo-stats"
        assert told(file.days) == {
            "2020-12-21": (59, 13, 2, 1),
            "2020-12-22": (40, 23, None, None),
        }

    def test_github_repo_stats_without_clones_never_means_no_clones(self) -> None:
        file = read_file("time_iso8601,views_total,views_unique\n2020-12-21 00:00:00+00:00,5,3\n")

        assert told(file.days) == {"2020-12-21": (5, 3, None, None)}

    @pytest.mark.parametrize(
        ("content", "day"),
        [
            ("_date,total_views,unique_views\n2020-11-16,7,2\n", (7, 2, None, None)),
            (",total_views,unique_views\n2020-11-16,7,2\n", (7, 2, None, None)),
            ("_date,total_clones,unique_clones\n2020-11-16,7,2\n", (None, None, 7, 2)),
            (
                "_date,total_clones,unique_clones\n2020-11-16 00:00:00+00:00,7,2\n",
                (None, None, 7, 2),
            ),
        ],
    )
    def test_repository_traffic_action_tells_one_series(self, content: str, day: Figures) -> None:
        file = read_file(content)

        assert file.format == "repository-traffic-action"
        assert told(file.days) == {"2020-11-16": day}

    def test_repository_traffic_action_with_a_header_alone_holds_no_day(self) -> None:
        assert read_file("_date,total_clones,unique_clones\n").days == {}

    @pytest.mark.parametrize(
        ("series", "day"), [("views", (7, 3, None, None)), ("clones", (None, None, 7, 3))]
    )
    def test_github_traffic_stats_takes_the_rows_of_this_name(
        self, series: str, day: Figures
    ) -> None:
        file = read_file(
            f"repository_name,date,{series},unique_visitors/cloners\r\n"
            "app,2017-07-16,5,3\r\napp,2017-07-16,7,2\r\nother,2017-07-17,99,9\r\n"
        )

        assert file.format == "github-traffic-stats"
        assert told(file.days) == {"2017-07-16": day}

    def test_a_file_of_other_repositories_names_them(self) -> None:
        header = "repository_name,date,views,unique_visitors/cloners\n"

        with pytest.raises(OtherRepositories) as rejected:
            read(f"{header}one,2017-07-16,5,3\ntwo,2017-07-16,5,3\n")

        message = str(rejected.value)
        assert "The file holds one, two, but not octocat/App." in message
        assert "?repository=owner/name" in message

    def test_written_by_a_spreadsheet_it_is_the_same(self) -> None:
        text = (
            "sep=;\r\nDate;Views;Unique_Visitors;Clones;Unique_Cloners;Complete;;\r\n"
            ";;;;;;;\r\n2026-03-01;5;4;3;2;TRUE;;\r\n"
        )

        file = read_file("\ufeff".encode("utf-16-le") + text.encode("utf-16-le"))

        assert file.days == {date(2026, 3, 1): DayFigures(5, 4, 3, 2, complete=True)}

    @pytest.mark.parametrize(
        ("row", "message"),
        [
            ("01.03.2026,1,1,1,1,true", "column date: found '01.03.2026', a date in a local form;"),
            ("2026-13-01,1,1,1,1,true", "column date: found '2026-13-01'"),
            (
                "2999-01-01,1,1,1,1,true",
                "found '2999-01-01'; wanted is a day from 2000-01-01 to today (2026-03-10",
            ),
            ("1999-12-31,1,1,1,1,true", "column date: found '1999-12-31'"),
            ("2026-03-01,-1,1,1,1,true", "column views: found '-1'; wanted is a whole number"),
            ('2026-03-01,"1.234",1,1,1,true', "found '1.234', a number with a separator"),
            ("2026-03-01,1.0,1,1,1,true", "column views: found '1.0'"),
            ("2026-03-01,1e3,1,1,1,true", "column views: found '1e3'"),
            (
                "2026-03-01,100000000000001,1,1,1,true",
                "wanted is a whole number from 0 to 10000000",
            ),
            ("2026-03-01,\u0661,1,1,1,true", "column views"),
            ("2026-03-01,1,1,1,1,maybe", "column complete: found 'maybe'; wanted is true or false"),
            ("2026-03-01,1,1,1", "There are 4 fields, but 6 columns; the column unique_cloners"),
        ],
    )
    def test_a_wrong_value_is_named_with_line_and_column(self, row: str, message: str) -> None:
        found = rejection_of(
            f"date,views,unique_visitors,clones,unique_cloners,complete\n2026-03-02,,,,,\n{row}\n"
        )

        assert found.startswith("Line 3: ")
        assert message in found

    def test_a_thousand_with_a_point_is_not_one(self) -> None:
        header = "time_iso8601,clones_total,clones_unique,views_total,views_unique\n"

        assert "Line 2: column views_total: found '1.000', a number with a separator" in (
            rejection_of(f"{header}2026-03-01 00:00:00+00:00,2.0,1.00,1.000,1\n")
        )

    @pytest.mark.parametrize(
        ("content", "name"),
        [
            ("referrer,views_total,views_unique\nGoogle,1,1\n", "referrers of github-repo-stats"),
            ("url_path,views_total,views_unique\n/a,1,1\n", "popular paths of github-repo-stats"),
            ("time_iso8601,stars_cumulative\n2021-01-14 17:41:02+00:00,1\n", "stars of github"),
            ("time_iso8601,forks_cumulative\n2021-01-14 17:41:02+00:00,1\n", "forks of github"),
            ("repository_name,site,views,unique_visitors/cloners\n", "referrers of github-traffic"),
            ("app,2017-07-16,5,3\n", "without a header, which does not say whether"),
            ("name,genre\nTetris,Puzzle\n", "found 'name,genre'; wanted is a first line date,"),
            ("", "The file is empty."),
            ("date,views\n2026-03-01,1\n", "found 'date,views'"),
        ],
    )
    def test_a_file_that_holds_something_else_is_named(self, content: str, name: str) -> None:
        assert name in rejection_of(content)

    def test_a_needed_column_occurs_once(self) -> None:
        header = "date,date,views,unique_visitors,clones,unique_cloners\n"

        assert "The column date occurs twice." in rejection_of(header)


class TestJsonKeepers:
    def test_views_as_github_tells_them_say_nothing_of_clones(self) -> None:
        file = read_file(as_json(GITHUB_VIEWS))

        assert file.format == "github"
        assert told(file.days) == {
            "2026-03-03": (50, 3, None, None),
            "2026-03-05": (6, 2, None, None),
        }

    def test_clones_as_github_tells_them(self) -> None:
        assert told(read_file(as_json(GITHUB_CLONES)).days) == {"2026-03-04": (None, None, 9, 5)}

    def test_json_keepers_both_answers_in_one_object(self) -> None:
        file = read_file(as_json({"views": GITHUB_VIEWS, "clones": GITHUB_CLONES}))

        assert told(file.days) == {
            "2026-03-03": (50, 3, None, None),
            "2026-03-04": (None, None, 9, 5),
            "2026-03-05": (6, 2, None, None),
        }

    def test_mondays_alone_are_weeks_and_no_days(self) -> None:
        file = read_file(as_json(GITHUB_WEEKS))

        assert file.days == {}
        assert told(file.weeks) == {
            "2026-02-23": (440, 143, None, None),
            "2026-03-02": (1263, 339, None, None),
        }

    def test_a_monday_alone_beside_days_is_a_day(self) -> None:
        clones = {
            "count": 9,
            "uniques": 5,
            "clones": [{"timestamp": "2026-03-02T00:00:00Z", "count": 9, "uniques": 5}],
        }

        file = read_file(as_json({"views": GITHUB_VIEWS, "clones": clones}))

        assert file.weeks == {}
        assert told(file.days)["2026-03-02"] == (None, None, 9, 5)

    @pytest.mark.parametrize("separator", ["/", "\\"])
    def test_traffic_to_badge_in_its_folder_holds_days_if_they_are_mondays(
        self, separator: str
    ) -> None:
        archive = zipped({f"traffic-app{separator}traffic_views.json": as_json(GITHUB_WEEKS)})

        [file] = read(archive).files

        assert (file.format, file.weeks, len(file.days)) == ("traffic-to-badge", {}, 2)

    def test_more_days_than_an_answer_of_github_come_from_traffic_to_badge(self) -> None:
        days = [
            {"timestamp": f"2026-02-{n:02}T00:00:00Z", "count": n, "uniques": 1}
            for n in range(1, 21)
        ]

        file = read_file(as_json({"count": 210, "uniques": 20, "views": days}))

        assert file.format == "traffic-to-badge"
        assert len(file.days) == 20

    def test_a_quiet_answer_holds_no_day(self) -> None:
        assert read_file(as_json({"count": 0, "uniques": 0, "views": []})).days == {}

    def test_state_of_github_traffic_tracker(self) -> None:
        file = read_file(as_json(TRACKER_STATE))

        assert file.format == "github-traffic-tracker"
        assert told(file.days) == {
            "2026-02-10": (12, None, 4, None),
            # 8 clones by nobody: a 0 that the tracker filled in.
            "2026-02-11": (20, 6, 8, None),
            "2026-02-12": (None, None, 0, 0),
        }

    def test_an_archive_of_the_tracker_is_of_one_repository(self) -> None:
        archive = {"repo": "OctoCat/app", "dailyHistory": TRACKER_STATE["dailyHistory"]}

        assert len(read_file(as_json(archive)).days) == 3
        assert "The file holds octocat/other" in rejection_of(
            as_json(archive | {"repo": "octocat/other"})
        )

    def test_a_byte_order_mark_before_json(self) -> None:
        assert read_file(b"\xef\xbb\xbf" + as_json(GITHUB_VIEWS)).days

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"timestamp": "03/05/2026"}, 'found "03/05/2026", a date in a local form; wanted is'),
            ({"timestamp": None}, "views[0].timestamp: found nothing; wanted is a day from"),
            ({"timestamp": "2026-03-05T12:00:00Z"}, "views[0].timestamp"),
            ({"count": -1}, "views[0].count: found -1; wanted is a whole number"),
            ({"count": 1.5}, "views[0].count: found 1.5"),
            ({"count": True}, "views[0].count: found true"),
            ({"count": None}, "views[0].count: found nothing"),
            ({"uniques": 10**14 + 1}, "views[0].uniques"),
        ],
    )
    def test_a_wrong_value_is_named_with_its_place(
        self, change: dict[str, Any], message: str
    ) -> None:
        entry = {"timestamp": "2026-03-05T00:00:00Z", "count": 1, "uniques": 1} | change

        assert message in rejection_of(as_json({"views": [entry]}))

    @pytest.mark.parametrize(
        ("value", "name"),
        [
            ([{"referrer": "Google", "count": 4, "uniques": 3}], "a list of referrers"),
            ([{"path": "/a", "title": "A", "count": 4, "uniques": 3}], "a list of popular paths"),
            ([], "an empty list"),
            ({"message": "Not Found", "documentation_url": "x"}, "an error of GitHub: Not Found"),
            ({"schemaVersion": 1, "label": "views", "message": "5"}, "the data of a badge"),
            ({"full_name": "a/b", "stargazers_count": 1}, "description of a repository"),
            ({"schemaVersion": 3, "totalViews": 1}, "github-traffic-tracker without dailyHistory"),
            ({"views": 5, "clones": 6}, "JSON, but not of a known keeper"),
            ({}, "JSON, but not of a known keeper"),
        ],
    )
    def test_json_that_holds_something_else_is_named(self, value: object, name: str) -> None:
        assert name in rejection_of(as_json(value))

    @pytest.mark.parametrize(
        "content",
        [
            b'{"views": [',
            b'{"views": [NaN]}',
            b'{"views": [1e999]}',
            b'{"views": [5]}',
            b'{"views": [' + b"9" * 5000 + b"]}",
            b"[" * 100_000,
            b"{" + b"[]," * 1_000_001 + b"}",
            b'{"views": "\xff"}',
        ],
    )
    def test_hostile_json_is_rejected(self, content: bytes) -> None:
        assert rejection_of(content)


STATS = ghstats_database(
    {1: "octocat/app", 2: "octocat/other"},
    [
        (1, "2024-07-24T00:00:00Z", 8, 0, 0, 0, 0),
        (1, "2024-07-26T00:00:00Z", 9, 5, 3, 0, 0),
        (2, "2024-07-26T00:00:00Z", 1, 99, 9, 9, 9),
    ],
)


class TestGhstats:
    def test_ghstats_takes_the_rows_of_this_name_that_have_traffic(self) -> None:
        file = read_file(STATS)

        assert file.format == "ghstats"
        assert told(file.days) == {"2024-07-26": (5, 3, 0, 0)}

    def test_ghstats_takes_the_rows_of_another_name_on_demand(self) -> None:
        file = read_file(STATS, wanted=RepositoryName("OCTOCAT", "Other"))

        assert told(file.days) == {"2024-07-26": (99, 9, 9, 9)}

    def test_ghstats_names_the_repositories_that_are_there(self) -> None:
        with pytest.raises(OtherRepositories, match="octocat/app, octocat/other"):
            read(STATS, wanted=RepositoryName("octocat", "third"))

    def test_a_database_in_wal_mode_is_read(self) -> None:
        wal = STATS[:18] + b"\2\2" + STATS[20:]

        assert read_file(wal).days

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (STATS[:2000], "The SQLite file is damaged."),
            (STATS[:100] + b"\xff" * (len(STATS) - 100), "The SQLite file is damaged."),
            (STATS[:16] + b"\0" * 5000, "The SQLite file is damaged."),
            (ghstats_database({}, [], extra="DROP TABLE repo_stats;"), "not one of ghstats"),
            (
                ghstats_database({}, [], extra="ALTER TABLE repo_stats DROP COLUMN views_count;"),
                "not one of ghstats",
            ),
        ],
    )
    def test_other_and_damaged_databases_are_named(self, content: bytes, message: str) -> None:
        assert message in rejection_of(content)

    def test_tables_that_run_something_are_not_read(self) -> None:
        """A view could compute for ever, or call functions of its choice."""
        endless = (
            "DROP TABLE repo_stats; CREATE VIEW repo_stats AS WITH RECURSIVE n(i) AS (SELECT 1"
            " UNION ALL SELECT i + 1 FROM n) SELECT 1 AS repo_id, '2024-07-26' AS date,"
            " i AS views_count, 1 AS views_uniques, 1 AS clones_count, 1 AS clones_uniques FROM n;"
        )

        assert "not one of ghstats" in rejection_of(
            ghstats_database({1: "octocat/app"}, [], extra=endless)
        )

    def test_a_generated_column_may_call_no_function(self) -> None:
        generated = (
            "DROP TABLE repos; CREATE TABLE repos (id INTEGER PRIMARY KEY,"
            " name TEXT AS (hex(zeroblob(1000))) VIRTUAL); INSERT INTO repos (id) VALUES (1);"
        )

        assert rejection_of(ghstats_database({}, [], extra=generated))

    @pytest.mark.parametrize(
        ("row", "message"),
        [
            ((1, "yesterday", 0, 1, 1, 1, 1), 'column date: found "yesterday"'),
            ((1, "2024-07-26T00:00:00Z", 0, -1, 1, 1, 1), "column views_count: found -1"),
            ((1, "2024-07-26T00:00:00Z", 0, "x", 1, 1, 1), 'column views_count: found "x"'),
        ],
    )
    def test_a_wrong_value_is_named_with_its_column(self, row: Any, message: str) -> None:
        assert message in rejection_of(ghstats_database({1: "octocat/app"}, [row]))


class TestZip:
    def test_zip_takes_every_known_file_and_passes_over_the_others(self) -> None:
        found = read(
            zipped(
                {
                    "traffic/views.csv": "_date,total_views,unique_views\n2020-11-16,7,2\n",
                    "traffic/clones.csv": "_date,total_clones,unique_clones\n2020-11-16,3,1\n",
                    "traffic/plots.png": b"\x89PNG\r\n\x1a\n",
                    "README.md": "[![views](views.svg)](x)",
                    "stars.csv": "time_iso8601,stars_cumulative\n2021-01-14 17:41:02+00:00,1\n",
                    "state.json": as_json(TRACKER_STATE),
                    "__MACOSX/._state.json": b"{",
                    "traffic/._views.csv": b"\0\5\x16\7\0\2",
                }
            )
        )

        assert [(file.name, file.format, len(file.days)) for file in found.files] == [
            ("traffic/views.csv", "repository-traffic-action", 1),
            ("traffic/clones.csv", "repository-traffic-action", 1),
            ("state.json", "github-traffic-tracker", 3),
        ]
        assert told(found.days)["2020-11-16"] == (7, 2, 3, 1)
        assert len(found.days) == 4

    def test_zip_of_many_small_files_compares_each_day_once_for_each_file(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        header = "repository_name,date,views,unique_visitors/cloners\r\n"
        days = [date(2025, 1, 1) + timedelta(days=n) for n in range(200)]
        files = {
            f"{first}-traffic-stats.csv": header
            + "".join(f"app,{first + timedelta(days=n)},{n + 1},1\r\n" for n in range(15))
            for first in days
        }
        found, merges = read(zipped(files)), 0
        merged_with = DayFigures.merged_with

        def counted(one: DayFigures, other: DayFigures) -> DayFigures:
            nonlocal merges
            merges += 1
            return merged_with(one, other)

        monkeypatch.setattr(DayFigures, "merged_with", counted)

        assert len(found.days) == 214
        assert found.days[days[50]].views == 15
        # They were asked for twice.
        assert merges <= 2 * 15 * len(files)

    def test_folders_tell_of_which_repository_a_file_is(self) -> None:
        def aggregate(views: int) -> str:
            header = "time_iso8601,clones_total,clones_unique,views_total,views_unique"
            return f"{header}\n2020-12-21 00:00:00+00:00,0,0,{views},1\n"

        archive = zipped(
            {
                "octocat/app/ghrs-data/views_clones_aggregate.csv": aggregate(5),
                "octocat/big/ghrs-data/views_clones_aggregate.csv": aggregate(5000),
                "traffic-big/traffic_views.json": as_json(GITHUB_VIEWS),
                "octocat/big/traffic.csv": "date,views,unique_visitors,clones,unique_cloners\n",
            }
        )

        assert told(read(archive).days) == {"2020-12-21": (5, 1, 0, 0)}
        assert len(read(archive, wanted=RepositoryName("octocat", "BIG")).days) == 3
        with pytest.raises(OtherRepositories, match="octocat/app, octocat/big"):
            read(archive, wanted=RepositoryName("octocat", "third"))

    @pytest.mark.parametrize(
        ("files", "message"),
        [
            ({"a.csv": "_date,total_views,unique_views\nx,1,1\n"}, "a.csv: Line 2: column _date"),
            ({"a.json": "{"}, "a.json: This is not JSON"),
            ({"a.db": b"SQLite format 3\0" + b"\xff" * 500}, "a.db: The SQLite file is damaged"),
        ],
    )
    def test_a_broken_file_rejects_the_whole_and_is_named(
        self, files: dict[str, Any], message: str
    ) -> None:
        assert message in rejection_of(zipped({"good.json": as_json(GITHUB_VIEWS)} | files))

    def test_a_zip_without_a_known_file_lists_what_it_holds(self) -> None:
        assert "it holds README.md, x.bin." in rejection_of(
            zipped({"README.md": "hello", "x.bin": b"\0\1"})
        )
        assert "it holds nothing" in rejection_of(zipped({}))

    def test_an_office_document_is_named(self) -> None:
        assert "Office document" in rejection_of(zipped({"[Content_Types].xml": "<?xml ?>"}))

    def test_a_zip_that_unpacks_to_too_much_is_rejected(self) -> None:
        bomb = zipped({f"{n}.txt": bytes(MAX_BYTES // 2) for n in range(3)})

        assert "unpacks to more than 32 MiB" in rejection_of(bomb)

    def test_a_damaged_or_encrypted_zip_is_rejected(self) -> None:
        good = zipped({"a.json": as_json(GITHUB_VIEWS)})
        encrypted = bytearray(good)
        encrypted[good.index(b"PK\1\2") + 8] |= 1

        assert "damaged" in rejection_of(good[:40])
        assert "encrypted" in rejection_of(bytes(encrypted))

    def test_a_packing_that_takes_memory_by_the_word_of_the_file_is_rejected(self) -> None:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_LZMA) as archive:
            archive.writestr("a.json", as_json(GITHUB_VIEWS))

        assert "packed in an unusual way" in rejection_of(content.getvalue())


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\x89PNG\r\n\x1a\n....", "a PNG picture"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"  <!DOCTYPE html><html>", "a web page (HTML)"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "an SVG picture"),
        (b"<?xml version='1.0'?>", "an XML file"),
        (b"\0\1\2\3", "The file is binary"),
    ],
)
def test_a_file_of_another_kind_is_named(content: bytes, name: str) -> None:
    assert name in rejection_of(content)


def test_a_file_of_another_kind_is_passed_over_in_an_archive() -> None:
    with pytest.raises(NotTraffic):
        read(b"\x89PNG\r\n\x1a\n....")


def test_a_file_above_the_limit_is_rejected() -> None:
    assert "more than 32 MiB" in rejection_of(b" " * (MAX_BYTES + 1))


DAMAGES = [
    b"null",
    b"1e999",
    b"[]",
    b"{",
    b'"',
    b"-1",
    b"9" * 30,
    b"\xff",
    b"\0",
    b"\r",
    b";",
    b"NaN",
]
GOOD = [
    as_json(GITHUB_VIEWS),
    as_json(TRACKER_STATE),
    REPO_STATS_FRAGMENT.encode(),
    REPO_STATS_FRAGMENT.encode("utf-16"),
    zipped({"a.json": as_json(GITHUB_VIEWS), "b.csv": REPO_STATS_FRAGMENT}),
]


@pytest.mark.parametrize("good", GOOD, ids=["github", "tracker", "csv", "utf-16", "zip"])
def test_a_file_with_changed_bytes_is_read_or_rejected(good: bytes) -> None:
    chance = random.Random(5)
    for _ in range(3000):
        content = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(content))
            damage = chance.choice([*DAMAGES, bytes([chance.randrange(256)])])
            end = place + chance.choice((0, 0, 1, len(damage), 12))
            content[place:end] = damage
        with contextlib.suppress(UnreadableFile):
            read(bytes(content))


CHANGE_BYTES = """
import random, sys
sys.path.insert(0, sys.argv[1])
from ghstats_program import Rejected, read_database
good, chance = sys.stdin.buffer.read(), random.Random(5)
for _ in range(3000):
    content = bytearray(good)
    for _ in range(chance.randint(1, 8)):
        place = chance.choice((chance.randrange(16, 300), chance.randrange(len(content))))
        content[place] = chance.randrange(256)
    try:
        read_database(bytes(content), "octocat/app")
    except Rejected:
        pass
"""


def test_a_database_with_changed_bytes_is_read_or_rejected() -> None:
    """By a Python without the SQLite that the server brings along, as the program is run."""
    folder = str(Path(ghstats_program.__file__).parent)

    finished = subprocess.run(
        [sys.executable, "-I", "-c", CHANGE_BYTES, folder],
        input=STATS,
        capture_output=True,
        check=False,
    )

    assert finished.stderr == b""
    assert finished.returncode == 0
