"""Documents of earlier releases, frozen: old ones must always open.

A new form gets a folder of its own; these are never written anew.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from keys.documents.licence import open_licence
from keys.documents.outage import Outage, open_outage
from keys.documents.requests import DEACTIVATION, VALIDATION, open_activation_request, open_validation_request
from keys.keyfile import load_key
from keys.trust import pin_trust, replace_trust
from tests.keys.samples import (
    ACTIVATION_REQUEST,
    DAY,
    DEACTIVATION_REQUEST,
    DEVICES,
    ISSUER,
    LICENCE,
    NEW_SIGNING,
    NOW,
    ROOT_1,
    SIGNING,
    TRUST,
    VALIDATION_REQUEST,
)

FROZEN = Path(__file__).parent.parent / "vectors" / "frozen-1"
FROZEN_2 = FROZEN.with_name("frozen-2")
"""Outages."""


def frozen(name: str) -> bytes:
    return (FROZEN / name).read_bytes().strip()


def test_the_trust_documents_of_release_1_open() -> None:
    trust = pin_trust(frozen("trust.json"))
    assert trust == TRUST
    after = replace_trust(trust, frozen("trust-rotated.json"))
    assert [(entry.key, entry.status) for entry in after.signing] == [
        (SIGNING.key, "retired"),
        (NEW_SIGNING.key, "active"),
    ]


def test_the_licences_of_release_1_open() -> None:
    assert open_licence(frozen("licence-active.jws"), TRUST) == LICENCE
    assert open_licence(frozen("licence-active.jws"), pin_trust(frozen("trust-rotated.json"))) == LICENCE
    suspended = open_licence(frozen("licence-suspended.jws"), TRUST)
    assert (suspended.status, suspended.reason, suspended.seq) == ("suspended", "payment_overdue", 2)
    refused = open_licence(frozen("licence-refused.jws"), TRUST)
    assert (refused.status, refused.reason, refused.issued_at) == ("refused", "fingerprint_mismatch", NOW + 2 * DAY)
    named = open_licence(frozen("licence-perpetual-named.jws"), TRUST)
    assert (named.seats.model, named.seats.clients, named.terms.ends_at) == ("named", None, None)


def test_the_requests_of_release_1_open() -> None:
    assert open_activation_request(frozen("activation-request.jws"), ISSUER)[0] == ACTIVATION_REQUEST
    assert open_validation_request(frozen("validation-request.jws"), ISSUER, DEVICES)[0] == VALIDATION_REQUEST
    tpm, key = open_validation_request(frozen("validation-request-tpm.jws"), ISSUER, DEVICES, VALIDATION)
    assert (tpm.device_key, key.kind) == (key.kid, "ES256")
    held, _ = open_validation_request(frozen("validation-request-held.jws"), ISSUER, DEVICES)
    assert held.held == frozen("licence-active.jws")
    gone, _ = open_validation_request(frozen("deactivation-request.jws"), ISSUER, DEVICES, DEACTIVATION)
    assert gone == DEACTIVATION_REQUEST


def test_the_key_files_of_release_1_open(tmp_path: Path) -> None:
    file = tmp_path / "root.pem"
    file.write_bytes((FROZEN / "root-1.pem").read_bytes())
    file.chmod(0o600)
    assert load_key(file, b"frozen").key == ROOT_1.key


def test_the_outages_of_release_1_open() -> None:
    for_all = Outage(ISSUER, "out_1", NOW, NOW, NOW + 60 * DAY, 14 * DAY, None)
    assert open_outage((FROZEN_2 / "outage-all.jws").read_bytes().strip(), TRUST) == for_all
    some = open_outage((FROZEN_2 / "outage-some.jws").read_bytes().strip(), TRUST)
    assert some == replace(for_all, document_id="out_2", licences=("lic_1", "lic_2"))


@pytest.mark.parametrize("path", sorted([*FROZEN.glob("*.jws"), *FROZEN_2.glob("*.jws")]), ids=lambda path: path.name)
def test_frozen_documents_are_one_line_of_ascii(path: Path) -> None:
    """Whole and unharmed by editors and version control."""
    assert path.read_bytes().decode("ascii").count("\n") == 1
