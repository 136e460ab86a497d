"""Tables as CSV (RFC 4180) for spreadsheets: in pieces, and so that no cell is taken for a formula."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from licence_server.domain.sheets import harmless

MEDIA_TYPE = "text/csv; charset=utf-8"
_PIECE = 64 * 1024
"""Characters that are gathered before they are sent."""


def pieces(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Return rows as the pieces of a file, of which no more than one is in memory."""
    piece = StringIO()
    writer = csv.writer(piece)
    for row in rows:
        writer.writerow([harmless(str(cell)) for cell in row])
        if piece.tell() >= _PIECE:
            yield piece.getvalue()
            piece.seek(0)
            piece.truncate()
    yield piece.getvalue()
