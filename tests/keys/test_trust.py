"""The trust document: TUF's cases, and what makes one malformed."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.ceremony import signed
from keys.errors import LicensingError, MalformedError, SignatureInvalidError, TooLargeError, TrustRefusedError
from keys.jws import MAX_BYTES, encode, to_json
from keys.signing import Signer
from keys.trust import Envelope, SigningKey, Trust, pin_trust, replace_trust
from tests.keys.samples import (
    DAY,
    NEW_SIGNING,
    NOW,
    ROOT_1,
    ROOT_2,
    ROOT_3,
    SIGNING,
    STRANGER,
    TPM_DEVICE,
    TRUST,
    ed25519_signer,
    es256_signer,
)
from tests.naming import named

DOCUMENT = signed(TRUST, [ROOT_1, ROOT_2])
NEXT = replace(TRUST, version=2, issued_at=NOW + DAY)


def envelope_of(payload: bytes, *rows: tuple[dict[str, Any], Signer]) -> bytes:
    """Sign whatever payload under whatever protected headers."""
    signatures = []
    for header, signer in rows:
        protected = encode(to_json(header))
        signature = encode(signer.sign(protected + b"." + encode(payload))).decode()
        signatures.append({"protected": protected.decode(), "signature": signature})
    return to_json({"payload": encode(payload).decode(), "signatures": signatures})


def test_a_threshold_of_its_own_roots_makes_it_believable() -> None:
    assert pin_trust(DOCUMENT) == TRUST
    assert pin_trust(signed(TRUST, [ROOT_3, ROOT_1, ROOT_2])) == TRUST


@pytest.mark.threat(21)
@pytest.mark.parametrize(
    "signers", [[], [ROOT_1], [ROOT_1, ROOT_1], [ROOT_1, STRANGER], [ROOT_1, SIGNING], [STRANGER, SIGNING]]
)
def test_too_few_roots_are_refused(signers: list[Signer]) -> None:
    with pytest.raises(TrustRefusedError, match="2 are needed"):
        pin_trust(signed(TRUST, signers))
    with pytest.raises(TrustRefusedError, match="2 are needed"):
        replace_trust(TRUST, signed(NEXT, signers))


@pytest.mark.threat(21)
def test_one_root_counts_once_however_often_it_signed() -> None:
    rows = json.loads(signed(TRUST, [ROOT_1]))
    rows["signatures"] *= 5
    with pytest.raises(TrustRefusedError, match="1 of its own roots"):
        pin_trust(to_json(rows))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": ROOT_2.key.kid},
        {"alg": "ES256", "kid": ROOT_2.key.kid},
        {"alg": ["EdDSA"], "kid": ROOT_2.key.kid},
        {"alg": "EdDSA"},
        {"alg": "EdDSA", "kid": 5},
        {"alg": "EdDSA", "kid": ROOT_1.key.kid},
        {"alg": "EdDSA", "kid": ROOT_2.key.kid, "crit": ["b64"]},
        {"alg": "EdDSA", "kid": ROOT_2.key.kid, "b64": False},
        {"alg": "EdDSA", "kid": ROOT_2.key.kid, "jwk": dict(ROOT_2.key.jwk)},
    ],
    ids=named,
)
def test_a_signature_of_another_make_counts_nothing(header: dict[str, Any]) -> None:
    payload = to_json(TRUST.to_claims())
    good = ({"alg": "EdDSA", "kid": ROOT_1.key.kid}, ROOT_1)
    with pytest.raises(TrustRefusedError, match=r"^1 of"):
        pin_trust(envelope_of(payload, good, (header, ROOT_2)))
    other = ({"alg": "EdDSA", "kid": ROOT_3.key.kid}, ROOT_3)
    assert pin_trust(envelope_of(payload, (header, ROOT_2), good, other)) == TRUST, "those behind it count"


def test_a_root_may_be_of_either_algorithm_and_name_its_type() -> None:
    root = es256_signer(99)
    trust = replace(TRUST, roots=(ROOT_1.key, root.key))
    assert pin_trust(signed(trust, [ROOT_1, root])) == trust
    rows = [
        ({"alg": alg, "kid": key.key.kid, "typ": "trust"}, key) for alg, key in (("Ed25519", ROOT_1), ("ES256", root))
    ]
    assert pin_trust(envelope_of(to_json(trust.to_claims()), *rows)) == trust


def test_a_changed_payload_loses_all_signatures() -> None:
    rows = json.loads(DOCUMENT)
    rows["payload"] = encode(to_json(replace(TRUST, threshold=1).to_claims())).decode()
    with pytest.raises(TrustRefusedError, match=r"^0 of"):
        pin_trust(to_json(rows))


def test_signing_again_replaces_ones_own_signature() -> None:
    twice = Envelope.of(TRUST).signed_by(ROOT_1).signed_by(ROOT_2).signed_by(ROOT_1)
    assert len(twice.signatures) == 2
    assert twice.signers(TRUST.roots) == {ROOT_1.key.kid, ROOT_2.key.kid}


def test_a_newer_version_is_taken() -> None:
    assert replace_trust(TRUST, signed(NEXT, [ROOT_1, ROOT_2])) == NEXT
    skipped = replace(NEXT, version=7)
    assert replace_trust(TRUST, signed(skipped, [ROOT_2, ROOT_3])) == skipped, "an agent may have missed some"


@pytest.mark.threat(21)
def test_rollback_is_refused() -> None:
    with pytest.raises(TrustRefusedError, match="does not follow"):
        replace_trust(NEXT, DOCUMENT)


@pytest.mark.threat(21)
def test_freeze_changes_nothing() -> None:
    """The same version again: the document in hand stays, with its own end (whose passing the agent sees)."""
    assert replace_trust(TRUST, DOCUMENT) is TRUST


@pytest.mark.threat(21)
def test_another_content_under_the_same_version_is_refused() -> None:
    other = signed(replace(TRUST, expires_at=TRUST.expires_at + 1), [ROOT_1, ROOT_2])
    with pytest.raises(TrustRefusedError, match="does not follow"):
        replace_trust(TRUST, other)


@pytest.mark.threat(21)
def test_fast_forward_needs_the_roots() -> None:
    """A thief of a signing key can't push the version to its end."""
    with pytest.raises(TrustRefusedError, match=r"^0 of"):
        replace_trust(TRUST, signed(replace(NEXT, version=2**53), [SIGNING]))


def test_another_issuer_is_refused() -> None:
    with pytest.raises(TrustRefusedError, match="is of"):
        replace_trust(TRUST, signed(replace(NEXT, issuer="https://other.example"), [ROOT_1, ROOT_2]))


NEW_ROOTS = (ed25519_signer(21), ed25519_signer(22))
CHANGED = replace(NEXT, roots=tuple(root.key for root in NEW_ROOTS), threshold=2)


@pytest.mark.threat(21)
@pytest.mark.parametrize(
    ("signers", "whose"),
    [
        ([*NEW_ROOTS], "the trusted"),
        ([ROOT_1, *NEW_ROOTS], "the trusted"),
        ([ROOT_1, ROOT_2], "its own"),
        ([ROOT_1, ROOT_2, NEW_ROOTS[0]], "its own"),
    ],
)
def test_new_roots_need_a_threshold_of_the_old_and_of_the_new(signers: list[Signer], whose: str) -> None:
    with pytest.raises(TrustRefusedError, match=whose):
        replace_trust(TRUST, signed(CHANGED, signers))


def test_new_roots_take_over_once_both_sides_signed() -> None:
    assert replace_trust(TRUST, signed(CHANGED, [ROOT_1, ROOT_2, *NEW_ROOTS])) == CHANGED
    again = replace(CHANGED, version=3)
    with pytest.raises(TrustRefusedError):
        replace_trust(CHANGED, signed(again, [ROOT_1, ROOT_2]))


def test_a_key_is_found_by_its_id_unless_revoked() -> None:
    trust = replace(
        TRUST,
        signing=(
            SigningKey(SIGNING.key, "revoked", NOW, NOW),
            SigningKey(NEW_SIGNING.key, "retired", NOW, NOW),
            SigningKey(TPM_DEVICE.key, "active", NOW, None),
        ),
    )
    assert trust.find(NEW_SIGNING.key.kid) == NEW_SIGNING.key
    assert [entry.key for entry in trust.active] == [TPM_DEVICE.key]
    for kid in (SIGNING.key.kid, STRANGER.key.kid):
        with pytest.raises(SignatureInvalidError):
            trust.find(kid)
    assert Trust.from_claims(trust.to_claims()) == trust


def _set(*path: str | int, to: object) -> Callable[[dict[str, Any]], object]:
    def change(claims: dict[str, Any]) -> None:
        place: Any = claims
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = to

    return change


def _signing(number: int) -> dict[str, Any]:
    return {"jwk": dict(ed25519_signer(number).key.jwk), "status": "retired", "from": NOW, "until": None}


@pytest.mark.parametrize(
    "change",
    [
        _set("typ", to="licence"),
        _set("version", to=0),
        _set("version", to="1"),
        _set("exp", to=None),
        _set("root", "threshold", to=0),
        _set("root", "threshold", to=4),
        _set("root", "threshold", to=1.0),
        _set("root", "keys", to=[]),
        _set("root", "keys", 1, to=dict(ROOT_1.key.jwk)),
        _set("root", "keys", 1, to=dict(SIGNING.key.jwk)),
        _set("root", "keys", 1, to="key"),
        _set("root", "keys", to=[dict(ed25519_signer(30 + number).key.jwk) for number in range(33)]),
        lambda claims: claims.update(signing=[_signing(30 + number) for number in range(33)]),
        _set("signing", to=[{}]),
        _set("signing", 0, "status", to="lost"),
        _set("signing", 0, "jwk", to={"kty": "oct", "k": "AAAA"}),
        _set("signing", 0, "until", to=-1),
        lambda claims: claims["signing"].append(claims["signing"][0]),
        lambda claims: claims.pop("iss"),
    ],
)
def test_a_payload_that_is_no_trust_is_malformed(change: Callable[[dict[str, Any]], object]) -> None:
    claims = json.loads(to_json(TRUST.to_claims()))
    change(claims)
    with pytest.raises(MalformedError):
        pin_trust(signed_payload(to_json(claims)))


def signed_payload(payload: bytes) -> bytes:
    return envelope_of(payload, *(({"alg": "EdDSA", "kid": root.key.kid}, root) for root in (ROOT_1, ROOT_2)))


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{}",
        b"[]",
        DOCUMENT[:-1],
        DOCUMENT + b"x",
        to_json({"payload": 5, "signatures": []}),
        to_json({"payload": "e30=", "signatures": []}),
        to_json({"payload": "e30", "signatures": {}}),
        to_json({"payload": "e30", "signatures": ["x"]}),
        to_json({"payload": "e30", "signatures": [{"protected": "e30"}]}),
        to_json(
            {
                "payload": encode(to_json(TRUST.to_claims())).decode(),
                "signatures": [{"protected": "!", "signature": "AA"}],
            }
        ),
        DOCUMENT.replace(b'{"payload"', b'{"payload":"","payload"'),
        signed_payload(b'{"typ":"trust","typ":"trust"}'),
        signed_payload(b"[]"),
    ],
    ids=lambda document: named(document[:40]),
)
def test_what_is_no_trust_document_is_malformed(document: bytes) -> None:
    with pytest.raises(MalformedError):
        pin_trust(document)


def test_a_trust_document_has_64_kib_at_most() -> None:
    assert pin_trust(DOCUMENT.ljust(MAX_BYTES)) == TRUST
    with pytest.raises(TooLargeError):
        pin_trust(DOCUMENT.ljust(MAX_BYTES + 1))


@given(st.data())
def test_a_changed_byte_is_refused_or_changes_nothing(data: st.DataObject) -> None:
    document = bytearray(DOCUMENT)
    document[data.draw(st.integers(0, len(document) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        assert pin_trust(bytes(document)) == TRUST
    except LicensingError:
        return


@given(st.binary(max_size=200))
def test_rubbish_is_only_ever_refused(rubbish: bytes) -> None:
    with pytest.raises(LicensingError):
        pin_trust(rubbish)
