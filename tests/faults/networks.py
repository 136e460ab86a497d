"""Machines on networks of their own: network namespaces on virtual switches, with hosts files, cables and routers.

Programs that run in a machine see only its interfaces and its hosts file; the disk, the clock and the users are this
machine's. A cable can be pulled; a router can translate addresses. There is no loss and no delay here (proxy.py has
those), and no IPv6 router advertisement: routes are set. Needs root, iproute2 and nftables.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

_NUMBERS = count(1)
_OVER_ETC = Path("/etc/netns")
PATIENCE = 60


def _ip(*words: object) -> None:
    command = ["ip", *map(str, words)]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)


@dataclass
class Machine:
    """A network namespace with what runs in it."""

    name: str
    """Of the namespace, unlike any other on this machine."""
    running: list["subprocess.Popen[str]"] = field(default_factory=list)

    def run(
        self, *words: object, env: Mapping[str, str] | None = None, given: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        """Run a program in it to its end."""
        return subprocess.run(
            self._inside(words), env=env, input=given, capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    def start(self, *words: object, env: Mapping[str, str] | None = None, log: Path) -> "subprocess.Popen[str]":
        """Start a program in it, which ends with the machine; the first line that it prints is waited for."""
        with log.open("a") as errors:
            process = subprocess.Popen(
                self._inside(words), env=env, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, text=True
            )
        self.running.append(process)
        return process

    def know(self, **names: str) -> None:
        """Write its hosts file: addresses by name; underscores stand for dots."""
        lines = ["127.0.0.1 localhost", *(f"{address} {name.replace('_', '.')}" for name, address in names.items())]
        file = _OVER_ETC / self.name / "hosts"
        file.write_text("\n".join([*lines, ""]))  # in place: programs that run already see the change, too

    def configure(self, *words: object) -> None:
        """Run a system's program in it that must succeed."""
        done = self.run(*words)
        if done.returncode:
            raise RuntimeError(f"{words}: {done.stderr}")

    def plug(self, *, plugged: bool, lan: str = "lan") -> None:
        """Pull its cable to a network, or put it back; a route that went with it has to be set again."""
        self.configure("ip", "link", "set", lan, "up" if plugged else "down")

    def route(self, *networks: str, by: str) -> None:
        """Reach networks by a router."""
        for network in networks:
            self.configure("ip", "route", "replace", network, "via", by)

    def forward(self, *, masquerade: str = "") -> None:
        """Be a router; towards one of its networks, everybody else appears under its own address (NAT)."""
        self.configure("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        if masquerade:
            for family in ("ip", "ip6"):
                chain = f"add chain {family} nat out {{ type nat hook postrouting priority 100; }}"
                rule = f'add rule {family} nat out oifname "{masquerade}" masquerade'
                self.configure("nft", f"add table {family} nat; {chain}; {rule}")

    def stop(self) -> None:
        """End what runs in it."""
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()

    def _inside(self, words: tuple[object, ...]) -> list[str]:
        return ["ip", "netns", "exec", self.name, *map(str, words)]


@dataclass
class Networks:
    """The machines of one test, and the switches between them."""

    _over: ExitStack

    def machine(self) -> Machine:
        """Make a machine that reaches nobody yet."""
        made = Machine(f"test-{os.getpid()}-{next(_NUMBERS)}")
        _ip("netns", "add", made.name)
        self._over.callback(_ip, "netns", "del", made.name)
        folder = _OVER_ETC / made.name
        folder.mkdir(parents=True)
        self._over.callback(shutil.rmtree, folder)
        self._over.callback(made.stop)
        made.know()
        made.configure("ip", "link", "set", "lo", "up")
        return made

    def join(self, prefixes: tuple[str, str], machines: Mapping[int, Machine], lan: str = "lan") -> None:
        """Put machines on one switch, each at its number in an IPv4 /24 and an IPv6 /64.

        Args:
            prefixes: of both, such as ``10.9.0.`` and ``fd09::``.
            machines: by number, which is the last part of the address.
            lan: what the machines call the interface.
        """
        switch = self.machine()
        switch.configure("ip", "link", "add", "switch", "type", "bridge")
        switch.configure("ip", "link", "set", "switch", "up")
        for number, machine in machines.items():
            port = f"port{number}"
            ends = ("add", port, "netns", switch.name, "type", "veth", "peer", "name", lan, "netns", machine.name)
            _ip("link", *ends)
            switch.configure("ip", "link", "set", port, "master", "switch", "up")
            machine.configure("ip", "addr", "add", f"{prefixes[0]}{number}/24", "dev", lan)
            machine.configure("ip", "addr", "add", f"{prefixes[1]}{number}/64", "dev", lan, "nodad")
            machine.configure("ip", "link", "set", lan, "up")


@contextmanager
def networks() -> Iterator[Networks]:
    """Networks that are gone at the end, with all that runs on them."""
    with ExitStack() as over:
        yield Networks(over)
