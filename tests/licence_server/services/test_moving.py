"""A licence leaves a server: by a rehost, or given back."""

import pytest

from keys.errors import (
    CodeExpiredError,
    CodeUsedError,
    InvalidInputError,
    LicenceNotActivatableError,
    NotFoundError,
    StateConflictError,
)
from tests.licence_server.device import Device
from tests.licence_server.vendor import ME

DAY = 86_400


def test_a_rehost_supersedes_the_old_server_when_its_code_is_used(device: Device) -> None:
    vendor, licence_id, new = device.vendor, device.licence.licence_id, Device(device.vendor)
    code = vendor.moving.rehost(licence_id, "the old server burnt", ME)
    assert device.validate().status == "active", "until then the old server goes on"
    assert new.activate(code).seq == 1
    assert (device.validate().status, device.licence.reason) == ("superseded", "moved_to_another_server")
    assert new.validate().status == "active"
    with pytest.raises(CodeUsedError):
        Device(vendor).activate(code)
    assert vendor.events(licence_id)[-3:] == ["rehost_allowed", "licence_moved", "licence_activated"]
    assert vendor.auditing.verify().valid


def test_a_rehost_needs_a_reason_and_a_licence_in_force_on_a_server(device: Device) -> None:
    vendor, licence_id = device.vendor, device.licence.licence_id
    for reason in ("", "  ", "x" * 501):
        with pytest.raises(InvalidInputError):
            vendor.moving.rehost(licence_id, reason, ME)
    unbound, _ = vendor.sell()
    with pytest.raises(StateConflictError, match="on no server"):
        vendor.moving.rehost(unbound.id, "why", ME)
    vendor.suspending.suspend(licence_id, "payment_overdue", ME)
    with pytest.raises(StateConflictError, match="suspended"):
        vendor.moving.rehost(licence_id, "why", ME)
    with pytest.raises(NotFoundError):
        vendor.moving.rehost("lic_never", "why", ME)


def test_a_rehost_that_is_asked_for_twice_has_one_code(device: Device) -> None:
    vendor, licence_id = device.vendor, device.licence.licence_id
    first = vendor.moving.rehost(licence_id, "why", ME)
    second = vendor.moving.rehost(licence_id, "why", ME)
    with pytest.raises(CodeExpiredError):
        Device(vendor).activate(first)
    assert Device(vendor).activate(second).status == "active"


def test_while_it_is_suspended_a_licence_does_not_move(device: Device) -> None:
    vendor, licence_id = device.vendor, device.licence.licence_id
    code = vendor.moving.rehost(licence_id, "why", ME)
    vendor.suspending.suspend(licence_id, "payment_overdue", ME)
    with pytest.raises(LicenceNotActivatableError):
        Device(vendor).activate(code)


def test_a_licence_that_was_given_back_is_activated_again_with_a_new_code_and_key(device: Device) -> None:
    vendor, licence_id = device.vendor, device.licence.licence_id
    with pytest.raises(StateConflictError, match="active on a server"):
        vendor.issuing.new_code(licence_id, ME)
    given_back = device.deactivate()
    assert (given_back.status, given_back.reason, given_back.seq) == ("deactivated", "given_back", 2)
    assert vendor.licence(licence_id).state == "issued"
    again = Device(vendor, components=device.components)
    assert again.activate(vendor.issuing.new_code(licence_id, ME)).seq == 1
    assert device.validate().status == "deactivated", "the old key stays out"
    assert again.validate().status == "active"
    assert vendor.auditing.verify().valid


def test_giving_back_can_be_repeated(device: Device) -> None:
    request = device.request("deactivation-request+jwt")
    answer = device.vendor.validating.deactivate(request)
    assert device.vendor.validating.deactivate(request) == answer
    device.take(answer)
    assert device.deactivate().status == "deactivated"
    assert device.vendor.licence(device.licence.licence_id).state == "issued"


def test_who_was_superseded_gives_nothing_back(device: Device) -> None:
    vendor, licence_id, new = device.vendor, device.licence.licence_id, Device(device.vendor)
    new.activate(vendor.moving.rehost(licence_id, "why", ME))
    assert device.deactivate().status == "superseded"
    assert new.validate().status == "active"


def test_a_rehost_code_still_works_when_the_old_server_gave_its_licence_back(device: Device) -> None:
    code = device.vendor.moving.rehost(device.licence.licence_id, "why", ME)
    device.deactivate()
    assert Device(device.vendor).activate(code).status == "active"


def test_a_suspended_licence_can_be_given_back_and_stays_suspended(device: Device) -> None:
    vendor, licence_id = device.vendor, device.licence.licence_id
    vendor.suspending.suspend(licence_id, "payment_overdue", ME)
    assert device.deactivate().status == "deactivated"
    assert vendor.licence(licence_id).state == "suspended"
    assert vendor.suspending.resume(licence_id, "paid", ME).state == "issued"


def test_a_copy_on_other_hardware_can_not_give_the_licence_back(device: Device) -> None:
    thief = device.copy()
    thief.components = dict.fromkeys(device.components, "x" * 43)
    assert thief.deactivate().status == "refused"
    assert device.validate().status == "active"
