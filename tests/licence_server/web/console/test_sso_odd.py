"""A provider that is gone, broken or somebody else's: one sentence, and the password works as ever."""

from pathlib import Path

import pytest

from licence_server.domain.federation import DOWN
from tests.licence_server.office import Home
from tests.licence_server.openid import OpenId, openid
from tests.licence_server.people import PASSWORD
from tests.licence_server.web.console.reader import Reader, words
from tests.licence_server.web.console.test_sso import BACK, SIGN_IN, THERE, english, linked, opened, provider, reader

__all__ = ["provider", "reader"]


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/.well-known/openid-configuration", (200, "<html>")), ("/.well-known/openid-configuration", (500, "{}")),
        ("/.well-known/openid-configuration", (200, "[]")), ("/.well-known/openid-configuration", (302, "/keys")),
        ("/.well-known/openid-configuration", (200, '{"issuer": "https://another.example"}')),
        ("/.well-known/openid-configuration", (200, '{"a": "' + "x" * 300_000 + '"}')),
        ("/token", (500, "{}")), ("/token", (200, "{}")), ("/token", (200, '{"id_token": 1}')),
        ("/keys", (404, "{}")), ("/keys", (200, "x")),
    ],
    ids=range(11),
)  # fmt: skip
def test_a_provider_that_is_odd_keeps_nobody_from_the_password(
    reader: Reader, provider: OpenId, path: str, answer: tuple[int, str]
) -> None:
    person = linked(reader)
    provider.answers[path] = answer
    gone = reader.get(THERE)
    if gone.status_code == 303:
        query = provider.signed_in(gone.headers["Location"])
        gone = reader.client.get(BACK, base_url=reader.base, query_string=query, headers=english())
    assert (gone.status_code, DOWN in words(gone)) == (503, True)
    assert reader.post(SIGN_IN, {"name": "sara", "password": PASSWORD}).status_code == 303
    assert reader.post("/console/sign-in/code", {"code": person.code()}).status_code == 303


def test_a_provider_that_is_gone_keeps_nobody_from_the_password(home: Home, tmp_path: Path) -> None:
    with openid(home.clock) as gone:
        pass
    reader = opened(home, gone, tmp_path)
    linked(reader)
    refused = reader.get(THERE)
    assert (refused.status_code, DOWN in words(refused), 'name="password"' in refused.text) == (503, True, True)
    assert reader.post(SIGN_IN, {"name": "sara", "password": PASSWORD}).status_code == 303
    reader.office.close()


@pytest.mark.parametrize("where", ["http://accounts.example/authorize", "javascript:alert(1)", "/authorize", 5, None])
def test_nobody_is_sent_where_no_provider_can_be(reader: Reader, provider: OpenId, where: object) -> None:
    provider.metadata["authorization_endpoint"] = where
    assert reader.get(THERE).status_code == 503
