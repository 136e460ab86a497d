"""What webhooks are told: each event of the table by its deed, in its transaction, with ids and state alone."""

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, update

from keys.errors import ApprovalNeededError, StateConflictError, UnavailableError
from licence_server.domain.approval import FourEyes
from licence_server.domain.customer import Changes
from licence_server.domain.outage import Declaration, Declared
from licence_server.domain.representative import NewRepresentative
from licence_server.domain.sizes import Sizes
from licence_server.domain.webhook import PING, TYPES
from licence_server.storage.tables import audit_head, metadata
from tests.licence_server.device import Device
from tests.licence_server.receivers import MemoryReceiver, Teller
from tests.licence_server.vendor import ME, Vendor

DAY = 86_400


@pytest.fixture
def teller(vendor: Vendor) -> Teller:
    strict = vendor.with_policy(replace(vendor.policy, four_eyes=FourEyes(revocations=True)))
    return Teller.of(strict, MemoryReceiver())


def said(teller: Teller, webhook_id: str) -> list[dict[str, Any]]:
    """What was told, by type: what happens in one second has no order."""
    return sorted((json.loads(told.delivery.body) for told in teller.told(webhook_id)), key=lambda each: each["type"])


def live_through_everything(vendor: Vendor) -> list[str]:
    """Do every deed of the table, and return the activation codes that came out of them."""
    customer = vendor.customer()
    vendor.registering.change(customer.id, Changes(note="pays late"), ME)
    vendor.registering.appoint(customer.id, NewRepresentative("سارا"), ME)
    licence, code = vendor.sell(customer.id)
    device, now = Device(vendor), vendor.clock.now()
    device.activate(code)
    for deed in (
        lambda: vendor.suspending.suspend(licence.id, "payment_overdue", ME),
        lambda: vendor.suspending.resume(licence.id, "paid", ME),
        lambda: vendor.changing.renew(licence.id, now + 400 * DAY, ME),
        lambda: vendor.changing.seats(licence.id, Sizes(9, None), ME),
        lambda: vendor.changing.networks(licence.id, ("10.1.0.0/16",), "report", ME),
    ):
        deed()
    cloned(vendor, device)
    vendor.suspending.resume(licence.id, "looked at", ME)
    moved = vendor.moving.rehost(licence.id, "the old one burnt", ME)
    other = Device(vendor)
    other.activate(moved)
    other.deactivate()
    decided(vendor, licence.id, granted=False)
    decided(vendor, licence.id, granted=True)
    vendor.suspending.revoke(licence.id, "contract_ended", ME)
    declared(vendor)
    return [code, moved]


def declared(vendor: Vendor) -> Declared:
    """Declare an outage, where one person may."""
    now, alone = vendor.clock.now(), vendor.with_policy(replace(vendor.policy, four_eyes=FourEyes()))
    return alone.declaring.declare(Declaration(now, now + 9 * DAY, 7, None, "no internet"), ME)


def cloned(vendor: Vendor, device: Device) -> None:
    """Have a copy of a server go its own way until it is found out."""
    copy = device.copy()
    for _ in range(3):
        for each in (device, copy):
            vendor.clock.advance(DAY // 2)
            each.validate()


def decided(vendor: Vendor, licence_id: str, *, granted: bool) -> None:
    with suppress(ApprovalNeededError):
        vendor.suspending.revoke(licence_id, "contract_ended", ME)
    (asked,) = vendor.approving.approvals(["waiting"]).found
    if granted:
        vendor.approving.grant(asked.id, "operator:other")
    else:
        vendor.approving.refuse(asked.id, "not ordered", "operator:other")


def recovered(vendor: Vendor) -> None:
    """Lose the database, and have a customer's server bring its licence back."""
    device = Device(vendor)
    device.activate(vendor.sell()[1])
    vendor.clock.advance(DAY)
    kept = {"webhooks", "deliveries", "audit_head", "audit"}
    with vendor.database.engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name not in kept:
                connection.execute(delete(table))
    licence = device.validate(evidence=True).licence_id
    vendor.changing.confirm(licence, ME)


def test_every_event_is_told_by_its_deed(teller: Teller) -> None:
    hook = teller.hook().webhook
    codes = live_through_everything(teller.vendor)
    recovered(teller.vendor)
    teller.subscribing.test(hook.id, ME)
    told = said(teller, hook.id)
    assert {each["type"] for each in told} == {*TYPES, PING}
    written = json.dumps(told)
    assert not [code for code in codes if code in written or code.replace("-", "") in written]
    for each in told:
        assert set(each) == {"type", "timestamp", "data"}
        kind = each["type"].partition(".")[0]
        assert each["data"][{"webhook": "webhook_id"}.get(kind, f"{kind}_id")]


def test_what_is_told_of_a_licence(teller: Teller) -> None:
    hook = teller.hook("licence.activated", "licence.suspended").webhook
    licence, code = teller.vendor.sell()
    activation = Device(teller.vendor).activate(code).activation_id
    teller.vendor.suspending.suspend(licence.id, "payment_overdue", ME)
    data = {"licence_id": licence.id, "customer_id": licence.customer.id, "users": 3, "ends_at": None}
    assert [each["data"] for each in said(teller, hook.id)] == [
        {**data, "state": "active", "reason": None, "activation_id": activation},
        {**data, "state": "suspended", "reason": "payment_overdue"},
    ]


def test_what_is_told_of_an_approval(teller: Teller) -> None:
    hook = teller.hook("approval.asked", "approval.refused").webhook
    licence, _ = teller.vendor.sell()
    decided(teller.vendor, licence.id, granted=False)
    (approval,) = teller.vendor.approving.approvals().found
    data = {"approval_id": approval.id, "deed": "revoke", "subject": licence.id}
    assert [each["data"] for each in said(teller, hook.id)] == [
        {**data, "state": "waiting"},
        {**data, "state": "refused"},
    ]


def test_what_is_told_of_an_outage(teller: Teller) -> None:
    hook, outage, now = teller.hook("outage.declared").webhook, declared(teller.vendor), teller.vendor.clock.now()
    data = {"outage_id": outage.id, "starts_at": now, "ends_at": now + 9 * DAY, "days": 7}
    assert [each["data"] for each in said(teller, hook.id)] == [data]


def test_only_who_wants_to_know_is_told(teller: Teller) -> None:
    revoked, issued = teller.hook("licence.revoked").webhook, teller.hook("licence.issued").webhook
    removed = teller.subscribing.remove(teller.hook().webhook.id, ME)
    teller.vendor.sell()
    with teller.vendor.database.reading() as unit:
        counts = {hook.id: len(unit.deliveries.page(hook.id, None, 9)) for hook in (revoked, issued, removed)}
    assert counts == {revoked.id: 0, issued.id: 1, removed.id: 0}


def test_a_deed_that_was_rolled_back_is_not_told(teller: Teller) -> None:
    """Whether the use case refuses it, or the record does after it."""
    hook = teller.hook().webhook
    licence, _ = teller.vendor.sell()
    before = len(said(teller, hook.id))
    with pytest.raises(StateConflictError):
        teller.vendor.suspending.resume(licence.id, "x", ME)
    teller.vendor.clock.turn(-DAY)
    with pytest.raises(UnavailableError):
        teller.vendor.suspending.suspend(licence.id, "x", ME)
    teller.vendor.clock.turn(DAY)
    assert len(said(teller, hook.id)) == before
    assert teller.vendor.licence(licence.id).state == "issued"


def test_daily_validations_ask_nothing_of_webhooks(teller: Teller, queries: list[str]) -> None:
    teller.hook()
    device = Device(teller.vendor)
    device.activate(teller.vendor.sell()[1])
    teller.vendor.clock.advance(DAY)
    queries.clear()
    device.validate()
    assert not [query for query in queries if "webhooks" in query or "deliveries" in query]


def test_two_webhooks_know_one_event_by_one_id(teller: Teller) -> None:
    hooks = [teller.hook("customer.added").webhook for _ in range(2)]
    teller.vendor.customer()
    ids = [teller.told(hook.id)[0].delivery.message_id for hook in hooks]
    assert ids[0] == ids[1]
    teller.vendor.customer("another")
    assert len({told.delivery.message_id for told in teller.told(hooks[0].id)}) == 2


def test_after_a_restore_no_id_comes_twice(teller: Teller) -> None:
    """Though entries have the numbers that others had: an id is made of the whole record before it."""
    hook = teller.hook("customer.added").webhook
    teller.vendor.customer()
    with teller.vendor.database.engine.begin() as connection:
        connection.execute(update(audit_head).values(seq=0, digest="ff" * 32))
        connection.execute(delete(metadata.tables["audit"]))
    teller.vendor.customer()
    assert len({told.delivery.message_id for told in teller.told(hook.id)}) == 2
