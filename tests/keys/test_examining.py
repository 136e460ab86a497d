"""Any document, examined by what the person has: the trust document in hand counts, where there is one."""

from dataclasses import replace

import pytest

from keys.ceremony import rotated, signed
from keys.errors import LicensingError, MalformedError, SignatureInvalidError, TrustRefusedError
from keys.examining import examine
from tests.keys.samples import (
    ACTIVATION_REQUEST,
    DAY,
    DEVICE,
    NEW_SIGNING,
    NOW,
    ROOT_1,
    ROOT_2,
    ROOT_3,
    STRANGER,
    TRUST,
    VALIDATION_REQUEST,
)

NEWER = rotated(TRUST, NEW_SIGNING.key, NOW + DAY)
ELSEWHERE = replace(TRUST, issuer="https://elsewhere.example.com")


def test_a_trust_document_is_pinned_or_follows_the_one_in_hand() -> None:
    newer = signed(NEWER, [ROOT_3, ROOT_1])
    for current in (None, TRUST):
        found = examine(newer, current)
        assert (found.kind, found.signed_by, found.claims["version"]) == ("trust", (ROOT_1.key.kid, ROOT_3.key.kid), 2)
    with pytest.raises(TrustRefusedError):
        examine(signed(TRUST, [ROOT_1, ROOT_2]), NEWER)


def test_a_request_is_for_the_issuer_in_hand() -> None:
    requests = [(ACTIVATION_REQUEST.sign(DEVICE), None), (VALIDATION_REQUEST.sign(DEVICE), DEVICE.key)]
    for request, key in requests:
        assert examine(request, None, key).signed_by == examine(request, TRUST, key).signed_by == (DEVICE.key.kid,)
        with pytest.raises(LicensingError, match=r"elsewhere\.example\.com|is meant for"):
            examine(request, ELSEWHERE, key)


def test_another_key_did_not_sign_it() -> None:
    with pytest.raises(SignatureInvalidError):
        examine(VALIDATION_REQUEST.sign(DEVICE), TRUST, STRANGER.key)
    with pytest.raises(MalformedError):
        examine(b"e30.e30.e30", TRUST)
