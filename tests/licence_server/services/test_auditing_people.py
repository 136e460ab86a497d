"""Nobody becomes another customer, a manager, or an operator at all behind the record."""

import re

import pytest
from sqlalchemy import Connection, Table, delete, insert, select, update

from licence_server.storage.tables import customers, licences, metadata, plans
from licence_server.storage.tables_access import operators, passkeys, tokens
from licence_server.storage.tables_webhooks import webhooks
from tests.licence_server.authenticator import Authenticator
from tests.licence_server.device import Device
from tests.licence_server.people import Person
from tests.licence_server.services.test_auditing import busy, problem
from tests.licence_server.vendor import ME, Vendor

__all__ = ["busy"]
pytestmark = pytest.mark.threat(32)


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (customers, {"name": "Somebody Else"}),
        (customers, {"email": "thief@example.com"}),
        (customers, {"representative": "A Thief"}),
        (customers, {"by_sms": False}),
        (customers, {"representatives": [{"name": "A Thief"}]}),
        (customers, {"search": ""}),
        (licences, {"search": "\nlic_1\n"}),
        (plans, {"name": "Other"}),
        (plans, {"offer": {}}),
        (plans, {"retired_at": 1}),
        (operators, {"role": "administrator"}),
        (operators, {"password_hash": "quick$known"}),
        (operators, {"name": "mallory"}),
        (operators, {"password_once": False}),
        (operators, {"disabled_at": 1}),
        (operators, {"secret": "1.known"}),
        (operators, {"last_step": 1}),
        (operators, {"recovery": ["known"]}),
        (operators, {"language": "en"}),
        (tokens, {"scopes": ["operators.write"]}),
        (tokens, {"expires_at": 2**40}),
        (tokens, {"digest": "known"}),
        (tokens, {"revoked_at": 1}),
        (webhooks, {"url": "https://thief.example.com/"}),
        (webhooks, {"types": []}),
        (webhooks, {"sealed": "1.known"}),
        (webhooks, {"previous": "1.known"}),
        (webhooks, {"disabled_at": 1}),
        (webhooks, {"removed_at": 1}),
    ],
)
def test_what_was_changed_is_found(busy: Vendor, table: Table, values: dict[str, object]) -> None:
    said = problem(busy, lambda connection: connection.execute(update(table).values(**values)))
    assert re.search("is not as the record left it|can't be read", said or "")


@pytest.mark.parametrize("table", [customers, operators, plans, tokens, webhooks])
def test_what_was_slipped_in_is_found(busy: Vendor, table: Table) -> None:
    with busy.database.engine.begin() as connection:
        row = dict(connection.execute(select(table)).mappings().first() or {})
    row |= {name: text for name, text in {"id": "slipped_in", "name": "mallory"}.items() if name in row}
    assert "slipped_in" in str(problem(busy, lambda connection: connection.execute(insert(table).values(row))))


def test_an_operator_that_was_removed_is_found(busy: Vendor) -> None:
    def remove(connection: Connection) -> None:
        connection.execute(delete(tokens))
        connection.execute(delete(operators))

    assert "Operator" in str(problem(busy, remove))


def test_a_plan_that_was_removed_is_found(busy: Vendor) -> None:
    assert "Plan" in str(problem(busy, lambda connection: connection.execute(delete(plans))))


def test_a_licence_that_was_put_under_a_plan_is_found(busy: Vendor) -> None:
    plan = busy.planning.plans()[0].id
    assert "Licence" in str(problem(busy, lambda found: found.execute(update(licences).values(plan_id=plan))))


def test_a_token_that_was_removed_is_found(busy: Vendor) -> None:
    assert "API token" in str(problem(busy, lambda connection: connection.execute(delete(tokens))))


@pytest.mark.parametrize(
    "values", [{"public_key": "known"}, {"credential": "known"}, {"counter": 99}, {"name": "other"}], ids=str
)
def test_a_passkey_that_was_changed_is_found(vendor: Vendor, values: dict) -> None:
    Person.ready(vendor).equip(Authenticator())
    assert vendor.auditing.verify().valid
    assert "Passkey" in str(problem(vendor, lambda found: found.execute(update(passkeys).values(values))))


def test_a_passkey_that_was_removed_or_put_back_is_found(vendor: Vendor) -> None:
    sara = Person.ready(vendor)
    passkey = sara.equip(Authenticator())
    assert "no longer" in str(problem(vendor, lambda connection: connection.execute(delete(passkeys))))
    with vendor.database.unit() as unit:
        unit.passkeys.add(passkey)
    assert vendor.auditing.verify().valid
    vendor.equipping.remove(sara.actor, sara.proof(), passkey.id)
    assert vendor.auditing.verify().valid
    with vendor.database.unit() as unit:
        unit.passkeys.add(passkey)
    assert "Passkey" in str(vendor.auditing.verify().problem)


def test_a_token_of_somebody_else_is_found(busy: Vendor) -> None:
    other = busy.enrolling.add("reza", "administrator", ME).operator.id
    assert "API token" in str(problem(busy, lambda found: found.execute(update(tokens).values(operator_id=other))))


def test_sign_ins_and_uses_of_tokens_leave_the_record_whole(busy: Vendor) -> None:
    person = Person.ready(busy)
    person.sign_in()
    busy.authenticating.sweep()
    assert busy.auditing.verify().valid


def test_a_customer_that_was_removed_is_found(vendor: Vendor) -> None:
    vendor.customer()

    def remove(connection: Connection) -> None:
        connection.execute(delete(customers))

    assert "no longer" in str(problem(vendor, remove))


def test_a_customer_that_evidence_brought_back_is_in_the_record(vendor: Vendor) -> None:
    device = Device(vendor)
    device.activate(vendor.sell()[1])
    vendor.clock.advance(86_400)
    with vendor.database.engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name != "audit_head":
                connection.execute(delete(table))
        connection.execute(update(metadata.tables["audit_head"]).values(seq=0, digest="", at=0, seal=""))
    device.validate(evidence=True)
    assert vendor.auditing.verify().valid
    assert "Customer" in str(problem(vendor, lambda found: found.execute(update(customers).values(name="Other"))))
