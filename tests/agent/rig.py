"""An agent for tests: a real home, a stand-in for the hardware, and a vendor without a network."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.daemon.assembly import Silence
from agent.domain.components import Sighting
from agent.domain.keyplace import place_of
from agent.domain.mode import Standing
from agent.domain.time import Boot
from agent.services.activating import Activating, Wish
from agent.services.holding import Holding
from agent.services.judging import Judging, Recognising, Timekeeping
from agent.services.outages import Outages
from agent.services.ports import Reports, Surroundings
from agent.services.renewing import Renewing
from agent.services.trusting import Trusting
from agent.services.validating import Validating
from agent.store.devicekeys import DeviceKeys, Wanted
from agent.store.home import Disk, Home
from agent.store.locks import hold
from agent.store.papers import Papers
from agent.store.state import States
from agent.store.tallies import Tallies
from agent.store.tpmkeys import TpmKeys
from keys.documents.licence import Licence
from keys.documents.requests import Host
from keys.fingerprint import digests
from keys.tpm import Tpm
from tests.agent.vendor import CODE, HARDWARE, ISSUER, MemoryServer, Vendor
from tests.fakes import TurnableClock


@dataclass(slots=True)
class MemoryMachine:
    """A machine (agent.services.ports.Machine) whose parts can be exchanged."""

    clock: TurnableClock
    values: dict[str, str] = field(default_factory=lambda: dict(HARDWARE))
    unreadable: tuple[str, ...] = ()
    boot_id: str = "boot-1"
    stand_in: bool = False

    def sight(self, issuer: str) -> Sighting:
        readable = {name: value for name, value in self.values.items() if name not in self.unreadable}
        return Sighting(digests(readable, issuer), self.unreadable)

    def boot(self) -> Boot:
        return Boot(self.boot_id, self.clock.boot())

    def host(self, maker: str) -> Host:
        return Host("crm-1", "Linux", "test", "none", place_of(maker, "none"))

    def reboot(self, boot_id: str) -> None:
        """Start the machine again."""
        self.boot_id, self.clock.booted = boot_id, 10.0


class PowerCutError(Exception):
    """The machine stopped here."""


@dataclass(slots=True)
class FailingDisk(Disk):
    """A disk that stops the machine before, or just after, its n-th change."""

    stop_at: int = -1
    after: bool = False
    changes: int = 0

    def write(self, path: Path, content: bytes) -> None:
        self._change(lambda: Disk.write(self, path, content))

    def remove(self, path: Path) -> None:
        self._change(lambda: Disk.remove(self, path))

    def _change(self, change) -> None:
        self.changes += 1
        if self.changes == self.stop_at and not self.after:
            raise PowerCutError
        change()
        if self.changes == self.stop_at:
            raise PowerCutError


class Rig:
    """One agent's process: whatever it remembers beside its home is gone with it."""

    def __init__(
        self,
        folder: Path,
        clock: TurnableClock,
        vendor: Vendor,
        machine: MemoryMachine | None = None,
        disk: Disk | None = None,
        tpm: Tpm | None = None,
        wanted: Wanted = "auto",
    ) -> None:
        self.clock, self.vendor = clock, vendor
        self.home = Home(folder, disk or Disk())
        self.home.prepare()
        self.machine = machine or MemoryMachine(clock)
        self.server: Any = MemoryServer(vendor)
        self.papers, self.states, self.tallies = Papers(self.home), States(self.home), Tallies(self.home)
        self.tpm = TpmKeys(self.home, tpm, clock)
        keys = DeviceKeys(self.home, None, self.tpm, wanted)
        self.around = Surroundings(
            self.papers, self.states, self.tallies, keys, self.machine, self._lock, clock, os.urandom
        )
        holding = Holding(self.papers, self.states, keys)
        timekeeping = Timekeeping(self.tallies, self.machine, clock)
        self.judging = Judging(holding, timekeeping, Recognising(self.machine, self.tallies))
        self.trusting = Trusting(self.papers, self.states, holding)
        self.outages = Outages(self.papers, holding, self._lock)
        self.activating = Activating(self.around, self.judging)
        self.reports: Reports = Silence()

    def again(self, folder: Path | None = None) -> "Rig":
        """Return a new process in the same home, or in a copy of it."""
        return Rig(folder or self.home.folder, self.clock, self.vendor, self.machine)

    @property
    def validating(self) -> Validating:
        return Validating(self.around, self.judging, self.trusting, self.reports)

    def renewing(self) -> Renewing:
        return Renewing(self.around, self.judging, self.validating, self.trusting, lambda: self.server)

    def activate(self, code: str = CODE, *, replace: bool = False, root: bytes | None = None) -> Licence:
        wish = Wish(code, ISSUER, root or self.vendor.trust_document, replace)
        return self.activating.activate(wish, self.server, lambda trust: None)

    def validate(self) -> Licence:
        return self.validating.validate(self.server)

    def deactivate(self) -> Licence:
        return self.validating.deactivate(self.server)

    @property
    def standing(self) -> Standing:
        return self.judging.standing()

    @property
    def licence(self) -> Licence:
        """The licence in hand; there must be one."""
        return self.judging.holding.licence()

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with hold(self.home.exchange_lock, "talks to the licence server"):
            yield
