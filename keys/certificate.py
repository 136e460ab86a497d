"""The certificate by which an agent's local API is known to applications on other machines (RFC 5280).

Applications pin an authority that signs for this one agent only: a P-256 key and its own certificate. What the agent
shows is a second certificate of the same key, which may get other names without anybody having to pin anew.
"""

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from keys.errors import InvalidInputError, StateDamagedError
from keys.sentences import phrase

LIFETIME = 7300 * 86_400
"""Seconds that an authority is good for."""
RENEWAL = 60 * 86_400
"""Seconds before its end from which there is another one with the same key and name, which either one vouches for."""
_ALLOWANCE = 30 * 86_400
"""Seconds for clocks of other machines that are behind."""
_TASKS = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
"""Everything that a key can be for (RFC 5280, section 4.2.1.3)."""


class Authority:
    """A key, and the certificate that applications pin."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._key, self._certificate = key, certificate

    @classmethod
    def begin(cls, now: int) -> "Authority":
        """Make a key and its certificate; ``now`` is a NumericDate."""
        return cls._of(ec.generate_private_key(ec.SECP256R1()), now)

    @classmethod
    def read(cls, key: bytes, certificate: bytes) -> "Authority":
        """Read both as PEM. Raises StateDamagedError: they are none, or no pair."""
        try:
            private = serialization.load_pem_private_key(key, None)
            found = x509.load_pem_x509_certificate(certificate)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise StateDamagedError(phrase("The key or the certificate for TLS can't be read.")) from error
        if not isinstance(private, ec.EllipticCurvePrivateKey) or private.public_key() != found.public_key():
            raise StateDamagedError(phrase("The key and the certificate for TLS are no pair."))
        return cls(private, found)

    def renewed(self, now: int) -> "Authority":
        """Return this one, or from 60 days before its end another one with the same key."""
        return self if now < self._ends_at - RENEWAL else self._of(self._key, now)

    def key_pem(self) -> bytes:
        """Return the private key as PKCS#8."""
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def certificate_pem(self) -> bytes:
        """Return what applications pin."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def vouch(self, names: Sequence[str], now: int) -> bytes:
        """Return a certificate, as PEM, by which a server of these names and addresses is known.

        Raises:
            InvalidInputError: no names, or one that is neither a name nor an address.
        """
        if not names:
            raise InvalidInputError(phrase("A certificate needs a name."))
        subject = _name("licence-agent, local API")
        known_by = x509.SubjectAlternativeName([_general(name) for name in names])
        signed = (
            _draft(subject, self._certificate.subject, self._key, now, self._ends_at)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage("digital_signature"), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(known_by, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return signed.public_bytes(serialization.Encoding.PEM)

    @property
    def _ends_at(self) -> int:
        return int(self._certificate.not_valid_after_utc.timestamp())

    @classmethod
    def _of(cls, key: ec.EllipticCurvePrivateKey, now: int) -> "Authority":
        # Two agents differ in their names, too: a client that pins both must not try one's key for the other.
        fingerprint = x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest.hex()[:16]
        name = _name(f"licence-agent {fingerprint}")
        signed = (
            _draft(name, name, key, now, now + LIFETIME)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage("key_cert_sign"), critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(key, signed)


def _draft(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: int, ends_at: int
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.fromtimestamp(now - _ALLOWANCE, UTC))
        .not_valid_after(datetime.fromtimestamp(ends_at, UTC))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
    )


def _usage(only: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{task: task == only for task in _TASKS})


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        return x509.DNSName(name)
    except ValueError as error:
        raise InvalidInputError(phrase("{name} is neither a name nor an address.", name=repr(name))) from error
