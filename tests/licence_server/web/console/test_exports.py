"""Buttons above the lists: everything as a file, that no spreadsheet runs."""

import csv

import pytest

from licence_server.domain.customer import NewCustomer
from tests.licence_server.office import ME
from tests.licence_server.web.console.reader import Reader


@pytest.mark.threat(27)
@pytest.mark.parametrize(("path", "column"), [("customers", 1), ("licences", 2)])
def test_all_of_them_are_a_file(reader: Reader, path: str, column: int) -> None:
    reader.enter("viewer")
    customer = reader.office.server.registering.add(NewCustomer("=cmd|' /C calc'!A0"), ME)
    reader.office.sell(site="@branch")
    assert f"/console/{path}.csv" in reader.links(reader.get(f"/console/{path}"))
    answer = reader.get(f"/console/{path}.csv")
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "text/csv", "no-store")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{path}.csv"'
    assert answer.text.startswith("\ufeff")
    rows = list(csv.reader(answer.text.removeprefix("\ufeff").splitlines()))
    assert len({len(row) for row in rows}) == 1
    assert "فولاد پارس" in {row[column] for row in rows}
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "@"))]
    assert (f"'{customer.name}" in cells) == (path == "customers")
