"""The local API over TLS, where browsers of a whole network can come: a page reaches no more of it than on loopback.

The reader has clicked every warning of a certificate away, and the page knows the token.
"""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from agent.web.access import Access
from agent.web.app import create_app
from agent.web.listener import LocalServer, Tls
from keys.certificate import Authority
from keys.clock import SystemClock
from tests.agent.seats.fakes import Office
from tests.agent.web.server import ADMINISTRATOR, TOKEN, serving
from tests.browser.attacker import site
from tests.browser.chromium import attacked
from tests.browser.names import NameService

pytestmark = pytest.mark.long

EVIL, AGENT, NEIGHBOUR = "evil.example", "127.0.0.1", "127.0.0.2"


@dataclass
class Story:
    """An agent over TLS with somebody who is in, a browser somewhere on the network, and an attacker's site."""

    office: Office
    port: int
    context: ssl.SSLContext
    browser: Chrome
    names: NameService

    def rebound(self) -> list[str]:
        """Open the attacker's page, let its name become the agent's address, let it attack; return what it read."""
        self.names.addresses[EVIL] = NEIGHBOUR
        with site(NEIGHBOUR, self.port, self.context):
            self.browser.get(f"https://{EVIL}:{self.port}/")
        self.names.addresses[EVIL] = AGENT
        return attacked(self.browser, f"https://{EVIL}:{self.port}", TOKEN)


@pytest.fixture
def story(tmp_path: Path, browser: Chrome, names: NameService) -> Iterator[Story]:
    now, chain = SystemClock().now(), tmp_path / "chain.pem"
    authority, context = Authority.begin(now), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    chain.write_bytes(authority.key_pem() + authority.vouch((AGENT,), now))
    context.load_cert_chain(chain)
    access = Access(TOKEN, ADMINISTRATOR, frozenset(), tls_names=frozenset({AGENT}))
    with serving(tmp_path) as crm:
        assert crm.check_out("sara").status == 201
        office = crm.office
        app = create_app(
            office.seating, standing=office.present, document=lambda: b"", access=access, trust=lambda: b"",
            last_failure=lambda _: None,
        )  # fmt: skip
        server = LocalServer(app, port=0, tls=Tls(AGENT, 0, context))
        server.start()
        names.addresses[AGENT] = AGENT
        yield Story(office, server.addresses.tls_port or 0, context, browser, names)
        server.stop()


@pytest.mark.threat(44)
def test_a_page_reaches_nothing_over_tls(story: Story) -> None:
    with site(NEIGHBOUR) as port:
        story.names.addresses[EVIL] = NEIGHBOUR
        story.browser.get(f"http://{EVIL}:{port}/")
        story.names.lines.clear()
        assert attacked(story.browser, f"https://{AGENT}:{story.port}", TOKEN) == []
    assert sum(len(line.heard) for line in story.names.lines if line.port == story.port) > 10_000, "it was reached"
    assert story.office.users() == ["sara"]


@pytest.mark.threat(44)
def test_a_name_that_becomes_the_agent_s_address_reaches_nothing_over_tls(story: Story) -> None:
    read = story.rebound()
    assert read
    assert all("urn:licence:problem:origin-refused" in text for text in read)
    assert story.office.users() == ["sara"]


@pytest.mark.threat(44, control=True)
def test_over_tls_too_the_token_alone_would_not_do(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Access, "check_way_in", lambda *_: None)
    assert any('"customer"' in text for text in story.rebound())
    assert story.office.users() == ["mallory", "sara"]
