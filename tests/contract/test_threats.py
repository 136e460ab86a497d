"""Threats to time and protocol, each with the whole agent against the whole server; every attack has its control."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from agent.services import validating as agent_validating
from keys.documents.requests import DEACTIVATION
from keys.errors import LicensingError, UnreachableError
from keys.signing import SoftwareSigner
from tests.contract.installed import Installed
from tests.contract.local import word
from tests.contract.serving import DAY, Premises
from tests.fakes import TurnableClock
from tests.faults.proxy import Fate, Wire

HOUR = 3600
YEAR_2038 = 2**31
New = Callable[..., Installed]
TURNS = {"a second": -1, "an hour": -HOUR, "400 days": -400 * DAY}


def alone(server: Installed) -> Installed:
    """The same machine with a clock of its own, after a restart of the agent."""
    server.clock = TurnableClock(server.clock.wall, server.clock.booted)
    server.begin()
    return server


def listening(heard: list[bytes], fate: Fate) -> Callable[[bytes], Fate]:
    """Hear what is sent, and let it have a fate."""

    def listen(request: bytes) -> Fate:
        heard.append(request.partition(b"\r\n\r\n")[2])
        return fate

    return listen


def playing(answer: bytes) -> Callable[[bytes], Fate]:
    """Answer every document that is sent; what is only asked for comes from the server."""
    return lambda request: answer if request.startswith(b"POST") else "pass"


def answered(status: int, body: bytes) -> bytes:
    """An answer that looks like the server's."""
    head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/jwt\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.mark.threat(9)
@pytest.mark.parametrize("reboots", [False, True], ids=["running on", "with reboots"])
@pytest.mark.parametrize("turn", TURNS)
def test_a_clock_turned_back_stretches_nothing(wire: Wire, new: New, turn: str, reboots: bool) -> None:
    """Threat 9: off the line for the whole lease; the clock is turned back every day, and a reboot hides the uptime."""
    server = alone(new())
    wire.dead()
    lease = server.licence.expires_at - server.clock.now()
    for day in range(lease // DAY):
        assert server.standing.mode in {"full", "grace"}
        server.run(DAY)
        server.clock.turn(TURNS[turn])
        if reboots:
            server.boot, server.clock.booted = f"boot of day {day}", 5.0
            server.begin()
    assert server.standing.mode == "restricted"
    assert server.standing.now >= server.licence.expires_at
    behind = "clock_behind" in {notice.code for notice in server.standing.notices}
    assert behind == (server.clock.now() < server.standing.now - 600)


@pytest.mark.threat(10)
def test_a_clock_that_jumps_to_2038_and_comes_back_leaves_no_trace(premises: Premises, wire: Wire, new: New) -> None:
    """Threat 10: also when everything was tried and failed meanwhile."""
    server = alone(new())
    before, ahead = server.document, YEAR_2038 - server.clock.now()
    wire.dead()
    server.clock.turn(ahead)
    assert set(server.run(3 * HOUR)) == {"restricted"}
    server.clock.turn(-ahead)
    assert set(server.run(3 * HOUR)) == {"full"}
    assert server.document == before
    server.begin()
    wire.mended()
    premises.home.clock.advance(6 * HOUR)
    for _ in range(20):
        premises.home.clock.advance(3 * HOUR)
        assert server.run(3 * HOUR) == ["full"]
    assert server.licence.seq == 3, "no wait until 2038 stands in the way"


@pytest.mark.threat(14)
def test_an_answer_of_yesterday_is_no_answer_today(wire: Wire, new: New, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threat 14: a proxy plays answer k for request k + 1."""
    server = new()
    server.validate()
    old = wire.replies[-1]
    server.clock.advance(DAY)
    wire.cut(old)
    before = server.document
    with pytest.raises(UnreachableError, match="belong"):
        server.validate()
    assert (server.document, server.standing.mode) == (before, "full")
    monkeypatch.setattr(agent_validating, "belongs", lambda *_: True)
    wire.cut(old)
    assert server.validate().seq == 2, "the control: an agent that does not compare takes the old answer"
    monkeypatch.undo()


@pytest.mark.threat(14)
def test_an_old_active_licence_can_not_undo_a_suspension(premises: Premises, wire: Wire, new: New) -> None:
    """Threat 14, as somebody would use it."""
    server = new()
    server.validate()
    active = wire.replies[-1]
    premises.home.ask("licence", "suspend", server.licence.licence_id, "--reason", "payment_overdue")
    server.validate()
    wire.fate = lambda _: active
    for _ in range(3):
        with pytest.raises(UnreachableError):
            server.validate()
    assert (server.standing.mode, server.licence.status) == ("restricted", "suspended")


@pytest.mark.threat(15)
def test_captured_requests_change_nothing(premises: Premises, wire: Wire, new: New) -> None:
    """Threat 15: twenty requests and the activation, heard on the line and played again."""
    heard: list[bytes] = []
    wire.fate = listening(heard, "pass")
    server = new()
    for _ in range(20):
        server.clock.advance(DAY)
        server.validate()
    activation, *validations = heard
    licence_id = server.licence.licence_id
    before = premises.show(licence_id), premises.home.ask("audit", "verify")["events"]
    answers = [premises.counter.post("validations", request) for request in validations]
    assert [word(answer) for answer in answers] == ["request-replayed"] * 19 + [None]
    assert answers[-1].data == server.document
    assert premises.counter.post("activations", activation).status_code == 201
    assert (premises.show(licence_id), premises.home.ask("audit", "verify")["events"]) == before
    assert server.validate().seq == 22


@pytest.mark.threat(17)
def test_no_document_passes_as_another(premises: Premises) -> None:
    """Threat 17, at the server: every type at every endpoint but its own."""
    device, (_, code) = premises.active(), premises.sell()
    premises.server.auditing.seal()
    with premises.server.database.reading() as unit:
        checkpoint = unit.audit.checkpoints()[-1][1].encode()
    own = {
        "activations": device.activation_request(code),
        "validations": device.request(),
        "deactivations": device.request(DEACTIVATION),
    }
    others = {"licence": device.held, "trust": premises.root, "checkpoint": checkpoint}
    before = premises.show(device.licence.licence_id)
    for endpoint in own:
        for name, document in {**own, **others}.items():
            if name != endpoint:
                assert word(premises.counter.post(endpoint, document)) == "malformed", (name, endpoint)
    assert premises.show(device.licence.licence_id) == before
    assert premises.counter.post("validations", own["validations"]).status_code == 200, "the control"


@pytest.mark.threat(17)
def test_no_document_passes_as_a_licence(premises: Premises, wire: Wire, new: New) -> None:
    """Threat 17, at the agent: also what the right key signed, for another purpose."""
    server = new()
    premises.server.auditing.seal()
    with premises.server.database.reading() as unit:
        checkpoint = unit.audit.checkpoints()[-1][1].encode()
    heard: list[bytes] = []
    wire.fate = listening(heard, "lose reply")
    with pytest.raises(UnreachableError):
        server.validate()
    stranger = replace(server.licence, seq=9).sign(SoftwareSigner.generate())
    before = server.document
    for document in (heard[0], premises.root, checkpoint, stranger, before or b""):
        wire.fate = playing(answered(200, document))
        with pytest.raises(UnreachableError):
            server.validate()
        assert (server.document, server.standing.mode) == (before, "full")
    wire.mended()
    assert server.validate().seq == 2


def test_a_server_that_always_answers_garbage_to_an_activation_is_a_network_fault(
    premises: Premises, wire: Wire, new: New
) -> None:
    _, code = premises.sell()
    server = new("")
    for body in (b"", b"x", b"a.b.c", premises.root):
        wire.cut(answered(201, body))
        with pytest.raises(UnreachableError):
            server.activate(code, premises.root)
    with pytest.raises(LicensingError, match="another code"):
        server.activate(premises.sell()[1], premises.root)
    assert server.activate(code, premises.root).seq == 1, "the request was kept"
