"""Tables as CSV (RFC 4180) for spreadsheets: in pieces, and so that no cell is taken for a formula."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

MEDIA_TYPE = "text/csv; charset=utf-8"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PIECE = 64 * 1024
"""Characters that are gathered before they are sent."""


def pieces(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Return rows as the pieces of a file, of which no more than one is in memory."""
    piece = StringIO()
    writer = csv.writer(piece)
    for row in rows:
        writer.writerow([neutral(str(cell)) for cell in row])
        if piece.tell() >= _PIECE:
            yield piece.getvalue()
            piece.seek(0)
            piece.truncate()
    yield piece.getvalue()


def neutral(cell: str) -> str:
    """Return a cell that a spreadsheet shows and does not calculate: others wrote it."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
