"""Single sign-on: what we believe of what a provider says."""

import base64
import hashlib
from dataclasses import replace

import pytest

from keys.errors import InvalidInputError, NotSignedInError
from licence_server.domain.federation import (
    LEEWAY,
    LONGEST_ACCOUNT,
    Claims,
    Federation,
    Flow,
    Identity,
    account_of,
    check_account,
    check_assurance,
)
from tests.licence_server.samples import NOW

HERE = Federation("Owj", "sub", proves_second_factor=False, assurances=("mfa",), max_age=None)
THERE = replace(HERE, proves_second_factor=True)


def holds(claims: Claims, federation: Federation) -> bool:
    try:
        check_assurance(claims, federation, NOW)
    except NotSignedInError:
        return False
    return True


@pytest.mark.parametrize(
    ("claims", "federation", "expected"),
    [
        ({}, HERE, True),
        ({}, THERE, False),
        ({}, replace(THERE, assurances=()), True),
        ({"amr": ["pwd", "mfa"]}, THERE, True),
        ({"amr": ["pwd"]}, THERE, False),
        ({"amr": "mfa"}, THERE, False),
        ({"acr": "mfa"}, THERE, True),
        ({"acr": "phr"}, replace(THERE, assurances=("phr", "phrh")), True),
        ({"acr": None}, THERE, False),
        ({"auth_time": NOW - 300}, replace(HERE, max_age=300), True),
        ({"auth_time": NOW - 300 - LEEWAY}, replace(HERE, max_age=300), True),
        ({"auth_time": NOW - 301 - LEEWAY}, replace(HERE, max_age=300), False),
        ({}, replace(HERE, max_age=300), False),
        ({"auth_time": "now"}, replace(HERE, max_age=300), False),
    ],
)
def test_how_and_when_somebody_proved_it(claims: Claims, federation: Federation, expected: bool) -> None:
    assert holds(claims, federation) == expected


@pytest.mark.parametrize(
    ("claims", "identity", "account"),
    [
        ({"sub": "4711"}, "sub", "4711"),
        ({"sub": "4711", "preferred_username": "sara"}, "preferred_username", "sara"),
        ({"email": "sara@x.example", "email_verified": True}, "email", "sara@x.example"),
        ({"email": "sara@x.example", "email_verified": "true"}, "email", None),
        ({"email": "sara@x.example"}, "email", None),
        ({"sub": ""}, "sub", None),
        ({"sub": 4711}, "sub", None),
        ({"sub": "a\x00"}, "sub", None),
        ({"sub": "\ud800"}, "sub", None),
        ({"sub": "x" * 256}, "sub", None),
        ({}, "sub", None),
    ],
)
def test_whose_account_it_is(claims: Claims, identity: Identity, account: str | None) -> None:
    if account is None:
        with pytest.raises(NotSignedInError):
            account_of(claims, identity)
    else:
        assert account_of(claims, identity) == account


def test_the_secrets_of_a_flow_are_its_own_and_tell_nothing_of_each_other() -> None:
    flow, other = Flow.of("a challenge"), Flow.of("another")
    secrets = {flow.state, flow.nonce, flow.verifier, other.state, other.nonce, other.verifier}
    assert len(secrets) == 6
    assert flow == Flow(
        "2FxcUC79_IhgJqqu8lZXakv7BNd0EyWxGkFe5bcMDOo",
        "IEHVUERa0tq_PzLGqsvElaW1M6qoK8IhuVr1UiWuOkw",
        "cnJeiQpWooSeqaQi2RpjwttYtX2QsQPGAn29N4TG_DM",
    ), "whoever is under way when the server is upgraded arrives"
    assert all(len(secret) == 43 for secret in secrets)
    digest = hashlib.sha256(flow.verifier.encode()).digest()
    assert flow.proof == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert [flow.is_state(sent) for sent in (flow.state, other.state, "", "\ud800", flow.nonce)] == [True, *[False] * 4]


def test_an_account_to_link() -> None:
    assert check_account(" 4711 ") == "4711"
    for account in ("x", "x" * LONGEST_ACCOUNT):
        assert check_account(account) == account_of({"sub": account}, "sub") == account
    with pytest.raises(NotSignedInError):
        account_of({"sub": "x" * (LONGEST_ACCOUNT + 1)}, "sub")
    for wrong in ("", " ", "x" * 256, "a\nb", "\x00"):
        with pytest.raises(InvalidInputError):
            check_account(wrong)
