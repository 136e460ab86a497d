"""Workbooks: what is read of them, what they may unpack to, and any bytes at all."""

import io
import zipfile
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from keys.errors import InvalidInputError, LicensingError, TooLargeError
from licence_server.domain.sheets import MOST_COLUMNS, MOST_ROWS, Row
from licence_server.workbooks import MOST_EMPTY, MOST_MEMBERS, MOST_UNPACKED, Workbooks

SHEET = "xl/worksheets/sheet1.xml"


def workbook(*rows: tuple[object, ...]) -> bytes:
    made, file = Workbook(write_only=True), io.BytesIO()
    sheet = made.create_sheet()
    for row in rows:
        sheet.append(row)
    made.save(file)
    return file.getvalue()


def with_member(content: bytes, name: str, data: bytes) -> bytes:
    """The same archive with a member in place of its own, or more."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, data)
    return file.getvalue()


@cache
def simple() -> bytes:
    return workbook(("name",), ("Acme",))


def sheet(inner: str) -> bytes:
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return with_member(simple(), SHEET, f"<worksheet {space}><sheetData>{inner}</sheetData></worksheet>".encode())


def test_cells_are_read_as_people_see_them() -> None:
    day = datetime(2027, 3, 21, tzinfo=UTC).replace(tzinfo=None)
    rows = Workbooks().rows(
        workbook(
            ("name", "کد ملی"), (), ("فولاد", 14003778990), (True, day), (1.5, None), (2.0, " x "), (False, day.date())
        )
    )
    assert rows == [
        Row(1, ("name", "کد ملی")), Row(3, ("فولاد", "14003778990")), Row(4, ("yes", "2027-03-21")), Row(5, ("1.5",)),
        Row(6, ("2", "x")), Row(7, ("no", "2027-03-21")),
    ]  # fmt: skip


def test_a_formula_is_not_worked_out() -> None:
    rows = Workbooks().rows(sheet('<row r="1"><c r="A1"><f>1+1</f></c><c r="B1"><f>1+1</f><v>7</v></c></row>'))
    assert rows == [Row(1, ("", "7"))]


@pytest.mark.threat(28)
@pytest.mark.parametrize(
    "content",
    [
        with_member(simple(), "xl/media/bomb.bin", b"\0" * (MOST_UNPACKED + 1)),
        with_member(simple(), SHEET, b" " * (MOST_UNPACKED + 1)),
        workbook(*[("x",)] * (MOST_ROWS + 2)),
        workbook(("x",) * (MOST_COLUMNS + 1)),
    ],
)
def test_what_unpacks_to_too_much_is_refused(content: bytes) -> None:
    with pytest.raises(TooLargeError):
        Workbooks().rows(content)


def test_too_many_members_are_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(MOST_MEMBERS + 1):
            archive.writestr(str(number), b"")
    with pytest.raises(TooLargeError):
        Workbooks().rows(file.getvalue())


@pytest.mark.threat(28)
@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "inner",
    [
        '<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>',
        '<row r="x"/>',
        '<row r="1"><c r="A1" t="s"><v>99999</v></c></row>',
        '<row r="1"><c r="A1" t="d"><v>no day</v></c></row>',
        '<row r="1"><c r="A1"><v>' + "9" * 5000 + "</v></c></row>",
    ],
)
def test_a_sheet_that_lies_is_rows_or_a_refusal(inner: str) -> None:
    with suppress(InvalidInputError):
        assert len(Workbooks().rows(sheet(inner))) <= 1


@pytest.mark.threat(28)
@pytest.mark.parametrize(("line", "refused"), [(MOST_EMPTY, False), (MOST_EMPTY + 1, True), (10**12, True)])
def test_a_row_that_is_far_away_is_refused_and_not_looked_for(line: int, refused: bool) -> None:
    content = sheet(f'<row r="{line}"><c r="A{line}"><v>1</v></c></row>')
    with pytest.raises(TooLargeError, match="After line 0 come 100,000 empty ones") if refused else nullcontext():
        assert [row.line for row in Workbooks().rows(content)] == [line]


@pytest.mark.threat(28)
def test_entities_are_refused() -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    bomb = f"<!DOCTYPE x [{entities}]><worksheet><sheetData><row><c><v>&a9;</v></c></row></sheetData></worksheet>"
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>'
    for content in bomb, outside:
        for member in SHEET, "xl/workbook.xml":
            with pytest.raises(InvalidInputError):
                Workbooks().rows(with_member(simple(), member, content.encode()))


@given(st.binary(max_size=100).map(lambda rest: b"PK\x03\x04" + rest))
def test_any_bytes_are_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(InvalidInputError, match="no workbook"):
        Workbooks().rows(content)


@given(st.data())
def test_a_workbook_with_any_byte_changed_is_rows_or_a_refusal(data: st.DataObject) -> None:
    content = bytearray(simple())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(LicensingError):
        assert all(any(row.cells) for row in Workbooks().rows(bytes(content)))
