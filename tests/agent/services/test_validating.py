"""Validation: only a signature changes anything, and every step can be repeated."""

import shutil
from dataclasses import replace

import pytest

from agent.domain.usage import Report
from agent.services.ports import LastTry
from keys.documents.requests import Event, Usage
from keys.errors import (
    BusyError,
    KeyUnsafeError,
    MalformedError,
    NotActivatedError,
    RateLimitedError,
    SignatureInvalidError,
    StateDamagedError,
    UnavailableError,
    UnreachableError,
)
from keys.signing import SoftwareSigner
from tests.agent.rig import Rig
from tests.agent.vendor import DAY, HARDWARE, claims_of


def test_a_validation_brings_the_successor(active: Rig) -> None:
    active.clock.advance(DAY)
    assert active.validate().seq == 2
    assert (active.licence.seq, active.standing.mode) == (2, "full")
    assert active.tallies.progress()[1] == LastTry(active.clock.now(), "answered", "The licence is active.")


def test_without_a_licence_there_is_nothing_to_validate(rig: Rig) -> None:
    with pytest.raises(NotActivatedError, match="licence-agent activate"):
        rig.validate()


@pytest.mark.parametrize(
    "refusal",
    [
        UnreachableError("no"),
        UnavailableError("no", 5),
        RateLimitedError("no", 5),
        MalformedError("no"),
        SignatureInvalidError("no"),
    ],
)
def test_what_nobody_signed_changes_neither_licence_nor_mode(active: Rig, refusal) -> None:
    before = active.papers.licence()
    active.server.refuse = refusal
    with pytest.raises(type(refusal)):
        active.validate()
    assert (active.papers.licence(), active.standing.mode) == (before, "full")
    progress, last = active.tallies.progress()
    assert (progress.failures, last) == (1, LastTry(active.clock.now(), refusal.word, "no"))


def test_a_lost_reply_is_asked_for_again_with_the_same_bytes(active: Rig) -> None:
    active.server.lose_replies = True
    for _ in range(3):
        with pytest.raises(UnreachableError):
            active.validate()
    active.server.lose_replies = False
    assert active.again().validate().seq == 2
    assert len(set(active.server.sent[1:])) == 1
    assert len(active.vendor.requests) == 1


STRANGE = {
    "an older nonce": {"nonce": "old"},
    "another device": {"device_key": "other"},
    "another licence": {"licence_id": "lic_2"},
    "another activation": {"activation_id": "act_2"},
    "the same seq": {"seq": 1},
    "an older seq": {"seq": 0},
}


@pytest.mark.parametrize("change", STRANGE.values(), ids=STRANGE.keys())
def test_an_answer_that_does_not_belong_is_a_network_fault(active: Rig, change) -> None:
    before = active.papers.licence()
    active.server.distort = lambda _: replace(active.vendor.newest, **change).sign(active.vendor.signer)
    with pytest.raises(UnreachableError):
        active.validate()
    assert active.papers.licence() == before


def test_an_answer_of_another_issuer_or_key_is_a_network_fault(active: Rig) -> None:
    for change, signer in (({"issuer": "https://evil.example"}, active.vendor.signer), ({}, SoftwareSigner.generate())):
        active.server.distort = lambda _, c=change, s=signer: replace(active.vendor.newest, **c).sign(s)
        with pytest.raises(UnreachableError):
            active.validate()
        assert active.standing.mode == "full"


@pytest.mark.parametrize(
    ("status", "mode"),
    [("suspended", "restricted"), ("expired", "restricted"), ("revoked", "blocked"), ("superseded", "blocked")],
)
def test_a_signed_status_is_followed_and_a_resume_too(active: Rig, status: str, mode: str) -> None:
    active.vendor.status = status
    active.validate()
    assert active.standing.mode == mode
    active.vendor.status = "active"
    active.validate()
    assert active.standing.mode == "full"


def test_a_refusal_blocks_and_leaves_the_licence_in_hand(active: Rig) -> None:
    before = active.papers.licence()
    active.vendor.status, active.vendor.reason = "refused", "fingerprint_mismatch"
    assert active.validate().status == "refused"
    assert active.papers.licence() == before
    assert (active.standing.mode, active.standing.reason) == ("blocked", "fingerprint_mismatch")
    assert active.tallies.progress()[0].failures == 1
    active.vendor.status, active.vendor.reason = "active", None
    active.validate()
    assert (active.standing.mode, active.papers.refusal()) == ("full", None)
    assert claims_of(active.server.sent[-1])["previous"] == active.vendor.requests[0].previous


def test_a_rotated_key_is_looked_up_before_the_answer_is_doubted(active: Rig) -> None:
    active.vendor.rotate()
    assert active.validate().seq == 2
    assert active.papers.trust() == active.vendor.trust_document
    assert active.standing.mode == "full"


def test_a_revoked_key_keeps_the_mode_for_the_rest_of_its_grace(active: Rig) -> None:
    active.vendor.rotate("revoked")
    active.trusting.refresh(active.server)
    assert active.again().standing.mode == "full"
    assert active.again().judging.holding.hand().key_revoked
    active.clock.advance(31 * DAY)
    assert active.standing.mode == "restricted"
    active.validate()
    assert (active.standing.mode, active.judging.holding.hand().key_revoked) == ("full", False)


def test_a_licence_that_a_revoked_key_signed_later_is_worth_nothing(active: Rig) -> None:
    thief = active.vendor.signer
    active.vendor.rotate("revoked")
    active.trusting.refresh(active.server)
    forged = replace(active.vendor.newest, document_id="forged", expires_at=2**40).sign(thief)
    active.papers.keep_licence(forged)
    assert (active.standing.mode, active.standing.reason) == ("blocked", "signature_invalid")


def test_a_trust_document_that_does_not_follow_is_a_network_fault(active: Rig) -> None:
    active.vendor.root = SoftwareSigner.generate()
    active.vendor.version = 2
    with pytest.raises(UnreachableError, match="can't be taken"):
        active.trusting.refresh(active.server)
    assert active.standing.mode == "full"


def test_deactivation_blocks_and_asks_no_more(active: Rig) -> None:
    assert active.deactivate().status == "deactivated"
    assert (active.standing.mode, active.standing.reason) == ("blocked", "deactivated")


def test_an_unanswered_validation_is_finished_before_a_deactivation(active: Rig) -> None:
    active.server.lose_replies = True
    with pytest.raises(UnreachableError):
        active.validate()
    active.server.lose_replies = False
    assert active.deactivate().seq == 3
    assert [request.previous for request in active.vendor.requests] == ["doc_1_0", "doc_2_1"]


def test_an_unanswered_deactivation_is_finished_by_a_validation(active: Rig) -> None:
    active.server.lose_replies = True
    with pytest.raises(UnreachableError):
        active.deactivate()
    active.server.lose_replies = False
    assert active.validate().status == "deactivated"


def test_the_licence_alone_is_worth_nothing_elsewhere(active: Rig) -> None:
    elsewhere = active.again(active.home.folder.parent / "elsewhere")
    for name in ("licence.jws", "trust.json"):
        shutil.copy(active.home.folder / name, elsewhere.home.folder / name)
    assert (elsewhere.standing.mode, elsewhere.standing.reason) == ("blocked", "key_missing")
    with pytest.raises(KeyUnsafeError):
        elsewhere.validate()


def test_the_whole_home_on_other_hardware_is_blocked_at_once(active: Rig) -> None:
    copied = active.home.folder.parent / "copied"
    shutil.copytree(active.home.folder, copied)
    copy = Rig(copied, active.clock, active.vendor)
    copy.machine.values = {name: f"other {value}" for name, value in HARDWARE.items()}
    assert (copy.standing.mode, copy.standing.reason) == ("blocked", "hardware_changed")
    assert active.again().standing.mode == "full"


def test_one_process_at_a_time_talks_to_the_server(active: Rig) -> None:
    with active.around.lock(), pytest.raises(BusyError):
        active.again().validate()
    assert active.tallies.progress()[0].failures == 0


def test_a_slow_clock_is_reported(active: Rig) -> None:
    active.clock.advance(DAY)
    active.clock.turn(-2 * DAY)
    active.validate()
    request = active.vendor.requests[-1]
    assert [event.code for event in request.events] == ["clock_behind"]


def test_the_request_brings_boot_usage_and_events_and_settles_them(active: Rig) -> None:
    told = Report((Usage(1_799_996_400, 3, 4),), (Event("seats_refused", 1_799_996_400, 2),))
    ledger = _Reports(told)
    active.reports = ledger
    active.server.lose_replies = True
    with pytest.raises(UnreachableError):
        active.validate()
    assert not ledger.settled
    active.server.lose_replies = False
    active.validate()
    request = active.vendor.requests[-1]
    assert (request.usage, request.events) == (told.usage, told.events)
    assert ledger.settled == [told]
    assert request.boot.uptime == active.clock.boot()
    assert "boot-1" not in request.boot.id


def test_what_comes_next_is_told_before_it_is_sent(active: Rig) -> None:
    first, later = (Report((Usage(1_799_996_400, users, 4),), (Event("seats_refused", 5, users),)) for users in (3, 9))
    ledger = _Reports(first)
    active.reports = ledger
    active.clock.turn(-2 * DAY)
    shown = active.validating.upcoming()
    assert (shown.usage, [event.code for event in shown.events]) == (first.usage, ["seats_refused", "clock_behind"])
    active.server.lose_replies = True
    with pytest.raises(UnreachableError):
        active.validate()
    sent = active.vendor.requests[-1]
    assert (sent.usage, sent.events) == (shown.usage, shown.events)
    ledger.told = later
    assert active.validating.upcoming() == shown, "the request that waits is sent again as it is"
    active.server.lose_replies = False
    active.validate()
    assert active.validating.upcoming().usage == later.usage


def test_a_damaged_pending_request_is_said_in_a_sentence(active: Rig) -> None:
    active.home.pending.write_bytes(b"{half")
    with pytest.raises(StateDamagedError, match="Remove it"):
        active.validate()
    assert active.standing.mode == "full"


class _Reports:
    def __init__(self, told: Report) -> None:
        self.told = told
        self.settled: list[Report] = []

    def report(self) -> Report:
        return self.told

    def settle(self, told: Report) -> None:
        self.settled.append(told)
