"""Every row of the chain's table, against stored activations (protocol, section 4)."""

import pytest

from keys.documents.parts import Seats
from keys.documents.requests import DEACTIVATION, Event
from keys.errors import (
    EvidenceRequiredError,
    InvalidInputError,
    MalformedError,
    RequestReplayedError,
    SignatureInvalidError,
)
from keys.signing import SoftwareSigner
from licence_server.domain.sizes import Sizes
from licence_server.services.reading import Reported
from tests.licence_server.device import Device, hardware
from tests.licence_server.vendor import ME

DAY = 86_400


def events(device: Device) -> list[str]:
    return device.vendor.events(device.licence.licence_id)


def test_the_head_gets_its_successor(device: Device) -> None:
    before, vendor = device.licence, device.vendor
    after = device.validate(nonce="fresh")
    assert (after.seq, after.nonce, after.status) == (2, "fresh", "active")
    assert (after.issued_at, after.expires_at) == (before.issued_at + DAY, before.expires_at + DAY)
    assert (after.activated_at, after.activation_id) == (before.activated_at, before.activation_id)
    assert after.document_id != before.document_id
    assert events(device) == ["licence_issued", "licence_activated"], "the routine is told apart"
    assert vendor.auditing.verify().valid


def test_a_year_of_validations_is_one_unbroken_chain(device: Device) -> None:
    for seq in range(2, 40):
        assert device.validate().seq == seq
        device.vendor.clock.advance(DAY)
    assert device.vendor.auditing.verify().valid


def test_a_retry_of_the_request_that_made_the_head_gets_the_same_bytes(device: Device) -> None:
    request, vendor = device.request(), device.vendor
    answer = vendor.validating.validate(request)
    count = vendor.auditing.verify().events
    assert [vendor.validating.validate(request) for _ in range(3)] == [answer] * 3
    assert vendor.auditing.verify().events == count


def test_captured_requests_that_are_replayed_change_nothing(device: Device) -> None:
    """Threat 15: of twenty, only the last still gets its own answer."""
    vendor, captured = device.vendor, []
    for _ in range(20):
        captured.append(device.request())
        device.take(vendor.validating.validate(captured[-1]))
        vendor.clock.advance(DAY)
    before, count = vendor.reading.licence(device.licence.licence_id).activation, vendor.auditing.verify().events
    for request in captured[:-1]:
        with pytest.raises(RequestReplayedError):
            vendor.validating.validate(request)
    assert vendor.validating.validate(captured[-1]) == device.held
    assert vendor.reading.licence(device.licence.licence_id).activation == before
    assert vendor.auditing.verify().events == count


def test_an_older_document_is_followed_and_recorded_as_a_rollback(device: Device) -> None:
    old = device.held
    device.validate()
    device.held = old
    assert device.validate().seq == 3
    assert events(device)[-1] == "state_rolled_back"


def test_a_displaced_head_is_followed_and_recorded_as_a_return(device: Device) -> None:
    old = device.held
    device.validate()
    left, device.held = device.held, old
    device.validate()
    device.held = left
    assert device.validate().seq == 4
    assert events(device)[-2:] == ["state_rolled_back", "state_returned"]


def test_both_branches_alive_are_suspected_but_go_on(device: Device) -> None:
    old = device.held
    device.validate()
    left, device.held = device.held, old
    device.validate()
    other, device.held = device.held, left
    device.validate()
    device.held = other
    assert device.validate().status == "active"
    assert events(device)[-2:] == ["state_returned", "clone_suspected"]


def test_five_restores_in_a_month_are_suspected(device: Device) -> None:
    old = device.held
    device.validate()
    for count in range(5):
        device.held = old
        device.reboot()
        device.validate()
        assert ("clone_suspected" in events(device)) is (count == 4)
        device.vendor.clock.advance(DAY)


def test_a_document_that_is_unknown_needs_evidence(device: Device) -> None:
    with pytest.raises(EvidenceRequiredError):
        device.validate(previous="doc_never")


def test_an_activation_that_is_unknown_needs_evidence(device: Device) -> None:
    stranger = Device(device.vendor, held=device.held)
    with pytest.raises(EvidenceRequiredError):
        stranger.validate()
    with pytest.raises(EvidenceRequiredError):
        device.validate(activation_id="act_never")


def test_evidence_must_be_ours_and_one_s_own(device: Device) -> None:
    vendor = device.vendor
    _, code = vendor.sell()
    other = Device(vendor)
    other.activate(code)
    with pytest.raises(SignatureInvalidError):
        device.validate(evidence=True, held=other.held)
    with pytest.raises(SignatureInvalidError):
        device.validate(evidence=True, previous="doc_never")
    with pytest.raises(SignatureInvalidError):
        Device(vendor, held=device.held).validate(evidence=True)
    with pytest.raises(SignatureInvalidError):
        device.validate(held=device.licence.sign(SoftwareSigner.generate()))


def test_a_key_may_come_along_only_with_evidence(device: Device) -> None:
    _, code = device.vendor.sell()
    with pytest.raises(MalformedError):
        device.vendor.validating.validate(device.activation_request(code))


def test_a_request_by_another_known_key_is_refused(device: Device) -> None:
    vendor = device.vendor
    _, code = vendor.sell()
    other = Device(vendor)
    other.activate(code)
    thief = Device(vendor, signer=other.signer, held=device.held)
    with pytest.raises(SignatureInvalidError, match="another device key"):
        thief.validate()
    with pytest.raises(SignatureInvalidError, match="another device key"):
        device.validate(licence_id=other.licence.licence_id)


def test_another_machine_is_refused_for_that_request_alone(device: Device) -> None:
    """Threat 2: the rightful server is untouched, and neither visits nor chain know of the copy."""
    vendor = device.vendor
    before = vendor.reading.licence(device.licence.licence_id).activation
    assert before is not None
    copy = device.copy()
    copy.components = hardware(vendor.desk.issuer, **dict.fromkeys(("product_uuid", "machine_id"), "of the copy"))
    request = copy.request()
    refused = vendor.opened(vendor.validating.validate(request))
    assert (refused.status, refused.reason, refused.seq) == ("refused", "fingerprint_mismatch", 1)
    assert vendor.reading.licence(device.licence.licence_id).activation == before.refused(vendor.clock.now())
    with pytest.raises(RequestReplayedError):
        vendor.validating.validate(request)
    entry = vendor.reading.licence(device.licence.licence_id).events[-1]
    assert entry.code == "validation_refused"
    assert "changed: product_uuid, machine_id" in str(entry.details["components"])
    assert device.validate().seq == 2
    assert vendor.auditing.verify().valid


def test_a_refused_document_is_no_link_of_the_chain(device: Device) -> None:
    refused = device.validate(components={})
    with pytest.raises(EvidenceRequiredError):
        device.validate(previous=refused.document_id)
    assert device.validate().seq == 2


def test_hardware_that_is_exchanged_bit_by_bit_is_followed_within_the_budget(device: Device) -> None:
    issuer = device.vendor.desk.issuer
    device.components = hardware(issuer, board_serial="spare", mac="spare")
    assert device.validate().fingerprint.components == device.components
    assert events(device)[-1] == "fingerprint_drifted"
    device.components = hardware(issuer, board_serial="spare", mac="spare", machine_id="spare")
    assert device.validate().fingerprint.components != device.components, "the year's budget is spent"
    device.components = hardware(issuer, **dict.fromkeys(("board_serial", "mac", "machine_id", "disk_serial"), "new"))
    assert device.validate().status == "refused"
    assert device.vendor.auditing.verify().valid


def test_what_can_not_be_read_just_now_stays_enrolled(device: Device) -> None:
    whole = dict(device.components)
    del device.components["cpu"]
    assert device.validate().fingerprint.components == whole
    assert "fingerprint_drifted" not in events(device)


def test_an_event_goes_on_record_once(device: Device) -> None:
    device.validate(events=(Event("clock_behind", device.vendor.clock.now(), 2),))
    reported = [entry for entry in device.vendor.auditing.entries() if "clock_behind" in entry.details]
    assert len(reported) == 1


def test_what_agents_told_lately_is_added_up(device: Device) -> None:
    vendor, clock = device.vendor, device.vendor.clock
    device.validate(events=(Event("outside_network", clock.now(), 5),))
    clock.advance(30 * DAY - 1)
    told = clock.now()
    device.validate(events=(Event("outside_network", told - 3600, 2), Event("outside_network", told, 1)))
    device.validate(events=(Event("clock_behind", told, 1),))
    shown = vendor.reading.licence(device.licence.licence_id)
    assert shown.reported == (Reported("clock_behind", 1, told), Reported("outside_network", 8, told))
    clock.advance(1)
    assert vendor.reading.licence(device.licence.licence_id).reported[1].count == 3, "30 days, and no second more"
    assert "licence_validated" not in {event.code for event in shown.events}


def test_an_activation_request_is_no_validation_nor_the_other_way_round(device: Device) -> None:
    vendor = device.vendor
    for wrong in (device.request(DEACTIVATION), device.activation_request("x"), device.held):
        with pytest.raises(MalformedError):
            vendor.validating.validate(wrong)
    with pytest.raises(MalformedError):
        vendor.validating.deactivate(device.request())
    with pytest.raises(MalformedError):
        vendor.activating.activate(device.request())


def test_every_change_by_a_person_follows_at_the_next_validation(device: Device) -> None:
    vendor, licence_id = device.vendor, device.licence.licence_id
    vendor.changing.seats(licence_id, Sizes(7, 9), ME)
    vendor.changing.renew(licence_id, vendor.clock.now() + 9 * DAY, ME)
    after = device.validate()
    assert (after.seats.users, after.seats.clients, after.terms.ends_at) == (7, 9, vendor.clock.now() + 9 * DAY)
    assert [notice.code for notice in after.notices] == ["ends_soon"]
    assert events(device)[-2:] == ["seats_changed", "licence_renewed"]
    vendor.changing.seats(licence_id, Sizes(7, None, 2, 3, 10), ME)
    vendor.changing.networks(licence_id, ("10.9.0.0/16",), "report", ME)
    after = device.validate()
    assert after.seats == Seats("concurrent", 7, None, 2, 3, 10)
    assert (after.networks, after.network_policy) == (("10.9.0.0/16",), "report")
    assert vendor.changing.networks(licence_id, None, "enforce", ME).networks == ("10.9.0.0/16",)
    back = vendor.changing.networks(licence_id, (), None, ME)
    assert (back.networks, back.network_policy) == ((), "enforce")
    with pytest.raises(InvalidInputError, match="Say which networks"):
        vendor.changing.networks(licence_id, None, None, ME)
    assert events(device)[-4:] == ["seats_changed", *["networks_changed"] * 3]
    assert vendor.auditing.verify().valid


def test_suspend_resume_and_revoke_follow_at_the_next_validation(device: Device) -> None:
    vendor, licence_id = device.vendor, device.licence.licence_id
    vendor.suspending.suspend(licence_id, "payment_overdue", ME)
    suspended = device.validate()
    assert (suspended.status, suspended.reason) == ("suspended", "payment_overdue")
    vendor.suspending.resume(licence_id, "paid", ME)
    assert device.validate().status == "active"
    vendor.suspending.revoke(licence_id, "returned", ME)
    assert (device.validate().status, device.licence.reason) == ("revoked", "returned")
    assert vendor.auditing.verify().valid


def test_an_ended_licence_answers_expired_until_it_is_renewed(device: Device) -> None:
    vendor, licence_id = device.vendor, device.licence.licence_id
    vendor.changing.renew(licence_id, vendor.clock.now() + DAY, ME)
    assert device.validate().expires_at == vendor.clock.now() + DAY + vendor.policy.terms_grace
    vendor.clock.advance(DAY + vendor.policy.terms_grace)
    assert (device.validate().status, device.licence.reason) == ("expired", "terms_ended")
    vendor.changing.renew(licence_id, None, ME)
    assert device.validate().status == "active"
