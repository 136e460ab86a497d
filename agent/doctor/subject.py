"""What doctor looks at: an agent or one that is to be, the machine, and the way to the licence server."""

from dataclasses import dataclass
from functools import cached_property

from agent.daemon.assembly import Agent
from agent.doctor.network import Network
from agent.doctor.system import System
from agent.doctor.way import Way, walk


@dataclass(frozen=True)
class Subject:
    """Everything that a check may ask."""

    agent: Agent
    network: Network
    system: System
    wanted: str | None = None
    """Address of the licence server that the agent is to be activated at; None: the agent's own."""
    root: bytes | None = None
    """The trust document that is to be pinned; None: the one that is pinned already, if any."""
    replaces: bool = False
    """Whether the licence in hand is to be given up, so that what it is bound to counts no more."""

    @cached_property
    def url(self) -> str:
        """Address of the licence server. Raises NotActivatedError: nobody said which."""
        return (self.agent.server() if self.wanted is None else self.agent.server_at(self.wanted)).url

    @cached_property
    def way(self) -> Way:
        """How far one comes on the way to the licence server; walked once. Raises as url."""
        return walk(self.url, self.network)

    @property
    def pinned(self) -> bytes | None:
        """The trust document that counts."""
        return self.root or self.agent.around.papers.trust()
