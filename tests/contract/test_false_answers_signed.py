"""Answers that somebody did sign, and that are none all the same: old ones, other people's, another key's."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from agent.services import trusting, validating
from keys.documents.licence import Licence
from keys.documents.requests import VALIDATION, open_validation_request
from keys.errors import UnreachableError
from keys.jws import sign_document
from keys.signing import SoftwareSigner
from keys.trust import Envelope, SigningKey
from tests.agent.rig import Rig
from tests.agent.vendor import DAY, ISSUER, MemoryServer, Vendor, claims_of
from tests.contract.test_false_answers import check_sentence, kept, said
from tests.fakes import START, TurnableClock


@dataclass
class Scene:
    """An agent that holds the third document, and whoever answers it next."""

    rig: Rig
    earlier: list[bytes]
    strange: SoftwareSigner
    retired: SoftwareSigner
    revoked: SoftwareSigner

    @property
    def vendor(self) -> Vendor:
        return self.rig.vendor

    def successor(self, request: bytes, **changed: Any) -> Licence:
        """What the vendor would answer, changed."""
        asked, _ = open_validation_request(request, ISSUER, self.vendor, VALIDATION)
        head, now = self.vendor.newest, self.rig.clock.now()
        usual: dict[str, Any] = {"document_id": "doc_next", "seq": head.seq + 1, "nonce": asked.nonce, "issued_at": now}
        return replace(head, **{**usual, "expires_at": now + 31 * DAY, **changed})


@pytest.fixture
def scene(quick_path: Path) -> Scene:
    """The vendor has retired one signing key since, and revoked another; the agent knows of both."""
    clock = TurnableClock()
    vendor = Vendor(clock)
    rig = Rig(quick_path / "home", clock, vendor)
    revoked = vendor.signer
    rig.activate()
    earlier = [rig.papers.licence() or b""]
    vendor.rotate("revoked")
    retired = vendor.signer
    clock.advance(DAY)
    rig.validate()
    earlier.append(rig.papers.licence() or b"")
    vendor.rotate("retired")
    vendor.signing = tuple(
        replace(entry, status="revoked") if entry.key.kid == revoked.key.kid
        else replace(entry, until_at=clock.now() + DAY) if entry.key.kid == retired.key.kid
        else entry
        for entry in vendor.signing
    )  # fmt: skip
    clock.advance(2 * DAY)
    rig.validate()
    return Scene(rig, earlier, SoftwareSigner.generate(), retired, revoked)


def other_document(scene: Scene, request: bytes, kind: str) -> bytes:
    """A document of another type that says what a licence would, signed by the right key."""
    return sign_document(kind, scene.successor(request).to_claims(), scene.vendor.signer)


def flipped(scene: Scene, request: bytes) -> bytes:
    """The right answer with one bit changed on its way."""
    answer = bytearray(scene.successor(request).sign(scene.vendor.signer))
    answer[len(answer) // 2] ^= 1
    return bytes(answer)


def swapped(scene: Scene, request: bytes) -> bytes:
    """Claims of the right answer under the signature of an old one."""
    right = scene.successor(request).sign(scene.vendor.signer)
    return right.rpartition(b".")[0] + b"." + scene.earlier[1].rpartition(b".")[2]


Forgery = Callable[[Scene, bytes], bytes]


def signed(signer: str = "", /, **changed: Any) -> Forgery:
    """The vendor's answer, changed, or signed by another key."""

    def forge(scene: Scene, request: bytes) -> bytes:
        key: SoftwareSigner = getattr(scene, signer) if signer else scene.vendor.signer
        return scene.successor(request, **changed).sign(key)

    return forge


STALE: dict[str, Forgery] = {
    "the licence in hand again": lambda scene, _: scene.rig.papers.licence() or b"",
    "an answer of another request": signed(nonce="non_other"),
    "a lower number": signed(seq=2),
    "the same number": signed(seq=3),
    "another activation's": signed(activation_id="act_2"),
    "another licence's": signed(licence_id="lic_2"),
    "another device key's": signed(device_key="x" * 43),
    "a suspension of another request": signed(nonce="non_other", status="suspended", reason="payment_overdue"),
    "a revocation of another activation": signed(activation_id="act_2", status="revoked"),
    "a refusal of another request": signed(nonce="non_other", status="refused", seq=3),
    "one from the far future": signed(nonce="non_other", issued_at=2**33, expires_at=2**34),
    "one from the far past": signed(nonce="non_other", issued_at=1),
    "one that is over": signed(nonce="non_other", expires_at=START),
}
UNBELIEVED: dict[str, Forgery] = {
    "an old one under a key revoked since": lambda scene, _: scene.earlier[0],
    "a strange key": signed("strange"),
    "a strange key that suspends": signed("strange", status="suspended", reason="payment_overdue"),
    "a strange key that refuses": signed("strange", status="refused", reason="fingerprint_mismatch"),
    "a revoked key": signed("revoked"),
    "a retired key, after its time": signed("retired"),
    "the root key": lambda scene, request: scene.successor(request).sign(scene.vendor.root),
    "another issuer's": signed(issuer="https://licence.evil.example"),
    "a bit flipped": flipped,
    "an old signature": swapped,
    "an answer with a tail": lambda scene, request: signed()(scene, request) + b"AAAA",
    "half of it": lambda scene, request: signed()(scene, request)[:-40],
    "the request itself": lambda _, request: request,
    "the trust document": lambda scene, _: scene.vendor.trust_document,
    "a checkpoint": lambda scene, request: other_document(scene, request, "checkpoint+jwt"),
    "an outage": lambda scene, request: other_document(scene, request, "outage+jwt"),
    "a document without a type": lambda scene, request: other_document(scene, request, "JWT"),
}


class Liar(MemoryServer):
    """Answers every request with what a forgery makes of it, and hands out a list of keys."""

    def __init__(self, scene: Scene, forge: Forgery, trust_document: bytes | None = None) -> None:
        super().__init__(scene.vendor)
        self.scene, self.forge, self.document = scene, forge, trust_document

    def send(self, errand, document: bytes) -> bytes:
        return self.forge(self.scene, document)

    def trust(self) -> bytes:
        return self.vendor.trust_document if self.document is None else self.document


@pytest.mark.threat(14)
@pytest.mark.threat(19)
@pytest.mark.parametrize(("forgeries", "cause"), [(STALE, "stale"), (UNBELIEVED, "unsigned")])
def test_a_signed_answer_that_is_not_ours_changes_nothing(
    scene: Scene, forgeries: dict[str, Forgery], cause: str, figure
) -> None:
    rig, before = scene.rig, kept(scene.rig)
    for name, forge in forgeries.items():
        with pytest.raises(UnreachableError):
            rig.validating.validate(Liar(scene, forge))
        assert (kept(rig), rig.standing.mode) == (before, "full"), name
        _, last = rig.tallies.progress()
        assert last is not None
        assert last.cause == cause, name
        check_sentence(said(rig))
    again = rig.again()
    assert (kept(again), again.standing.mode) == (before, "full")
    assert again.validate().seq == 4, "and the right answer to the very same request counts"
    figure(f"{len(forgeries)} answers ({cause}): none taken")


def test_the_right_answer_is_taken(scene: Scene) -> None:
    """What all the others differ from."""
    assert scene.rig.validating.validate(Liar(scene, signed())).seq == 4


@pytest.mark.threat(14, control=True)
@pytest.mark.parametrize("name", ["an answer of another request", "a lower number", "another activation's"])
def test_an_agent_that_does_not_compare_takes_them(scene: Scene, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(validating, "belongs", lambda *_: True)
    before = kept(scene.rig)
    scene.rig.validating.validate(Liar(scene, STALE[name]))
    assert kept(scene.rig) != before


@pytest.mark.threat(19, control=True)
@pytest.mark.parametrize("name", ["a strange key that suspends", "a strange key", "a revoked key"])
def test_an_agent_that_verifies_nothing_takes_them(scene: Scene, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(trusting, "open_licence", lambda document, _: Licence.from_claims(claims_of(document)))
    before = kept(scene.rig)
    scene.rig.validating.validate(Liar(scene, UNBELIEVED[name]))
    assert kept(scene.rig) != before


@pytest.mark.threat(13)
@pytest.mark.parametrize("wrong", [{"issued_at": 1}, {"seq": 900}])
def test_what_the_vendor_itself_signs_counts_and_the_next_one_mends_it(scene: Scene, wrong: dict[str, Any]) -> None:
    """Not a false answer: the vendor's own word, from a day when its clock was wrong."""
    rig = scene.rig
    rig.validating.validate(Liar(scene, signed(**wrong)))
    assert rig.standing.mode == "full"
    rig.clock.advance(DAY)
    rig.validating.validate(Liar(scene, signed(seq=901)))
    assert (rig.standing.mode, rig.standing.now) == ("full", rig.clock.now())


def trust_of(scene: Scene, root: SoftwareSigner | None = None, **changed: Any) -> bytes:
    return Envelope.of(replace(scene.vendor.trust, **changed)).signed_by(root or scene.vendor.root).to_bytes()


def strange_key(scene: Scene) -> SigningKey:
    return SigningKey(scene.strange.key, "active", 0, None)


TRUST: dict[str, Callable[[Scene], bytes]] = {
    "rolled back": lambda scene: trust_of(scene, version=1, signing=(strange_key(scene),)),
    "another of the same version": lambda scene: trust_of(scene, signing=(strange_key(scene),)),
    "signed by a strange root": lambda scene: trust_of(scene, scene.strange, version=9, roots=(scene.strange.key,)),
    "signed by a signing key": lambda scene: trust_of(scene, scene.retired, version=9),
    "another issuer's": lambda scene: trust_of(scene, version=9, issuer="https://licence.evil.example"),
    "the licence": lambda scene: scene.rig.papers.licence() or b"",
    "empty": lambda _: b"",
    "a page": lambda _: b"<html>",
}


@pytest.mark.threat(19)
@pytest.mark.threat(21)
def test_no_false_list_of_keys_helps_a_false_licence(scene: Scene) -> None:
    """An answer under an unknown key makes the agent look for trust: what it is given then must follow, too."""
    rig, before = scene.rig, kept(scene.rig)
    for name, document in TRUST.items():
        liar = Liar(scene, UNBELIEVED["a strange key"], document(scene))
        for ask in (rig.validating.validate, rig.trusting.refresh):
            with pytest.raises(UnreachableError):
                ask(liar)
            assert (kept(rig), rig.standing.mode) == (before, "full"), name
        _, last = rig.tallies.progress()
        assert last is not None
        assert last.cause == "trust", name
        check_sentence(said(rig))
