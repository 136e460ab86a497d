"""The awkward server: whoever follows the protocol gets a licence from it, and it runs where nobody depends on it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import jwt
import pytest

from agent.config import Settings
from keys.errors import LicensingError
from keys.keyfolder import KeyFolder
from licence_server.domain.licence import Licence
from licence_server.web.awkward import losing
from licence_server.web.awkward.cards import cards
from licence_server.web.awkward.deck import PLAIN, Deck
from licence_server.web.awkward.exchange import HEADER
from licence_server.web.awkward.past import Past
from licence_server.web.awkward.server import Awkward
from licence_server.wsgi.serving import HANG_UP
from tests.agent.vendor import HARDWARE
from tests.contract.installed import Installed
from tests.contract.patient import PatientAgent
from tests.contract.serving import DAY, Premises, ask, on_a_socket
from tests.contract.stock_client import Claims, Trust
from tests.fakes import TurnableClock
from tests.tpm import software_tpm

NETWORK = ["late", "dripped", "chunked", "delivered-twice", "request-dropped", "reply-dropped", "reply-cut"]
REFUSALS = ["busy", "busy-until", "limited", "limited-until", "evidence-required", "request-replayed"]
STRANGERS = ["portal", "redirected", "not-there", "forbidden", "gateway", "crashed", "empty", "noise"]
FORGERIES = ["unsigned", "forged", "old-answer"]
TRUST = ["key-rotated", "trust-renewed"]
NAMES = [*NETWORK, *REFUSALS, *STRANGERS, *FORGERIES, *TRUST]
HARMLESS = {"late", "dripped", "chunked", "delivered-twice", "evidence-required", "request-replayed", *TRUST}
"""An agent gets its answer from the same call."""


class Stacked(Deck):
    """Deals what a test lays on top, and else nothing."""

    def __init__(self) -> None:
        super().__init__((), 0)
        self.top = PLAIN
        self.below: tuple[str, ...] = ()

    def draw(self, fits: Callable[[str], bool]) -> str:
        if self.top == PLAIN or not fits(self.top):
            return PLAIN
        name, self.top, self.below = self.top, *(self.below[:1] or (PLAIN,)), self.below[1:]
        return name


@contextmanager
def awkward(premises: Premises, deck: Deck | int) -> Iterator[str]:
    """Serve the vendor's application awkwardly; a number is a seed."""
    folder = KeyFolder.of_home(premises.home.path, {})
    layer = Awkward.around(
        premises.counter.app,
        seed=deck if isinstance(deck, int) else 0,
        folder=folder,
        clock=premises.home.clock,
        hang_up=HANG_UP,
    )
    if isinstance(deck, Deck):
        layer.deck = deck
    with on_a_socket(cast("Any", layer)) as url:
        yield url


@pytest.fixture
def deck() -> Stacked:
    return Stacked()


@pytest.fixture
def url(premises: Premises, deck: Stacked, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(losing, "LATE", 0.05)
    monkeypatch.setattr(losing, "_PAUSE", 0.01)
    with awkward(premises, deck) as url:
        yield url


def activated(premises: Premises, url: str, home: Path) -> tuple[Installed, Licence]:
    """An agent that has its licence already when things begin to happen."""
    agent = Installed(home, premises.home.clock, url, HARDWARE)
    licence, code = premises.sell()
    agent.activate(code, premises.root)
    return agent, licence


def test_the_names_are_those_that_the_tests_and_the_page_know(founded: Path) -> None:
    known = cards(Past(), KeyFolder.of_home(founded, {}), TurnableClock())
    assert set(known) == set(NAMES)
    page = (Path(__file__).parents[2] / "docs" / "awkward.md").read_text()
    assert not [name for name in NAMES if f"| `{name}` |" not in page]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.threat(19)
def test_our_agent_gets_its_licence_and_loses_nothing(
    name: str, premises: Premises, deck: Stacked, url: str, quick_path: Path
) -> None:
    agent = Installed(quick_path / "server", premises.home.clock, url, HARDWARE)
    licence, code = premises.sell()
    deck.top = name
    insist(lambda: agent.activate(code, premises.root))
    deck.top = PLAIN
    premises.home.clock.advance(DAY)
    agent.validate()
    deck.top = name
    met = insist(agent.validate, lambda: (agent.standing.mode, agent.licence.seq) == ("full", 2))
    assert deck.top == PLAIN, "it was played"
    assert bool(met) == (name not in HARMLESS)
    assert (agent.licence.seq, agent.standing.mode) == (3, "full")
    noted = set(premises.events(licence.id))
    assert not noted & {"state_rolled_back", "state_returned", "clone_suspected", "clone_detected"}


@pytest.mark.threat(20)
@pytest.mark.parametrize("wish", ["evidence-required", "request-replayed"])
def test_an_answer_that_is_lost_after_a_wish_accuses_nobody(
    wish: str, premises: Premises, deck: Stacked, url: str, quick_path: Path
) -> None:
    agent, licence = activated(premises, url, quick_path / "server")
    for seq in range(2, 8):
        premises.home.clock.advance(DAY)
        deck.top, deck.below = wish, ("reply-dropped",)
        assert insist(agent.validate) == ["unreachable"]
        assert agent.licence.seq == seq
    assert premises.events(licence.id) == ["licence_issued", "licence_activated"]


@pytest.mark.threat(20)
@pytest.mark.parametrize("first", ["evidence-required", "request-replayed"])
def test_two_wishes_and_a_lost_answer_accuse_nobody(
    first: str, premises: Premises, deck: Stacked, url: str, quick_path: Path
) -> None:
    """With and without evidence it is one request: what is said of the one holds for the other."""
    agent, licence = activated(premises, url, quick_path / "server")
    second = "request-replayed" if first == "evidence-required" else "evidence-required"
    premises.home.clock.advance(DAY)
    deck.top, deck.below = first, (second, "reply-dropped")
    insist(agent.validate)
    deck.top, deck.below = PLAIN, ()
    assert insist(agent.validate) == []
    assert agent.licence.seq == 3
    assert premises.events(licence.id) == ["licence_issued", "licence_activated"]


@pytest.mark.long
@pytest.mark.threat(20)
def test_a_device_key_moves_once_whatever_happens_on_the_way(
    premises: Premises, deck: Stacked, url: str, quick_path: Path, rounds, figure
) -> None:
    clock, names = premises.home.clock, NAMES[:: len(NAMES) // rounds(len(NAMES), sample=4)]
    with software_tpm(quick_path / "tpm") as tcti:
        for name in names:
            agent, licence = activated(premises, url, quick_path / name)
            agent.validate()
            agent.settings = Settings(device_key="tpm", tpm=tcti)
            agent.begin()
            clock.advance(DAY)
            deck.top = name
            insist(agent.validate, lambda agent=agent: agent.standing.mode == "full")  # type: ignore[misc]
            assert (deck.top, agent.licence.seq) == (PLAIN, 3), name
            clock.advance(DAY)
            agent.validate()
            kept = [path.suffix for path in agent.agent.home.keys.iterdir()]
            assert (agent.licence.seq, agent.standing.mode, kept) == (4, "full", [".tpm"]), name
            assert premises.events(licence.id) == ["licence_issued", "licence_activated", "device_key_moved"], name
    figure(f"a key moved into a TPM through {len(names)} awkwardnesses, once each")


def insist(ask: Callable[[], object], is_well: Callable[[], bool] = lambda: True) -> list[str]:
    """Do what a person or a timer does: try again; and look after each failure."""
    met = list[str]()
    while len(met) < 4:
        try:
            ask()
            return met
        except LicensingError as error:
            met.append(error.word)
            assert is_well()
    raise AssertionError(met)


class Forgetful(PatientAgent):
    """Makes a new request for each try."""

    def _repeated(self, endpoint: str) -> Claims:
        return self.validate()


class Gullible(PatientAgent):
    """Reads an answer without asking who signed it."""

    def _verified(self, document: str, request: Claims) -> Claims:
        claims: Claims = jwt.decode(document, options={"verify_signature": False})
        return claims


@pytest.mark.threat(20, control=True)
def test_an_agent_that_does_not_keep_its_request_is_found_out(premises: Premises, deck: Stacked, url: str) -> None:
    licence, code = premises.sell()
    agent = Forgetful(url, Trust.pin(premises.root), dict(HARDWARE))
    agent.activate(code)
    deck.top = "reply-dropped"
    agent.persist("validations", agent.validate)
    assert "state_rolled_back" in premises.events(licence.id)


@pytest.mark.threat(19, control=True)
@pytest.mark.parametrize("name", ["unsigned", "forged"])
def test_an_agent_that_believes_anybody_is_found_out(premises: Premises, deck: Stacked, url: str, name: str) -> None:
    agent = Gullible(url, Trust.pin(premises.root), dict(HARDWARE))
    agent.activate(premises.sell()[1])
    deck.top = name
    assert agent.persist("validations", agent.validate)["status"] == "revoked"


def test_an_author_sees_what_was_done(premises: Premises, deck: Stacked, url: str) -> None:
    assert ask(url, "GET", "/agent/v1/trust").headers[HEADER] == "none"
    deck.top = "portal"
    answer = ask(url, "GET", "/agent/v1/trust")
    assert (answer.status_code, answer.headers[HEADER], answer.mimetype) == (200, "portal", "text/html")
    said = [json.loads(line) for line in premises.counter.log.getvalue().splitlines()]
    told = [(line["number"], line["awkward"]) for line in said if line["event"] == "awkward"]
    assert told == [(1, "none"), (2, "portal")]


def test_operators_are_not_bothered(premises: Premises, deck: Stacked, url: str) -> None:
    deck.top = "portal"
    assert ask(url, "GET", "/healthz").json == {"status": "alive"}
    assert deck.top == "portal"


@pytest.mark.parametrize(("name", "status"), [("busy", 503), ("limited", 429)])
def test_a_wait_is_named_in_seconds_or_as_a_date(deck: Stacked, url: str, name: str, status: int) -> None:
    deck.top = name
    answer = ask(url, "GET", "/agent/v1/trust")
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "1")
    deck.top = f"{name}-until"
    answer = ask(url, "GET", "/agent/v1/trust")
    assert (answer.status_code, answer.headers["Date"], answer.headers["Retry-After"]) == (
        status,
        "Fri, 15 Jan 2027 08:00:00 GMT",
        "Fri, 15 Jan 2027 08:00:01 GMT",
    )


def test_a_lost_answer_is_never_denied_later(deck: Stacked, url: str, premises: Premises) -> None:
    """Else the agent's next request would look like a restored backup."""
    agent = PatientAgent(url, Trust.pin(premises.root), dict(HARDWARE))
    agent.activate(premises.sell()[1])
    deck.top = "reply-dropped"
    with pytest.raises(OSError, match=r"closed|reset"):
        agent.validate()
    for name in ("request-replayed", "evidence-required"):
        deck.top = name
        assert agent.send_again("validations").count(b".") == 2
        assert deck.top == name, "it waits for another request"
    assert (agent._repeated("validations")["seq"], agent.validate()["seq"]) == (2, 3)
    assert deck.top == PLAIN, "it came with the next one"


def test_the_stock_client_lives_with_it_and_a_seed_repeats_the_run(premises: Premises, url: str, monkeypatch) -> None:
    runs = list[list[str]]()
    for _ in range(2):
        with awkward(premises, 20_261_122) as place:
            agent = PatientAgent(place, Trust.pin(premises.root), dict(HARDWARE))
            agent.persist("activations", partial(agent.activate, premises.sell()[1]))
            for number in range(20):
                assert agent.persist("validations", agent.validate)["seq"] == number + 2
        runs.append(agent.tries)
    assert runs[0] == runs[1]
    assert len(runs[0]) > 10
    assert premises.home.ask("audit", "verify")["valid"]
