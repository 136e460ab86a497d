"""An installer's visit to a bare server, with the vendor's packages on a stick, and the vendor's server in reach."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from tests.bundle.building import another_release
from tests.faults.authority import Authority
from tests.faults.networks import Machine, Networks
from tests.stories.bare_root import BareRoot, bare_root
from tests.stories.premises import NAME, House

STICK = "/media"
PACKAGE, NEWER, BROKEN, STRANGERS, AUTHORITY = (
    f"{STICK}/{name}" for name in ("agent.run", "newer.run", "broken.run", "strangers.run", "authority.pem")
)
NEWER_VERSION = "9.0.0"
_VENDOR = "10.7.0.1"
CRM = "crm"
"""The user of the bare server as whom a CRM runs there."""
_WAYS = {
    "socket": 'IO::Socket::UNIX->new(Peer => "/var/lib/licence-agent/agent.sock")',
    "TCP": 'IO::Socket::INET->new(PeerAddr => "127.0.0.1:7411")',
}
_TAKE_A_SEAT = r"""
use IO::Socket;
my $token = "";
if (open(my $file, "<", "/var/lib/licence-agent/application.token")) {{ $token = <$file>; chomp $token; }}
my $agent = {way} or die "no way in: $!";
my $seat = '{{"user": "sara", "client": "pc-17"}}';
print $agent "POST /v1/seats HTTP/1.1\r\nHost: 127.0.0.1:7411\r\nConnection: close\r\n{token}",
  "Content-Type: application/json\r\nContent-Length: ", length $seat, "\r\n\r\n$seat";
print <$agent>;
"""
"""In Perl, which is all that the bare server has."""
_LOOKS = 20
"""So often is an agent asked that starts; each asking is a program's start, too."""


class Visited(BareRoot):
    """A bare server with a stick in it."""

    mounts: ClassVar[str] = f"mount --bind {{disk}}/stick {{root}}{STICK}"


@dataclass(frozen=True)
class Country:
    """A vendor whose server runs, the place of a customer's on its network, and a stick with packages."""

    house: House
    place: Machine
    stick: Path

    @classmethod
    def made(cls, networks: Networks, folder: Path, archive: Path) -> "Country":
        """Start the vendor's server, and have it make packages of what was built."""
        vendor, place, stick = networks.machine(), networks.machine(), folder / "stick"
        networks.join(("10.7.0.", "fd07::"), {1: vendor, 2: place})
        house = House(folder / "vendor", vendor, _VENDOR, Authority(folder, "مرجع گواهی"))
        stranger = House(folder / "stranger", vendor, _VENDOR)
        newer = another_release(archive, folder / "newer.tar.gz", NEWER_VERSION)
        broken = another_release(archive, folder / "broken.tar.gz", "9.0.1", damaged="bin/_internal/httptools/parser/")
        stick.mkdir(mode=0o755)
        shutil.copy(folder / "authority.pem", stick)
        orders = (
            (PACKAGE, house, archive),
            (NEWER, house, newer),
            (BROKEN, house, broken),
            (STRANGERS, stranger, newer),
        )
        for path, maker, release in orders:
            maker.ask("bundle", "--archive", release, "-o", stick / Path(path).name)
        house.open()
        house.open_front()
        return cls(house, place, stick)

    @contextmanager
    def visit(self, disk: Path) -> Iterator["Visit"]:
        """A bare server that is on, and knows the vendor's by name and certificate."""
        with bare_root(Visited(disk, self.place)) as server:
            (disk / "stick").symlink_to(self.stick)
            server.written("/etc/hosts").write_text(f"127.0.0.1 localhost\n{_VENDOR} {NAME}\n")
            server.environment["REQUESTS_CA_BUNDLE"] = AUTHORITY
            server.switch_on()
            yield Visit(self.house, server)


@dataclass(frozen=True)
class Visit:
    """A customer's bare server, the vendor's on the same network, and nothing else on it."""

    house: House
    server: BareRoot

    def install(self, *words: str, package: str = PACKAGE) -> "subprocess.CompletedProcess[str]":
        """Start a package; there is nobody at the terminal."""
        return self.server.run("sh", package, "--yes", *words)

    def installed(self, *words: str, package: str = PACKAGE) -> Any:
        """Start a package that has to install, and return what it says for programs."""
        done = self.install(*words, "--json", package=package)
        assert done.returncode == 0, (done.stdout, done.stderr, self.log())
        return json.loads(done.stdout)

    def refused(self, *words: str) -> str:
        """Type a command that has to be refused, and return what it says."""
        done = self.server.run(*words)
        assert done.returncode == 1, (done.stdout, done.stderr)
        return done.stderr

    def status(self) -> Any:
        """What the installed agent says of its licence."""
        return json.loads(self.server.must("licence-agent", "status", "--json"))

    def log(self) -> str:
        """What the agent's service said."""
        path = self.server.written("/var/log/licence-agent.log")
        return path.read_text() if path.exists() else ""

    def take_seat(self, user: str, way: str) -> str:
        """Take a seat as a CRM that runs as some user; return the status of the answer, or why there was none."""
        shown = r"Authorization: Bearer $token\r\n" if way == "TCP" else ""
        script = _TAKE_A_SEAT.format(way=_WAYS[way], token=shown)
        done = self.server.run("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "perl", "-e", script)
        return done.stdout.partition("\n")[0].removeprefix("HTTP/1.1 ") or done.stderr

    def wait_until_up(self) -> None:
        """Wait until the agent answers."""
        for _ in range(_LOOKS):
            said = self.server.run("licence-agent", "seats")
            if said.returncode == 0:
                return
        raise AssertionError((said.stderr, self.log()))

    def left(self) -> list[str]:
        """Whatever of the agent's lies on its disk, but for what the installer carried to root's home."""
        upper = self.server.disk / "upper"
        found = [path.relative_to(upper) for path in upper.rglob("*licence-agent*") if not path.is_char_device()]
        return sorted(f"/{path}" for path in found if path.parts[0] != "root")


def mistyped(code: str) -> str:
    """The code with another last character."""
    return f"{code[:-1]}{'0' if code[-1] != '0' else '1'}"
