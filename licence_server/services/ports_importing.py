"""What importing needs from the outside: imports at rest, and somebody who reads workbooks."""

from collections.abc import Sequence
from typing import Literal, Protocol

from licence_server.domain.imports import Import
from licence_server.domain.paging import Place
from licence_server.domain.sheets import Row

Shelf = Literal["rows", "faults", "made"]
"""Where the parts of an import lie: its good rows, pages of its bad ones, and the ids of what became of each part."""


class Imports(Protocol):
    """Imports at rest."""

    def add(self, made: Import) -> None:
        """Store an import."""

    def get(self, import_id: str) -> Import:
        """Return an import to look at. Raises NotFoundError."""

    def lock(self, import_id: str) -> Import:
        """Return an import, which nobody else changes until the unit ends. Raises NotFoundError."""

    def running(self) -> Import | None:
        """Return the one that has been running longest; None: nothing is to be done."""

    def put(self, changed: Import) -> None:
        """Store how far it has come."""

    def page(self, after: Place | None, most: int) -> Sequence[Import]:
        """Return imports, newest first, beginning after a place."""

    def all(self) -> Sequence[Import]:
        """Return every import, oldest first."""

    def add_parts(self, import_id: str, shelf: Shelf, parts: Sequence[str]) -> None:
        """Put parts behind those that are there."""

    def part(self, import_id: str, shelf: Shelf, number: int) -> str | None:
        """Return a part, the first of which is 0; None: there is none."""

    def drop(self, import_id: str, shelf: Shelf, number: int | None = None) -> None:
        """Forget a part, or all."""


class Workbooks(Protocol):
    """Reads workbooks."""

    def rows(self, content: bytes) -> Sequence[Row]:
        """Return the rows of an XLSX file's first sheet, with its header. Raises InvalidInputError, TooLargeError."""
