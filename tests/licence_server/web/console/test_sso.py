"""Single sign-on over HTTP, against a provider on loopback: in, and everything that does not hold."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from werkzeug.test import TestResponse

from licence_server.domain.audit import Sought
from licence_server.domain.federation import ODD, UNREADABLE, WEAK
from licence_server.services.federating import REFUSED, STALE
from tests.licence_server.office import Home, Office
from tests.licence_server.openid import CLIENT, EC, ED, OTHER, RSA, SECRET, SHARED, OpenId, openid
from tests.licence_server.people import Person
from tests.licence_server.vendor import ME
from tests.licence_server.web.console.reader import Reader, words

SIGN_IN, THERE, BACK = "/console/sign-in", "/console/sign-in/sso", "/console/sign-in/sso/back"


@pytest.fixture
def provider(home: Home) -> Iterator[OpenId]:
    with openid(home.clock) as provider:
        yield provider


def opened(home: Home, provider: OpenId, folder: Path, **settings: object) -> Reader:
    """A console that knows a provider, and nobody at it."""
    secret = folder / "secret"
    secret.write_text(f"{SECRET}\n")
    there = {"sso_issuer": provider.issuer, "sso_client": CLIENT, "sso_secret_file": str(secret), "sso_name": "Owj"}
    return Reader.of(Office.of(home, **{**there, **settings}))


@pytest.fixture
def reader(home: Home, provider: OpenId, tmp_path: Path) -> Iterator[Reader]:
    reader = opened(home, provider, tmp_path)
    yield reader
    reader.office.close()


@pytest.fixture
def trusting(home: Home, provider: OpenId, tmp_path: Path) -> Iterator[Reader]:
    """One that leaves the second factor to the provider."""
    reader = opened(home, provider, tmp_path, sso_second_factor="provider", sso_max_age=3600)
    provider.claims |= {"amr": ["pwd", "mfa"], "auth_time": reader.office.clock.now()}
    yield reader
    reader.office.close()


def linked(reader: Reader, account: str = "4711") -> Person:
    person = Person.ready(cast("Any", reader.office.server))
    reader.office.server.enrolling.link(person.operator.id, account, ME)
    return person


def back(reader: Reader, provider: OpenId, **changes: str) -> TestResponse:
    """Go to the provider, sign in there, and come back."""
    brought = provider.signed_in(reader.get(THERE).headers["Location"])
    return reader.client.get(BACK, base_url=reader.base, query_string={**brought, **changes}, headers=english())


def english() -> dict[str, str]:
    return {"Accept-Language": "en"}


def is_in(reader: Reader) -> bool:
    return reader.get("/console").status_code == 200


def test_in_by_the_provider_and_ones_own_second_factor(reader: Reader, provider: OpenId) -> None:
    person = linked(reader)
    assert f"{THERE}?next=/console/account" in reader.links(reader.get(f"{SIGN_IN}?next=/console/account"))
    gone = reader.get(f"{THERE}?next=/console/account")
    brought = provider.signed_in(gone.headers["Location"])
    assert (gone.status_code, provider.asked["scope"], provider.asked["code_challenge_method"]) == (
        303,
        "openid",
        "S256",
    )
    arrived = reader.client.get(BACK, base_url=reader.base, query_string=brought)
    assert arrived.headers["Location"] == "/console/sign-in/code?next=/console/account"
    assert not is_in(reader)
    done = reader.post("/console/sign-in/code", {"code": person.code(), "next": "/console/account"})
    assert done.headers["Location"] == "/console/account"
    assert is_in(reader)
    events = [entry.event for entry in reader.office.server.auditing.entries(Sought(of=person.operator.id))]
    assert events[-3:] == ["operator_linked", "provider_proved", "signed_in"]
    assert reader.office.server.auditing.verify().valid


def test_in_by_the_provider_alone_where_it_proves_the_second_factor(trusting: Reader, provider: OpenId) -> None:
    linked(trusting)
    arrived = back(trusting, provider)
    assert (arrived.status_code, arrived.headers["Location"]) == (303, "/console")
    assert provider.asked["max_age"] == "3600"
    assert is_in(trusting)
    assert trusting.get(THERE).headers["Location"] == "/console"


@pytest.mark.parametrize("amr", [["pwd"], [], None, "mfa"])
def test_without_its_word_on_a_second_factor_nobody_gets_in(trusting: Reader, provider: OpenId, amr: object) -> None:
    linked(trusting)
    provider.claims["amr"] = amr
    refused = back(trusting, provider)
    assert (refused.status_code, WEAK in words(refused)) == (401, True)
    assert not is_in(trusting)


@pytest.mark.parametrize("auth_time", [None, 0, "now"])
def test_who_proved_it_too_long_ago_does_it_again(trusting: Reader, provider: OpenId, auth_time: object) -> None:
    linked(trusting)
    provider.claims["auth_time"] = auth_time
    assert "too long ago" in words(back(trusting, provider))
    assert not is_in(trusting)


@pytest.mark.threat(29)
@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"aud": ["another"]}, {"aud": None},
        {"iss": "https://accounts.example"}, {"iss": None}, {"exp": 1_700_000_000}, {"exp": None}, {"iat": 2**33},
        {"azp": "another"}, {"sub": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_that_is_not_for_us_now_opens_nothing(trusting: Reader, provider: OpenId, lies: dict) -> None:
    linked(trusting)
    provider.claims |= lies
    refused = back(trusting, provider)
    assert (refused.status_code, ODD in words(refused)) == (401, True)
    assert not is_in(trusting)


@pytest.mark.threat(29)
@pytest.mark.parametrize(("key", "alg"), [(OTHER, "RS256"), (SHARED, "HS256"), (RSA, "RS512"), (RSA, "PS256")])
def test_a_token_that_is_not_signed_as_it_has_to_be(trusting: Reader, provider: OpenId, key: Any, alg: str) -> None:
    linked(trusting)
    provider.key, provider.alg = key, alg
    assert ODD in words(back(trusting, provider))
    assert not is_in(trusting)


@pytest.mark.threat(29)
def test_a_token_without_a_signature_opens_nothing(trusting: Reader, provider: OpenId) -> None:
    linked(trusting)
    parts = (b'{"alg":"none"}', b'{"sub":"4711"}')
    token = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."
    provider.answers["/token"] = (200, f'{{"id_token": "{token}"}}')
    assert ODD in words(back(trusting, provider))


@pytest.mark.parametrize(("key", "alg"), [(EC, "ES256"), (ED, "Ed25519")])
def test_other_algorithms_that_will_do(trusting: Reader, provider: OpenId, key: Any, alg: str) -> None:
    linked(trusting)
    provider.key, provider.alg = key, alg
    assert back(trusting, provider).status_code == 303


@pytest.mark.threat(29)
def test_an_answer_counts_once_and_in_the_browser_that_asked(trusting: Reader, provider: OpenId) -> None:
    linked(trusting)
    refused = back(trusting, provider, state="another")
    assert (refused.status_code, STALE in words(refused)) == (401, True)
    brought = provider.signed_in(trusting.get(THERE).headers["Location"])
    thief = Reader.of(trusting.office)
    assert thief.client.get(BACK, base_url=thief.base, query_string=brought).status_code == 401
    thief.get(THERE)
    assert thief.client.get(BACK, base_url=thief.base, query_string=brought).status_code == 401
    assert provider.exchanges == []
    assert trusting.client.get(BACK, base_url=trusting.base, query_string=brought).status_code == 303
    trusting.post("/console/sign-out")
    assert trusting.client.get(BACK, base_url=trusting.base, query_string=brought).status_code == 401
    brought = provider.signed_in(trusting.get(THERE).headers["Location"])
    trusting.office.clock.advance(600)
    assert trusting.client.get(BACK, base_url=trusting.base, query_string=brought).status_code == 401
    assert not is_in(trusting)


def test_who_is_linked_to_nobody_or_disabled_stays_out(trusting: Reader, provider: OpenId) -> None:
    refused = back(trusting, provider)
    assert (refused.status_code, "4711" in words(refused)) == (401, True)
    person = linked(trusting)
    trusting.office.server.enrolling.disable(person.operator.id, ME)
    assert back(trusting, provider).status_code == 401
    trusting.office.server.enrolling.enable(person.operator.id, ME)
    assert back(trusting, provider).status_code == 303


def test_who_cancels_there_is_told_so(reader: Reader, provider: OpenId) -> None:
    state = provider.signed_in(reader.get(THERE).headers["Location"])["state"]
    refused = reader.get(f"{BACK}?error=access_denied&state={state}")
    assert (refused.status_code, REFUSED in words(refused)) == (401, True)
    assert provider.exchanges == []


def test_a_code_that_the_provider_refuses(reader: Reader, provider: OpenId) -> None:
    linked(reader)
    assert ODD in words(back(reader, provider, code="another"))


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"email": "sara@vendor.example", "email_verified": True}, None),
        ({"email": "sara@vendor.example", "email_verified": False}, "not verified"),
        ({"email": "sara@vendor.example"}, "not verified"), ({}, "email is missing"),
        ({"email": ["x"]}, "email is missing"),
    ],
)  # fmt: skip
def test_an_address_counts_where_the_provider_verified_it(
    home: Home, provider: OpenId, tmp_path: Path, claims: dict, said: str | None
) -> None:
    reader = opened(home, provider, tmp_path, sso_identity="email")
    linked(reader, "sara@vendor.example")
    provider.claims |= claims
    arrived = back(reader, provider)
    assert provider.asked["scope"] == "openid email"
    assert (arrived.status_code == 303) if said is None else (said in words(arrived))
    reader.office.close()


def test_we_prove_who_we_are_as_the_provider_wants_it(home: Home, provider: OpenId, tmp_path: Path) -> None:
    reader = opened(home, provider, tmp_path)
    linked(reader)
    back(reader, provider)
    sent = base64.b64decode(provider.exchanges[-1][0].removeprefix("Basic ")).decode()
    assert sent == "licence-server:long%20enough%20%2F%20%25%20%2B%20%3A"
    provider.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    back(reader, provider)
    assert provider.exchanges[-1][1]["client_secret"] == SECRET
    (tmp_path / "secret").unlink()
    refused = back(reader, provider)
    assert (refused.status_code, UNREADABLE in words(refused)) == (503, True)
    reader.office.close()
    reader = opened(home, provider, tmp_path, sso_secret_file="")
    back(reader, provider)
    assert (provider.exchanges[-1][0], provider.exchanges[-1][1]["client_id"]) == ("", CLIENT)
    reader.office.close()


def test_no_secret_gets_into_the_log(trusting: Reader, provider: OpenId) -> None:
    linked(trusting)
    back(trusting, provider)
    log = trusting.office.log.getvalue()
    verifier = provider.exchanges[-1][1]["code_verifier"]
    assert not [secret for secret in (SECRET, "the code", verifier, provider.asked["state"]) if secret in log]


def test_without_a_provider_nobody_is_shown_one(home: Home) -> None:
    office = Office.of(home)
    reader = Reader.of(office)
    assert THERE not in reader.get(SIGN_IN).text
    assert reader.get(THERE).status_code == reader.get(f"{BACK}?state=x&code=y").status_code == 404
    office.close()


def test_journeys_are_counted_until_they_end(reader: Reader, provider: OpenId) -> None:
    linked(reader)
    for _ in range(15):
        assert back(reader, provider).status_code == 303
    statuses = [reader.get(THERE).status_code for _ in range(12)]
    assert statuses[0] == 303
    assert statuses[-1] == 429
