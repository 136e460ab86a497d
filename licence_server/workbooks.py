"""XLSX files as rows of text, with limits on what they unpack to. Formulas are neither worked out nor written."""

import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import BinaryIO

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from keys.errors import InvalidInputError, TooLargeError
from licence_server.domain.sheets import MOST_COLUMNS, Row, checked_rows, harmless

MOST_UNPACKED = 48 * 1_048_576
"""Bytes: twice what the largest import has, and little enough to be read in some seconds."""
MOST_MEMBERS = 200
"""Files within; a workbook of one sheet has about ten."""
MOST_EMPTY = 100_000
"""Lines in a row. Openpyxl fills in what is left out, up to the number that a file of few bytes claims."""
_UNREADABLE = "The file is no workbook that can be read: save it as XLSX without a password, or as CSV."


class Workbooks:
    """Reads workbooks (services.ports_importing.Workbooks)."""

    def rows(self, content: bytes) -> Sequence[Row]:
        """Return the rows of the first sheet that say something.

        Raises:
            InvalidInputError: it is no XLSX.
            TooLargeError: it unpacks to more than an import has.
        """
        _check_size(content)
        try:
            # What it warns of are styles and rules of a sheet, which say nothing to us.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
                try:
                    return checked_rows(_rows(workbook))
                finally:
                    workbook.close()
        except TooLargeError:
            raise
        except Exception as error:  # a hostile file has openpyxl raise whatever there is
            raise InvalidInputError(_UNREADABLE) from error


def save_workbook(rows: Iterable[Sequence[str]], file: BinaryIO) -> None:
    """Write rows as a workbook of one sheet, in memory for one row; every cell is text that no spreadsheet runs."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for row in rows:
        sheet.append([harmless(cell) for cell in row])
    workbook.save(file)


def _check_size(content: bytes) -> None:
    """Add up what the archive says it unpacks to; zipfile reads no more than that of any member."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise InvalidInputError(_UNREADABLE) from error
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED:
        raise TooLargeError("The workbook unpacks to more than an import has: save its one sheet as CSV.")


def _rows(workbook: Workbook) -> Iterator[Row]:
    sheet = workbook.worksheets[0]
    sheet.reset_dimensions()  # what the file says about its size may be wrong
    last = 0
    for line, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True), 1):
        if any(cell is not None for cell in cells):
            last = line
            yield Row(line, tuple(map(_text, cells)))
        elif line - last >= MOST_EMPTY:
            said = f"After line {last} come {MOST_EMPTY:,} empty ones: delete them, or save the sheet as CSV."
            raise TooLargeError(said)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        value = value.date()
    return value.isoformat() if isinstance(value, date) else str(value)
