"""Use cases: write out customers and licences as rows, page by page, so that a long list takes no more memory."""

from collections.abc import Iterator
from dataclasses import dataclass

from licence_server.domain.exported import CUSTOMER_HEADER, LICENCE_HEADER, customer_cells, licence_cells
from licence_server.domain.paging import every
from licence_server.services.reading import Reading


@dataclass(frozen=True, slots=True)
class Exporting:
    """Writes out what there is, newest first, in columns that an import takes again; the first row names them."""

    reading: Reading

    def customers(self) -> Iterator[tuple[str, ...]]:
        """Return the rows of all customers."""
        yield CUSTOMER_HEADER
        yield from map(customer_cells, every(self.reading.customers))

    def licences(self) -> Iterator[tuple[str, ...]]:
        """Return the rows of all licences."""
        yield LICENCE_HEADER
        for view in every(lambda after: self.reading.licences(after=after)):
            yield licence_cells(view.licence, view.state)
