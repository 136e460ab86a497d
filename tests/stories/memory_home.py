"""An agent's home in memory: two thousand of them fit in one process, and a simulated day waits for no disk."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from agent.domain.components import Memory
from agent.domain.renewal import Progress
from agent.domain.time import Ledger
from agent.services.ports import LastTry, Pending, Slot, State
from keys.errors import KeyUnsafeError
from keys.signing import SoftwareSigner


@dataclass(slots=True)
class MemoryHome:
    """Papers, States, Tallies and DeviceKeys (agent.services.ports) at once."""

    documents: dict[str, bytes] = field(default_factory=dict)
    waiting: dict[Slot, Pending] = field(default_factory=dict)
    state: State = field(default_factory=State)
    signer: SoftwareSigner = field(default_factory=SoftwareSigner.generate)
    changes: int = 0
    _ledger: Ledger | None = None
    _memory: Memory | None = None
    _progress: tuple[Progress, LastTry | None] = (Progress(), None)

    # Papers

    def stamp(self, _thumbprint: str = "") -> object:
        """Both of the papers and of the device keys: nobody touches them but the agent."""
        return self.changes

    def trust(self) -> bytes | None:
        return self.documents.get("trust")

    def licence(self) -> bytes | None:
        return self.documents.get("licence")

    def refusal(self) -> bytes | None:
        return self.documents.get("refusal")

    def keep_trust(self, document: bytes) -> None:
        self._keep("trust", document)

    def keep_licence(self, document: bytes) -> None:
        self._keep("licence", document)
        self.documents.pop("refusal", None)

    def keep_refusal(self, document: bytes) -> None:
        self._keep("refusal", document)

    def outages(self) -> Sequence[bytes]:
        return ()

    def keep_outages(self, documents: Sequence[bytes]) -> None:
        raise NotImplementedError

    def pending(self, slot: Slot) -> Pending | None:
        return self.waiting.get(slot)

    def keep_pending(self, slot: Slot, pending: Pending) -> None:
        self.waiting[slot] = pending

    def drop_pending(self, slot: Slot) -> None:
        self.waiting.pop(slot, None)

    # States

    def read(self) -> State:
        return self.state

    def write(self, state: State) -> None:
        self.state, self.changes = state, self.changes + 1

    # Tallies

    def ledger(self) -> Ledger | None:
        return self._ledger

    def keep_ledger(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def memory(self) -> Memory | None:
        return self._memory

    def keep_memory(self, memory: Memory) -> None:
        self._memory = memory

    def progress(self) -> tuple[Progress, LastTry | None]:
        return self._progress

    def keep_progress(self, progress: Progress, last: LastTry | None) -> None:
        self._progress = progress, last

    # DeviceKeys, and the lock: there is one agent in this home

    def make(self) -> SoftwareSigner:
        return self.signer

    def find(self, thumbprint: str) -> SoftwareSigner:
        if thumbprint != self.signer.key.kid:
            raise KeyUnsafeError("There is no such key.")
        return self.signer

    def flaw(self, thumbprint: str) -> str:
        return "" if thumbprint == self.signer.key.kid else "There is no such key."

    def maker(self, thumbprint: str) -> str:
        return ""

    def successor(self, thumbprint: str) -> None:
        return None

    def sweep(self, *keep: str) -> None:
        assert self.signer.key.kid in keep

    def lock(self) -> AbstractContextManager[None]:
        return nullcontext()

    def _keep(self, name: str, document: bytes) -> None:
        self.documents[name], self.changes = document, self.changes + 1
