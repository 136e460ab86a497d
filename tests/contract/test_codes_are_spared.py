"""Whatever is wrong on site is found before the code leaves the machine: at a real server, it is still good after."""

import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from keys.identity import ALPHABET
from tests.agent.cli.program import Program
from tests.agent.vendor import DAY, HARDWARE, Vendor
from tests.contract.serving import Premises
from tests.fakes import TurnableClock
from tests.faults.authority import Authority
from tests.faults.oddserver import Answer, OddServer, behind_tls, odd_server, plain
from tests.faults.smalldisk import fill, make_room, small_disk

HERE = "127.0.0.1"


def forward(url: str) -> Answer:
    """Be an honest front of a server."""

    def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        line = HTTPConnection(urlsplit(url).netloc, timeout=10)
        line.request(handler.command, handler.path, body or None, {"Content-Type": handler.headers.get_content_type()})
        reply = line.getresponse()
        plain(reply.status, reply.read(), Content_Type=reply.headers["Content-Type"])(handler, b"")
        line.close()

    return answer


class Site:
    """A customer's machine with a code in the installer's hand, and the vendor's server that issued it."""

    def __init__(self, premises: Premises, folder: Path) -> None:
        self.premises, self.folder = premises, folder
        self.program = Program(folder / "site")
        licence, self.code = premises.sell()
        self.licence = licence.id
        self.root = folder / "root.json"
        self.root.write_bytes(premises.root)
        self.more = dict[str, str]()

    def activate(self, url: str | None = None, root: Path | None = None, code: str | None = None) -> tuple[int, str]:
        words = (code or self.code, "--server", url or self.premises.counter.url, "--root", str(root or self.root))
        done = self.program("activate", *words)
        return done.exit_code, done.stderr

    def stopped(self, *said: str, url: str | None = None, root: Path | None = None, code: str | None = None) -> str:
        """Try to activate, which has to be refused with these words, and leave the code as it is."""
        status, told = self.activate(url, root, code)
        assert status in {1, 3}, told
        assert [word for word in said if word not in told] == [], told
        assert self.shown["activation"] is None
        assert not (self.program.home / "pending-activation.json").exists()
        return told

    @property
    def shown(self):
        return self.premises.home.ask("licence", "show", self.licence)

    def still_good(self) -> None:
        """With what was wrong set right, the same code activates."""
        status, told = self.activate()
        assert status == 0, told
        assert self.shown["activation"] is not None


@pytest.fixture
def site(premises: Premises, quick_path: Path) -> Site:
    return Site(premises, quick_path)


@pytest.fixture
def front(site: Site, quick_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OddServer]:
    """The vendor's server behind TLS, under an authority that this machine is told to trust."""
    authority = Authority(quick_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.certificate))
    with behind_tls(authority.context("localhost")) as server:
        server.answer = forward(site.premises.counter.url)
        yield server


def of(server: OddServer, host: str = "localhost", scheme: str = "https") -> str:
    return f"{scheme}://{host}:{server.server_address[1]}"


@pytest.mark.situation("A character of the code is mistyped", says="invalid-input")
def test_a_code_with_one_character_wrong(site: Site) -> None:
    other = ALPHABET[(ALPHABET.index(site.code[7]) + 1) % len(ALPHABET)]
    told = site.stopped("invalid-input: ", "mistyped", code=site.code[:7] + other + site.code[8:])
    assert site.code not in told
    site.stopped("the second group", code=site.code[:7] + site.code[8:])
    site.still_good()


def test_nobody_listens(site: Site) -> None:
    with socket.socket() as free:
        free.bind((HERE, 0))
        url = f"http://{HERE}:{free.getsockname()[1]}"
    site.stopped("unreachable: ", "refuses the connection", url=url)
    site.still_good()


def test_a_name_that_dns_does_not_know(site: Site) -> None:
    site.stopped("unreachable: licences.invalid can't be resolved", url="https://licences.invalid")
    site.still_good()


def test_a_captive_portal(site: Site) -> None:
    with odd_server() as portal:
        portal.answer = plain(200, b"<h1>Sign in</h1>", Content_Type="text/html")
        site.stopped("unreachable: ", "sign-in page", "Sign in to the network", url=portal.url)
        assert not any(site.code.encode() in body for _, _, _, body in portal.asked)
        assert {method for method, _, _, _ in portal.asked} == {"GET"}
    site.still_good()


def test_the_root_of_another_vendor(site: Site, quick_path: Path) -> None:
    other = quick_path / "other.json"
    other.write_bytes(Vendor(TurnableClock()).trust_document)
    site.stopped("trust-refused: ", "a code would be used up there", root=other)
    site.still_good()


def test_no_strong_component(site: Site) -> None:
    site.program.hardware({name: HARDWARE[name] for name in ("board_serial", "cpu")})
    site.stopped("fingerprint-insufficient: ", "strong component")
    site.program.hardware(HARDWARE)
    site.still_good()


def test_a_full_disk(site: Site) -> None:
    with small_disk(site.program.home) as disk:
        disk.chmod(0o700)
        fill(disk)
        site.stopped("state-conflict: ", "is full")
        make_room(disk)
        site.still_good()


def test_a_clock_that_is_wrong(site: Site, front: OddServer) -> None:
    front.ahead = 3 * DAY
    site.stopped("state-conflict: The clock is 3 days behind", url=of(front))
    site.still_good()


def test_a_proxy_that_opens_tls(site: Site, front: OddServer, quick_path: Path, monkeypatch) -> None:
    (quick_path / "known").mkdir()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(Authority(quick_path / "known").certificate))
    site.stopped("unreachable: ", "something on the way opens TLS", url=of(front))
    assert not [body for _, _, _, body in front.asked if body]
    site.still_good()


@pytest.mark.parametrize(
    ("name", "days_ago", "said"), [("localhost", 4, "ended 4 days ago"), ("www.example.net", 0, "www.example.net")]
)
def test_a_certificate_that_is_no_good(
    site: Site, quick_path: Path, monkeypatch, name: str, days_ago: int, said: str
) -> None:
    authority = Authority(quick_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.certificate))
    with behind_tls(authority.context(name, days_ago=days_ago)) as server:
        server.answer = forward(site.premises.counter.url)
        site.stopped("unreachable: ", said, url=of(server))
    site.still_good()


def test_a_proxy_that_wants_a_password(site: Site, front: OddServer, monkeypatch) -> None:
    with odd_server() as proxy:
        proxy.answer = plain(407)
        monkeypatch.setenv("HTTPS_PROXY", f"http://sara:s3cret@{HERE}:{proxy.server_address[1]}")
        told = site.stopped("unreachable: ", "wants a name and a password", url=of(front))
        assert "s3cret" not in told
    site.stopped("unreachable: ", "can't be reached", url=of(front))
    monkeypatch.delenv("HTTPS_PROXY")
    site.still_good()


@pytest.mark.situation("The code was used already", says="code-used")
def test_a_code_that_was_used(site: Site, quick_path: Path) -> None:
    site.still_good()
    other = Program(quick_path / "other")
    other.hardware({name: f"other {value}" for name, value in HARDWARE.items()})
    words = ("activate", site.code, "--server", site.premises.counter.url, "--root", str(site.root))
    done = other(*words)
    assert (done.exit_code, "code-used: " in done.stderr) == (1, True)
    assert site.program.json("status")["mode"] == "full"


@pytest.mark.situation("The code was never issued", says="code-unknown")
def test_a_code_that_nobody_issued(site: Site) -> None:
    site.stopped("code-unknown: ", code="0" * 25)
    site.still_good()


@pytest.mark.situation("The licence is suspended, ended or revoked", says="licence-not-activatable")
def test_the_code_of_a_licence_that_is_suspended(site: Site) -> None:
    site.premises.home.ask("licence", "suspend", site.licence, "--reason", "payment_overdue")
    site.stopped("licence-not-activatable: ")
    site.premises.home.ask("licence", "resume", site.licence, "--reason", "paid")
    site.still_good()


def test_without_the_checks_the_code_is_lost(site: Site, quick_path: Path) -> None:
    """The control: the vendor's server takes the code, and nobody here believes its licence."""
    other = quick_path / "other.json"
    other.write_bytes(Vendor(TurnableClock()).trust_document)
    words = ("--server", site.premises.counter.url, "--root", str(other), "--unchecked")
    assert site.program("activate", site.code, *words).exit_code == 3
    assert site.shown["activation"] is not None
