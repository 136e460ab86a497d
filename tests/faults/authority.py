"""A certificate authority of one's own, as whoever opens TLS has one: it certifies any name to anybody.

Its certificates last a day by this machine's clock. Who is to fall for it must be told to trust ``authority.pem``.
"""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from keys.clock import SystemClock

_DAY = timedelta(days=1)


@dataclass
class Authority:
    """Keeps its files in a folder: ``authority.pem``, and ``NAME.pem`` with key and certificate for each name."""

    folder: Path
    name: str = "An authority of one's own"

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, self.name)])
        built = self._begun(self._name, self._key).add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        built = built.add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), False)
        self.certificate = self.folder / "authority.pem"
        self.certificate.write_bytes(built.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def certify(self, name: str, *, days_ago: int = 0) -> Path:
        """Return a file with key and certificate of a host name or an address; ``days_ago``: since when it is over."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        built = self._begun(subject, key, days_ago).add_extension(x509.SubjectAlternativeName([_general(name)]), False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = built.add_extension(issuer, False).sign(self._key, hashes.SHA256())
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file = self.folder / f"{name.replace(':', '_')}.pem"
        file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
        return file

    def context(self, name: str, *, days_ago: int = 0) -> ssl.SSLContext:
        """Return what a server speaks TLS by in a name."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certify(name, days_ago=days_ago))
        return context

    def _begun(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, days_ago: int = 0) -> x509.CertificateBuilder:
        now = datetime.fromtimestamp(SystemClock().now(), UTC) - days_ago * _DAY
        begun = x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number())
        return begun.not_valid_before(now - _DAY).not_valid_after(now + (_DAY if days_ago == 0 else timedelta(0)))


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
