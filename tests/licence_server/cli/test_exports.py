"""Exports at the command line: CSV and XLSX, whole or not at all."""

import csv
from pathlib import Path

import pytest

from licence_server.workbooks import Workbooks
from tests.licence_server.office import Home


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_customers_and_licences_become_files(home: Home, tmp_path: Path, form: str) -> None:
    customer = home.ask("customer", "add", "=Acme")["id"]
    licence = home.ask("licence", "issue", "--customer", customer, "--users", 3)["id"]
    for kind, thing in ("customers", customer), ("licences", licence):
        file = tmp_path / f"{kind}.{form}"
        for _ in range(2):
            assert home.ask("export", kind, "--format", form, "-o", file)["rows"] == 1
        assert file.stat().st_mode & 0o777 == 0o600
        rows = (
            [row.cells for row in Workbooks().rows(file.read_bytes())]
            if form == "xlsx"
            else list(map(tuple, csv.reader(file.read_text("utf-8-sig").splitlines())))
        )
        assert (rows[0][0], rows[1][0], len(rows)) == ("id", thing, 2)
        assert "'=Acme" in rows[1]
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        f"customers.{form}",
        f"licences.{form}",
    ]


def test_a_folder_that_is_not_there_is_named(home: Home, tmp_path: Path) -> None:
    refused = home.type("export", "customers", "-o", tmp_path / "nowhere" / "x.csv")
    assert (refused.exit_code, "There is no folder" in refused.stderr) == (1, True)
