"""A page in a browser on the agent's machine reaches nothing of the local API, not even when it knows the token.

All that it can bring about is that ``/healthz`` says ``ok``, as it does to everybody, and that it can't read. The
browser is Chromium, its own rules for private networks off, since other browsers have none. Pages come from another
name, from another port of ``localhost``, and from a name that belongs to the agent's address a moment later.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from agent.web.access import Access
from tests.agent.web.server import TOKEN, Crm, serving
from tests.browser.attacker import site
from tests.browser.chromium import attacked
from tests.browser.names import Exchange, NameService, exchanges
from tests.threats.plugin import Figure

pytestmark = pytest.mark.long

EVIL, NEIGHBOUR = "evil.example", "127.0.0.2"
GETS = {"/healthz", "/v1/licence", "/v1/licence.html?lang=fa", "/v1/seats", "/v1/usage", "/metrics", "/v1/authorize"}


@dataclass
class Story:
    """An agent with somebody who is in, a browser beside it, and an attacker's site on the agent's own port."""

    crm: Crm
    browser: Chrome
    names: NameService
    read: list[str] = field(default_factory=list)
    """All that pages could read."""

    def open(self, url: str) -> None:
        self.names.addresses |= {EVIL: NEIGHBOUR, "127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1"}
        self.names.lines.clear()
        self.browser.get(url)
        assert self.browser.title == "Free wallpapers"

    def attack(self, target: str, token: str = TOKEN) -> list[Exchange]:
        """Let the page that is open attack, and return what the agent heard and answered."""
        self.names.lines.clear()
        self.read += attacked(self.browser, target, token)
        return [exchange for line in self.names.lines if line.port == self.crm.port for exchange in exchanges(line)]

    def rebound(self) -> list[Exchange]:
        """Open the page on the agent's port, let its name become the agent's address, and let it attack."""
        with site(NEIGHBOUR, self.crm.port):
            self.open(f"http://{EVIL}:{self.crm.port}/")
        self.names.addresses[EVIL] = "127.0.0.1"
        return self.attack(f"http://{EVIL}:{self.crm.port}")


@pytest.fixture
def story(tmp_path: Path, browser: Chrome, names: NameService) -> Iterator[Story]:
    with serving(tmp_path) as crm:
        assert crm.check_out("sara").status == 201
        yield Story(crm, browser, names)


def answered(heard: list[Exchange]) -> list[str]:
    """What was answered with anything but a refusal."""
    assert not any(name.startswith("access-control-") for one in heard for name in one.answer)
    refused = [one.status >= 400 and one.answer.get("content-type") == "application/problem+json" for one in heard]
    return [f"{one.method} {one.path}: {one.status}" for one, no in zip(heard, refused, strict=True) if not no]


@pytest.mark.threat(44)
@pytest.mark.parametrize("page", [EVIL, "localhost"])
@pytest.mark.parametrize("agent", ["127.0.0.1", "localhost"])
def test_a_page_of_another_name_or_port_reaches_nothing(story: Story, page: str, agent: str, figure: Figure) -> None:
    with site(NEIGHBOUR if page == EVIL else "127.0.0.1") as port:
        story.open(f"http://{page}:{port}/")
        heard = story.attack(f"http://{agent}:{story.crm.port}")
    figure(f"{len(heard)} requests of a page in Chromium: all refused but /healthz, which it can't read")
    assert {one.path for one in heard if one.method == "GET"} >= GETS
    assert {"POST", "OPTIONS"} <= {one.method for one in heard}
    assert story.read == []
    assert set(answered([one for one in heard if "origin" not in one.request])) <= {"GET /healthz: 200"}
    assert answered([one for one in heard if "origin" in one.request]) == []
    assert story.crm.office.users() == ["sara"]


@pytest.mark.threat(44)
def test_a_name_that_becomes_the_agent_s_address_reaches_nothing(story: Story, figure: Figure) -> None:
    heard = story.rebound()
    figure(f"{len(heard)} requests of a page in Chromium whose name became the agent's, all of them refused")
    assert {one.path for one in heard if one.method == "GET"} >= GETS
    assert {"POST", "DELETE"} <= {one.method for one in heard}
    assert answered(heard) == []
    assert story.read
    assert all("urn:licence:problem:origin-refused" in text for text in story.read)
    assert story.crm.office.users() == ["sara"]


@pytest.mark.threat(44, control=True)
def test_an_agent_that_looks_at_the_token_alone_is_read_and_robbed(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Access, "check_way_in", lambda *_: None)
    heard = story.rebound()
    assert {"POST /v1/seats: 201", "GET /v1/licence: 200"} <= set(answered(heard))
    assert any('"customer"' in text for text in story.read)
    assert story.crm.office.users() == ["mallory", "sara"]


@pytest.mark.threat(44, control=True)
def test_an_agent_without_tokens_would_answer_pages_that_say_nothing_of_where_they_are_from(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Access, "check_way_in", lambda *_: None)
    monkeypatch.setattr(Access, "check_application", lambda *_: None)
    with site(NEIGHBOUR) as port:
        story.open(f"http://{EVIL}:{port}/")
        heard = story.attack(f"http://127.0.0.1:{story.crm.port}")
    assert "GET /v1/licence: 200" in answered(heard)
    assert story.read == [], "a browser lets no page read what another name answers without leave"
