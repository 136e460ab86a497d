"""The table of modes: what lies in the home and the time, and what the CRM may do then."""

from dataclasses import replace

import pytest

from agent.domain.components import Hardware
from agent.domain.mode import Hand, Standing, judge
from agent.domain.notices import days_until, explained, outage, trust_expiring
from agent.domain.time import AgentTime
from keys.documents.outage import Outage
from keys.documents.parts import Fingerprint, Notice, Terms
from keys.fingerprint import digests
from keys.trust import WARNING
from tests.agent.vendor import DAY, HARDWARE, ISSUER, a_licence
from tests.fakes import START

SEEN = digests(HARDWARE, ISSUER)
OTHER = digests({name: f"other {value}" for name, value in HARDWARE.items()}, ISSUER)
BOUND = Fingerprint(SEEN, 60)
ACTIVE = a_licence(fingerprint=BOUND)
TRUST_ENDS = START + 300 * DAY
HAND = Hand(licence=ACTIVE, trust_expires_at=TRUST_ENDS)


def in_hand(**changed) -> Hand:
    return replace(HAND, licence=a_licence(fingerprint=BOUND, **changed))


def refusal(seq: int = 1, activation_id: str = "act_1") -> Hand:
    answer = a_licence(status="refused", reason="fingerprint_mismatch", seq=seq, activation_id=activation_id)
    return replace(HAND, refusal=answer)


ROWS = {
    "active": (HAND, 0, "full", "active"),
    "active, refresh is due": (HAND, DAY, "full", "active"),
    "active, the last second before overdue": (HAND, 2 * DAY - 1, "full", "active"),
    "active, overdue": (HAND, 2 * DAY, "grace", "validation_overdue"),
    "active, the last second of the lease": (HAND, 31 * DAY - 1, "grace", "validation_overdue"),
    "exp passed": (HAND, 31 * DAY, "restricted", "lease_ended"),
    "suspended": (in_hand(status="suspended", reason="payment_overdue"), 0, "restricted", "payment_overdue"),
    "suspended, no reason given": (in_hand(status="suspended"), 0, "restricted", "suspended"),
    "suspended and exp passed": (in_hand(status="suspended"), 99 * DAY, "restricted", "suspended"),
    "expired": (in_hand(status="expired"), 0, "restricted", "expired"),
    "revoked": (in_hand(status="revoked", reason="terminated"), 0, "blocked", "terminated"),
    "revoked and exp passed": (in_hand(status="revoked"), 99 * DAY, "blocked", "revoked"),
    "superseded": (in_hand(status="superseded"), 0, "blocked", "superseded"),
    "deactivated": (in_hand(status="deactivated"), 0, "blocked", "deactivated"),
    "refused": (in_hand(status="refused"), 0, "blocked", "refused"),
    "refused beside an active one": (refusal(), 0, "blocked", "fingerprint_mismatch"),
    "refused before the document in hand": (replace(refusal(), licence=in_hand(seq=2).licence), 0, "full", "active"),
    "refused for another activation": (refusal(activation_id="act_2"), 0, "full", "active"),
    "no licence": (Hand(), 0, "blocked", "no_licence"),
    "no licence, but trust": (Hand(trust_expires_at=TRUST_ENDS), 0, "blocked", "no_licence"),
    "signature": (Hand(flaw="It was changed."), 0, "blocked", "signature_invalid"),
    "device key": (replace(HAND, key_flaw="It is gone."), 0, "blocked", "key_missing"),
    "device key, and suspended": (replace(in_hand(status="suspended"), key_flaw="x"), 0, "blocked", "key_missing"),
    "revoked signing key": (replace(HAND, key_revoked=True), 0, "full", "active"),
    "revoked signing key, exp passed": (replace(HAND, key_revoked=True), 31 * DAY, "restricted", "lease_ended"),
}


@pytest.mark.parametrize(("hand", "later", "mode", "reason"), ROWS.values(), ids=ROWS.keys())
def test_the_table_of_modes(hand: Hand, later: int, mode: str, reason: str) -> None:
    standing = judge(hand, AgentTime(START + later), Hardware(SEEN))
    assert (standing.mode, standing.reason) == (mode, reason)


def test_other_hardware_blocks_at_once_and_names_what_changed() -> None:
    standing = judge(HAND, AgentTime(START), Hardware(OTHER))
    assert (standing.mode, standing.reason) == ("blocked", "hardware_changed")
    assert "changed: product_uuid, machine_id" in standing.notices[0].en


def test_one_exchanged_part_is_told_and_harms_nothing() -> None:
    seen = {**SEEN, "board_serial": OTHER["board_serial"]}
    standing = judge(HAND, AgentTime(START), Hardware(seen))
    assert (standing.mode, [notice.code for notice in standing.notices]) == ("full", ["fingerprint_drifted"])
    assert "changed: board_serial" in standing.notices[0].en


@pytest.mark.parametrize(
    ("later", "mode", "reason", "told"),
    [
        (-1, "full", "active", ()),
        (0, "full", "active", (trust_expiring(START + 90 * DAY, START),)),
        (WARNING - 1, "full", "active", (trust_expiring(START + DAY, START),)),
        (WARNING, "restricted", "trust_expired", (explained("trust_expired"),)),
    ],
)
def test_old_trust_warns_for_90_days_and_restricts_then(
    later: int, mode: str, reason: str, told: tuple[Notice, ...]
) -> None:
    now = TRUST_ENDS + later
    licence = a_licence(fingerprint=BOUND, issued_at=now, expires_at=now + DAY, validation=a_licence().validation)
    licence = replace(licence, validation=replace(licence.validation, refresh_at=now))
    standing = judge(replace(HAND, licence=licence), AgentTime(now), Hardware(SEEN))
    assert (standing.mode, standing.reason, standing.notices) == (mode, reason, told)


def test_grace_counts_down() -> None:
    early = judge(HAND, AgentTime(START + 2 * DAY), Hardware(SEEN))
    late = judge(HAND, AgentTime(START + 30 * DAY), Hardware(SEEN))
    assert (early.days_left, early.notices[0].severity) == (29, "warning")
    assert (late.days_left, late.notices[0].severity) == (1, "critical")


def test_a_licence_that_ends_says_so_and_a_perpetual_one_does_not() -> None:
    ending = in_hand(terms=Terms(START, START + 10 * DAY, 0, None))
    assert judge(ending, AgentTime(START), Hardware(SEEN)).days_left == 10
    assert judge(ending, AgentTime(START + 10 * DAY), Hardware(SEEN)).until_at == START + 31 * DAY
    assert judge(HAND, AgentTime(START), Hardware(SEEN)).days_left is None


@pytest.mark.parametrize("later", [0, 1])
def test_a_licence_that_has_ended_and_is_validated_still_has_no_end_to_come(later: int) -> None:
    ended = in_hand(terms=Terms(START - DAY, START, 7 * DAY, None))
    standing = judge(ended, AgentTime(START + later), Hardware(SEEN))
    assert (standing.mode, standing.until_at) == ("full", None)


def test_a_slow_clock_changes_no_mode_and_is_told() -> None:
    standing = judge(HAND, AgentTime(START - 601, START), Hardware(SEEN))
    assert (standing.mode, standing.now, standing.notices[0].code) == ("full", START, "clock_behind")


def test_what_can_not_be_read_and_what_stands_in_is_told() -> None:
    standing = judge(HAND, AgentTime(START), Hardware(SEEN, ("board_serial",), stand_in=True))
    assert [notice.code for notice in standing.notices] == ["component_unreadable", "hardware_stand_in"]


@pytest.mark.parametrize(
    ("later", "told"),
    [
        (0, ["signing_key_revoked"]),
        (2 * DAY, ["validation_overdue", "signing_key_revoked"]),
        (31 * DAY, ["lease_ended"]),
    ],
)
def test_a_revoked_signing_key_is_told_for_as_long_as_it_matters(later: int, told: list[str]) -> None:
    standing = judge(replace(HAND, key_revoked=True), AgentTime(START + later), Hardware(SEEN))
    assert [notice.code for notice in standing.notices] == told


@pytest.mark.parametrize(("flaw", "reason"), [("", "no_licence"), ("It was changed.", "signature_invalid")])
def test_without_a_licence_it_is_told_why_and_what_else_is_known(flaw: str, reason: str) -> None:
    notices = explained(reason, flaw), explained("hardware_stand_in")
    standing = judge(Hand(flaw=flaw), AgentTime(START), Hardware(SEEN, stand_in=True))
    assert standing == Standing("blocked", reason, None, START, None, notices)


def test_why_the_device_key_can_not_be_used_is_told() -> None:
    standing = judge(replace(HAND, key_flaw="It is gone."), AgentTime(START), Hardware(SEEN))
    assert standing.notices == (explained("key_missing", "It is gone."),)


def test_the_notices_of_the_answer_are_passed_on() -> None:
    said = Notice("ends_soon", "warning", "Soon.", "به زودی.")
    refused = Notice("fingerprint_mismatch", "critical", "Other.", "دیگر.")
    hand = replace(HAND, licence=replace(ACTIVE, notices=(said,)))
    assert judge(hand, AgentTime(START), Hardware(SEEN)).notices == (said,)
    hand = replace(hand, refusal=a_licence(status="refused", notices=(refused,)))
    assert judge(hand, AgentTime(START), Hardware(SEEN)).notices == (refused,)


@pytest.mark.parametrize(("hand", "status"), [(HAND, "active"), (Hand(), "none"), (refusal(), "refused")])
def test_the_status_is_that_of_the_newest_word(hand: Hand, status: str) -> None:
    assert judge(hand, AgentTime(START), Hardware(SEEN)).status == status


def test_the_begun_day_counts() -> None:
    assert [days_until(START + left, START) for left in (-1, 0, 1, DAY, DAY + 1)] == [0, 0, 1, 1, 2]


OUTAGE = Outage(ISSUER, "out_1", START, START + 30 * DAY, START + 60 * DAY, 10 * DAY, None)


def test_an_outage_says_until_when_it_stretches_the_licence() -> None:
    hand = replace(HAND, outages=(OUTAGE,))
    ends_at = START + 41 * DAY
    standing = judge(hand, AgentTime(ends_at - 1), Hardware(SEEN))
    assert (standing.mode, standing.stretched_at, standing.ends_at) == ("grace", ends_at, ends_at)
    assert [notice for notice in standing.notices if notice.code == "outage_declared"] == [outage(ends_at, ends_at - 1)]
    over = judge(hand, AgentTime(ends_at), Hardware(SEEN))
    assert (over.mode, over.reason, over.stretched_at) == ("restricted", "lease_ended", None)


def test_an_outage_that_stretches_nothing_is_not_told_of() -> None:
    elsewhere = replace(HAND, outages=(replace(OUTAGE, licences=("lic_other",)),))
    standing = judge(elsewhere, AgentTime(START), Hardware(SEEN))
    assert (standing.stretched_at, standing.notices) == (None, judge(HAND, AgentTime(START), Hardware(SEEN)).notices)


def test_the_notice_of_an_outage_counts_the_days() -> None:
    said = outage(START + 3 * DAY, START + 1)
    assert (said.code, said.severity) == ("outage_declared", "info")
    assert "goes on for 3 more days" in said.en
    assert "3 روز دیگر" in said.fa
