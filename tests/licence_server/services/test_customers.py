"""Customers change: what is written down of it, and what is refused."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from keys.errors import InvalidInputError, LicensingError, NotFoundError, StateConflictError
from licence_server.domain.audit import Sought
from licence_server.domain.customer import Changes, NewCustomer
from licence_server.domain.representative import NewRepresentative
from licence_server.storage.customers import SqlCustomers
from tests.licence_server.vendor import ME, Vendor

ALL = NewCustomer(
    "فولاد پارس",
    "10380284790",
    "it@foolad.example",
    "09151234567",
    "سارا احمدی",
    phone="051-3840",
    address="مشهد\nبلوار وکیل‌آباد",
    language="en",
    by_email=False,
    by_sms=False,
    note="calls on Saturdays",
)


def test_everything_that_is_said_is_kept(vendor: Vendor) -> None:
    added = vendor.registering.add(ALL, ME)
    found = vendor.registering.one(added.id)
    assert found == added
    assert (found.kind, found.phone, found.address, found.language) == ("legal", ALL.phone, ALL.address, "en")
    assert (found.by_email, found.by_sms, found.note) == (False, False, "calls on Saturdays")
    assert [(person.name, person.since, person.by) for person in found.representatives] == [
        ("سارا احمدی", vendor.clock.now(), ME)
    ]
    assert vendor.auditing.verify().valid


def test_a_change_is_in_the_record_field_by_field(vendor: Vendor) -> None:
    customer = vendor.registering.add(ALL, ME)
    vendor.clock.advance(60)
    changes: Changes = {"name": "فولاد پارس نوین", "national_id": "14007650912", "by_sms": True}
    changed = vendor.registering.change(customer.id, changes, "operator:sales")
    assert vendor.registering.one(customer.id) == changed
    assert (changed.name, changed.national_id, changed.by_sms, changed.note) == (*changes.values(), ALL.note)
    entry = vendor.auditing.entries(Sought(of=customer.id))[-1]
    assert (entry.event, entry.actor, entry.at) == ("customer_changed", "operator:sales", vendor.clock.now())
    assert json.loads(entry.details)["changes"] == [
        {"field": "name", "before": "فولاد پارس", "after": "فولاد پارس نوین"},
        {"field": "national_id", "before": "10380284790", "after": "14007650912"},
        {"field": "by_sms", "before": False, "after": True},
    ]
    assert vendor.auditing.verify().valid


def test_a_change_that_changes_nothing_is_not_recorded(vendor: Vendor) -> None:
    customer = vendor.registering.add(ALL, ME)
    assert vendor.registering.change(customer.id, {"name": " فولاد پارس "}, ME) == customer
    assert vendor.auditing.verify().events == 1


def test_a_licence_carries_its_customer_s_name_of_today(vendor: Vendor) -> None:
    """It stays the same customer's (T2), and the record goes on being true."""
    licence, _ = vendor.sell()
    vendor.registering.change(licence.customer.id, {"name": "فولاد پارس نوین"}, ME)
    assert vendor.licence(licence.id).customer.name == "فولاد پارس نوین"
    assert vendor.auditing.verify().valid


def test_another_s_national_id_can_not_be_taken(vendor: Vendor) -> None:
    one = vendor.registering.add(ALL, ME)
    other = vendor.customer("Other")
    with pytest.raises(StateConflictError, match=one.id):
        vendor.registering.change(other.id, {"national_id": "10380284790"}, ME)
    assert vendor.registering.one(other.id) == other
    assert vendor.registering.change(one.id, {"note": ""}, ME).national_id == "10380284790"


def test_of_two_who_take_one_national_id_at_once_one_gets_it(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's own guard; the look before is blinded, as it is for two transactions at once."""
    vendor.registering.add(ALL, ME)
    other = vendor.customer("Other")
    monkeypatch.setattr(SqlCustomers, "with_national_id", lambda *_: None)
    with pytest.raises(StateConflictError, match="Another customer"):
        vendor.registering.change(other.id, {"national_id": "10380284790"}, ME)
    assert vendor.auditing.verify().valid


def test_changes_at_once_are_all_kept(vendor: Vendor) -> None:
    """Each holds the customer until it is done, so none writes back what it read before another."""
    customer = vendor.customer()
    changes: list[Changes] = [{"phone": "051"}, {"address": "x"}, {"note": "y"}, {"language": "en"}, {"by_sms": False}]
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda change: vendor.registering.change(customer.id, change, ME), changes))
    found = vendor.registering.one(customer.id)
    assert (found.phone, found.address, found.note, found.language, found.by_sms) == ("051", "x", "y", "en", False)
    assert vendor.auditing.verify().valid


def test_a_representative_is_appointed_and_the_former_one_closed(vendor: Vendor) -> None:
    """T11."""
    customer = vendor.registering.add(ALL, ME)
    vendor.clock.advance(3600)
    reza = NewRepresentative("رضا کریمی", "0499370899", "09351112233", "reza@foolad.example")
    changed = vendor.registering.appoint(customer.id, reza, "operator:sales")
    assert vendor.registering.one(customer.id) == changed
    now = vendor.clock.now()
    assert [(person.name, person.since, person.until) for person in changed.representatives] == [
        ("سارا احمدی", now - 3600, now),
        ("رضا کریمی", now, None),
    ]
    entry = vendor.auditing.entries(Sought(of=customer.id))[-1]
    assert (entry.event, entry.actor) == ("representative_appointed", "operator:sales")
    told = json.loads(entry.details)["representatives"]
    assert [person["until"] for person in told] == [now, None]
    assert (told[1]["national_id"], told[1]["by"]) == ("0499370899", "operator:sales")
    assert vendor.auditing.verify().valid


@pytest.mark.parametrize(
    ("do", "error"),
    [
        (lambda vendor, _: vendor.registering.change("cus_never", {"note": "x"}, ME), NotFoundError),
        (lambda vendor, _: vendor.registering.appoint("cus_never", NewRepresentative("x"), ME), NotFoundError),
        (lambda vendor, _: vendor.reading.customer("cus_never"), NotFoundError),
        (lambda vendor, who: vendor.registering.change(who, {"email": "x"}, ME), InvalidInputError),
        (lambda vendor, who: vendor.registering.change(who, {"representative": "x"}, ME), InvalidInputError),
        (lambda vendor, who: vendor.registering.appoint(who, NewRepresentative(""), ME), InvalidInputError),
    ],
)
def test_what_is_refused_changes_nothing(
    vendor: Vendor, do: Callable[[Vendor, str], object], error: type[LicensingError]
) -> None:
    customer = vendor.registering.add(ALL, ME)
    with pytest.raises(error):
        do(vendor, customer.id)
    assert vendor.registering.one(customer.id) == customer
    assert vendor.auditing.verify().events == 1


def test_a_customer_s_history(vendor: Vendor) -> None:
    customer = vendor.customer()
    vendor.registering.change(customer.id, {"note": "x"}, ME)
    vendor.registering.appoint(customer.id, NewRepresentative("سارا"), ME)
    found, events = vendor.reading.customer(customer.id)
    assert found == vendor.registering.one(customer.id)
    assert [event.code for event in events] == ["customer_added", "customer_changed", "representative_appointed"]
