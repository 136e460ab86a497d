"""What the customer sees of usage before it is sent is what the vendor has afterwards: real daemon, real HTTP."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.datastructures import Headers

from agent.cli.program import main
from agent.daemon.log import Log
from agent.daemon.serving import Daemon
from agent.domain.seats import Wanted
from agent.domain.usage import Report
from keys.claims import Reader
from keys.documents.requests import Usage, read_usage
from keys.errors import SeatsExhaustedError, UnreachableError
from keys.hours import as_values
from licence_server.domain.audit import Sought
from tests.contract.installed import Installed
from tests.contract.local import Local
from tests.contract.serving import DAY, Premises, ask
from tests.faults.proxy import Wire

HOUR = 3600
New = Callable[..., Installed]


class AtWork:
    """A daemon in this process, its commands, and a CRM that asks it for seats."""

    def __init__(self, server: Installed) -> None:
        self.server, self.log = server, io.StringIO()
        self._daemon = Daemon(server.agent, "127.0.0.1", 0, Log(self.log, server.clock))
        self._thread = threading.Thread(target=self._daemon.run)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self.until('ready')['port']}"

    def until(self, event: str) -> dict[str, Any]:
        """Wait for a line of its log."""
        pause = threading.Event()
        for _ in range(600):
            for line in map(json.loads, self.log.getvalue().splitlines()):
                if line["event"] == event:
                    return dict(line)
            pause.wait(0.05)
        raise AssertionError(self.log.getvalue())

    def validated(self, seq: int) -> None:
        """Wait until it has validated by itself."""
        self._wait(lambda: self.server.licence.seq >= seq)

    def failed(self) -> None:
        """Wait until a validation has failed."""
        self._wait(lambda: self.server.agent.around.tallies.progress()[0].failures > 0)

    def _wait(self, is_over: Callable[[], bool]) -> None:
        pause = threading.Event()
        for _ in range(600):
            if is_over():
                return
            pause.wait(0.05)
        raise AssertionError(self.log.getvalue())

    def check_out(self, user: str, client: str) -> int:
        token = self.server.home.application_token.read_text().strip()
        head = Headers([("Authorization", f"Bearer {token}"), ("Content-Type", "application/json")])
        body = json.dumps({"user": user, "client": client}).encode()
        return ask(self.url, "POST", "/v1/seats", body, head).status_code

    def type(self, *words: str) -> bytes:
        """Run a command of the agent's, and return what it prints."""
        environment = {
            "LICENCE_AGENT_HOME": str(self.server.home.folder),
            "LICENCE_AGENT_HARDWARE": str(self.server.folder / "hardware.json"),
        }
        result = CliRunner().invoke(main, words, env=environment)
        assert result.exit_code == 0, result.output
        return result.stdout_bytes

    def stop(self) -> None:
        self._daemon.stop()
        self._thread.join(20)


@contextmanager
def at_work(server: Installed) -> Iterator[AtWork]:
    found = AtWork(server)
    try:
        yield found
    finally:
        found.stop()


def stored(premises: Premises, server: Installed) -> Any:
    """What the vendor sees of a licence's usage."""
    return premises.home.ask("licence", "usage", server.licence.licence_id, "--days", 400)["hours"]


def hours(claims: Any) -> tuple[Usage, ...]:
    return tuple(read_usage(Reader(claim)) for claim in claims)


def test_what_next_shows_is_what_the_vendor_has_after_the_next_validation(premises: Premises, new: New) -> None:
    server = new(clients=4)
    with at_work(server) as agent:
        assert [agent.check_out(user, "pc") for user in "ab"] == [201, 201]
        server.clock.advance(HOUR)
        assert [agent.check_out(user, user) for user in "abcdd"] == [201, 201, 201, 409, 409]
        shown = json.loads(agent.type("usage", "--next", "--json"))
        assert [(hour["users"], hour["clients"], hour.get("refused")) for hour in shown["usage"]] == [
            (2, 1, None),
            (3, 3, 2),
        ]
        assert [(event["code"], event["count"]) for event in shown["events"]] == [("seats_refused", 2)]
        assert b"seats_refused, 2 times" in agent.type("usage", "--next")
        server.clock.advance(2 * DAY)
        agent.validated(2)

        assert stored(premises, server) == as_values(hours(shown["usage"])), "what the customer saw, the vendor has"
        entries = premises.server.auditing.entries(Sought(of=server.licence.licence_id))
        reported = [json.loads(entry.details).get("reported") for entry in entries]
        assert [events for events in reported if events] == [shown["events"]]
        assert json.loads(agent.type("usage", "--next", "--json")) == {"usage": [], "events": []}
        assert b"tells nothing" in agent.type("usage", "--next")

        words = ("usage", "--days", "400", "--csv", "-")
        there = premises.home.type("licence", *words[:1], server.licence.licence_id, *words[1:])
        assert agent.type(*words) == there.stdout_bytes, "one file, whoever writes it"
        while_it_ran = agent.type("usage", "--days", "400")
    assert agent.type("usage", "--days", "400") == while_it_ran, "and the same from the journal"


def test_the_daemon_shows_the_request_that_waits_to_be_sent_again(premises: Premises, wire: Wire, new: New) -> None:
    server = new()
    with at_work(server) as agent:
        agent.check_out("a", "pc")
        shown = agent.type("usage", "--next", "--json")
        wire.dead()
        server.clock.advance(2 * DAY)
        agent.failed()
        assert agent.check_out("b", "pc") == 201
        assert agent.type("usage", "--next", "--json") == shown
        wire.mended()
        server.clock.advance(2 * DAY)
        agent.validated(2)
        assert stored(premises, server) == as_values(hours(json.loads(shown)["usage"]))


def test_a_lost_answer_shows_and_tells_the_same_again_and_nothing_counts_twice(
    premises: Premises, wire: Wire, new: New
) -> None:
    server = new(clients=4)
    local = Local(server)
    try:
        server.reports = local.seating

        def upcoming() -> Report:
            return server.agent.validating(local.seating).upcoming()

        local.check_out("a")
        first = upcoming()
        wire.cut("lose reply")
        with pytest.raises(UnreachableError):
            server.validate()
        assert stored(premises, server) == as_values(first.usage)
        for user in "bcd":
            local.check_out(user)
        with pytest.raises(SeatsExhaustedError):
            local.seating.check_out(Wanted("e", "pc", wait=1))
        assert upcoming() == first, "the same request is sent again, so that is what is shown"
        server.validate()
        assert stored(premises, server) == as_values(first.usage)
        for _ in range(2):
            second = upcoming()
            server.validate()
        assert second.usage == ()
        kept = local.seating.usage()
        assert [(hour.users, hour.clients, hour.refused, hour.waited) for hour in kept] == [(3, 1, 1, 1)]
        assert stored(premises, server) == as_values(kept)
    finally:
        local.stop()


def test_peaks_and_refusals_survive_a_process_that_ends_in_the_middle(new: New) -> None:
    server = new(clients=4)
    local = Local(server)
    try:
        for user in "abcd":
            local.check_out(user)
        seat = local.check_out("a").json
        assert seat is not None
        local.call("DELETE", f"/v1/seats/{seat['seat']}")
        local.restart(server)
        assert [(hour.users, hour.refused) for hour in local.seating.usage()] == [(3, 1)]
    finally:
        local.stop()
