"""A wrong clock is told from a certificate that is over."""

import pytest

from tests.agent.doctor.conftest import Told, of
from tests.agent.doctor.patient import HOST, Patient
from tests.agent.vendor import DAY, Vendor
from tests.faults.authority import Authority
from tests.faults.oddserver import OddServer, behind_tls, honest

AHEAD = pytest.param(3 * DAY, marks=pytest.mark.situation("The clock is days ahead", says="clock-wrong"))
BEHIND = pytest.param(-3 * DAY, marks=pytest.mark.situation("The clock is days behind", says="clock-wrong"))


@pytest.mark.parametrize("ahead", [AHEAD, BEHIND])
def test_a_wrong_clock_is_named_as_the_cause(
    patient: Patient, vendor: Vendor, authority: Authority, told: Told, ahead: int
) -> None:
    """The certificate is over, or not begun, by this machine's clock only: the server's is another."""
    with behind_tls(authority.context(HOST, days_ago=ahead // DAY)) as server:
        server.answer, server.ahead = honest(vendor), -ahead - DAY // 2
        found = patient.examined(of(server))
    said = told(found)
    assert ("ahead of" in said.said) is (ahead > 0)
    assert "timedatectl" in said.remedy
    assert {each.check: each.word for each in found}["tls"] == "tls-clock"


@pytest.mark.situation("The clock is minutes off", says="clock-off")
def test_a_clock_that_is_somewhat_off_stops_nothing(patient: Patient, server: OddServer, told: Told) -> None:
    server.ahead = 3000
    said = told(patient.examined(of(server, scheme="http")))
    assert (said.state, "50 minutes behind" in said.said) == ("warning", True)


@pytest.mark.situation("The clock is behind what the vendor signed", says="clock-slow")
def test_a_clock_behind_what_was_signed(patient: Patient, vendor: Vendor, told: Told) -> None:
    patient.activate(vendor)
    patient.clock.turn(-3600)
    found = [each for each in patient.examined() if each.check == "clock"]
    assert "60 minutes slow" in told(found).said


@pytest.mark.situation("The clock is behind the day on which the root was signed", says="clock-before-root")
def test_a_clock_before_the_root_is_told_before_activation(patient: Patient, vendor: Vendor, told: Told) -> None:
    patient.clock.wall = vendor.trust.issued_at - 9 * DAY
    found = [each for each in patient.examined(f"https://{HOST}", vendor.trust_document) if each.check == "clock"]
    assert "9 days" in told(found).said
