"""Lists in pages, by state, customer, end and silence; and how many queries each takes."""

from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from keys.errors import InvalidInputError
from licence_server.domain.audit import ROUTINE
from licence_server.domain.licence import STATES, Picked
from licence_server.domain.paging import every
from licence_server.storage.tables import audit, licences
from tests.licence_server.device import Device
from tests.licence_server.vendor import ME, Vendor

DAY = 86_400


def ids(vendor: Vendor, picked: Picked) -> list[str]:
    return [view.licence.id for view in every(lambda after: vendor.reading.licences(picked, after, 2))]


def test_expiry_is_counted_in_as_the_rule_says(vendor: Vendor) -> None:
    """Every stored state, with every end on both sides of now: the database and the rule say the same."""
    now = vendor.clock.now()
    ends = (None, now - 1, now, now + 1, now - 7 * DAY, now - 7 * DAY + 1, now - 9 * DAY)
    for state, ends_at in product(("issued", "active", "suspended", "revoked", "recovered"), ends):
        licence, _ = vendor.sell()
        with vendor.database.engine.begin() as connection:
            values = {"state": state, "ends_at": ends_at, "terms_grace": 7 * DAY}
            connection.execute(update(licences).where(licences.c.id == licence.id).values(**values))
    everything = vendor.reading.licences().found
    assert {view.state for view in everything} == set(STATES)
    for state in STATES:
        wanted = {view.licence.id for view in everything if view.licence.state_at(now) == state}
        assert set(ids(vendor, Picked(state=state))) == wanted
    before = {view.licence.id for view in everything if (view.licence.terms.ends_at or now) < now}
    assert set(ids(vendor, Picked(ends_before=now))) == before


def test_conditions_are_all_met(vendor: Vendor) -> None:
    now, customer = vendor.clock.now(), vendor.customer()
    mine, _ = vendor.sell(customer.id, ends_at=now + DAY)
    later, _ = vendor.sell(customer.id, ends_at=now + 2 * DAY)
    vendor.sell(ends_at=now + DAY)
    assert set(ids(vendor, Picked(customer_id=customer.id))) == {mine.id, later.id}
    assert ids(vendor, Picked(customer_id=customer.id, ends_before=now + 2 * DAY)) == [mine.id]
    assert not ids(vendor, Picked(customer_id=customer.id, ends_before=now + 2 * DAY, state="active"))


def test_silent_are_those_on_a_server_that_was_not_heard_of(vendor: Vendor) -> None:
    sold = [vendor.sell() for _ in range(3)]
    quiet, loud = Device(vendor), Device(vendor)
    quiet.activate(sold[0][1])
    loud.activate(sold[1][1])
    heard = vendor.clock.now()
    vendor.clock.advance(DAY)
    loud.validate()
    assert ids(vendor, Picked(silent_since=heard + 1)) == [sold[0][0].id]
    assert not ids(vendor, Picked(silent_since=heard))
    quiet.deactivate()
    assert not ids(vendor, Picked(silent_since=heard + 1))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gaps=st.lists(st.integers(0, 1), min_size=1, max_size=6), most=st.integers(1, 4))
def test_pages_are_whole_and_in_order_however_many_came_at_once(vendor: Vendor, gaps: list[int], most: int) -> None:
    for gap in gaps:
        vendor.sell()
        vendor.clock.advance(gap)
    found = [view.licence for view in every(lambda after: vendor.reading.licences(after=after, most=most))]
    assert found == sorted(found, key=lambda each: (each.created_at, each.id), reverse=True)
    assert len({licence.id for licence in found}) == len(vendor.reading.licences().found)
    people = list(every(lambda after: vendor.reading.customers(after, most)))
    assert people == list(vendor.reading.customers().found)


@pytest.mark.parametrize("most", [0, 501])
def test_a_page_has_a_size(vendor: Vendor, most: int) -> None:
    for look in (vendor.reading.licences, vendor.reading.customers):
        with pytest.raises(InvalidInputError, match="page"):
            look(most=most)
    with pytest.raises(InvalidInputError, match="page"):
        vendor.finding.find("x", most=most)


def test_how_many_queries_a_list_takes_does_not_depend_on_its_length(vendor: Vendor, queries: list[str]) -> None:
    counts = set()
    for number in range(3):
        for _ in range(2 * number):
            Device(vendor).activate(vendor.sell()[1])
        for picked in (Picked(), Picked(state="active"), Picked(silent_since=2**40)):
            queries.clear()
            assert len(vendor.reading.licences(picked).found) in {0, 2, 6}
            counts.add(len(queries))
    assert counts == {3}
    queries.clear()
    assert len(vendor.reading.customers().found) == 6
    assert len(queries) == 1


def test_a_licence_of_many_years_is_shown_without_its_old_validations(device: Device, queries: list[str]) -> None:
    """They can't even be read; only those of the last 30 days are asked for, and what else happened."""
    vendor, licence_id = device.vendor, device.licence.licence_id
    vendor.clock.advance(40 * DAY)
    with vendor.database.engine.begin() as connection:
        last: dict[str, Any] = dict(connection.execute(select(audit).order_by(audit.c.seq)).mappings().all()[-1])
        old = {
            **last,
            "event": ROUTINE,
            "subject": licence_id,
            "details": "spoilt",
            "at": vendor.clock.now() - 31 * DAY,
        }
        connection.execute(insert(audit), [{**old, "seq": last["seq"] + 1 + number} for number in range(3000)])
    queries.clear()
    shown = vendor.reading.licence(licence_id)
    assert [event.code for event in shown.events] == ["licence_issued", "licence_activated"]
    assert len(queries) == 6
    assert not shown.reported
    assert vendor.reading.customer(shown.customer.id)[1][0].actor == ME
    queries.clear()
    vendor.reading.customer(shown.customer.id)
    assert len(queries) == 2
