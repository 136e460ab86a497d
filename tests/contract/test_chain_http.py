"""Every row of the chain's table (protocol, section 8), through HTTP: a real server on a socket, over each database.

What an unknown document or activation needs is in test_evidence_http.py.

What a person should know is read where a person reads it: in ``licence-server licence show``.
"""

import pytest

from tests.contract.serving import DAY, KINDS, Premises, turned_away
from tests.licence_server.device import Device, hardware
from tests.licence_server.office import ProblemError, problem


@pytest.fixture
def premises(on_each_database: Premises) -> Premises:
    """A vendor's server over each database in turn."""
    return on_each_database


def state(premises: Premises, device: Device) -> object:
    """All that a request could change, as people see it, and the length of the record."""
    return premises.show(device.licence.licence_id), premises.home.ask("audit", "verify")["events"]


def both_branches(device: Device) -> tuple[bytes, bytes]:
    """Let a copy of the state follow the same document; return what the first and the second hold."""
    old = device.held
    device.validate()
    first, device.held = device.held, old
    device.validate()
    return first, device.held


# previous is the head


def test_the_head_gets_its_successor(premises: Premises, device: Device) -> None:
    before, after = device.licence, device.validate(nonce="fresh")
    assert (after.status, after.seq, after.nonce) == ("active", before.seq + 1, "fresh")
    assert (after.activation_id, after.activated_at) == (before.activation_id, before.activated_at)
    assert after.document_id != before.document_id
    assert premises.told(device) == []


@pytest.mark.threat(20)
def test_a_retry_gets_the_same_bytes_and_changes_nothing(premises: Premises, device: Device) -> None:
    request = device.request()
    answer = premises.counter.send("validations", request)
    before = state(premises, device)
    premises.home.clock.advance(3600)
    assert [premises.counter.send("validations", request) for _ in range(3)] == [answer] * 3
    assert state(premises, device) == before


@pytest.mark.threat(15)
def test_a_captured_request_is_refused_and_changes_nothing(premises: Premises, device: Device) -> None:
    captured = device.request()
    device.take(premises.counter.send("validations", captured))
    premises.home.clock.advance(DAY)
    device.validate()
    before = state(premises, device)
    response = premises.counter.post("validations", captured)
    assert (response.status_code, problem(response)["type"]) == (409, "urn:licence:problem:request-replayed")
    assert state(premises, device) == before
    assert device.validate().status == "active"


# previous is an older document


@pytest.mark.threat(5)
def test_an_older_document_is_followed_as_a_rollback(premises: Premises, device: Device) -> None:
    old = device.held
    device.validate()
    device.held = old
    answer = device.validate()
    assert (answer.status, answer.seq) == ("active", 3)
    assert premises.told(device) == ["state_rolled_back"]


@pytest.mark.threat(5)
def test_a_displaced_head_is_followed_as_a_return(premises: Premises, device: Device) -> None:
    first, _ = both_branches(device)
    device.held = first
    answer = device.validate()
    assert (answer.status, answer.seq) == ("active", 4)
    assert premises.told(device) == ["state_rolled_back", "state_returned"]


@pytest.mark.threat(5)
def test_a_head_that_left_longer_ago_than_three_intervals_is_only_an_older_document(
    premises: Premises, device: Device
) -> None:
    first, _ = both_branches(device)
    premises.home.clock.advance(3 * DAY)
    device.held = first
    device.validate()
    assert premises.told(device) == ["state_rolled_back", "state_rolled_back"]


@pytest.mark.threat(3)
def test_both_branches_alive_are_suspected_and_go_on(premises: Premises, device: Device) -> None:
    device.held, second = both_branches(device)
    device.validate()
    device.held = second
    assert device.validate().status == "active"
    assert premises.told(device) == ["state_rolled_back", "state_returned", "state_returned", "clone_suspected"]


@pytest.mark.threat(3)
def test_more_than_four_switches_in_thirty_days_are_suspected(premises: Premises, device: Device) -> None:
    old = device.held
    device.validate()
    for switches in range(1, 6):
        device.held = old
        device.reboot()
        assert device.validate().status == "active"
        assert premises.told(device).count("clone_suspected") == (switches > 4)
        premises.home.clock.advance(4 * DAY)


@pytest.mark.threat(5)
def test_five_switches_in_more_than_thirty_days_are_not(premises: Premises, device: Device) -> None:
    old = device.held
    device.validate()
    for _ in range(5):
        device.held = old
        device.reboot()
        device.validate()
        premises.home.clock.advance(8 * DAY)
    assert "clone_suspected" not in premises.told(device)


# proof of two


def two_machines(device: Device, rounds: int = 3) -> tuple[Device, list[str]]:
    """Let a clone run beside its original, with states kept in step by hand; return it and what each visit got."""
    clone, found = device.copy(), list[str]()
    for _ in range(rounds):
        for one, other in ((device, clone), (clone, device)):
            device.vendor.clock.advance(3600)
            found.append(one.validate().status)
            other.held = one.held
    return clone, found


@pytest.mark.threat(3)
def test_two_machines_that_run_at_once_are_suspended_until_a_person_resumes(premises: Premises, device: Device) -> None:
    clone, found = two_machines(device)
    licence_id = device.licence.licence_id
    assert found[-1] == "suspended"
    assert "suspended" not in found[:3], "not before both were seen on both sides of the other"
    assert "clone_detected" in premises.told(device)
    for whoever in (device, clone):
        answer = whoever.validate()
        assert (answer.status, answer.reason) == ("suspended", "clone_detected")
    assert premises.show(licence_id)["state"] == "suspended"
    premises.home.ask("licence", "resume", licence_id, "--reason", "the copy is gone")
    device.held = premises.validating.validate(device.request())
    for _ in range(5):
        premises.home.clock.advance(DAY)
        assert device.validate().status == "active", "the chain is anchored anew"
    assert premises.told(device)[-1] == "licence_resumed"


def test_after_a_resume_whatever_document_comes_first_anchors_the_chain(premises: Premises, device: Device) -> None:
    old = device.held
    two_machines(device)
    premises.home.ask("licence", "resume", device.licence.licence_id, "--reason", "the copy is gone")
    device.held = old
    assert device.validate().status == "active"
    assert premises.told(device)[-1] == "licence_resumed", "neither a rollback nor a suspicion"


def test_a_licence_whose_policy_is_to_report_goes_on(premises: Premises) -> None:
    device = premises.active(on_clone="report")
    _, found = two_machines(device)
    assert set(found) == {"active"}
    assert "clone_detected" in premises.told(device)


@pytest.mark.threat(5)
def test_a_memory_snapshot_that_brings_the_old_boot_back_has_a_gap(premises: Premises, device: Device) -> None:
    """Twice back into the same running snapshot, with other boots between: no machine ran on, so there is one."""
    snapshot = device.boot_id, device.booted_at, device.held
    device.validate()
    for _ in range(3):
        premises.home.clock.advance(DAY)
        device.reboot()
        device.validate()
        premises.home.clock.advance(DAY)
        device.boot_id, device.booted_at, device.held = snapshot
        device.booted_at = premises.home.clock.now() - 7200  # the boot clock stood still while the snapshot lay there
        assert device.validate().status == "active"
    assert "clone_detected" not in premises.told(device)


@pytest.mark.threat(5)
def test_honest_restores_with_reboots_are_not_detected(premises: Premises, device: Device) -> None:
    for _ in range(4):
        old = device.held
        premises.home.clock.advance(DAY)
        device.validate()
        device.held = old
        device.reboot()
        assert device.validate().status == "active"
    assert set(premises.told(device)) == {"state_rolled_back"}


# beside the table


def test_a_refused_request_is_no_link(premises: Premises, device: Device) -> None:
    before = premises.show(device.licence.licence_id)["activation"]
    copy = device.copy()
    copy.components = hardware(premises.desk.issuer, product_uuid="another", machine_id="another")
    held, refused = copy.held, copy.validate()
    assert (refused.status, refused.reason, refused.seq) == ("refused", "fingerprint_mismatch", 1)
    assert copy.held == held
    assert premises.show(device.licence.licence_id)["activation"] == before
    turned_away(premises, device, "evidence-required", previous=refused.document_id)
    assert device.validate().seq == 2
    assert premises.told(device) == ["validation_refused"]


@pytest.mark.threat(13)
def test_a_clock_that_went_back_stops_signing_until_a_person_accepts_it(premises: Premises, device: Device) -> None:
    clock = premises.home.clock
    device.validate()
    clock.turn(-60)
    assert device.validate().status == "active", "a minute is nothing"
    clock.turn(-1)
    for endpoint, kind in KINDS.items():
        response = premises.counter.post(endpoint, device.request(kind))
        assert (response.status_code, problem(response)["type"]) == (503, "urn:licence:problem:unavailable")
        assert int(response.headers["Retry-After"]) >= 1
    clock.turn(-DAY)
    before = state(premises, device)
    with pytest.raises(ProblemError, match="503 unavailable"):
        device.validate()
    assert state(premises, device) == before
    premises.home.ask("clock", "accept", "--reason", "the clock was a day ahead")
    answer = device.validate()
    assert (answer.status, answer.issued_at) == ("active", clock.now())


@pytest.mark.threat(13)
def test_a_clock_that_catches_up_by_itself_needs_nobody(premises: Premises, device: Device) -> None:
    device.validate()
    premises.home.clock.turn(-3600)
    with pytest.raises(ProblemError, match="503 unavailable"):
        device.validate()
    premises.home.clock.advance(3600)
    assert device.validate().status == "active"
