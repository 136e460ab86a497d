"""The database is restored from a backup: the agents' own signed licences bring back what it lost (threat 6)."""

from collections.abc import Callable

import pytest

from keys.errors import (
    CodeExpiredError,
    CodeUsedError,
    EvidenceRequiredError,
    LicenceNotActivatableError,
    StateConflictError,
)
from licence_server.domain.sizes import Sizes
from tests.licence_server.backups import Backup
from tests.licence_server.device import Device
from tests.licence_server.vendor import ME, Vendor

DAY = 86_400


@pytest.fixture
def take_backup(vendor: Vendor) -> Callable[[], Callable[[], None]]:
    """Take a backup, and return how to put it back."""

    def take() -> Callable[[], None]:
        backup = Backup.of(vendor.database.engine)
        return lambda: backup.restore(vendor.database.engine)

    return take


def newcomer(vendor: Vendor, code: str) -> Device:
    device = Device(vendor)
    device.activate(code)
    vendor.clock.advance(DAY)
    return device


def test_an_agent_that_is_ahead_of_the_backup_shows_its_licence_and_goes_on(device: Device, take_backup) -> None:
    vendor, restore = device.vendor, take_backup()
    for _ in range(100):
        device.validate()
        vendor.clock.advance(DAY)
    restore()
    with pytest.raises(EvidenceRequiredError):
        device.validate()
    assert device.validate(evidence=True).seq == 102
    assert device.validate().seq == 103, "once is enough"
    assert vendor.events(device.licence.licence_id)[-1] == "evidence_accepted"
    assert vendor.auditing.verify().valid


def test_an_activation_that_the_backup_lacks_is_rebuilt_and_its_code_stays_used(vendor: Vendor, take_backup) -> None:
    licence, code = vendor.sell()
    restore = take_backup()
    device = newcomer(vendor, code)
    restore()
    with pytest.raises(EvidenceRequiredError):
        device.validate()
    after = device.validate(evidence=True)
    assert (after.seq, after.status, after.activated_at) == (2, "active", after.issued_at - DAY)
    assert vendor.licence(licence.id).state == "active"
    assert vendor.events(licence.id)[-1] == "activation_rebuilt"
    with pytest.raises(CodeExpiredError):
        Device(vendor).activate(code)
    assert vendor.auditing.verify().valid


def test_a_code_made_after_the_activation_is_not_withdrawn_by_its_evidence(vendor: Vendor, take_backup) -> None:
    licence, code = vendor.sell()
    restore = take_backup()
    device = newcomer(vendor, code)
    device.deactivate()
    restore()
    vendor.clock.advance(1)
    new = vendor.issuing.new_code(licence.id, ME)
    assert device.validate(evidence=True).status == "deactivated"
    assert Device(vendor).activate(new).status == "active"


def test_a_licence_that_the_backup_lacks_waits_for_a_person_and_serves_meanwhile(vendor: Vendor, take_backup) -> None:
    restore = take_backup()
    licence, code = vendor.sell(clients=4, features=("sms",), networks=("10.0.0.0/8",), network_policy="report")
    device = newcomer(vendor, code)
    before = device.licence
    restore()
    after = device.validate(evidence=True)
    assert (after.status, after.seq, after.customer, after.seats) == ("active", 2, before.customer, before.seats)
    assert (after.features, after.networks, after.terms) == (before.features, before.networks, before.terms)
    assert after.network_policy == before.network_policy == "report"
    assert vendor.licence(licence.id).state == "recovered"
    assert vendor.events(licence.id) == ["licence_recovered", "activation_rebuilt"]
    assert device.validate().status == "active"
    assert vendor.changing.confirm(licence.id, ME).state == "active"
    with pytest.raises(StateConflictError):
        vendor.changing.confirm(licence.id, ME)
    assert vendor.auditing.verify().valid


def test_a_second_licence_of_a_lost_customer_finds_the_customer(vendor: Vendor, take_backup) -> None:
    restore = take_backup()
    customer = vendor.customer()
    devices = [newcomer(vendor, vendor.sell(customer.id)[1]) for _ in range(2)]
    restore()
    assert [device.validate(evidence=True).status for device in devices] == ["active", "active"]
    assert [each.id for each in vendor.reading.customers().found] == [customer.id]


def test_what_is_not_above_the_head_is_an_older_document_and_no_evidence(vendor: Vendor, take_backup) -> None:
    _, code = vendor.sell()
    restore = take_backup()
    device = newcomer(vendor, code)
    old = device.held
    device.validate()
    young = device.held
    restore()
    device.validate(evidence=True)
    device.held = old
    with pytest.raises(EvidenceRequiredError):
        device.validate()
    assert device.validate(evidence=True).seq == 4
    assert vendor.events(device.licence.licence_id)[-1] == "state_rolled_back"
    device.held = young
    assert device.validate().seq == 5, "the document that rebuilt the chain is known"


@pytest.mark.parametrize("old_first", [True, False])
def test_of_two_activations_the_one_with_the_younger_first_document_wins(
    device: Device, take_backup, old_first: bool
) -> None:
    vendor, licence_id = device.vendor, device.licence.licence_id
    restore = take_backup()
    vendor.clock.advance(DAY)
    device.validate()
    new = newcomer(vendor, vendor.moving.rehost(licence_id, "new server", ME))
    restore()
    if old_first:
        assert device.validate(evidence=True).status == "active", "nobody knows better yet"
    assert new.validate(evidence=True).status == "active"
    assert device.validate(evidence=not old_first).status == "superseded"
    assert new.validate().status == "active"
    assert "activation_conflict" in vendor.events(licence_id)
    assert vendor.auditing.verify().valid


def test_an_older_activation_that_comes_back_late_does_not_take_over(vendor: Vendor, take_backup) -> None:
    licence, code = vendor.sell()
    restore = take_backup()
    old = newcomer(vendor, code)
    new = newcomer(vendor, vendor.moving.rehost(licence.id, "new server", ME))
    restore()
    assert new.validate(evidence=True).status == "active"
    assert old.validate(evidence=True).status == "superseded"
    assert (new.validate().status, old.validate().status) == ("active", "superseded")
    assert vendor.auditing.verify().valid


@pytest.mark.parametrize("how", ["superseded", "deactivated"])
def test_a_server_that_the_licence_has_left_is_not_revived_by_a_backup(device: Device, take_backup, how: str) -> None:
    vendor, licence_id = device.vendor, device.licence.licence_id
    code = vendor.moving.rehost(licence_id, "new server", ME)
    restore = take_backup()
    if how == "superseded":
        newcomer(vendor, code)
        device.validate()
    else:
        device.deactivate()
    restore()
    assert device.validate(evidence=True).status == how
    assert device.validate().status == how
    assert vendor.reading.licence(licence_id).activation is None
    with pytest.raises(CodeExpiredError):
        Device(vendor).activate(code)
    assert vendor.auditing.verify().valid


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("how", ["suspended", "revoked", "seats", "resumed"])
def test_what_a_person_decided_after_the_backup_follows_from_the_evidence(
    vendor: Vendor, take_backup, how: str, known: bool
) -> None:
    licence, code = vendor.sell()
    device = newcomer(vendor, code) if known else None
    if how == "resumed":
        vendor.suspending.suspend(licence.id, "payment_overdue", ME)
    restore = take_backup()
    vendor.clock.advance(DAY)
    if how == "resumed":
        vendor.suspending.resume(licence.id, "paid", ME)
    device = device or newcomer(vendor, code)
    _decide(vendor, licence.id, how)
    vendor.clock.advance(DAY)
    device.validate()
    restore()
    after = device.validate(evidence=True)
    expected = {"suspended": "suspended", "revoked": "revoked"}.get(how, "active")
    assert (after.status, after.seats.users) == (expected, 9 if how == "seats" else 3)
    assert vendor.licence(licence.id).state == expected
    assert vendor.auditing.verify().valid


def _decide(vendor: Vendor, licence_id: str, how: str) -> None:
    if how == "suspended":
        vendor.suspending.suspend(licence_id, "payment_overdue", ME)
    elif how == "revoked":
        vendor.suspending.revoke(licence_id, "returned", ME)
    elif how == "seats":
        vendor.changing.seats(licence_id, Sizes(9, None), ME)


def test_evidence_does_not_undo_what_a_person_decided_since(device: Device, take_backup) -> None:
    vendor, licence_id = device.vendor, device.licence.licence_id
    restore = take_backup()
    device.validate()
    restore()
    vendor.clock.advance(DAY)
    vendor.changing.seats(licence_id, Sizes(9, None), ME)
    vendor.suspending.suspend(licence_id, "payment_overdue", ME)
    after = device.validate(evidence=True)
    assert (after.status, after.seats.users) == ("suspended", 9)


def test_older_evidence_does_not_undo_younger(vendor: Vendor, take_backup) -> None:
    """The old server's last document knows of 3 users, the new one's of 9."""
    licence, code = vendor.sell()
    restore = take_backup()
    old = newcomer(vendor, code)
    old.validate()
    vendor.clock.advance(DAY)
    vendor.changing.seats(licence.id, Sizes(9, None), ME)
    new = newcomer(vendor, vendor.moving.rehost(licence.id, "new server", ME))
    restore()
    new.validate(evidence=True)
    old.validate(evidence=True)
    assert new.validate().seats.users == 9


def test_a_copy_on_other_hardware_may_show_its_evidence_but_gets_nothing(vendor: Vendor, take_backup) -> None:
    _, code = vendor.sell()
    restore = take_backup()
    device = newcomer(vendor, code)
    copy = device.copy()
    copy.components = dict.fromkeys(copy.components, "x" * 43)
    device.validate()
    restore()
    assert copy.validate(evidence=True).status == "refused"
    assert device.validate(evidence=True).status == "active"
    assert vendor.auditing.verify().valid


def test_a_licence_can_be_given_back_with_evidence(vendor: Vendor, take_backup) -> None:
    licence, code = vendor.sell()
    restore = take_backup()
    device = newcomer(vendor, code)
    restore()
    assert device.deactivate(evidence=True).status == "deactivated"
    assert vendor.licence(licence.id).state == "issued"


def test_a_recovered_licence_can_be_moved_and_its_new_server_waits_for_the_same_person(
    vendor: Vendor, take_backup
) -> None:
    restore = take_backup()
    licence, code = vendor.sell()
    device = newcomer(vendor, code)
    restore()
    device.validate(evidence=True)
    new = newcomer(vendor, vendor.moving.rehost(licence.id, "new server", ME))
    assert (new.validate().status, device.validate().status) == ("active", "superseded")
    assert vendor.licence(licence.id).state == "recovered"


def test_a_code_that_was_given_out_before_the_agent_came_back_does_not_take_its_licence_away(
    vendor: Vendor, take_backup
) -> None:
    licence, code = vendor.sell()
    restore = take_backup()
    device = newcomer(vendor, code)
    restore()
    new = vendor.issuing.new_code(licence.id, ME)
    assert device.validate(evidence=True).status == "active"
    with pytest.raises(LicenceNotActivatableError, match="another server"):
        Device(vendor).activate(new)
    assert device.validate().status == "active"


def test_whoever_brings_a_database_back_withdraws_every_unused_code(vendor: Vendor) -> None:
    customer = vendor.customer()
    codes = [vendor.sell(customer.id)[1] for _ in range(3)]
    Device(vendor).activate(codes[0])
    with vendor.database.unit() as unit:
        assert unit.codes.void_unused(None, vendor.clock.now()) == 2
    for code, refusal in zip(codes, (CodeUsedError, CodeExpiredError, CodeExpiredError), strict=True):
        with pytest.raises(refusal):
            Device(vendor).activate(code)
