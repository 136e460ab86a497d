"""Tables as CSV (RFC 4180) for spreadsheets: in pieces, and so that no cell is taken for a formula."""

from collections.abc import Iterable, Iterator

from flask import Response

from licence_server.domain.sheets import BOM, csv_line

_PIECE = 64 * 1024
"""Characters that are gathered before they are sent."""


def csv_file(rows: Iterable[Iterable[object]], name: str) -> Response:
    """Return rows as a file to keep, sent while they are read.

    Args:
        rows: the first one names the columns.
        name: the file's, without its ending.
    """
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(pieces(rows), content_type="text/csv; charset=utf-8", headers=headers)


def pieces(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Return rows as the pieces of a file, of which no more than one is in memory."""
    gathered, size = [BOM], 0
    for row in rows:
        line = csv_line(map(str, row))
        gathered.append(line)
        size += len(line)
        if size >= _PIECE:
            yield "".join(gathered)
            gathered, size = [], 0
    yield "".join(gathered)
