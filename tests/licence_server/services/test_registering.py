"""Customers, orders, lists: the small use cases."""

from typing import cast

import pytest

from keys.errors import InvalidInputError, NotFoundError, StateConflictError
from licence_server.domain.customer import NewCustomer
from licence_server.domain.licence import Order, Picked, State
from licence_server.storage.tables import codes
from tests.licence_server.device import Device
from tests.licence_server.vendor import ME, Vendor

DAY = 86_400


def test_a_customer_is_registered_once_under_a_national_id(vendor: Vendor) -> None:
    one = vendor.registering.add(NewCustomer("فولاد پارس", "10380284790"), ME)
    with pytest.raises(StateConflictError, match=one.id):
        vendor.registering.add(NewCustomer("somebody else", "۱۰۳۸۰۲۸۴۷۹۰"), ME)
    vendor.clock.advance(1)
    other = vendor.registering.add(NewCustomer("without a number"), ME)
    assert vendor.registering.add(NewCustomer("without a number"), ME).id != other.id
    assert vendor.registering.one(one.id) == one
    names = [each.name for each in vendor.reading.customers().found]
    assert names == ["without a number", "without a number", "فولاد پارس"]


def test_who_is_not_there_is_not_found(vendor: Vendor) -> None:
    for look in (
        lambda: vendor.registering.one("cus_never"),
        lambda: vendor.reading.licence("lic_never"),
        lambda: vendor.issuing.new_code("lic_never", ME),
        lambda: vendor.issuing.issue(Order("cus_never", 3), ME),
        lambda: vendor.suspending.suspend("lic_never", "why", ME),
        lambda: vendor.changing.renew("lic_never", None, ME),
    ):
        with pytest.raises(NotFoundError):
            look()
    assert vendor.auditing.verify().events == 0


def test_an_order_with_a_mistake_becomes_no_licence(vendor: Vendor) -> None:
    customer = vendor.customer()
    with pytest.raises(InvalidInputError):
        vendor.issuing.issue(Order(customer.id, 0), ME)
    assert not vendor.reading.licences().found


def test_a_licence_takes_the_vendor_s_defaults_where_the_order_is_silent(vendor: Vendor) -> None:
    licence, _ = vendor.sell()
    policy = vendor.policy
    assert (licence.product, licence.edition, licence.interval) == (policy.product, policy.edition, policy.interval)
    assert (licence.grace, licence.threshold, licence.terms.grace) == (14 * DAY, 60, policy.terms_grace)
    other, _ = vendor.sell(edition="enterprise", interval=3600, grace=0, on_clone="report", service=2, model="named")
    assert (other.edition, other.interval, other.grace, other.on_clone) == ("enterprise", 3600, 0, "report")
    assert (other.seats.service, other.seats.model) == (2, "named")


def test_a_code_is_stored_only_as_a_digest(vendor: Vendor) -> None:
    _, code = vendor.sell()
    with vendor.database.engine.connect() as connection:
        stored = str([list(row) for row in connection.execute(codes.select())])
    assert code not in stored
    assert code.replace("-", "") not in stored
    assert not [entry for entry in vendor.auditing.entries() if code in entry.details]


def test_an_ended_licence_gets_no_code(vendor: Vendor) -> None:
    revoked, _ = vendor.sell()
    vendor.suspending.revoke(revoked.id, "returned", ME)
    ended, _ = vendor.sell(ends_at=vendor.clock.now() + DAY)
    vendor.clock.advance(9 * DAY)
    for licence in (revoked, ended):
        with pytest.raises(StateConflictError):
            vendor.issuing.new_code(licence.id, ME)


def test_licences_are_listed_by_state_with_expiry_counted_in(vendor: Vendor) -> None:
    customer = vendor.customer()
    ended, code = vendor.sell(customer.id, ends_at=vendor.clock.now() + DAY)
    Device(vendor).activate(code)
    vendor.clock.advance(1)
    fresh, _ = vendor.sell(customer.id)
    vendor.clock.advance(9 * DAY)
    views = {view.licence.id: view for view in vendor.reading.licences().found}
    assert [views[each.id].state for each in (ended, fresh)] == ["expired", "issued"]
    assert (views[ended.id].activation is None, views[fresh.id].activation is None) == (False, True)
    assert [view.licence.id for view in vendor.reading.licences(Picked(state="expired")).found] == [ended.id]
    assert not vendor.reading.licences(Picked(state="active")).found
    with pytest.raises(InvalidInputError):
        vendor.reading.licences(Picked(state=cast("State", "lost")))


def test_a_licence_stays_its_customer_s_for_ever(vendor: Vendor) -> None:
    """T2: there is no way to say otherwise; the database's own guard is in test_guards."""
    licence, _ = vendor.sell()
    assert vendor.licence(licence.id).customer == licence.customer
