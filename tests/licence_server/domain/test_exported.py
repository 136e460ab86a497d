"""Customers and licences as rows: each value under its name."""

from dataclasses import replace

import pytest

from keys.documents.parts import Seats
from licence_server.domain.customer import Customer
from licence_server.domain.exported import CUSTOMER_HEADER, LICENCE_HEADER, customer_cells, licence_cells
from tests.licence_server.samples import DAY, NOW, licence, until


def test_a_customer() -> None:
    customer = Customer(
        "cus_1", "Pars Steel", "14003778990", "a@example.com", "+989121234567", "Sara", NOW, phone="021-1",
        address="Kerman", by_sms=False, note="calls on Mondays",
    )  # fmt: skip
    assert dict(zip(CUSTOMER_HEADER, customer_cells(customer), strict=True)) == {
        "id": "cus_1", "name": "Pars Steel", "kind": "legal", "national_id": "14003778990", "email": "a@example.com",
        "mobile": "+989121234567", "phone": "021-1", "address": "Kerman", "representative": "Sara", "language": "fa",
        "by_email": "yes", "by_sms": "no", "note": "calls on Mondays", "created_at": "2027-01-15",
    }  # fmt: skip
    mute = replace(customer, representative="")
    assert dict(zip(CUSTOMER_HEADER, customer_cells(mute), strict=True))["representative"] == ""


@pytest.mark.usefixtures("elsewhere")
def test_a_day_is_the_same_in_every_zone() -> None:
    for second in (0, DAY - 1):
        found = until(1_800_000_000 // DAY * DAY + second)
        assert dict(zip(LICENCE_HEADER, licence_cells(found, "active"), strict=True))["ends"] == "2027-01-15"


def test_a_licence() -> None:
    found = until(NOW + 400 * DAY, plan="standard-10", features=("reports", "sms"), networks=("10.0.0.0/8", "fd00::/8"))
    assert dict(zip(LICENCE_HEADER, licence_cells(found, "expired"), strict=True)) == {
        "id": "lic_1", "customer": "cus_1", "customer_name": "فولاد پارس", "state": "expired", "plan": "standard-10",
        "users": "3", "clients": "4", "model": "concurrent", "edition": "standard", "features": "reports sms",
        "site": "Mashhad", "networks": "10.0.0.0/8 fd00::/8", "starts": "2027-01-14", "ends": "2028-02-19",
        "created_at": "2027-01-14",
    }  # fmt: skip


def test_what_has_no_limit_says_so() -> None:
    endless = licence(seats=Seats("named", 5, None))
    cells = dict(zip(LICENCE_HEADER, licence_cells(endless, "active"), strict=True))
    assert (cells["clients"], cells["ends"], cells["plan"]) == ("any", "never", "")
    late = until(10**15)
    assert dict(zip(LICENCE_HEADER, licence_cells(late, "active"), strict=True))["ends"] == "9999-12-31"
