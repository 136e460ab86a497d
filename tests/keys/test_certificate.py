"""The certificate of the local API: who pins its authority knows the agent by any name, and by no other key."""

import ssl
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from keys.certificate import LIFETIME, RENEWAL, Authority
from keys.errors import InvalidInputError, StateDamagedError
from tests.fakes import START

DAY = 86_400
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


def marks(certificate: x509.Certificate) -> dict[type[x509.ExtensionType], tuple[x509.ExtensionType, bool]]:
    """Return every extension, and whether a reader that does not know it must refuse the certificate."""
    return {type(one.value): (one.value, one.critical) for one in certificate.extensions}


def usage(task: str) -> x509.KeyUsage:
    """Allow one task, and none of the others."""
    tasks = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    others = ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: name == task for name in (*tasks, *others)})


def test_a_pinned_certificate_vouches_for_servers_and_for_no_other_authority() -> None:
    pinned = x509.load_pem_x509_certificate(Authority.begin(START).certificate_pem())
    own = x509.SubjectKeyIdentifier.from_public_key(pinned.public_key())
    assert marks(pinned) == {
        x509.SubjectKeyIdentifier: (own, False),
        x509.AuthorityKeyIdentifier: (x509.AuthorityKeyIdentifier(own.digest, None, None), False),
        x509.BasicConstraints: (x509.BasicConstraints(ca=True, path_length=0), True),
        x509.KeyUsage: (usage("key_cert_sign"), True),
    }
    assert pinned.issuer == pinned.subject
    (name,) = pinned.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == f"licence-agent {own.digest.hex()[:16]}", "two agents differ, and one can be told by its key"


def test_what_is_shown_is_a_server_and_vouches_for_nothing() -> None:
    certificate = shown(Authority.begin(START))
    own = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())
    known_by = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert marks(certificate) == {
        x509.SubjectKeyIdentifier: (own, False),
        x509.AuthorityKeyIdentifier: (x509.AuthorityKeyIdentifier(own.digest, None, None), False),
        x509.BasicConstraints: (x509.BasicConstraints(ca=False, path_length=None), True),
        x509.KeyUsage: (usage("digital_signature"), True),
        x509.ExtendedKeyUsage: (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        x509.SubjectAlternativeName: (known_by.value, False),
    }


def check(certificate: x509.Certificate, pinned: Authority, host: str, moment: int) -> None:
    """Check as a client does that pins the authority. Raises VerificationError."""
    store = Store([x509.load_pem_x509_certificate(pinned.certificate_pem())])
    policy = PolicyBuilder().store(store).time(datetime.fromtimestamp(moment, UTC))
    policy.build_server_verifier(x509.DNSName(host)).verify(certificate, [])


@pytest.mark.parametrize("moment", [START - 30 * DAY, START + LIFETIME])
def test_a_client_believes_what_is_shown_from_its_first_to_its_last_second(moment: int) -> None:
    authority = Authority.begin(START)
    check(shown(authority), authority, "crm.example", moment)


@pytest.mark.parametrize("moment", [START - 30 * DAY - 1, START + LIFETIME + 1])
def test_a_client_believes_it_neither_before_nor_after(moment: int) -> None:
    authority = Authority.begin(START)
    with pytest.raises(VerificationError, match="not valid at validation time"):
        check(shown(authority), authority, "crm.example", moment)


def test_a_client_believes_no_other_name_and_no_other_authority() -> None:
    authority = Authority.begin(START)
    with pytest.raises(VerificationError, match="subject"):
        check(shown(authority), authority, "evil.example", START)
    with pytest.raises(VerificationError, match="candidates exhausted"):
        check(shown(authority), Authority.begin(START), "crm.example", START)


@pytest.mark.usefixtures("elsewhere")
def test_it_is_good_from_and_until_the_same_moments_in_every_zone() -> None:
    authority = Authority.begin(START)
    for certificate in (x509.load_pem_x509_certificate(authority.certificate_pem()), shown(authority)):
        assert certificate.not_valid_before_utc.timestamp() == START - 30 * DAY
        assert certificate.not_valid_after_utc.timestamp() == START + LIFETIME


def test_it_is_the_same_one_after_reading() -> None:
    authority = Authority.begin(START)
    again = Authority.read(authority.key_pem(), authority.certificate_pem())
    assert (again.key_pem(), again.certificate_pem()) == (authority.key_pem(), authority.certificate_pem())
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
