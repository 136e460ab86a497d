"""Exports, on both databases: every row once, in the columns that an import takes again."""

import pytest

from licence_server.domain.customer import NewCustomer
from licence_server.domain.imports import ImportKind
from licence_server.domain.paging import MOST
from licence_server.domain.sheets import csv_line
from tests.licence_server.services.test_importing import IDS, finished
from tests.licence_server.vendor import ME, Vendor


def test_what_is_exported_is_imported_elsewhere(vendor: Vendor) -> None:
    new = NewCustomer(
        "=Pars", IDS[0], "a@example.com", "09121234567", "سارا", "legal", "021-1", "x\ny", "en", by_sms=False
    )
    pars = vendor.registering.add(new, ME)
    vendor.sell(
        pars.id, clients=5, features=("sms", "mail"), networks=("10.1.0.0/16",), ends_at=1_900_000_000, site="تهران"
    )
    vendor.sell(pars.id)
    header, row = vendor.exporting.customers()
    assert dict(zip(header, row, strict=True)) == {
        "id": pars.id, "name": "=Pars", "kind": "legal", "national_id": IDS[0], "email": "a@example.com",
        "mobile": "09121234567", "phone": "021-1", "address": "x\ny", "representative": "سارا", "language": "en",
        "by_email": "yes", "by_sms": "no", "note": "", "created_at": "2027-01-15",
    }  # fmt: skip
    header, *rows = vendor.exporting.licences()
    one = next(each for each in (dict(zip(header, row, strict=True)) for row in rows) if each["site"] == "تهران")
    assert (one["customer"], one["customer_name"], one["state"], one["users"]) == (pars.id, "=Pars", "issued", "3")
    assert (one["clients"], one["features"], one["networks"], one["ends"]) == (
        "5",
        "sms mail",
        "10.1.0.0/16",
        "2030-03-17",
    )
    other = next(each for each in (dict(zip(header, row, strict=True)) for row in rows) if each["site"] == "main")
    assert (other["clients"], other["ends"]) == ("any", "never")


@pytest.mark.parametrize("kind", ["customers", "licences"])
def test_an_export_is_a_file_to_import(vendor: Vendor, kind: ImportKind) -> None:
    customer = vendor.registering.add(NewCustomer("+Acme", IDS[0], note="-x"), ME)
    licence, _ = vendor.sell(customer.id, ends_at=1_900_000_000)
    rows = vendor.exporting.customers() if kind == "customers" else vendor.exporting.licences()
    file = "".join(map(csv_line, rows)).encode()
    again = vendor.importing.check(kind, file, ME)
    assert (again.good, again.bad) == (0, 1), "it is there already"
    if kind == "licences":
        vendor.suspending.revoke(licence.id, "mistake", ME)
        assert finished(vendor, vendor.importing.check(kind, file, ME)).made == 1
    else:
        vendor.registering.change(customer.id, {"national_id": IDS[1]}, ME)
        finished(vendor, vendor.importing.check(kind, file, ME))
        names = {(each.name, each.note) for each in vendor.reading.customers().found}
        assert names == {("+Acme", "-x")}


def test_long_lists_are_read_in_pages(vendor: Vendor, queries: list[str]) -> None:
    rows = "\n".join(["name", *(f"Customer {number}" for number in range(MOST + 1))])
    finished(vendor, vendor.importing.check("customers", rows.encode(), ME))
    queries.clear()
    _, *found = vendor.exporting.customers()
    assert len({row[0] for row in found}) == MOST + 1
    assert len([query for query in queries if "FROM customers" in query]) == 2
