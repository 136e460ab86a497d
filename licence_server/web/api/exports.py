"""All customers, or all licences, as a CSV file over HTTP."""

from collections.abc import Iterator, Sequence

from licence_server.domain.sheets import csv_line
from licence_server.services.exporting import Exporting
from licence_server.web.api.endpoint import Call, Endpoint, Nothing

_CSV = "text/csv; charset=utf-8"


def endpoints(exporting: Exporting) -> Sequence[Endpoint]:
    """Return what can be exported."""

    def customers(_call: Call[Nothing]) -> Iterator[str]:
        return map(csv_line, exporting.customers())

    def licences(_call: Call[Nothing]) -> Iterator[str]:
        return map(csv_line, exporting.licences())

    return (
        Endpoint(method="GET", path="/exports/customers", name="exportCustomers", summary="All customers as CSV",
                 right="customers.read", answer=Nothing, streams=_CSV, work=customers),
        Endpoint(method="GET", path="/exports/licences", name="exportLicences", summary="All licences as CSV",
                 right="licences.read", answer=Nothing, streams=_CSV, work=licences),
    )  # fmt: skip
