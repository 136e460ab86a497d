"""Buttons: all customers, or all licences, as a file."""

from collections.abc import Iterator

from flask import Blueprint, Response

from licence_server.domain.sheets import BOM, csv_line
from licence_server.web.console.use_cases import UseCases


def register(bp: Blueprint, use_cases: UseCases) -> None:
    """Add them."""
    exporting = use_cases.exporting

    @bp.get("/customers.csv")
    def export_customers() -> Response:
        return csv_file(exporting.customers(), "customers")

    @bp.get("/licences.csv")
    def export_licences() -> Response:
        return csv_file(exporting.licences(), "licences")


def csv_file(rows: Iterator[tuple[str, ...]], name: str) -> Response:
    """Return rows as a file to keep, sent while they are read."""

    def lines() -> Iterator[str]:
        yield BOM
        yield from map(csv_line, rows)

    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(lines(), content_type="text/csv; charset=utf-8", headers=headers)
