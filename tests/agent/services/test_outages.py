"""An outage that the vendor declared, at an agent: what it stretches, for how long, and what it never does."""

import json
from dataclasses import replace

import pytest

from agent.crm.believing import Said, Verifier
from agent.healing import Healing
from agent.services.importing import Importing
from agent.services.outages import MOST
from keys.carried import write_carried
from keys.claims import Reader
from keys.documents.outage import Outage
from keys.errors import (
    AgentNotBelievedError,
    InvalidInputError,
    MalformedError,
    NotActivatedError,
    SignatureInvalidError,
    UnreachableError,
)
from tests.agent.rig import Rig
from tests.agent.vendor import DAY, ISSUER, Vendor
from tests.fakes import START, TurnableClock

pytestmark = pytest.mark.threat(55)
OUTAGE = Outage(ISSUER, "out_1", START, START + 20 * DAY, START + 80 * DAY, 10 * DAY, None)
"""The lease of the tests' vendor ends after 31 days."""


@pytest.fixture
def cut_off(active: Rig) -> Rig:
    """An agent whose network is gone."""
    active.server.refuse = UnreachableError("no network")
    return active


def take(rig: Rig, outage: Outage = OUTAGE, **changes) -> None:
    document = replace(outage, **changes).sign(rig.vendor.signer)
    Importing(rig.activating, rig.validating, rig.trusting, rig.outages).take(write_carried([document]))


def modes(rig: Rig, *days: float) -> list[str]:
    """The modes so many days after the activation, without anything happening meanwhile."""
    found: list[str] = []
    for day in days:
        rig.clock.advance(START + day * DAY - rig.clock.now())
        found.append(rig.standing.mode)
    return found


def test_a_lease_that_ends_in_an_outage_goes_on(cut_off: Rig) -> None:
    take(cut_off)
    assert (cut_off.standing.stretched_at, cut_off.standing.mode) == (START + 41 * DAY, "full")
    assert [notice.code for notice in cut_off.standing.notices] == ["outage_declared"]
    assert modes(cut_off, 30, 40) == ["grace", "grace"]
    assert cut_off.standing.until_at == START + 41 * DAY
    codes = [notice.code for notice in cut_off.standing.notices]
    assert codes == ["validation_overdue", "outage_declared"]
    assert all("1 more days" in notice.en for notice in cut_off.standing.notices)
    assert modes(cut_off, 41) == ["restricted"]
    assert cut_off.standing.reason == "lease_ended"
    assert cut_off.standing.stretched_at is None


def test_one_that_comes_after_the_lease_ended_lets_people_in_again(cut_off: Rig) -> None:
    assert modes(cut_off, 35) == ["restricted"]
    take(cut_off)
    assert (cut_off.standing.mode, cut_off.again().standing.mode) == ("grace", "grace"), "also after a restart"


def test_two_do_not_add_up(cut_off: Rig) -> None:
    take(cut_off)
    take(cut_off)
    take(cut_off, document_id="out_2", extends=9 * DAY)
    assert cut_off.standing.stretched_at == START + 41 * DAY
    take(cut_off, document_id="out_3", from_at=START + 35 * DAY, extends=30 * DAY)
    assert cut_off.standing.stretched_at == START + 41 * DAY, "it begins after the lease has ended"
    take(cut_off, document_id="out_4", extends=12 * DAY)
    assert cut_off.standing.stretched_at == START + 43 * DAY


def test_a_new_licence_is_stretched_from_its_own_end_and_no_further(cut_off: Rig) -> None:
    take(cut_off)
    cut_off.server.refuse = None
    cut_off.clock.advance(45 * DAY)
    cut_off.validate()
    assert cut_off.standing.stretched_at == START + 80 * DAY, "76 days and 10 are more than the outage lasts"
    cut_off.clock.advance(10 * DAY)
    cut_off.validate()
    assert (cut_off.standing.mode, len(cut_off.standing.notices)) == ("full", 0), "it ends after the outage"


@pytest.mark.parametrize(
    ("status", "mode"), [("suspended", "restricted"), ("expired", "restricted"), ("revoked", "blocked")]
)
def test_nothing_is_revived(active: Rig, status: str, mode: str) -> None:
    take(active)
    active.vendor.status = status
    active.validate()
    assert active.standing.stretched_at is None
    assert modes(active, 1, 35) == [mode, mode]


def test_a_refusal_stands_against_it(active: Rig) -> None:
    take(active)
    active.vendor.status, active.vendor.reason = "refused", "fingerprint_mismatch"
    active.validate()
    assert modes(active, 5, 35) == ["blocked", "blocked"]


def test_a_key_that_is_revoked_takes_its_outages_along(cut_off: Rig) -> None:
    take(cut_off)
    assert modes(cut_off, 35) == ["grace"]
    cut_off.vendor.rotate("revoked")
    cut_off.trusting.take(cut_off.vendor.trust_document)
    assert (cut_off.standing.mode, cut_off.standing.reason) == ("restricted", "lease_ended")
    take(cut_off, document_id="out_2")
    assert cut_off.standing.mode == "grace", "the next key may declare it once more"
    assert len(cut_off.papers.outages()) == 1, "what is worth nothing is kept no longer"


def test_a_turned_clock_gains_nothing(cut_off: Rig) -> None:
    take(cut_off)
    modes(cut_off, 42)
    cut_off.judging.timekeeping.keep(cut_off.judging.holding.hand())
    cut_off.clock.wall = START
    assert cut_off.standing.mode == "restricted"


def test_what_is_not_for_this_licence_is_refused_and_not_kept(active: Rig, clock: TurnableClock) -> None:
    with pytest.raises(InvalidInputError, match="other licences than lic_1"):
        take(active, licences=("lic_2",))
    with pytest.raises(SignatureInvalidError, match="not believed"):
        take(active, issuer="https://other.example")
    foreign = OUTAGE.sign(Vendor(clock).signer)
    with pytest.raises(SignatureInvalidError):
        active.outages.take(foreign)
    with pytest.raises(MalformedError):
        take(active, extends=91 * DAY)
    assert active.papers.outages() == ()
    take(active, licences=("lic_2", "lic_1"))
    assert active.standing.stretched_at


def test_without_a_licence_there_is_nothing_to_stretch(rig: Rig) -> None:
    with pytest.raises(NotActivatedError):
        take(rig)


def test_it_comes_with_the_keys_that_signed_it(cut_off: Rig) -> None:
    cut_off.vendor.rotate()
    document = OUTAGE.sign(cut_off.vendor.signer)
    importing = Importing(cut_off.activating, cut_off.validating, cut_off.trusting, cut_off.outages)
    with pytest.raises(SignatureInvalidError):
        importing.take(document)
    taken = importing.take(write_carried([document, cut_off.vendor.trust_document]))
    assert (taken.outage, taken.trust and taken.trust.version) == (OUTAGE, 2)


def test_those_that_last_longest_are_kept(active: Rig) -> None:
    for number in range(MOST + 3):
        take(active, document_id=f"out_{number}", until_at=START + (60 + number) * DAY)
    kept = active.judging.holding.hand().outages
    assert [each.document_id for each in kept] == [f"out_{number}" for number in range(3, MOST + 3)]


@pytest.mark.threat(50)
@pytest.mark.parametrize("spoil", [b"", b"rubbish", b"e30.e30.e30"])
def test_a_spoilt_file_is_found_and_its_second_copy_used(cut_off: Rig, spoil: bytes) -> None:
    take(cut_off)
    cut_off.home.outages.write_bytes(spoil)
    assert cut_off.again().standing.stretched_at is None
    said = Healing(cut_off.home, cut_off.around).heal()
    assert [("outages.jws" in each, "second copy" in each) for each in said] == [(True, True)]
    assert cut_off.again().standing.stretched_at
    cut_off.home.copy_of(cut_off.home.outages).unlink()
    cut_off.home.outages.write_bytes(b"rubbish")
    (sentence,) = Healing(cut_off.home, cut_off.around).heal()
    assert "licence-agent import FILE" in sentence
    assert Healing(cut_off.home, cut_off.around).heal() == []


def test_a_revoked_key_is_no_damage(cut_off: Rig) -> None:
    take(cut_off)
    cut_off.vendor.rotate("revoked")
    cut_off.trusting.take(cut_off.vendor.trust_document)
    assert Healing(cut_off.home, cut_off.around).heal() == []


def test_a_file_that_can_not_be_read_stretches_nothing(cut_off: Rig) -> None:
    take(cut_off)
    cut_off.home.outages.unlink()
    cut_off.home.outages.mkdir()
    assert cut_off.again().standing.stretched_at is None


def shown(rig: Rig, *outages: bytes) -> Said:
    """What a CRM is shown."""
    standing, document, trust = rig.standing, rig.papers.licence(), rig.papers.trust()
    assert document
    assert trust
    said = {"mode": standing.mode, "reason": standing.reason, "notices": [], "document": document.decode()}
    text = json.dumps({**said, "trust": trust.decode(), "outages": [each.decode() for each in outages]})
    return Said.read(Reader(json.loads(text)))


def test_a_crm_believes_it_by_its_signature_alone(cut_off: Rig, clock: TurnableClock) -> None:
    take(cut_off)
    verifier = Verifier(cut_off.vendor.trust_document, clock)
    modes(cut_off, 35)
    assert verifier.believe(shown(cut_off, *cut_off.papers.outages())).mode == "grace"
    for lie in ((), (OUTAGE.sign(Vendor(clock).signer),), (b"yes",)):
        with pytest.raises(AgentNotBelievedError, match="lease_ended"):
            verifier.believe(shown(cut_off, *lie))
    with pytest.raises(MalformedError):
        shown(cut_off, *[b"x"] * 65)
