"""What a certificate says of itself, whoever shows it."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from keys.certificate import Authority as Agents
from keys.shown import Shown, read_shown
from tests.fakes import START
from tests.faults.authority import Authority


@pytest.mark.parametrize("name", ["licences.example.com", "10.0.0.7"])
def test_names_issuer_and_span_are_read(tmp_path: Path, name: str) -> None:
    authority = Authority(tmp_path, "An office")
    found = x509.load_pem_x509_certificate(authority.certify(name).read_bytes())
    shown = read_shown(found.public_bytes(Encoding.DER))
    assert (shown.subject, shown.issuer, shown.names) == (name, "An office", (name,))
    assert shown.until_at - shown.from_at == 2 * 86_400


def test_what_has_no_names_and_what_is_none() -> None:
    pinned = x509.load_pem_x509_certificate(Agents.begin(START).certificate_pem())
    shown = read_shown(pinned.public_bytes(Encoding.DER))
    assert (shown.names, shown.subject) == ((), shown.issuer)
    assert read_shown(b"noise") == Shown("", "", (), 0, 0)
