"""The certificate that a peer shows (RFC 5280), read for people: nobody has to believe it."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Shown:
    """What a certificate says of itself; nobody has to believe it."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    """Hosts and addresses that it is for."""
    from_at: int
    until_at: int
    """NumericDates."""


def read_shown(certificate: bytes) -> Shown:
    """Read a certificate that somebody shows, in DER. Whatever can't be read of it is empty."""
    try:
        found = x509.load_der_x509_certificate(certificate)
        subject, issuer = _person(found.subject), _person(found.issuer)
        names = _names(found)
    except ValueError:
        return Shown("", "", (), 0, 0)
    moments = found.not_valid_before_utc, found.not_valid_after_utc
    return Shown(subject, issuer, names, *(int(moment.timestamp()) for moment in moments))


def _person(name: x509.Name) -> str:
    """Return a name as people know it: common name, organisation and unit, as far as they are there."""
    kinds = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME)
    parts = [str(each.value) for kind in kinds for each in name.get_attributes_for_oid(kind)]
    return ", ".join(dict.fromkeys(parts))


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    hosts = found.get_values_for_type(x509.DNSName)
    return (*hosts, *(str(address) for address in found.get_values_for_type(x509.IPAddress)))
