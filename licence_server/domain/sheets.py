"""Rows of a file: what CSV says, which column is which, and what a spreadsheet must not run.

Formulas: https://owasp.org/www-community/attacks/CSV_Injection. CSV: RFC 4180, with the separators and encodings that
spreadsheets write.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from keys.errors import InvalidInputError, TooLargeError
from licence_server.domain.finding import folded

LARGEST_FILE = 5 * 1_048_576
"""Bytes."""
MOST_ROWS = 20_000
"""Without the header."""
MOST_COLUMNS = 50
LONGEST_CELL = 2_000
"""Characters; a longer one is a bad row's."""
BOM = "\ufeff"
"""Begins a CSV file: without it, spreadsheets take UTF-8 for something else."""
_SEPARATORS = (",", ";", "\t")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
"""Byte order marks, and what follows them."""
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_RUNS = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet takes for a formula."""
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}")


class _Written:
    """What a writer of CSV wrote last."""

    text = ""

    def write(self, text: str) -> None:
        """Take a row."""
        self.text = text


class CellError(Exception):
    """A cell says nothing that its column can have."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file."""

    line: int
    """Where it begins: the first is 1, and has the columns' names."""
    cells: tuple[str, ...]


def read_csv(content: bytes) -> Sequence[Row]:
    """Return the rows of a CSV file that say something, with its header.

    Raises:
        InvalidInputError: it is no text, or no CSV.
        TooLargeError: more rows or columns than an import has.
    """
    lines = _LINE.findall(_decoded(content).replace("\r\n", "\n").replace("\r", "\n"))
    head = lines[0] if lines else ""
    separator = max(_SEPARATORS, key=head.count)
    reader = csv.reader(lines, delimiter=separator, strict=True)

    def numbered() -> Iterable[Row]:
        line = 1
        for cells in reader:
            yield Row(line, tuple(cells))
            line = reader.line_num + 1

    try:
        return checked_rows(numbered())
    except csv.Error as error:
        raise InvalidInputError(
            f"Line {reader.line_num} is no CSV: a quotation mark is missing, or a cell has no end."
        ) from error


def checked_rows(rows: Iterable[Row]) -> Sequence[Row]:
    """Return the rows that say something, in text that can be stored. Raises TooLargeError: too many, or too wide."""
    found: list[Row] = []
    for row in rows:
        cells = tuple(_NO_TEXT.sub("\ufffd", cell).strip() for cell in row.cells)
        if not any(cells):
            continue
        if len(found) > MOST_ROWS:
            raise TooLargeError(f"The file has more than {MOST_ROWS} rows: split it.")
        while not cells[-1]:
            cells = cells[:-1]
        if len(cells) > MOST_COLUMNS:
            raise TooLargeError(f"Line {row.line} has more than {MOST_COLUMNS} columns.")
        found.append(Row(row.line, cells))
    return found


def columns_of(header: Row, known: Mapping[str, Sequence[str]], required: Iterable[str]) -> tuple[str, ...]:
    """Return which column is which, by the names in a file's first row.

    Args:
        header: that row.
        known: column to the names that it goes by, in any language.
        required: columns that have to be there.

    Raises:
        InvalidInputError: a name is not known or said twice, or a column is missing.
    """
    by_name = {_plain(name): column for column, names in known.items() for name in (column, *names)}
    found: list[str] = []
    for name in header.cells:
        column = by_name.get(_plain(name))
        if column is None:
            raise InvalidInputError(f"The first row names columns; {name[:64]!r} is none of {', '.join(known)}.")
        if column in found:
            raise InvalidInputError(f"The column {column} is there twice.")
        found.append(column)
    missing = [column for column in required if column not in found]
    if missing:
        raise InvalidInputError(f"The column {missing[0]} is missing; the first row has to name it.")
    return tuple(found)


def named(columns: Sequence[str], row: Row) -> dict[str, str]:
    """Return a row's cells by their columns. Raises CellError: more cells than columns, or one that is too long."""
    if len(row.cells) > len(columns):
        raise CellError("", "The row has more cells than there are columns: is a separator in a cell without quotes?")
    cells = dict(zip(columns, row.cells, strict=False))
    for column, cell in cells.items():
        if len(cell) > LONGEST_CELL:
            raise CellError(column, f"The cell has more than {LONGEST_CELL} characters.")
    return cells


def csv_line(cells: Iterable[str]) -> str:
    """Return a row as CSV, harmless to a spreadsheet."""
    written = _Written()
    csv.writer(written).writerow(map(harmless, cells))
    return written.text


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet runs: one that begins as a formula does gets an apostrophe, numbers do not."""
    return f"'{cell}" if cell.startswith(_RUNS) and not _NUMBER.fullmatch(cell) else cell


def unharmed(cell: str) -> str:
    """Return what ``harmless`` was told."""
    return cell[1:] if cell.startswith("'") and harmless(cell[1:]) == cell else cell


def _decoded(content: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidInputError("The file is no text in UTF-8 or UTF-16: save it as “CSV UTF-8” or XLSX.") from error
    if "\0" in text:
        raise InvalidInputError("The file is no text in UTF-8 or UTF-16: save it as “CSV UTF-8” or XLSX.")
    return text


def _plain(name: str) -> str:
    return folded(name).replace("_", "").replace("-", "")
