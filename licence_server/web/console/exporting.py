"""Buttons: all customers, or all licences, as a file."""

from flask import Blueprint, Response

from licence_server.web.console.use_cases import UseCases
from licence_server.web.spreadsheet import csv_file


def register(bp: Blueprint, use_cases: UseCases) -> None:
    """Add them."""
    exporting = use_cases.exporting

    @bp.get("/customers.csv")
    def export_customers() -> Response:
        return csv_file(exporting.customers(), "customers")

    @bp.get("/licences.csv")
    def export_licences() -> Response:
        return csv_file(exporting.licences(), "licences")
