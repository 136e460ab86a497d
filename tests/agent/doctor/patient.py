"""A machine that doctor looks at: real sockets and files, with another resolver, other processes and disks."""

import json
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from agent.config import Config, Settings
from agent.daemon.assembly import Agent, assemble
from agent.doctor.checks import checks_of
from agent.doctor.network import Network
from agent.doctor.subject import Subject
from agent.doctor.system import Holder, Room, Running, System
from agent.hardware.linux import LinuxReaders
from agent.hardware.machine import ThisMachine
from agent.services.activating import Wish
from keys.checkup import Finding, examine
from keys.clock import SystemClock
from keys.errors import StateConflictError
from tests.agent.vendor import CODE, HARDWARE, ISSUER, MemoryServer, Vendor
from tests.fakes import TurnableClock

HOST = "licences.example.com"
HERE = "127.0.0.1"
KERNEL = {
    "proc/sys/kernel/random/boot_id": "boot-1",
    "sys/class/dmi/id/product_uuid": "4c4c4544-0042-3510-8052-b4c04f4d3232",
    "sys/class/dmi/id/board_serial": "PF3X",
    "etc/machine-id": "3d1219c7c4c54b62a1f3c3a8a4a7f2d1",
    "proc/cpuinfo": "vendor_id : AuthenticAMD\nmodel name : AMD EPYC\nflags : fpu\n",
}
"""What the kernel of an honest machine says of itself."""


@dataclass
class Patient:
    """What can be wrong with a machine, before doctor looks."""

    folder: Path
    clock: TurnableClock = field(default_factory=lambda: TurnableClock(SystemClock().now()))
    hardware: Mapping[str, str] = field(default_factory=lambda: dict(HARDWARE))
    names: dict[str, Sequence[str] | OSError | UnicodeError] = field(default_factory=lambda: {HOST: [HERE]})
    """What DNS knows; whatever else is asked for does not exist."""
    refusal: OSError | None = None
    """What every connection ends with; None: they come about."""
    environment: dict[str, str] = field(default_factory=dict)
    public: Path | None = None
    """Authorities that are known everywhere."""
    store: Path | None = None
    """Authorities that the machine's administrator trusts."""
    room: Room = field(default_factory=lambda: Room(1 << 40, 1 << 20))
    holder: Holder | None = None
    agents: Sequence[Running] = ()
    services: str | StateConflictError = ""
    """What systemctl and journalctl print, or how they fail."""
    labels: str | StateConflictError = ""
    """What restorecon prints, or how it fails."""
    settings: Settings = field(default_factory=lambda: Settings(port=0))

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def root(self) -> Path:
        """Where the system's files lie."""
        return self.folder / "root"

    def write(self, name: str, text: str) -> None:
        """Write a file of the system."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def agent(self) -> Agent:
        """An agent by what stands in for its hardware."""
        stand_in = self.folder / "hardware.json"
        stand_in.write_text(json.dumps(dict(self.hardware)))
        return assemble(Config(self.home, self.settings, stand_in), self.clock, os.urandom)

    def activate(self, vendor: Vendor, url: str = ISSUER) -> None:
        """Give it a licence, without a network."""
        agent = self.agent()
        agent.home.prepare()
        agent.activating.activate(Wish(CODE, url, vendor.trust_document), MemoryServer(vendor), lambda _: None)

    def real_agent(self) -> Agent:
        """An agent that reads the hardware, as the kernel's files under ``root`` have it."""
        for name, text in KERNEL.items():
            if not (self.root / name).exists():
                self.write(name, text)
        agent = assemble(Config(self.home, self.settings), self.clock, os.urandom)
        return replace(agent, machine=ThisMachine(LinuxReaders(self.root), self.clock))

    def subject(self, url: str | None = None, root: bytes | None = None, agent: Agent | None = None) -> Subject:
        public = {} if self.public is None else {"public": str(self.public)}
        stores = () if self.store is None else (str(self.store),)
        network = Network(self.environment, self._resolve, self._connect, stores=stores, **public)
        self.root.mkdir(exist_ok=True)
        system = System(self.root, lambda _: self.room, lambda _: self.holder, lambda: self.agents, self._run)
        return Subject(agent or self.agent(), network, system, url, root)

    def examined(self, url: str | None = None, root: bytes | None = None, agent: Agent | None = None) -> list[Finding]:
        """Have everything checked that makes sense."""
        subject = self.subject(url, root, agent)
        return examine(checks_of(subject), subject)

    def _run(self, *command: str) -> str:
        said = self.labels if command[0] == "restorecon" else self.services
        if isinstance(said, StateConflictError):
            raise said
        return said

    def _resolve(self, host: str) -> Sequence[str]:
        if host == HERE:
            return [host]
        answer = self.names.get(host, socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
        if isinstance(answer, OSError | UnicodeError):
            raise answer
        return answer

    def _connect(self, address: str, port: int) -> socket.socket:
        if self.refusal is not None:
            raise self.refusal
        return socket.create_connection((address, port), 30)
