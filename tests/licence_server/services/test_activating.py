"""A licence is bound to one server (T4)."""

from dataclasses import replace

import pytest

from keys.errors import (
    CodeExpiredError,
    CodeUnknownError,
    CodeUsedError,
    FingerprintInsufficientError,
    LicenceNotActivatableError,
    MalformedError,
    SignatureInvalidError,
    TermsNotAcceptedError,
)
from keys.identity import new_code
from keys.jws import encode, to_json
from tests.licence_server.device import Device
from tests.licence_server.vendor import ME, Vendor

DAY = 86_400


def test_an_activation_returns_the_first_document(vendor: Vendor) -> None:
    licence, code = vendor.sell(clients=4)
    first = Device(vendor).activate(code)
    assert (first.licence_id, first.seq, first.status, first.seats.users) == (licence.id, 1, "active", 3)
    assert (first.issued_at, first.activated_at) == (vendor.clock.now(), vendor.clock.now())
    assert vendor.licence(licence.id).state == "active"
    assert vendor.events(licence.id) == ["licence_issued", "licence_activated"]
    assert vendor.auditing.verify().valid


def test_a_retry_gets_the_same_bytes_also_when_the_code_has_expired_since(vendor: Vendor) -> None:
    _, code = vendor.sell()
    request = Device(vendor).activation_request(code)
    answer = vendor.activating.activate(request)
    vendor.clock.advance(99 * DAY)
    assert vendor.activating.activate(request) == answer
    assert vendor.auditing.verify().valid


def test_a_code_is_read_as_people_type_it(vendor: Vendor) -> None:
    _, code = vendor.sell()
    assert Device(vendor).activate(code.lower().replace("-", " ")).seq == 1


def test_a_code_serves_one_server(vendor: Vendor) -> None:
    licence, code = vendor.sell()
    winner, loser = Device(vendor), Device(vendor)
    winner.activate(code)
    with pytest.raises(CodeUsedError):
        loser.activate(code)
    bound = vendor.reading.licence(licence.id).activation
    assert bound is not None
    assert bound.device_key == winner.signer.key.kid


@pytest.mark.parametrize("wrong", ["", "AAAAA", "another"])
def test_an_unknown_code_is_refused(vendor: Vendor, wrong: str) -> None:
    vendor.sell()
    with pytest.raises(CodeUnknownError):
        Device(vendor).activate(new_code(bytes) if wrong == "another" else wrong)


def test_a_code_expires(vendor: Vendor) -> None:
    licence, code = vendor.sell()
    vendor.clock.advance(vendor.policy.code_lifetime)
    with pytest.raises(CodeExpiredError):
        Device(vendor).activate(code)
    assert vendor.licence(licence.id).state == "issued"


def test_a_newer_code_voids_the_older(vendor: Vendor) -> None:
    licence, old = vendor.sell()
    new = vendor.issuing.new_code(licence.id, ME)
    with pytest.raises(CodeExpiredError):
        Device(vendor).activate(old)
    assert Device(vendor).activate(new).seq == 1


def test_a_refused_activation_changes_nothing_and_the_code_stays_good(vendor: Vendor) -> None:
    _, code = vendor.sell()
    before = vendor.auditing.verify().events
    device = Device(vendor)
    weak = {"product_uuid": device.components["product_uuid"]}
    no_strong = {name: device.components[name] for name in ("board_serial", "disk_serial", "mac", "cpu")}
    for components in ({}, weak, no_strong):
        with pytest.raises(FingerprintInsufficientError, match="40 are needed"):
            device.activate(code, components=components)
    with pytest.raises(TermsNotAcceptedError, match="Version 1"):
        device.activate(code, terms_version="0")
    assert vendor.auditing.verify().events == before
    assert device.activate(code).seq == 1


def test_the_terms_version_in_force_must_be_accepted(vendor: Vendor) -> None:
    _, code = vendor.sell()
    stricter = vendor.with_policy(replace(vendor.policy, terms_version="2"))
    with pytest.raises(TermsNotAcceptedError):
        Device(stricter).activate(code, terms_version="1")
    assert Device(stricter).activate(code, terms_version="2").seq == 1


@pytest.mark.parametrize("how", ["suspended", "revoked", "expired", "not begun"])
def test_a_licence_that_is_not_in_force_is_not_activated(vendor: Vendor, how: str) -> None:
    now = vendor.clock.now()
    licence, code = vendor.sell(ends_at=now + DAY, starts_at=now + 3600 if how == "not begun" else None)
    if how == "suspended":
        vendor.suspending.suspend(licence.id, "payment_overdue", ME)
    if how == "revoked":
        vendor.suspending.revoke(licence.id, "returned", ME)
    if how == "expired":
        vendor.clock.advance(DAY + vendor.policy.terms_grace)
    # Who revokes a licence withdraws its code, too.
    with pytest.raises(CodeExpiredError if how == "revoked" else LicenceNotActivatableError):
        Device(vendor).activate(code)


def test_a_device_key_serves_one_activation_for_ever(vendor: Vendor, device: Device) -> None:
    """Not even after the licence was given back, and not for another licence; the row stays as it is."""
    other, code = vendor.sell()
    device.deactivate()
    before = vendor.validating.devices.find(device.signer.key.kid)
    with pytest.raises(LicenceNotActivatableError, match="device key"):
        device.activate(code)
    assert vendor.validating.devices.find(device.signer.key.kid) == before
    assert vendor.licence(other.id).state == "issued"
    assert Device(vendor).activate(code).licence_id == other.id, "the code was not used up"


def test_the_request_must_be_signed_by_the_key_that_it_names(vendor: Vendor) -> None:
    _, code = vendor.sell()
    device, thief = Device(vendor), Device(vendor)
    with pytest.raises(SignatureInvalidError):
        device.activate(code, device_key=thief.signer.key.kid)
    header, claims, _ = device.activation_request(code).split(b".")
    _, _, foreign = thief.activation_request(code).split(b".")
    with pytest.raises(SignatureInvalidError):
        vendor.activating.activate(b".".join((header, claims, foreign)))


def test_a_request_for_another_issuer_is_refused(vendor: Vendor) -> None:
    _, code = vendor.sell()
    with pytest.raises(MalformedError):
        Device(vendor).activate(code, audience="https://elsewhere.example.com")


@pytest.mark.parametrize("encoding", ["00" * 32, "01" + "00" * 31, "ec" + "ff" * 30 + "7f"])
def test_a_device_key_of_small_order_is_refused(vendor: Vendor, encoding: str) -> None:
    """One constant signature verifies for every message under such a key."""
    _, code = vendor.sell()
    _, claims, _ = Device(vendor).activation_request(code).split(b".")
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": encode(bytes.fromhex(encoding)).decode()}
    header = encode(to_json({"alg": "EdDSA", "typ": "activation-request+jwt", "jwk": jwk}))
    constant = encode(bytes([1]) + bytes(63))
    with pytest.raises(MalformedError, match="small order"):
        vendor.activating.activate(b".".join((header, claims, constant)))
