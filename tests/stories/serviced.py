"""A customer's server with systemd, the vendor's on the same network, and the packages that the vendor made."""

import gzip
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from licence_server.bundles.tarball import Item, tar
from tests.faults.networks import networks
from tests.stories.bare_root import bare_root
from tests.stories.parties import Office
from tests.stories.processes import BIN, clean_environment, wait_for
from tests.stories.systemd_root import SystemdRoot

ISSUER, SERVER = "https://licences.example.com", "http://10.7.0.1:7410"
DAEMON, HARDWARE = "licence-agent.service", "licence-agent-hardware.service"
RUN, DEB, NEWER = "/root/agent.run", "/root/agent.deb", "/root/newer.deb"
HOME = "/var/lib/licence-agent"


@dataclass
class Shop:
    """A vendor with a release, a newer one, and packages of both."""

    office: Office
    packages: Path
    """A folder with what the machine finds in /root."""


def open_shop(place: Path, archive: Path) -> Shop:
    """Open one in a folder; ``archive``: the agent's files."""
    office = Office(place / "vendor", clean_environment(LICENCE_SERVER_HOME=place / "vendor"))
    office.run("init", "--issuer", ISSUER)
    packages = place / "packages"
    packages.mkdir()
    newer = _newer(archive, place / "newer.tar.gz")
    for path, files in ((RUN, archive), (DEB, archive), (NEWER, newer)):
        name = Path(path)
        office.run("bundle", "--for", name.suffix[1:], "--archive", files, "-o", packages / name.name)
    return Shop(office, packages)


def _newer(archive: Path, path: Path) -> Path:
    """Make an archive of the same files that calls itself a newer release."""
    items, moment = [], 0
    with tarfile.open(archive) as given:
        for entry in given:
            file = given.extractfile(entry) if entry.isreg() else None
            content = None if file is None else file.read()
            if entry.name.endswith("/release.json") and content is not None:
                about = json.loads(content)
                moment, content = about["built_at"], json.dumps({**about, "version": "99.0.0"}).encode()
            name = f"{entry.name}/" if entry.isdir() else entry.name
            items.append(Item(name, content, is_program=bool(entry.mode & 0o100)))
    path.write_bytes(gzip.compress(tar(items, moment), compresslevel=1))
    return path


@dataclass
class Serviced:
    """The customer's server, and what is typed there."""

    office: Office
    machine: SystemdRoot

    def type(self, *words: object) -> Any:
        """Run a command of the agent that has to succeed, and return what it prints for scripts."""
        return json.loads(self.machine.must("licence-agent", *words, "--json"))

    def install(self, *program: str) -> tuple[str, str]:
        """Install by a program and its first words with a fresh code; return the licence and its activation."""
        licence, code = self.office.issue()
        said = json.loads(self.machine.must(*program, code, "--server", SERVER, "--yes", "--json"))
        assert (said["licence"], said["mode"], said["seat_check"]) == (licence, "full", "passed")
        assert said["service"] == "systemd"
        return licence, self.activation()

    def activation(self) -> str:
        status = self.type("status")
        assert status["mode"] == "full", status
        return str(status["activation"])

    def take_seat(self) -> None:
        """Take a seat for Sara, over the local API as the CRM does."""
        token = self.machine.must("cat", f"{HOME}/application.token").strip()
        headers = ("--header", f"Authorization: Bearer {token}", "--json", json.dumps({"user": "sara", "client": "pc"}))
        done = self.machine.network.run("curl", "--fail", "--silent", *headers, "http://127.0.0.1:7411/v1/seats")
        assert done.returncode == 0, (done.stdout, done.stderr)

    def holders(self) -> list[str]:
        """Who has a seat."""
        return [seat["user"] for seat in self.type("seats")["seats"]]

    def show(self, *names: str, unit: str = DAEMON) -> list[str]:
        """What systemd knows of a unit, in the order asked for."""
        said = self.machine.must("systemctl", "show", unit, *(f"--property={name}" for name in names))
        known = dict(line.split("=", 1) for line in said.splitlines())
        return [known[name] for name in names]

    def write(self, path: str, content: str) -> None:
        """Write a file that everybody may read."""
        done = self.machine.run("sh", "-c", f"cat > {path}", given=content)
        assert done.returncode == 0, done.stderr

    def pid(self) -> int:
        return int(self.show("MainPID")[0])

    def restarts(self) -> int:
        """How often systemd has started the agent again by itself."""
        return int(self.show("NRestarts")[0])

    def wait_restarts(self, number: int) -> None:
        wait_for(f"restart {number}", lambda: self.restarts() >= number or None)

    def is_up(self) -> bool | None:
        return True if self.machine.run("licence-agent", "seats").returncode == 0 else None

    def wait_up(self) -> None:
        wait_for("the agent", self.is_up)

    def logged(self, *words: str) -> str:
        """What the journal has of the agent, and of systemd about it."""
        return self.machine.must("journalctl", "--unit", DAEMON, "--output", "cat", *words)

    def left(self) -> list[str]:
        """Whatever of the agent's lies on its disk, but for what was carried there."""
        found = self.machine.must("find", "/", "-xdev", "-name", "*licence-agent*", "-not", "-path", "/root/*")
        return sorted(found.split())


@contextmanager
def serviced(place: Path, shop: Shop) -> Iterator[Serviced]:
    """Such a server, switched on, with the packages in /root, and the vendor's at work."""
    with networks() as found:
        vendor, customer = found.machine(), found.machine()
        found.join(("10.7.0.", "fd07::"), {1: vendor, 2: customer})
        command = (BIN / "licence-server", "run", "--host", "10.7.0.1", "--port", "7410")
        started = vendor.start(*command, env=shop.office.environment, log=place / "vendor.log")
        assert started.stdout is not None
        assert started.stdout.readline()
        with bare_root(SystemdRoot(place / "disk", customer)) as machine:
            carried = machine.written("/root")
            carried.mkdir(mode=0o700)
            for package in shop.packages.iterdir():
                (carried / package.name).hardlink_to(package)
            machine.switch_on()
            yield Serviced(shop.office, machine)
