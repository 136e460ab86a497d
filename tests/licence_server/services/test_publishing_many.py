"""What is done to many at once is told of each of them, to a receiver that listens on a socket."""

import json

import pytest

from keys.clock import SystemClock
from licence_server.calling import HttpCourier
from licence_server.domain.duration import YEAR
from licence_server.domain.paging import Place
from licence_server.domain.renewal import Extension
from licence_server.services.renewing import chosen
from tests.faults.oddserver import OddServer
from tests.licence_server.receivers import LOOPBACK, Teller
from tests.licence_server.services.test_importing import finished
from tests.licence_server.vendor import ME, Vendor

DAY = 86_400


@pytest.fixture
def teller(vendor: Vendor) -> Teller:
    return Teller.of(vendor, HttpCourier(LOOPBACK, SystemClock(), "test"))


def arrived(teller: Teller, receiver: OddServer) -> list[tuple[str, str]]:
    """Send what waits; return the types of what came, each with the id of its licence or customer, sorted."""
    teller.send()
    messages = [json.loads(body) for _, _, _, body in receiver.asked]
    return sorted((each["type"], each["data"].get("licence_id") or each["data"]["customer_id"]) for each in messages)


def test_each_licence_of_many_that_are_renewed(teller: Teller, receiver: OddServer) -> None:
    vendor, ends = teller.vendor, teller.vendor.clock.now() + 9 * DAY
    customer = vendor.customer().id
    licences = [vendor.sell(customer, ends_at=ends)[0] for _ in range(3)]
    teller.hook("licence.renewed", url=receiver.url)
    outcomes = vendor.renewing.extend([*map(chosen, licences), Place(ends, "lic_none")], Extension(YEAR), ME)
    assert [each.licence is not None for each in outcomes] == [True, True, True, False]
    assert arrived(teller, receiver) == sorted(("licence.renewed", licence.id) for licence in licences)


def test_each_customer_and_licence_of_an_import(teller: Teller, receiver: OddServer) -> None:
    vendor = teller.vendor
    teller.hook("customer.added", "licence.issued", url=receiver.url)
    finished(vendor, vendor.importing.check("customers", "name\nفولاد پارس\nAcme\n".encode(), ME))
    customers = [each.id for each in vendor.reading.customers().found]
    assert arrived(teller, receiver) == sorted(("customer.added", each) for each in customers)
    receiver.asked.clear()
    finished(vendor, vendor.importing.check("licences", b"customer,users\nAcme,3\n", ME))
    licences = [view.licence.id for view in vendor.reading.licences().found]
    assert arrived(teller, receiver) == [("licence.issued", each) for each in licences]
    assert (len(customers), len(licences)) == (2, 1)
