"""Licences and requests: what they carry comes back, what they may not carry is refused."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.documents.licence import KIND, Licence, open_licence
from keys.documents.outage import KIND as OUTAGE_KIND
from keys.documents.outage import Outage, open_outage
from keys.documents.parts import Notice, Seats, Terms
from keys.documents.requests import (
    ACTIVATION,
    DEACTIVATION,
    VALIDATION,
    open_activation_request,
    open_validation_request,
)
from keys.errors import LicensingError, MalformedError, SignatureInvalidError
from keys.jws import decode, sign_document
from keys.trust import SigningKey
from tests.keys.samples import (
    ACTIVATION_REQUEST,
    DAY,
    DEACTIVATION_REQUEST,
    DEVICE,
    DEVICES,
    ISSUER,
    LICENCE,
    NEW_SIGNING,
    NOW,
    ROOT_1,
    SIGNING,
    STRANGER,
    TPM_DEVICE,
    TRUST,
    VALIDATION_REQUEST,
    Ring,
)
from tests.naming import named

HELD = replace(VALIDATION_REQUEST, held=LICENCE.sign(SIGNING))
OUTAGE = Outage(ISSUER, "out_1", NOW, NOW, NOW + 30 * DAY, 14 * DAY, ("lic_1", "lic_2"))
OPENERS: Mapping[str, Callable[[bytes], object]] = {
    KIND: lambda document: open_licence(document, TRUST),
    ACTIVATION: lambda document: open_activation_request(document, ISSUER)[0],
    VALIDATION: lambda document: open_validation_request(document, ISSUER, DEVICES)[0],
    DEACTIVATION: lambda document: open_validation_request(document, ISSUER, DEVICES, DEACTIVATION)[0],
    OUTAGE_KIND: lambda document: open_outage(document, TRUST),
}
SIGNED = {
    KIND: LICENCE.sign(SIGNING),
    ACTIVATION: ACTIVATION_REQUEST.sign(DEVICE),
    VALIDATION: VALIDATION_REQUEST.sign(DEVICE),
    DEACTIVATION: DEACTIVATION_REQUEST.sign(DEVICE, DEACTIVATION),
    OUTAGE_KIND: OUTAGE.sign(SIGNING),
}
VALUES = {
    KIND: LICENCE,
    ACTIVATION: ACTIVATION_REQUEST,
    VALIDATION: VALIDATION_REQUEST,
    DEACTIVATION: DEACTIVATION_REQUEST,
    OUTAGE_KIND: OUTAGE,
}


def claims_of(kind: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(decode(SIGNED[kind].split(b".")[1]))
    return claims


def resigned(kind: str, claims: Mapping[str, object]) -> bytes:
    return sign_document(kind, claims, SIGNING if kind in {KIND, OUTAGE_KIND} else DEVICE, introduce=kind == ACTIVATION)


@pytest.mark.parametrize("kind", OPENERS)
def test_what_was_signed_comes_back(kind: str) -> None:
    assert OPENERS[kind](SIGNED[kind]) == VALUES[kind]


@pytest.mark.parametrize("kind", OPENERS)
@pytest.mark.parametrize("other", OPENERS)
def test_no_document_passes_as_another(kind: str, other: str) -> None:
    if kind != other:
        with pytest.raises(MalformedError):
            OPENERS[other](SIGNED[kind])


@pytest.mark.parametrize("kind", OPENERS)
def test_every_claim_is_needed(kind: str) -> None:
    claims = claims_of(kind)
    for name in claims.keys() - {"network_policy"}:
        fewer = {key: value for key, value in claims.items() if key != name}
        with pytest.raises(MalformedError, match=name):
            OPENERS[kind](resigned(kind, fewer))


def test_a_licence_of_before_there_was_a_choice_keeps_strangers_out() -> None:
    claims = claims_of(KIND)
    assert claims.pop("network_policy") == "enforce"
    assert open_licence(resigned(KIND, claims), TRUST) == LICENCE


@pytest.mark.parametrize("kind", OPENERS)
@pytest.mark.parametrize("wrong", [True, -1, 1.5, "x" * 2000, "\n", [1], [[]], {"x": 1}], ids=named)
def test_a_claim_of_another_type_is_malformed(kind: str, wrong: object) -> None:
    for name, value in claims_of(kind).items():
        if type(value) is type(wrong) and not isinstance(wrong, int | float) and not _is_id(value):
            continue
        with pytest.raises((MalformedError, SignatureInvalidError)):
            OPENERS[kind](resigned(kind, {**claims_of(kind), name: wrong}))


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("lic_", "act_", "doc_", "req_"))


@pytest.mark.parametrize("kind", OPENERS)
def test_a_claim_that_we_do_not_know_does_no_harm(kind: str) -> None:
    """A newer side may say more."""
    assert OPENERS[kind](resigned(kind, {**claims_of(kind), "later": 1})) == VALUES[kind]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("status",), "Active"),
        (("status",), "paid"),
        (("seq",), 0),
        (("cnf",), {"jwk": {}}),
        (("cnf", "jkt"), ""),
        (("customer", "id"), "a b"),
        (("seats", "model"), "floating"),
        (("seats", "users"), -1),
        (("seats", "clients"), "many"),
        (("seats", "overdraft"), None),
        (("features",), ["Reports"]),
        (("features",), ["x"] * 257),
        (("networks",), ["10.0.0.1/8"]),
        (("networks",), ["300.0.0.0/8"]),
        (("networks",), [5]),
        (("networks",), ["::/129"]),
        (("network_policy",), "Report"),
        (("network_policy",), None),
        (("fingerprint", "components"), {"cpu": "short"}),
        (("fingerprint", "components"), {"CPU": "A" * 43}),
        (("fingerprint", "components"), {f"c{number}": "A" * 43 for number in range(33)}),
        (("fingerprint", "threshold"), "60"),
        (("validation", "interval"), 0),
        (("terms", "ends_at"), 1.5),
        (("notices",), [{"code": "x", "severity": "fatal", "text": {"en": "", "fa": ""}}]),
        (("notices",), ["x"]),
        (("reason",), "Payment overdue"),
    ],
    ids=named,
)
def test_each_part_of_a_licence_is_checked(path: tuple[str, ...], wrong: object) -> None:
    claims: dict[str, Any] = deepcopy(claims_of(KIND))
    place = claims
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = wrong
    with pytest.raises(MalformedError):
        OPENERS[KIND](resigned(KIND, claims))


@pytest.mark.parametrize("uptime", [-1, -0.5, True, "1", 2**53 + 1.0e3, None])
def test_uptime_is_a_number_of_seconds(uptime: object) -> None:
    claims = claims_of(VALIDATION)
    with pytest.raises(MalformedError):
        OPENERS[VALIDATION](resigned(VALIDATION, {**claims, "boot": {**claims["boot"], "uptime": uptime}}))


def test_a_licence_of_another_issuer_is_not_ours() -> None:
    with pytest.raises(SignatureInvalidError, match="not of"):
        open_licence(replace(LICENCE, issuer="https://other.example").sign(SIGNING), TRUST)


@pytest.mark.parametrize(
    ("signed_at", "counts"), [(NOW - 1, False), (NOW, True), (NOW + 10, True), (NOW + 11, False)], ids=str
)
def test_a_signing_key_counts_between_its_dates(signed_at: int, counts: bool) -> None:
    trust = replace(TRUST, signing=(SigningKey(SIGNING.key, "retired", NOW, NOW + 10),))
    document = replace(LICENCE, issued_at=signed_at).sign(SIGNING)
    if counts:
        assert open_licence(document, trust).issued_at == signed_at
    else:
        with pytest.raises(SignatureInvalidError, match="dates"):
            open_licence(document, trust)


def test_a_revoked_or_unknown_key_counts_for_nothing() -> None:
    revoked = replace(TRUST, signing=(SigningKey(SIGNING.key, "revoked", NOW, NOW),))
    for document, trust in ((LICENCE.sign(SIGNING), revoked), (LICENCE.sign(NEW_SIGNING), TRUST)):
        with pytest.raises(SignatureInvalidError, match="unknown or revoked"):
            open_licence(document, trust)


def test_root_keys_sign_no_licence() -> None:
    with pytest.raises(SignatureInvalidError):
        open_licence(LICENCE.sign(ROOT_1), TRUST)


def test_a_request_for_another_server_is_refused() -> None:
    for kind in (ACTIVATION, VALIDATION, DEACTIVATION):
        with pytest.raises(MalformedError, match="another licence server"):
            OPENERS[kind](resigned(kind, {**claims_of(kind), "aud": "https://other.example"}))


def test_a_request_names_the_key_that_signed_it() -> None:
    for kind in (ACTIVATION, VALIDATION):
        with pytest.raises(SignatureInvalidError, match="issuer"):
            OPENERS[kind](resigned(kind, {**claims_of(kind), "iss": STRANGER.key.kid}))


def test_a_device_key_in_a_tpm_signs_with_es256() -> None:
    request = replace(VALIDATION_REQUEST, device_key=TPM_DEVICE.key.kid)
    assert open_validation_request(request.sign(TPM_DEVICE), ISSUER, DEVICES)[0] == request


def test_a_validation_brings_its_key_only_with_evidence() -> None:
    assert open_validation_request(HELD.sign(DEVICE), ISSUER, Ring(())) == (HELD, DEVICE.key)
    document = sign_document(VALIDATION, claims_of(VALIDATION), STRANGER, introduce=True)
    with pytest.raises(MalformedError, match="evidence"):
        open_validation_request(document, ISSUER, DEVICES)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
WHOLE = st.integers(0, 2**53)
WORD = st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,20}", fullmatch=True)
MAYBE = st.none() | WHOLE
LICENCES = st.builds(
    replace,
    st.just(LICENCE),
    seq=st.integers(1, 2**53),
    issued_at=st.integers(NOW, 2**53),
    expires_at=WHOLE,
    status=st.sampled_from(["active", "suspended", "revoked", "expired", "superseded", "deactivated", "refused"]),
    reason=st.none() | WORD,
    site=TEXT,
    terms=st.builds(Terms, WHOLE, MAYBE, WHOLE, MAYBE),
    seats=st.builds(Seats, st.sampled_from(["concurrent", "named"]), WHOLE, MAYBE, WHOLE, WHOLE, WHOLE),
    features=st.lists(WORD, max_size=4).map(tuple),
    notices=st.lists(
        st.builds(Notice, WORD, st.sampled_from(["info", "warning", "critical"]), TEXT, TEXT), max_size=2
    ).map(tuple),
    network_policy=st.sampled_from(["enforce", "report"]),
)


@given(LICENCES)
def test_any_licence_comes_back_as_it_was(licence: Licence) -> None:
    assert open_licence(licence.sign(SIGNING), TRUST) == licence


@given(st.binary(max_size=300), st.sampled_from(sorted(OPENERS)))
def test_rubbish_is_only_ever_refused(rubbish: bytes, kind: str) -> None:
    with pytest.raises(LicensingError):
        OPENERS[kind](rubbish)


@given(st.sampled_from(sorted(OPENERS)), st.data())
def test_a_changed_byte_is_only_ever_refused(kind: str, data: st.DataObject) -> None:
    document = bytearray(SIGNED[kind])
    place = data.draw(st.integers(0, len(document) - 1))
    document[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(LicensingError):
        OPENERS[kind](bytes(document))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(OPENERS)), st.data())
def test_signed_nonsense_is_refused_or_read_and_nothing_else(kind: str, data: st.DataObject) -> None:
    """A device key signs what it likes: whatever it signs ends in a refusal, never in a crash."""
    claims = claims_of(kind)
    claims[data.draw(st.sampled_from(sorted(claims)))] = data.draw(JSON)
    try:
        document = resigned(kind, claims)
    except ValueError:
        return
    with suppress(LicensingError):
        OPENERS[kind](document)
