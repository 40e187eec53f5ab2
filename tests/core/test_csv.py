"""Reading CSV as spreadsheets and programs write it."""

import codecs

import pytest

from core.files.csv import CsvError, CsvRow, cell_error, read_csv


def rows_of(content: bytes) -> list[CsvRow | CsvError]:
    return list(read_csv(content).rows)


def messages_of(content: bytes) -> list[str]:
    return [str(row) for row in rows_of(content) if isinstance(row, CsvError)]


TABLE = "date,views\n2026-03-01,5\n"
WRITTEN_AS = {
    "comma": TABLE.encode(),
    "semicolon": TABLE.replace(",", ";").encode(),
    "tab": TABLE.replace(",", "\t").encode(),
    "line that names the separator": ("sep=;\r\n" + TABLE.replace(",", ";")).encode(),
    "quoted line that names the separator": ('"sep=|"\n' + TABLE.replace(",", "|")).encode(),
    "carriage returns": TABLE.replace("\n", "\r").encode(),
    "carriage returns and line feeds": TABLE.replace("\n", "\r\n").encode(),
    "UTF-8 with a mark": codecs.BOM_UTF8 + TABLE.encode(),
    "UTF-16 little endian": codecs.BOM_UTF16_LE + TABLE.encode("utf-16-le"),
    "UTF-16 big endian": codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"),
    "UTF-16 with tabs": codecs.BOM_UTF16_LE + TABLE.replace(",", "\t").encode("utf-16-le"),
    "capitals": TABLE.replace("date,views", " DATE ,Views").encode(),
    "blank rows": b"\n , \ndate,views\n\n,\n2026-03-01,5\n,,,\n",
    "empty columns at the end": b"date,views,,\n2026-03-01,5,,\n",
    "more empty cells than columns": b"date,views\n2026-03-01,5,,,\n",
    "no line end": TABLE.rstrip().encode(),
    "quotes": b'"date","views"\n"2026-03-01","5"\n',
    "quoted delimiters of another kind": b'"date",views\n"2026-03-01",5\n',
}


@pytest.mark.parametrize("content", WRITTEN_AS.values(), ids=WRITTEN_AS.keys())
def test_the_same_table_is_read_however_it_was_written(content: bytes) -> None:
    table = read_csv(content)

    assert table.columns == ["date", "views"]
    rows = list(table.rows)
    assert [row.cells for row in rows if isinstance(row, CsvRow)] == [
        {"date": "2026-03-01", "views": "5"}
    ]
    assert len(rows) == 1


def test_a_delimiter_within_quotes_of_the_header_does_not_count() -> None:
    table = read_csv(b'"a,b,c,d";x\n1;2\n')

    assert table.columns == ["a,b,c,d", "x"]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    content = b'sep=,\nname,note\nTetris,"two\nlines"\n\nPong,x\n'

    assert [row.line for row in rows_of(content)] == [3, 6]


def test_a_file_without_rows_has_no_columns() -> None:
    assert read_csv(b"").columns == []
    assert read_csv(b"\n;;\n").columns == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1\n", "Line 2: There are 1 fields, but 2 columns; the column b has none;"),
        (b"a;b;c\n1;2\n", "the column c has none; write a semicolon for an empty field too."),
        (b"a;b\n1;2;3\n", "put a text with a semicolon into double quotes."),
        (b'a,b\n1,"x\n', "Line 2: This is not CSV (unexpected end of data)."),
        (b"a,b\n1,2\n3,Pok\xe9mon\n", "Line 3: This is not UTF-8; save the file as UTF-8."),
    ],
)
def test_a_row_that_cannot_be_read_is_named_by_its_line(content: bytes, message: str) -> None:
    [found] = messages_of(content)

    assert message in found


def test_rows_behind_a_bad_one_are_read() -> None:
    rows = rows_of(b"a,b\n1\n2,3\n")

    assert [type(row) for row in rows] == [CsvError, CsvRow]


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (codecs.BOM_UTF32_LE + "a,b".encode("utf-32-le"), "UTF-32"),
        ("date,views".encode("utf-16-le"), "without a byte order mark"),
        ("date,views".encode("utf-16-be"), "without a byte order mark"),
        (codecs.BOM_UTF16_LE + b"a\0b", "damaged UTF-16"),
    ],
)
def test_other_encodings_are_named(content: bytes, advice: str) -> None:
    with pytest.raises(CsvError, match=advice):
        read_csv(content)


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        ("01.03.2026", "a date in a local form"),
        ("3/1/2026", "a date in a local form"),
        ("2026/03/01", "a date in a local form"),
        ("1.234", "a number with a separator"),
        ("1,234,567", "a number with a separator"),
        ("1\u202f234", "a number with a separator"),
        ("1\u2019234", "a number with a separator"),
    ],
)
def test_local_forms_are_named_as_such(found: str, kind: str) -> None:
    error = cell_error(7, "views", found=found, wanted="digits only, such as 1234")

    assert str(error) == (
        f"Line 7: column views: found '{found}', {kind}; wanted is digits only, such as 1234."
    )


@pytest.mark.parametrize("found", ["2999-01-01", "2026-02-30", "2026-03-01 00:00:00+02:00"])
def test_an_iso_date_is_no_local_form(found: str) -> None:
    error = cell_error(7, "date", found=found, wanted="a day")

    assert str(error) == f"Line 7: column date: found '{found}'; wanted is a day."


def test_an_error_says_that_a_cell_is_empty_and_cuts_a_long_one() -> None:
    assert "found an empty cell;" in str(cell_error(2, "x", found="", wanted="a date"))
    assert len(str(cell_error(2, "x", found="y" * 9000, wanted="a date"))) < 120
