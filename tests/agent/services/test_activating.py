"""Activation: once, whatever is cut where."""

from dataclasses import replace

import pytest

from agent.services.activating import DEFINITIVE, Wish
from keys.errors import (
    CodeUsedError,
    FingerprintInsufficientError,
    InvalidInputError,
    StateConflictError,
    TrustRefusedError,
    UnreachableError,
)
from keys.identity import new_code
from keys.signing import SoftwareSigner
from keys.trust import Trust
from tests.agent.rig import FailingDisk, PowerCutError, Rig
from tests.agent.vendor import CODE, ISSUER, Vendor, claims_of


def test_an_activated_server_lets_the_crm_work(rig: Rig) -> None:
    licence = rig.activate()
    assert (licence.seq, rig.standing.mode, rig.standing.reason) == (1, "full", "active")
    assert rig.states.read().server == ISSUER
    assert rig.papers.pending("activation") is None


def test_a_mistyped_code_sends_nothing(rig: Rig) -> None:
    with pytest.raises(InvalidInputError, match="mistyped"):
        rig.activate("10000-00000-00000-00000-00000")
    assert not rig.server.sent
    assert not list(rig.home.keys.glob("*"))


def test_too_weak_a_fingerprint_sends_nothing(rig: Rig) -> None:
    rig.machine.values = {"cpu": "EPYC", "board_serial": "PF3X"}
    with pytest.raises(FingerprintInsufficientError, match="weight 20"):
        rig.activate()
    assert not rig.server.sent


def test_an_active_licence_is_not_thrown_away_by_mistake(active: Rig) -> None:
    with pytest.raises(StateConflictError, match="--replace"):
        active.activate(new_code(lambda count: b"\1" * count))
    assert len(active.server.sent) == 1


def test_replacing_makes_a_fresh_key_and_forgets_the_old(active: Rig) -> None:
    old = active.licence
    active.activate(new_code(lambda count: b"\1" * count), replace=True)
    assert active.licence.device_key != old.device_key
    assert [path.stem for path in active.home.keys.glob("*")] == [active.licence.device_key]


def test_an_unanswered_activation_is_sent_again_byte_for_byte(rig: Rig) -> None:
    rig.server.lose_replies = True
    with pytest.raises(UnreachableError):
        rig.activate()
    rig.clock.advance(3_600)
    again = rig.again()
    again.activate()
    assert again.server.sent == rig.server.sent
    assert again.standing.mode == "full"


def test_an_unanswered_activation_is_not_pushed_out_by_another_code(rig: Rig) -> None:
    rig.server.lose_replies = True
    with pytest.raises(UnreachableError):
        rig.activate()
    with pytest.raises(StateConflictError, match="another code"):
        rig.activate(new_code(lambda count: b"\1" * count))


@pytest.mark.parametrize("refusal", DEFINITIVE)
def test_a_definitive_refusal_ends_the_request(rig: Rig, refusal) -> None:
    rig.server.refuse = refusal("No.")
    with pytest.raises(refusal):
        rig.activate()
    assert rig.papers.pending("activation") is None
    assert rig.standing.reason == "no_licence"


def test_an_answer_to_another_request_is_a_network_fault(rig: Rig) -> None:
    rig.server.distort = lambda answer: replace(rig.vendor.newest, nonce="old").sign(rig.vendor.signer)
    with pytest.raises(UnreachableError, match="does not belong"):
        rig.activate()
    rig.server.distort = bytes
    assert rig.activate().seq == 1


def test_an_answer_nobody_signed_is_a_network_fault(rig: Rig) -> None:
    rig.server.distort = lambda answer: replace(rig.vendor.newest).sign(SoftwareSigner.generate())
    with pytest.raises(UnreachableError):
        rig.activate()
    assert rig.standing.reason == "no_licence"


def test_a_key_that_the_carried_root_does_not_know_yet_is_looked_up(rig: Rig) -> None:
    carried = rig.vendor.trust_document
    rig.vendor.rotate()
    assert rig.activate(root=carried).seq == 1
    assert rig.papers.trust() == rig.vendor.trust_document


def test_first_use_asks_before_it_believes(rig: Rig) -> None:
    told: list[Trust] = []
    rig.activating.activate(Wish(CODE, ISSUER), rig.server, told.append)
    assert [trust.issuer for trust in told] == [ISSUER]

    def refuse(trust) -> None:
        raise InvalidInputError("Not over this wire.")

    fresh = rig.again(rig.home.folder / "other")
    with pytest.raises(InvalidInputError):
        fresh.activating.activate(Wish(CODE, ISSUER), fresh.server, refuse)
    assert fresh.papers.trust() is None
    assert not fresh.server.sent


def test_another_vendors_root_does_not_replace_the_pinned_one_by_itself(active: Rig) -> None:
    stranger = Vendor(active.clock)
    code = new_code(lambda count: b"\1" * count)
    active.vendor.status = "deactivated"
    active.validate()
    with pytest.raises(TrustRefusedError):
        active.activate(code, root=stranger.trust_document)
    assert active.papers.trust() == active.vendor.trust_document


def test_a_working_licence_outlives_a_replacement_that_fails(active: Rig) -> None:
    stranger = Vendor(active.clock)
    active.server.refuse = CodeUsedError("Used.")
    with pytest.raises(CodeUsedError):
        active.activate(new_code(lambda count: b"\1" * count), replace=True, root=stranger.trust_document)
    assert active.again().standing.mode == "full"


def test_the_request_says_what_the_protocol_asks_for(active: Rig) -> None:
    claims = claims_of(active.server.sent[0])
    assert set(claims) == {
        "iss", "aud", "jti", "iat", "nonce", "code", "fingerprint", "host", "terms_version",
    }  # fmt: skip
    assert claims["aud"] == ISSUER
    assert set(claims["fingerprint"]["components"]) == {"product_uuid", "machine_id", "board_serial", "cpu"}


def _changes_of_an_activation(rig: Rig) -> int:
    disk = FailingDisk()
    probe = Rig(rig.home.folder.parent / "probe", rig.clock, Vendor(rig.clock), disk=disk)
    probe.activate()
    return disk.changes


@pytest.mark.parametrize("after", [False, True])
def test_a_power_cut_at_any_change_costs_neither_code_nor_licence(rig: Rig, after: bool) -> None:
    for stop_at in range(1, _changes_of_an_activation(rig) + 1):
        vendor = Vendor(rig.clock)
        folder = rig.home.folder.parent / f"{stop_at}-{after}"
        first = Rig(folder, rig.clock, vendor, disk=FailingDisk(stop_at, after))
        with pytest.raises(PowerCutError):
            first.activate()
        second = Rig(folder, rig.clock, vendor)
        try:
            second.activate()
        except StateConflictError:
            assert second.papers.pending("activation") is None
        assert second.standing.mode == "full", stop_at
        assert len(vendor.answers) == 1, "the code was used once"
        assert second.validate().seq == 2
