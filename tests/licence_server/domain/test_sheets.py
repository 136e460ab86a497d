"""Rows of files: encodings, separators, columns, limits, and what a spreadsheet would run."""

import csv
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import InvalidInputError, LicensingError, TooLargeError
from licence_server.domain.sheets import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    CellError,
    Row,
    checked_rows,
    columns_of,
    csv_line,
    harmless,
    named,
    read_csv,
    unharmed,
)

KNOWN = {"name": ("نام",), "national_id": ("شناسهٔ ملی", "کد ملی"), "by_email": ()}
TABLE = "نام,کد ملی\nفولاد پارس,1\n\n  ,\nAcme,2\n"
FOUND = [Row(1, ("نام", "کد ملی")), Row(2, ("فولاد پارس", "1")), Row(5, ("Acme", "2"))]


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
        b"\xfe\xff" + TABLE.encode("utf-16-be"),
        TABLE.replace(",", ";").encode(),
        TABLE.replace(",", "\t").encode(),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace("\n", "\r").encode(),
        TABLE.replace("Acme", ' "Acme"'[1:]).encode(),
    ],
)
def test_a_table_is_read_however_it_was_saved(content: bytes) -> None:
    assert read_csv(content) == FOUND


def test_a_cell_may_have_lines_and_the_next_row_knows_where_it_is() -> None:
    rows = read_csv(b'name;note\n"A;1";"one\ntwo ""x"""\nB;\n')
    assert rows == [Row(1, ("name", "note")), Row(2, ("A;1", 'one\ntwo "x"')), Row(4, ("B",))]


@pytest.mark.parametrize(
    ("content", "refusal", "said"),
    [
        (b"\xff\xfe\x00", InvalidInputError, "UTF-16"),
        ("نام".encode("cp1256"), InvalidInputError, "UTF-8"),
        (b"a\x00b", InvalidInputError, "UTF-8"),
        (b'a\n"b', InvalidInputError, "Line 2 is no CSV"),
        (b'a\n"b"c\n', InvalidInputError, "Line 2 is no CSV"),
        (b"a\n" + b"x" * 200_000, InvalidInputError, "is no CSV"),
        (b"x\n" * (MOST_ROWS + 2), TooLargeError, f"more than {MOST_ROWS} rows"),
        (b"x\n" + b"x," * MOST_COLUMNS + b"x", TooLargeError, "Line 2 has more than"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(content: bytes, refusal: type[LicensingError], said: str) -> None:
    with pytest.raises(refusal, match=said):
        read_csv(content)


def test_as_much_as_is_allowed_is_read() -> None:
    assert len(read_csv(b"x\n" * (MOST_ROWS + 1))) == MOST_ROWS + 1
    assert len(read_csv(b"x," * (MOST_COLUMNS - 1) + b"x")[0].cells) == MOST_COLUMNS
    assert read_csv(b"") == []


def test_what_no_database_stores_is_replaced() -> None:
    assert checked_rows([Row(1, ("a\0b\ud800", ""))]) == [Row(1, ("a\ufffdb\ufffd",))]


def test_cells_that_say_nothing_at_the_end_are_none() -> None:
    assert checked_rows([Row(1, ("a", "", "b", "", " "))]) == [Row(1, ("a", "", "b"))]


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (("name",), ("name",)),
        (("كد ملي", "نام"), ("national_id", "name")),
        (("National ID", "NAME", "by-email"), ("national_id", "name", "by_email")),
        (("شناسه‌ملی", "Name"), ("national_id", "name")),
    ],
)
def test_columns_go_by_names_in_both_languages(header: tuple[str, ...], columns: tuple[str, ...]) -> None:
    assert columns_of(Row(1, header), KNOWN, ["name"]) == columns


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (("name", "colour"), "'colour' is none of name, national_id, by_email"),
        (("name", ""), "'' is none of"),
        (("name", "نام"), "The column name is there twice"),
        (("national_id",), "The column name is missing"),
    ],
)
def test_other_columns_are_refused(header: tuple[str, ...], said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        columns_of(Row(1, header), KNOWN, ["name"])


def test_a_row_is_named_by_its_columns() -> None:
    assert named(("name", "note"), Row(2, ("A",))) == {"name": "A"}
    assert named(("name",), Row(2, ("x" * LONGEST_CELL,)))
    for cells, column, said in (
        (("A", "B", "C"), "", "more cells than there are columns"),
        (("A", "x" * (LONGEST_CELL + 1)), "note", f"more than {LONGEST_CELL} characters"),
    ):
        with pytest.raises(CellError, match=said) as wrong:
            named(("name", "note"), Row(2, tuple(cells)))
        assert wrong.value.column == column


@pytest.mark.threat(27)
@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "-1x"])
def test_what_a_spreadsheet_would_run_is_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert unharmed(harmless(cell)) == cell


@pytest.mark.parametrize("cell", ["", "a=b", "+989121234567", "-5", "نام", "'quoted'", "'", "9-1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell
    assert unharmed(cell) == cell


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20), max_size=5))
def test_what_is_written_is_read_again(cells: list[str]) -> None:
    (row,) = csv.reader([csv_line(cells)]) if cells else ([],)
    assert [unharmed(cell) for cell in row] == [unharmed(harmless(cell)) for cell in cells]


@given(st.binary(max_size=200) | st.text(st.sampled_from('a;,\t\n\r"\0ي'), max_size=60).map(str.encode))
def test_any_bytes_are_rows_or_a_named_refusal(content: bytes) -> None:
    with suppress(LicensingError):
        rows = read_csv(content)
        lines = [row.line for row in rows]
        assert lines == sorted(set(lines))
        assert all(any(row.cells) for row in rows)
