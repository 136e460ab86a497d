"""Two machines of one activation: seen, and what follows by the licence's policy (protocol, section 4)."""

from typing import NamedTuple

import pytest

from tests.licence_server.device import Device
from tests.licence_server.vendor import ME, Vendor

DAY = 86_400


class Pair(NamedTuple):
    """A server, and a copy of it that runs as well."""

    original: Device
    copy: Device

    @property
    def vendor(self) -> Vendor:
        return self.original.vendor

    @property
    def licence_id(self) -> str:
        return self.original.licence.licence_id

    def alternate(self, rounds: int, *, in_step: bool = False) -> list[str]:
        """Validate in turns, and return the statuses."""
        statuses: list[str] = []
        for _ in range(rounds):
            for one, other in ((self.original, self.copy), (self.copy, self.original)):
                self.vendor.clock.advance(3600)
                statuses.append(one.validate().status)
                other.held = one.held if in_step else other.held
        return statuses


@pytest.fixture
def pair(device: Device) -> Pair:
    return Pair(device, device.copy())


def test_two_running_machines_are_proved_and_the_licence_is_suspended(pair: Pair) -> None:
    assert pair.alternate(2) == ["active", "active", "active", "suspended"]
    assert (pair.copy.licence.reason, pair.original.validate().reason) == ("clone_detected", "clone_detected")
    assert "clone_detected" in pair.vendor.events(pair.licence_id)
    assert pair.vendor.licence(pair.licence_id).state == "suspended"
    assert pair.vendor.auditing.verify().valid


def test_copies_that_are_kept_in_step_by_hand_are_proved_all_the_same(pair: Pair) -> None:
    assert pair.alternate(2, in_step=True)[-1] == "suspended"
    assert "state_rolled_back" not in pair.vendor.events(pair.licence_id)


def test_who_asked_for_a_report_is_told_and_nothing_stops(vendor: Vendor) -> None:
    _, code = vendor.sell(on_clone="report")
    device = Device(vendor)
    device.activate(code)
    pair = Pair(device, device.copy())
    assert set(pair.alternate(4)) == {"active"}
    assert "clone_detected" in vendor.events(pair.licence_id)


def test_a_licence_that_was_suspended_for_another_reason_keeps_that_reason(pair: Pair) -> None:
    pair.vendor.suspending.suspend(pair.licence_id, "payment_overdue", ME)
    pair.alternate(3)
    assert pair.vendor.licence(pair.licence_id).reason == "payment_overdue"


def test_after_a_person_resumed_it_the_next_request_anchors_the_chain_anew(pair: Pair) -> None:
    """Whichever copy stays is not accused again by what both did before."""
    pair.alternate(2)
    before = len(pair.vendor.events(pair.licence_id))
    pair.vendor.suspending.resume(pair.licence_id, "the copy was switched off", ME)
    for _ in range(10):
        pair.vendor.clock.advance(DAY)
        assert pair.original.validate().status == "active"
    assert pair.vendor.events(pair.licence_id)[before:] == ["licence_resumed"]


def test_a_copy_that_goes_on_after_the_resume_is_proved_again(pair: Pair) -> None:
    pair.alternate(2)
    pair.vendor.suspending.resume(pair.licence_id, "promised to switch it off", ME)
    assert "suspended" in pair.alternate(3)


def test_copies_of_a_server_that_was_left_do_not_harm_the_rightful_one(pair: Pair) -> None:
    """They are turned away anyway; suspending the licence for them would accuse the wrong one."""
    vendor, rightful = pair.vendor, Device(pair.vendor)
    rightful.activate(vendor.moving.rehost(pair.licence_id, "new server", ME))
    assert set(pair.alternate(4)) == {"superseded"}
    assert rightful.validate().status == "active"
    assert vendor.licence(pair.licence_id).state == "active"
    assert "clone_detected" in vendor.events(pair.licence_id), "a person may still look at it"


def test_a_copy_on_other_hardware_is_no_second_machine(pair: Pair) -> None:
    pair.copy.components = dict.fromkeys(pair.copy.components, "x" * 43)
    assert pair.alternate(5) == ["active", "refused"] * 5


def test_reboots_and_a_restore_to_a_new_machine_accuse_nobody(device: Device) -> None:
    backup = device.held
    for day in range(20):
        if day % 5 == 0:
            device.reboot()
        if day in {9, 14}:
            device.held = backup
        device.vendor.clock.advance(DAY)
        assert device.validate().status == "active"
    told = set(device.vendor.events(device.licence.licence_id))
    assert not told & {"clone_detected", "clone_suspected"}
