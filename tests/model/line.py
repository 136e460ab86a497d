"""The line between a customer's server and the vendor, without a socket: bytes go from agent/server.py to the WSGI app.

Everything on both sides of the socket is the product's own code; ``tests/contract`` shows that sockets change nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from agent.daemon.assembly import Agent
from agent.server import HttpServer
from agent.services.ports import Errand
from keys.errors import UnreachableError
from tests.agent.rig import PowerCutError

Fate = Literal["lose request", "lose reply", "twice", "old answer", "delay", "cut before", "cut after"]
"""Of one exchange. Delayed: it arrives when somebody lets it, after the agent has given up waiting. Cut: the agent's
machine stops before the request is sent, or after the server did its work."""
Reply = tuple[int, Mapping[str, str], bytes]
Door = Callable[[str, str, bytes | None], Reply]

NOTHING_CAME = UnreachableError("The line is cut.")


@dataclass
class Line:
    """One machine's way to the vendor. What passes is remembered, as somebody in between could do."""

    door: Door
    is_up: bool = True
    coming: list[Fate] = field(default_factory=list)
    """Fates of the next exchanges; all later ones pass."""
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    delayed: list[tuple[str, bytes]] = field(default_factory=list)
    answers: list[Reply] = field(default_factory=list)

    def carry(self, method: str, path: str, document: bytes | None) -> Reply:
        """Let a request through, as far as its fate allows. Raises UnreachableError, PowerCutError."""
        if not self.is_up:
            raise NOTHING_CAME
        if document is None:
            return self.door(method, path, None)
        fate = self.coming.pop(0) if self.coming else None
        if fate == "cut before":
            raise PowerCutError
        if fate in {"lose request", "delay"}:
            if fate == "delay":
                self.delayed.append((path, document))
            raise NOTHING_CAME
        return self._exchanged(path, document, fate)

    def replay(self, path: str, document: bytes) -> Reply:
        """Send what was captured once more; the answer goes to whoever does so."""
        return self.door("POST", path, document)

    def _exchanged(self, path: str, document: bytes, fate: Fate | None) -> Reply:
        older = list(self.answers)
        self.requests.append((path, document))
        reply = self.door("POST", path, document)
        if fate == "twice":
            reply = self.door("POST", path, document)
        self.answers.append(reply)
        if fate == "lose reply":
            raise NOTHING_CAME
        if fate == "cut after":
            raise PowerCutError
        return older[-1] if fate == "old answer" and older else reply


class Direct(HttpServer):
    """The agent's own client, with a line where its socket would be."""

    line: Line

    def _talk(self, method: str, path: str, document: bytes | None) -> Reply:
        return self.line.carry(method, path, document)


@dataclass(frozen=True, slots=True)
class Wired(Agent):
    """The agent as the program puts it together, at the end of a line."""

    line: Line

    def server_at(self, url: str) -> HttpServer:
        """See Agent."""
        server = Direct(url, "model", self.around.clock)
        server.line = self.line
        return server


ERRANDS: Mapping[str, Errand] = {
    "/agent/v1/activations": "activation",
    "/agent/v1/validations": "validation",
    "/agent/v1/deactivations": "deactivation",
}
