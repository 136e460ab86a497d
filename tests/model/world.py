"""The world of one run: the vendor, the customer's machines, the true time, and what the model knows."""

from dataclasses import dataclass
from pathlib import Path

from keys.documents.licence import Licence as Document
from tests.agent.vendor import HARDWARE, claims_of
from tests.licence_server.office import Home
from tests.model.line import Door, Line, Reply
from tests.model.machine import Machine, Snapshot
from tests.model.record import Told
from tests.model.vendor import DAY, GRACE, INTERVAL, Vendor

CHUNK = DAY
"""Seconds that pass at a time; after each, every daemon that runs wakes."""
SOON = INTERVAL + INTERVAL // 10 + 2 * CHUNK
"""A daemon that has run so long undisturbed has validated, by the plan of the licence."""
SAFE = GRACE - 2 * CHUNK
"""So long after that it may be without the vendor."""
BACK_OFF = 3_700
"""After a failure it tries again within so many seconds."""
WINDOW = 45 * DAY
MOST_RESTORES = 4


@dataclass(frozen=True)
class Visit:
    """A validation that was answered with a document of its own."""

    activation_id: str
    who: tuple[str, int]
    """Which machine, in which of its boots."""
    at: int
    is_fresh: bool
    """The request was made just then, so its uptime is that of the visit."""


_OVER = frozenset({"revoked", "superseded", "deactivated"})
"""Whoever gets such a document runs nothing by it, so nobody need notice how many machines do."""


class World:
    """What is, and what the model knows of it."""

    def __init__(self, founded: Path, folder: Path) -> None:
        self.folder = folder
        self.vendor = Vendor(Home(folder / "vendor").copied_from(founded), self._signed)
        self.machines: list[Machine] = []
        self.asking: Machine | None = None
        self.licence_id: str
        self.code: str | None
        self.licence_id, self.code = self.vendor.sell()
        self.told = Told()
        self.clones: set[str] = set()
        """Activations of which two machines were running at once."""
        self.restores: list[int | None] = []
        """When an honest machine validated after its disk was put back; None: it has not yet."""
        self.visits: list[Visit] = []
        self.owed = False
        """The vendor was restored, and the rightful machine has not validated since."""
        self.calm = 0
        """Seconds that the rightful machine's daemon has run undisturbed with the vendor in reach."""
        self.good_until = 0
        """Until then, an honest customer must be let in."""
        self.backups: list[Snapshot] = []
        self.aside: Machine | None = None
        """The rightful machine, put aside while its backup is tried on another."""
        self.crm = self.new_machine("crm")

    def close(self) -> None:
        for machine in [*self.machines, *([self.aside] if self.aside else [])]:
            machine.close()
        self.vendor.close()

    @property
    def now(self) -> int:
        return self.vendor.now()

    @property
    def root(self) -> bytes:
        return (self.vendor.home.path / "keys" / "trust.json").read_bytes()

    def new_machine(self, name: str) -> Machine:
        """Buy a server."""
        name = f"{name}-{len(list(self.folder.iterdir()))}"
        parts = {part: f"{value} of {name}" for part, value in HARDWARE.items()}
        machine = Machine(name, self.folder / name, Line(self._door(name)), self.now, parts)
        self.machines.append(machine)
        return machine

    def copy_of(self, machine: Machine, snapshot: Snapshot | None = None) -> Machine:
        """Start a virtual machine with the same hardware, and the same disk or an older one."""
        name = f"copy-{len(list(self.folder.iterdir()))}"
        snapshot = snapshot or machine.snapshot(self.folder / f"{name}-disk", self.now)
        copy = Machine(name, self.folder / name, Line(self._door(name)), self.now, {})
        copy.load(snapshot)
        self.machines.append(copy)
        return copy

    def snapshot(self, machine: Machine) -> Snapshot:
        return machine.snapshot(self.folder / f"disk-{len(list(self.folder.iterdir()))}", self.now)

    def activation(self) -> str:
        """Return the activation that the rightful machine holds a licence of; empty: none."""
        licence = self.crm.judging.holding.hand().licence
        return "" if licence is None else licence.activation_id

    @property
    def is_honest(self) -> bool:
        """Tell whether the rightful machine's activation was never run twice."""
        return self.activation() not in self.clones

    # Time

    def advance(self, seconds: int, look: "Look") -> None:
        """Let time pass; every daemon that runs wakes after each chunk of it, and is looked at."""
        while seconds > 0:
            chunk = min(seconds, CHUNK)
            seconds -= chunk
            self.vendor.home.clock.advance(chunk)
            if self.vendor.server.vault.trust.expires_at < self.now + 90 * DAY:
                self.vendor.renew_trust()
            for machine in self.machines:
                machine.pass_time(chunk)
            for machine in self.machines:
                if machine.is_on:
                    self._woken(machine, machine.wake(), chunk)
            look.at(self)

    def take_a_minute(self) -> None:
        """Let so little time pass that no daemon needs to wake: what people do takes some."""
        self.vendor.home.clock.advance(60)
        for machine in [*self.machines, *([self.aside] if self.aside else [])]:
            machine.pass_time(60)

    def _woken(self, machine: Machine, is_well: bool, chunk: int) -> None:
        if machine is not self.crm or self.aside is not None:
            return
        if not machine.line.is_up:
            self.calm = 0
            return
        if chunk < BACK_OFF and not is_well:
            return
        self.calm += chunk
        if self.calm >= SOON:
            self.good_until = self.now + SAFE

    def disturbed(self) -> None:
        """Note that what the model planned is no longer so."""
        self.calm = self.good_until = 0

    # The door

    def _door(self, name: str) -> Door:
        def through(method: str, path: str, body: bytes | None) -> Reply:
            self.asking = next((each for each in self.machines if each.name == name), None)
            self.request = body
            return self.vendor.answer(method, path, body)

        return through

    def _signed(self, document: Document) -> None:
        """Note who got what; an active document must be for the one activation that may have it."""
        machine = self.asking
        live = [each.id for each in self.vendor.live(document.licence_id)]
        if document.status == "active" and live != [document.activation_id]:
            raise BrokenError(5, f"{document.activation_id} gets an active licence, and {live} is live")
        if machine is None or document.status == "refused":
            return
        if document.seq > 1:  # the first one is as old as it is when it comes: nobody ran on another before
            machine.was_signed(document.document_id)
        uptime = claims_of(self.request or b"").get("boot", {}).get("uptime", -1)
        is_fresh = abs(uptime - machine.clock.boot()) <= 1
        if document.status not in _OVER:
            self.visits.append(Visit(document.activation_id, (machine.name, machine.boots), self.now, is_fresh))
        if machine is self.crm:
            self.owed = False
        if machine is self.crm and document.seq > 1:
            self.restores = [self.now if at is None else at for at in self.restores]


class Look:
    """What is looked at while time passes."""

    def at(self, world: World) -> None:
        """Look."""


class BrokenError(AssertionError):
    """An invariant does not hold: which of them (tests/model/invariants.py), and in a sentence, how."""

    def __init__(self, number: int, sentence: str) -> None:
        super().__init__(f"invariant {number}: {sentence}")
        self.number = number
