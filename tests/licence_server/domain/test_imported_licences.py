"""Licences in a file: what cells may say, and days in both calendars."""

from datetime import UTC, datetime

import pytest

from licence_server.domain.calendars import day_ends
from licence_server.domain.imported_licences import LicenceRow, licence_row
from licence_server.domain.sheets import CellError

DAY = int(datetime(2027, 3, 21, 23, 59, 59, tzinfo=UTC).timestamp())


@pytest.mark.parametrize("text", ["2027-03-21", "1406-01-01", "۱۴۰۶/۰۱/۰۱", " 1406/1/1 ", "٢٠٢٧-٠٣-٢١"])
def test_a_day_is_the_same_in_both_calendars(text: str) -> None:
    assert day_ends(text) == DAY


@pytest.mark.usefixtures("elsewhere")
def test_a_day_ends_at_the_same_moment_in_every_zone() -> None:
    assert day_ends("2027-03-21") == DAY


@pytest.mark.parametrize(
    "text", ["", "2027", "2027-13-01", "1406-12-31", "2027-03-21-1", "0-1-1", "x-y-z", "21-03-2027"]
)
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        day_ends(text)


@pytest.mark.parametrize(
    ("cells", "row"),
    [
        ({"customer": "Acme", "users": "۲۵"}, LicenceRow("Acme", "", {"users": 25})),
        ({"customer": "Acme", "plan": "پایه"}, LicenceRow("Acme", "پایه", {})),
        ({"customer": "A", "users": "5", "clients": "نامحدود", "ends": "never"},
         LicenceRow("A", "", {"users": 5, "clients": None, "ends_at": None})),
        ({"customer": "A", "users": "5", "clients": "7", "model": "هم زمان", "edition": "pro", "site": "تهران",
          "features": "sms، mail", "networks": "۱۰.۱.۰.۰/۱۶ 10.2.0.0/16", "ends": "1406-01-01", "reason": "x"},
         LicenceRow("A", "", {"users": 5, "clients": 7, "model": "concurrent", "edition": "pro", "site": "تهران",
                              "features": ("sms", "mail"), "networks": ("10.1.0.0/16", "10.2.0.0/16"),
                              "ends_at": DAY})),
    ],
)  # fmt: skip
def test_cells_are_an_order(cells: dict[str, str], row: LicenceRow) -> None:
    assert licence_row(cells) == row
    assert row.site == cells.get("site", "main")


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        ({"users": "5"}, "customer", "Say whose"),
        ({"customer": "A"}, "users", "how many users"),
        ({"customer": "A", "users": "many"}, "users", "'many' is no number"),
        ({"customer": "A", "users": "1e3"}, "users", "no number"),
        ({"customer": "A", "users": "5", "clients": "-1"}, "clients", "no number"),
        ({"customer": "A", "users": "5", "model": "x"}, "model", "none of"),
        ({"customer": "A", "users": "5", "ends": "soon"}, "ends", "'soon' is no day"),
    ],
)
def test_a_wrong_cell_is_named(cells: dict[str, str], column: str, said: str) -> None:
    with pytest.raises(CellError, match=said) as wrong:
        licence_row(cells)
    assert wrong.value.column == column
