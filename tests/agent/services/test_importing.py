"""An agent without a network: requests that are carried, and answers that are brought."""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.services.activating import Wish
from agent.services.importing import Importing
from agent.services.ports import Pending
from agent.services.validating import Again
from keys.carried import parts_of, write_carried
from keys.documents.requests import DEACTIVATION, VALIDATION
from keys.errors import (
    InvalidInputError,
    LicensingError,
    MalformedError,
    NotActivatedError,
    SignatureInvalidError,
    StateConflictError,
    TooLargeError,
    TrustRefusedError,
    UnreachableError,
)
from tests.agent.rig import Rig
from tests.agent.vendor import CODE, DAY, Vendor, claims_of
from tests.fakes import TurnableClock


def importing(rig: Rig) -> Importing:
    return Importing(rig.activating, rig.validating, rig.trusting, rig.outages)


def asked(rig: Rig, code: str = CODE, *, replace: bool = False, root: bytes | None = None) -> Pending:
    return rig.activating.prepare(Wish(code, None, root or rig.vendor.trust_document, replace))


def answered(rig: Rig, pending: Pending) -> bytes:
    """What the vendor would write into the file that goes back."""
    kinds = {"validation": VALIDATION, "deactivation": DEACTIVATION}
    if pending.errand == "activation":
        document = rig.vendor.activate(pending.document)
    else:
        document = rig.vendor.validate(pending.document, kinds[pending.errand])
    return write_carried([document, rig.vendor.trust_document])


def carried(rig: Rig) -> Rig:
    """Activate by file."""
    assert importing(rig).take(answered(rig, asked(rig))).licence == rig.licence
    return rig


def test_an_activation_by_file(rig: Rig) -> None:
    carried(rig)
    assert (rig.standing.mode, rig.licence.seq) == ("full", 1)
    assert rig.papers.trust() == rig.vendor.trust_document
    assert (rig.states.read().server, rig.papers.pending("activation")) == (None, None)
    assert rig.server.sent == [], "nothing went over a network"


def test_validations_and_the_end_by_file(rig: Rig, clock: TurnableClock) -> None:
    carried(rig)
    for seq in (2, 3):
        clock.advance(20 * DAY)
        taken = importing(rig).take(answered(rig, rig.validating.prepare("validation")))
        assert (taken.licence, rig.licence.seq, rig.standing.mode) == (rig.licence, seq, "full")
    importing(rig).take(answered(rig, rig.validating.prepare("deactivation")))
    assert (rig.standing.mode, rig.standing.status) == ("blocked", "deactivated")


@pytest.mark.threat(20)
def test_the_same_request_is_written_until_it_is_answered(active: Rig) -> None:
    first = active.validating.prepare("validation")
    assert active.again().validating.prepare("validation") == first
    answer = answered(active, first)
    assert importing(active).take(answer).licence == importing(active.again()).take(answer).licence
    assert active.validating.prepare("validation") != first
    with pytest.raises(StateConflictError):
        importing(active).take(write_carried([active.vendor.answers[next(iter(active.vendor.answers))]]))


def test_an_activation_is_written_again_and_its_answer_taken_once(rig: Rig) -> None:
    first = asked(rig)
    assert asked(rig.again()) == first
    answer = answered(rig, first)
    before = importing(rig).take(answer).licence
    assert importing(rig.again()).take(answer).licence == before
    with pytest.raises(StateConflictError, match="--replace"):
        asked(rig)


def test_an_activation_that_was_cut_after_its_answer_is_over(rig: Rig) -> None:
    pending = asked(rig)
    importing(rig).take(answered(rig, pending))
    rig.papers.keep_pending("activation", pending)
    with pytest.raises(StateConflictError, match="answered already"):
        asked(rig)


def test_a_network_that_comes_back_sends_what_was_to_be_carried(rig: Rig) -> None:
    pending = asked(rig)
    rig.activate()
    assert rig.server.sent == [pending.document]


def test_a_request_of_the_network_is_carried_when_that_is_gone(active: Rig) -> None:
    active.server.refuse = UnreachableError("no network")
    with pytest.raises(UnreachableError):
        active.validate()
    pending = active.validating.prepare("validation")
    assert pending.document == active.server.sent[-1]
    importing(active).take(answered(active, pending))
    progress, last = active.tallies.progress()
    assert (active.licence.seq, progress.failures, last and last.word) == (2, 0, "answered")


@pytest.mark.parametrize(("again", "same"), [("evidence", True), ("anew", False)])
def test_what_the_vendor_asks_for_is_made_beside_the_first(active: Rig, again: Again, same: bool) -> None:
    first = active.validating.prepare("validation")
    other = active.validating.prepare("validation", again)
    claims, others = claims_of(first.document), claims_of(other.document)
    assert ("held" in others, claims["jti"] == others["jti"]) == (same, same)
    assert active.validating.prepare("validation") == first
    importing(active).take(answered(active, other))
    assert (active.licence.seq, active.papers.pending("validation"), active.papers.pending("again")) == (2, None, None)


def test_a_deactivation_that_waits_is_no_validation(active: Rig) -> None:
    validation = active.validating.prepare("validation")
    assert active.validating.prepare("deactivation").errand == "deactivation"
    with pytest.raises(StateConflictError, match="deactivate -o FILE"):
        active.validating.prepare("validation")
    with pytest.raises(StateConflictError):
        importing(active).take(answered(active, validation))


def test_a_refusal_stands_beside_the_licence(active: Rig) -> None:
    active.vendor.status, active.vendor.reason = "refused", "fingerprint_mismatch"
    taken = importing(active).take(answered(active, active.validating.prepare("validation")))
    assert (taken.licence and taken.licence.status, active.standing.mode) == ("refused", "blocked")
    assert active.licence.status == "active"


def test_nobody_is_believed_without_a_root(rig: Rig) -> None:
    with pytest.raises(NotActivatedError, match="--root FILE"):
        rig.activating.prepare(Wish(CODE))


def test_a_mistyped_code_is_found_before_anything_is_written(rig: Rig) -> None:
    with pytest.raises(InvalidInputError):
        asked(rig, "10000-00000-00000-00000-00000")
    assert rig.papers.pending("activation") is None


def test_another_code_does_not_push_out_one_that_waits(rig: Rig) -> None:
    rig.papers.keep_pending("activation", replace(asked(rig), topic="another code"))
    with pytest.raises(StateConflictError, match="--replace"):
        asked(rig)
    assert asked(rig, replace=True).errand == "activation"


def test_an_answer_brings_the_newest_keys_along(rig: Rig) -> None:
    pending, root = asked(rig), rig.vendor.trust_document
    rig.vendor.rotate()
    answer = answered(rig, pending)
    bare = answer.splitlines()[0]
    with pytest.raises(SignatureInvalidError, match="not believed"):
        importing(rig).take(bare)
    importing(rig).take(answer)
    assert (rig.papers.trust() != root, rig.standing.mode) == (True, "full")
    rig.vendor.rotate()
    answer = answered(rig, rig.validating.prepare("validation"))
    with pytest.raises(SignatureInvalidError):
        importing(rig).take(answer.splitlines()[0])
    taken = importing(rig).take(answer)
    assert (taken.trust and taken.trust.version, rig.licence.seq) == (3, 2)


def test_a_trust_document_alone_is_taken_where_it_follows(active: Rig, clock: TurnableClock) -> None:
    active.vendor.rotate("revoked")
    taken = importing(active).take(active.vendor.trust_document)
    assert (taken.licence, taken.trust and taken.trust.version) == (None, 2)
    assert active.standing.mode == "full", "a licence in hand is spared until its grace is over"
    foreign = Vendor(clock, version=9).trust_document
    with pytest.raises(TrustRefusedError):
        importing(active).take(foreign)


def test_a_foreign_trust_document_spoils_no_answer(active: Rig, clock: TurnableClock) -> None:
    answer = answered(active, active.validating.prepare("validation")).splitlines()[0]
    taken = importing(active).take(write_carried([answer, Vendor(clock, version=9).trust_document]))
    assert (taken.trust, active.licence.seq) == (None, 2)


def test_an_answer_as_codes(rig: Rig) -> None:
    documents = answered(rig, asked(rig)).split()
    lines = [part for document in documents for part in parts_of(document, 700)]
    importing(rig).take("\n".join(reversed(lines)).encode())
    assert rig.standing.mode == "full"


@pytest.mark.threat(2)
def test_an_answer_is_of_use_to_no_other_server(rig: Rig, tmp_path: Path) -> None:
    pending = asked(rig)
    answer = answered(rig, pending)
    other = Rig(tmp_path / "other", rig.clock, rig.vendor)
    with pytest.raises(NotActivatedError):
        importing(other).take(answer)
    asked(other)
    with pytest.raises(StateConflictError, match="another server's"):
        importing(other).take(answer)
    assert other.standing.mode == "blocked"


@pytest.mark.threat(14)
def test_an_older_answer_is_not_taken_again(active: Rig, clock: TurnableClock) -> None:
    old = answered(active, active.validating.prepare("validation"))
    importing(active).take(old)
    clock.advance(DAY)
    importing(active).take(answered(active, active.validating.prepare("validation")))
    active.validating.prepare("validation")
    with pytest.raises(StateConflictError, match="another server's, or an older"):
        importing(active).take(old)
    assert active.licence.seq == 3


@pytest.mark.threat(18)
def test_an_answer_of_another_vendor_is_not_believed(active: Rig, clock: TurnableClock) -> None:
    pending, foreign = active.validating.prepare("validation"), Vendor(clock)
    foreign.head, foreign.device = active.licence, active.vendor.device
    with pytest.raises(SignatureInvalidError):
        importing(active).take(write_carried([foreign.validate(pending.document), foreign.trust_document]))
    assert active.licence.seq == 1


WRONG = {
    "a request": (lambda rig: asked(rig, replace=True).document, InvalidInputError, "licence-server exchange"),
    "cut": (lambda rig: answered(rig, asked(rig, replace=True)).split()[0][:-400], LicensingError, "once more"),
    "cut before the second dot": (
        lambda rig: answered(rig, asked(rig, replace=True))[:90],
        MalformedError,
        "once more",
    ),
    "something else": (lambda _: b"a letter\n", MalformedError, "once more"),
    "too large": (lambda _: b"x" * 300_000, TooLargeError, "no request, answer"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_answer_is_refused_and_changes_nothing(active: Rig, wrong: str) -> None:
    make, refusal, said = WRONG[wrong]
    content = make(active)
    before = content_of(active)
    with pytest.raises(refusal, match=said):
        importing(active).take(content)
    assert content_of(active) == before


def test_two_answers_at_once_are_refused(active: Rig) -> None:
    answer = answered(active, active.validating.prepare("validation")).split()[0]
    with pytest.raises(InvalidInputError, match="more than one"):
        importing(active).take(write_carried([answer, next(iter(active.vendor.answers.values()))]))


def content_of(rig: Rig) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in rig.home.folder.iterdir() if path.suffix in {".jws", ".json"}}


@pytest.mark.threat(16)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.integers(0, 3000), length=st.integers(0, 40), junk=st.binary(max_size=12))
def test_bitten_answers_are_refused_or_are_the_answer(active: Rig, start: int, length: int, junk: bytes) -> None:
    answer = answered(active, active.validating.prepare("validation"))
    with suppress(LicensingError):
        importing(active).take(answer[:start] + junk + answer[start + length :])
    assert active.standing.mode == "full"


def test_a_home_of_an_older_release_has_its_pending_activation_answered(rig: Rig) -> None:
    """It was made for the network, and says nothing of whom to pin: it is written anew with that."""
    pending = asked(rig)
    content = json.loads(rig.home.pending_activation.read_bytes())
    del content["pinned"]
    rig.home.pending_activation.write_text(json.dumps(content))
    with pytest.raises(NotActivatedError):
        importing(rig).take(answered(rig, pending))
    assert asked(rig) == pending
    importing(rig).take(answered(rig, pending))
    assert rig.standing.mode == "full"
