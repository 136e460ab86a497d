"""The proof that a key may take another one's place: it is for one request, and from nobody but that key."""

from dataclasses import replace
from typing import Any

import pytest

from keys.documents.moving import open_proof, prove
from keys.documents.requests import VALIDATION, ValidationRequest, open_validation_request
from keys.errors import LicensingError, MalformedError, SignatureInvalidError
from keys.signing import Signer
from tests.keys.samples import DEVICE, DEVICES, ISSUER, STRANGER, TPM_DEVICE, VALIDATION_REQUEST


def asking(signer: Signer = TPM_DEVICE, **of_another: Any) -> ValidationRequest:
    """A request that asks for a move, with a proof for it, or for another one."""
    return replace(VALIDATION_REQUEST, next_key=prove(signer, replace(VALIDATION_REQUEST, **of_another)))


def test_the_key_comes_with_the_request_and_is_the_one_that_proved_itself() -> None:
    request, signer = open_validation_request(asking().sign(DEVICE, VALIDATION), ISSUER, DEVICES)
    assert signer == DEVICE.key
    assert open_proof(request) == TPM_DEVICE.key
    assert open_proof(VALIDATION_REQUEST) is None


@pytest.mark.parametrize(
    "of_another",
    [
        {"audience": "https://other.example"},
        {"activation_id": "act_2"},
        {"nonce": "b3RoZXI"},
        {"device_key": STRANGER.key.kid},
    ],
    ids=str,
)
def test_the_proof_of_another_request_is_none(of_another: dict[str, Any]) -> None:
    with pytest.raises(SignatureInvalidError, match="belongs to another request"):
        open_proof(asking(**of_another))


def test_no_way_leads_out_of_a_tpm() -> None:
    with pytest.raises(MalformedError, match="P-256"):
        open_proof(asking(STRANGER))


def test_no_key_takes_its_own_place() -> None:
    own = replace(VALIDATION_REQUEST, device_key=TPM_DEVICE.key.kid)
    with pytest.raises(SignatureInvalidError, match="the one that signed the request"):
        open_proof(replace(own, next_key=prove(TPM_DEVICE, own)))


def test_no_bit_of_a_proof_can_be_changed() -> None:
    proof = asking().next_key
    assert proof is not None
    for place in range(len(proof)):
        spoilt = bytearray(proof)
        spoilt[place] ^= 1
        with pytest.raises(LicensingError):
            open_proof(replace(VALIDATION_REQUEST, next_key=bytes(spoilt)))
