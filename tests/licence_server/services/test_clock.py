"""The vendor's own clock: nothing is ever signed with an older date than before (threat 13)."""

import pytest

from keys.errors import InvalidInputError, UnavailableError
from tests.licence_server.device import Device
from tests.licence_server.vendor import ME

DAY = 86_400


@pytest.mark.threat(13)
@pytest.mark.parametrize("back", [61, DAY, 400 * DAY])
def test_while_the_clock_is_behind_the_last_signature_nothing_is_signed(device: Device, back: int) -> None:
    vendor, request = device.vendor, device.request()
    device.take(vendor.validating.validate(request))
    before = vendor.auditing.verify()
    vendor.clock.turn(-back)
    with pytest.raises(UnavailableError, match="clock"):
        device.validate()
    with pytest.raises(UnavailableError):
        device.deactivate()
    assert vendor.validating.validate(request) == device.held, "what was signed before can be repeated"
    assert vendor.auditing.verify() == before
    vendor.clock.turn(back)
    assert device.validate().seq == 3


def test_a_minute_is_tolerated(device: Device) -> None:
    device.validate()
    device.vendor.clock.turn(-60)
    assert device.validate().seq == 3


@pytest.mark.threat(13)
def test_a_code_is_not_used_up_by_a_server_whose_clock_went_back(device: Device) -> None:
    vendor = device.vendor
    _, code = vendor.sell()
    vendor.clock.turn(-DAY)
    other = Device(vendor)
    with pytest.raises(UnavailableError):
        other.activate(code)
    vendor.clock.turn(DAY)
    assert other.activate(code).seq == 1


@pytest.mark.threat(13)
def test_a_person_decides_that_the_clock_is_right(device: Device) -> None:
    """A year ahead, and back: signing resumes from the day on which a person said so."""
    vendor, year = device.vendor, 365 * DAY
    vendor.clock.turn(year)
    device.validate()
    vendor.clock.turn(-year)
    with pytest.raises(UnavailableError):
        device.validate()
    with pytest.raises(InvalidInputError):
        vendor.auditing.accept_clock(" ", ME)
    assert vendor.auditing.accept_clock("the time server was wrong", ME) == vendor.clock.now()
    assert device.validate().issued_at == vendor.clock.now()
    assert [entry.event for entry in vendor.auditing.entries()][-2:] == ["clock_accepted", "licence_validated"]
    assert vendor.auditing.verify().valid
    vendor.clock.turn(-61)
    with pytest.raises(UnavailableError):
        device.validate()


@pytest.mark.threat(13)
def test_five_years_ahead_nothing_is_signed_and_nobody_has_to_decide(device: Device) -> None:
    """By its own word the trust document would be over: agents that believed that date would stop."""
    vendor, five_years = device.vendor, 5 * 365 * DAY
    _, code = vendor.sell()
    before = vendor.auditing.verify()
    vendor.clock.turn(five_years)
    with pytest.raises(UnavailableError, match="trust document has ended"):
        device.validate()
    with pytest.raises(UnavailableError):
        device.deactivate()
    with pytest.raises(UnavailableError):
        Device(vendor).activate(code)
    assert vendor.auditing.verify() == before
    vendor.clock.turn(-five_years)
    assert (device.validate().seq, device.licence.issued_at) == (2, vendor.clock.now())


@pytest.mark.parametrize(("days", "signs"), [(398, True), (398 + 89, True), (398 + 90, False)])
def test_an_ended_trust_document_is_signed_under_for_as_long_as_agents_only_warn(
    device: Device, days: int, signs: bool
) -> None:
    device.vendor.clock.wall = device.vendor.desk.trust.issued_at + days * DAY
    if signs:
        assert device.validate().status == "active"
    else:
        with pytest.raises(UnavailableError):
            device.validate()
