"""The certificate of the local API: who pins its authority knows the agent by any name, and by no other key."""

import ssl
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from keys.certificate import LIFETIME, RENEWAL, Authority
from keys.errors import InvalidInputError, StateDamagedError
from tests.fakes import START

NAMES = ("crm.example", "10.0.0.7", "fd00::7")


def shown(authority: Authority, now: int = START) -> x509.Certificate:
    return x509.load_pem_x509_certificate(authority.vouch(NAMES, now))


def test_what_is_shown_has_its_names_and_is_vouched_for() -> None:
    authority = Authority.begin(START)
    pinned, certificate = x509.load_pem_x509_certificate(authority.certificate_pem()), shown(authority)
    certificate.verify_directly_issued_by(pinned)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["crm.example"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.7", "fd00::7"]
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert certificate.not_valid_before_utc < datetime.fromtimestamp(START, UTC) < certificate.not_valid_after_utc
    ssl.create_default_context(cadata=authority.certificate_pem().decode())


def test_it_is_the_same_one_after_reading() -> None:
    authority = Authority.begin(START)
    again = Authority.read(authority.key_pem(), authority.certificate_pem())
    assert again.certificate_pem() == authority.certificate_pem()
    assert again.renewed(START + LIFETIME - RENEWAL - 1) is again


def test_the_next_one_has_the_same_key_and_old_pins_still_fit() -> None:
    authority, late = Authority.begin(START), START + LIFETIME - RENEWAL
    successor = authority.renewed(late)
    old = x509.load_pem_x509_certificate(authority.certificate_pem())
    new = x509.load_pem_x509_certificate(successor.certificate_pem())
    assert successor.key_pem() == authority.key_pem()
    assert new.not_valid_after_utc > old.not_valid_after_utc
    for pinned in (old, new):
        shown(successor, late).verify_directly_issued_by(pinned)


def test_another_agents_authority_vouches_for_nothing_here() -> None:
    with pytest.raises(ValueError, match="issuer"):
        shown(Authority.begin(START)).verify_directly_issued_by(
            x509.load_pem_x509_certificate(Authority.begin(START).certificate_pem())
        )


def pem(private: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def test_what_is_no_pair_is_damage() -> None:
    authority = Authority.begin(START)
    key, certificate = authority.key_pem(), authority.certificate_pem()
    for one, other in (
        (b"", certificate),
        (key, b""),
        (bytes(len(key)), certificate),
        (key, bytes(900)),
        (pem(ec.generate_private_key(ec.SECP256R1())), certificate),
        (pem(ed25519.Ed25519PrivateKey.generate()), certificate),
    ):
        with pytest.raises(StateDamagedError):
            Authority.read(one, other)


@pytest.mark.parametrize("names", [(), ("кристалл",)])
def test_a_name_is_needed_and_has_to_be_one(names: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError):
        Authority.begin(START).vouch(names, START)
