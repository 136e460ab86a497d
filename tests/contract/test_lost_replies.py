"""A line that breaks at any byte, either way, repeats or delays: a request counts once, and nobody waits for ever."""

from collections.abc import Callable

import pytest

from keys.errors import UnreachableError
from tests.contract.installed import Installed
from tests.contract.serving import DAY, Premises
from tests.faults.proxy import CutRequest, Fate, Late, Wire

New = Callable[..., Installed]
EVERY, SAMPLE = 1, 37


def refused_by_the_line(server: Installed, wire: Wire, fate: Fate) -> None:
    wire.cut(fate)
    with pytest.raises(UnreachableError):
        server.validate()


def whole_request(server: Installed, wire: Wire) -> bytes:
    """Make a request that reaches nobody, and return it as it goes over the line."""
    sent: list[bytes] = []

    def lose(request: bytes) -> Fate:
        sent.append(request)
        return "lose request"

    wire.fate = lose
    with pytest.raises(UnreachableError):
        server.validate()
    return sent[0]


@pytest.mark.threat(20)
@pytest.mark.long
def test_a_validation_cut_at_every_byte_of_its_answer_counts_once(
    premises: Premises, wire: Wire, new: New, rounds, figure
) -> None:
    """The server committed; whatever arrives of its answer is all of it or nothing."""
    server = new()
    refused_by_the_line(server, wire, "lose reply")
    before, answer = server.document, wire.replies[-1]
    cuts = range(0, len(answer), rounds(EVERY, sample=SAMPLE))
    for arrived in cuts:
        refused_by_the_line(server, wire, arrived)
        assert server.document == before, arrived
    assert all(reply.partition(b"\r\n\r\n")[2] == answer.partition(b"\r\n\r\n")[2] for reply in wire.replies[1:])
    assert (server.validate().seq, server.standing.mode) == (2, "full")
    assert server.document == answer.partition(b"\r\n\r\n")[2]
    assert premises.show(server.licence.licence_id)["activation"]["seq"] == 2
    assert server.validate().seq == 3
    figure(f"{len(cuts)} cuts of the answer: one document, the same bytes each time")


@pytest.mark.threat(20)
@pytest.mark.long
def test_an_activation_cut_at_every_byte_of_its_answer_counts_once(
    premises: Premises, wire: Wire, new: New, rounds, figure
) -> None:
    """Before there is any licence: a code must not be lost, and half an answer is no refusal."""
    licence, code = premises.sell()
    server = new("")
    cuts: list[int] = []
    for arrived in ("lose reply", *range(0, 9999, rounds(EVERY, sample=SAMPLE))):
        if isinstance(arrived, int) and arrived >= len(wire.replies[-1]):
            break
        wire.cut(arrived)
        with pytest.raises(UnreachableError):
            server.activate(code, premises.root)
        assert server.document is None, arrived
        cuts.append(len(cuts))
    assert server.activate(code, premises.root).licence_id == licence.id
    assert premises.events(licence.id) == ["licence_issued", "licence_activated"]
    figure(f"{len(cuts)} cuts of the answer: one activation")


@pytest.mark.threat(20)
@pytest.mark.long
def test_a_validation_cut_at_every_byte_of_its_request_counts_once(
    premises: Premises, wire: Wire, new: New, rounds, figure
) -> None:
    server = new()
    request = whole_request(server, wire)
    cuts = range(0, len(request), rounds(EVERY, sample=SAMPLE))
    for sent in cuts:
        refused_by_the_line(server, wire, CutRequest(sent))
        assert (server.licence.seq, server.standing.mode) == (1, "full"), sent
    assert premises.show(server.licence.licence_id)["activation"]["seq"] == 1, "half a request is none"
    assert server.validate().seq == 2
    assert wire.replies[-1].startswith(b"HTTP/1.1 200")
    figure(f"{len(cuts)} cuts of the request: none counted, the whole one once")


@pytest.mark.threat(20)
def test_a_line_that_breaks_in_some_places_costs_nothing(premises: Premises, wire: Wire, new: New) -> None:
    """A few of the places that the long tests go through one by one."""
    server = new()
    request = whole_request(server, wire)
    refused_by_the_line(server, wire, "lose reply")
    length = len(wire.replies[-1])
    for fate in (0, 20, length // 3, length - 1, CutRequest(40), CutRequest(len(request) - 1)):
        refused_by_the_line(server, wire, fate)
        assert (server.licence.seq, server.standing.mode) == (1, "full")
    assert server.validate().seq == 2
    assert premises.show(server.licence.licence_id)["activation"]["seq"] == 2


@pytest.mark.threat(15)
@pytest.mark.threat(20)
def test_a_request_that_arrives_twice_or_late_counts_once(premises: Premises, wire: Wire, new: New) -> None:
    licence, code = premises.sell()
    server = new("")
    wire.cut("repeat")
    assert server.activate(code, premises.root).seq == 1
    for fate in ("repeat", Late(0.2), "repeat"):
        server.clock.advance(DAY)
        wire.cut(fate)
        server.validate()
    assert (server.licence.seq, premises.show(licence.id)["activation"]["seq"]) == (4, 4)
    assert premises.events(licence.id) == ["licence_issued", "licence_activated"], "and nobody is suspected"


@pytest.mark.threat(14)
def test_an_answer_played_again_is_never_taken(premises: Premises, wire: Wire, new: New) -> None:
    server = new()
    server.validate()
    for _ in range(3):
        server.clock.advance(DAY)
        before = server.document
        wire.fate = lambda request: "replay" if request.startswith(b"POST") else "pass"
        with pytest.raises(UnreachableError, match="belong"):
            server.validate()
        assert (server.document, server.standing.mode) == (before, "full")
        wire.mended()
        server.validate()


@pytest.mark.threat(20, control=True)
def test_a_client_that_makes_a_new_request_each_time_counts_twice(premises: Premises, wire: Wire, new: New) -> None:
    """The control: an agent that forgets what it sent when no answer comes."""
    server = new()
    refused_by_the_line(server, wire, "lose reply")
    server.home.pending.unlink()
    server.validate()
    assert server.licence.seq == 3


def claiming(word: str) -> bytes:
    """An unsigned wish for another request."""
    body = f'{{"type": "urn:licence:problem:{word}", "title": "No"}}'.encode()
    head = f"HTTP/1.1 409 Conflict\r\nContent-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.mark.threat(19)
@pytest.mark.threat(20)
@pytest.mark.parametrize("word", ["evidence-required", "request-replayed"])
def test_whoever_hides_an_answer_and_asks_for_another_accuses_nobody(
    premises: Premises, wire: Wire, new: New, word: str
) -> None:
    """Else five such lies in a month would raise a suspicion against an honest customer."""
    server = new()
    for _ in range(6):
        server.clock.advance(DAY)
        refused_by_the_line(server, wire, "lose reply")
        wire.fate = lambda request: claiming(word) if request.startswith(b"POST") else "pass"
        with pytest.raises(UnreachableError, match="keeps asking"):
            server.validate()
        wire.mended()
        server.validate()
        assert not server.home.pending_again.exists()
    assert premises.events(server.licence.licence_id) == ["licence_issued", "licence_activated"]
    assert (server.licence.seq, server.standing.mode) == (7, "full")
