"""The installer's journey on a Debian with nothing in it: one command, an upgrade, a power cut, the way back."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from keys.clock import SystemClock
from tests.agent.cli.persian import left_in_english
from tests.faults.networks import networks
from tests.faults.strace import spread
from tests.stories.bare_root import BareRoot, bare_root
from tests.stories.parties import Office
from tests.stories.portable import make_tree
from tests.stories.processes import BIN, clean_environment, wait_for
from tests.threats.plugin import Figure, Rounds

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

ISSUER, SERVER = "https://licences.example.com", "http://10.7.0.1:7410"
TREE, NEWER, BROKEN = "/root/licence-agent", "/root/newer", "/root/broken"
STEPS = 11


@dataclass
class Visit:
    """A customer's bare server, the vendor's on the same network, and nothing else on it."""

    office: Office
    server: BareRoot

    def install(self, *words: str, tree: str = TREE) -> "subprocess.CompletedProcess[str]":
        return self.server.run(f"{tree}/bin/licence-agent", "install", "--from", tree, "--yes", *words)

    def installed(self, *words: str, tree: str = TREE) -> Any:
        done = self.install(*words, "--json", tree=tree)
        assert done.returncode == 0, (done.stdout, done.stderr, self.log())
        return json.loads(done.stdout)

    def status(self) -> Any:
        return json.loads(self.server.must("licence-agent", "status", "--json"))

    def carry(self, source: Path, to: str) -> None:
        """Copy a folder onto its disk."""
        shutil.copytree(source, self.server.written(to), symlinks=True)

    def log(self) -> str:
        path = self.server.written("/var/log/licence-agent.log")
        return path.read_text() if path.exists() else ""

    def is_up(self) -> bool | None:
        return True if self.server.run("licence-agent", "seats").returncode == 0 else None

    def left(self) -> list[str]:
        """Whatever of the agent's lies on its disk, but for what was carried there."""
        upper = self.server.disk / "upper"
        found = [path.relative_to(upper) for path in upper.rglob("*licence-agent*") if not path.is_char_device()]
        return sorted(f"/{path}" for path in found if path.parts[0] != "root")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, Path]:
    """A vendor, and the program that asks it."""
    place = tmp_path_factory.mktemp("vendor")
    office = Office(place / "vendor", clean_environment(LICENCE_SERVER_HOME=place / "vendor"))
    office.run("init", "--issuer", ISSUER)
    return office, make_tree(place / "tree", SERVER, office.home / "root.json")


@pytest.fixture
def visit(tree: tuple[Office, Path], tmp_path: Path) -> Iterator[Visit]:
    office, program = tree
    with networks() as made:
        vendor, customer = made.machine(), made.machine()
        made.join(("10.7.0.", "fd07::"), {1: vendor, 2: customer})
        command = (BIN / "licence-server", "run", "--host", "10.7.0.1", "--port", "7410")
        started = vendor.start(*command, env=office.environment, log=tmp_path / "vendor.log")
        assert started.stdout is not None
        assert started.stdout.readline()
        with bare_root(BareRoot(tmp_path / "disk", customer)) as server:
            found = Visit(office, server)
            found.carry(program, TREE)
            server.switch_on()
            yield found


@pytest.mark.threat(49)
def test_from_a_copied_file_to_a_running_service_and_back(visit: Visit, figure: Figure) -> None:
    server, clock = visit.server, SystemClock()
    assert server.run("sh", "-c", "command -v python3 curl").stdout == ""
    licence, code = visit.office.issue()
    began = clock.boot()
    said = visit.installed(code)
    took = clock.boot() - began
    assert (said["licence"], said["mode"], said["seat_check"]) == (licence, "full", "passed")
    assert len(said["steps"]) == STEPS
    _check_who_may_what(visit)
    assert visit.installed()["changed"] is False

    newer = _newer(visit)
    before = visit.status()
    assert visit.installed(tree=newer)["steps"] == ["tree", "switch", "service", "seat", "certificate", "sweep"]
    assert len([name for name in visit.left() if name.startswith("/opt/licence-agent-") and name.count("/") == 2]) == 1
    assert visit.status()["activation"] == before["activation"]

    server.switch_off()
    server.switch_on()
    server.start_services()
    wait_for("the agent after the boot", visit.is_up)
    assert visit.status()["mode"] == "full"
    assert visit.installed(tree=newer)["changed"] is False

    gone = json.loads(server.must("licence-agent", "uninstall", "--yes", "--json"))
    assert gone["left"] == []
    assert visit.left() == []
    assert server.run("id", "licence-agent").returncode != 0
    assert visit.office.run("licence", "show", licence)["activation"] is None
    figure(f"no Python, no network but the licence server: one command, active and running after {took:.0f} s")


@pytest.mark.threat(49)
def test_the_power_fails_at_every_step(visit: Visit, rounds: Rounds, figure: Figure) -> None:
    cuts = spread(range(1, STEPS + 1), rounds(STEPS, sample=1))
    for cut in cuts:
        licence, code = visit.office.issue()
        words = (f"{TREE}/bin/licence-agent", "install", "--from", TREE, "--yes", code)
        with subprocess.Popen(visit.server.inside(*words), stderr=subprocess.PIPE, text=True) as started:
            assert started.stderr is not None
            steps = (line for line in started.stderr if line.startswith("- "))
            said = [next(steps) for _ in range(cut)][-1]
            visit.server.switch_off()
        visit.server.switch_on()
        done = visit.installed(code)
        assert (done["licence"], done["mode"]) == (licence, "full"), said
        assert visit.installed()["changed"] is False, said
        visit.server.must("licence-agent", "uninstall", "--yes")
        assert visit.left() == []
    figure(f"power cut at {len(cuts)} of {STEPS} steps of an installation: the same command ended it, one code each")


def test_a_release_that_does_not_come_up_gives_way_to_the_one_before(visit: Visit) -> None:
    _, code = visit.office.issue()
    visit.installed(code)
    before = visit.status()
    visit.server.must("cp", "-r", TREE, BROKEN)
    start = visit.server.written(f"{BROKEN}/bin/start.py")
    start.write_text(f"import sys\nif 'run' in sys.argv: sys.exit('this release is broken')\n{start.read_text()}")
    done = visit.install(tree=BROKEN)
    assert done.returncode == 1
    assert "this release is broken" in done.stderr
    assert "The one before is at work again" in done.stderr
    assert visit.is_up()
    assert visit.status()["activation"] == before["activation"]
    assert visit.installed()["changed"] is False, "the broken one is gone"


def test_a_licence_that_is_kept_goes_on_with_the_next_installation(visit: Visit) -> None:
    licence, code = visit.office.issue()
    visit.installed(code)
    activation = visit.status()["activation"]
    (kept,) = json.loads(visit.server.must("licence-agent", "uninstall", "--keep-licence", "--yes", "--json"))["left"]
    assert kept.startswith("/var/lib/licence-agent:")
    owners = visit.server.must("sh", "-c", "stat -c %U /var/lib/licence-agent /var/lib/licence-agent/*")
    assert set(owners.split()) == {"root"}
    assert visit.installed()["licence"] == licence
    assert visit.status()["activation"] == activation


def test_the_wizard_asks_for_the_code_when_all_else_is_well(visit: Visit) -> None:
    licence, code = visit.office.issue()
    words = f"{TREE}/bin/licence-agent install --from {TREE}"
    typed = f"{code[:-1]}{'0' if code[-1] != '0' else '1'}\n{code}\ny\n"
    done = visit.server.run("script", "--quiet", "--return", "--command", words, "/dev/null", given=typed)
    assert done.returncode == 0, done.stdout
    for part in (
        "Activation code",
        "is mistyped",
        "This will be done",
        "CL-OJ-05",
        "licence-agent uninstall",
    ):
        assert part in done.stdout, done.stdout
    assert visit.status()["licence"] == licence


def test_an_installer_who_reads_persian_reads_nothing_else(visit: Visit) -> None:
    """From the wizard's first question to the last line of the removal, as a terminal shows it."""
    _, code = visit.office.issue()
    for words, typed, said in (
        (f"{TREE}/bin/licence-agent install --from {TREE}", f"{code[:-1]}\n{code}\ny\n", "گواهی نصب"),
        ("licence-agent seats", "", " از "),
        ("licence-agent hardware --group licence-agent", "", "product_uuid"),
        ("licence-agent support -o /root/support.zip", "", "پشتیبانی"),
        ("licence-agent doctor", "", "درست"),
        ("licence-agent install", "", "چیزی تغییر نکرد"),
        ("licence-agent uninstall --keep-licence", "y\n", "/var/lib/licence-agent"),
        (f"{TREE}/bin/licence-agent install --from {TREE}", "y\n", "گواهی نصب"),
        ("licence-agent uninstall", "y\n", "عامل برداشته شد"),
    ):
        spoken = ("env", "LANG=fa_IR.UTF-8", "script", "--quiet", "--return", "--command", words, "/dev/null")
        done = visit.server.run(*spoken, given=typed)
        shown = done.stdout.replace("\r\n", "\n").partition("Certificate of installation")  # which is in both languages
        rest = shown[2].rpartition("=" * 72)[2]
        assert (done.returncode, said in done.stdout) == (0, True), (words, done.stdout)
        assert left_in_english(shown[0]) + left_in_english(rest) == [], words
    assert visit.left() == []


def test_what_is_wrong_is_found_before_anything_is_done(visit: Visit) -> None:
    _, code = visit.office.issue()
    visit.server.network.plug(plugged=False)
    done = visit.install(code)
    assert done.returncode in {1, 3}, done.stderr
    assert visit.left() == []
    visit.server.network.plug(plugged=True)
    assert visit.install().returncode == 2, "and without a code there is nobody to ask"
    mistyped = visit.install(f"{code[:-1]}{'0' if code[-1] != '0' else '1'}")
    assert mistyped.returncode == 1
    assert visit.left() == []


@pytest.mark.threat(26)
def test_what_the_installers_shell_knows_of_the_way_out_reaches_the_service(visit: Visit) -> None:
    _, code = visit.office.issue()
    run, named = visit.server.must, ("HTTPS_PROXY=http://sara:s3cret@10.7.0.9:3128", "NO_PROXY=10.7.0.1")
    words = ("install", "--from", TREE, "--yes", "--json")
    said = json.loads(run("env", *named, f"{TREE}/bin/licence-agent", *words, "--port", "7421", code))
    assert {"settings", "outbound"} <= set(said["steps"])
    _check_service_has(visit, named)
    assert json.loads(run("cat", "/var/lib/licence-agent/address.json"))["port"] == 7421
    assert run("stat", "-c", "%U %a", "/etc/default/licence-agent").strip() == "root 600"
    again = json.loads(run("env", "HTTPS_PROXY=http://10.7.0.9:3129", "licence-agent", "install", "--yes", "--json"))
    assert again["steps"] == ["outbound", "service"]
    _check_service_has(visit, ("HTTPS_PROXY=http://10.7.0.9:3129", named[1]))
    kept = json.loads(run("licence-agent", "uninstall", "--keep-licence", "--yes", "--json"))["left"]
    assert [each.partition(":")[0] for each in kept] == ["/var/lib/licence-agent", "/etc/default/licence-agent"]
    visit.installed()
    _check_service_has(visit, ("HTTPS_PROXY=http://10.7.0.9:3129", named[1]))
    run("licence-agent", "uninstall", "--yes")
    assert visit.left() == []


def _check_service_has(visit: Visit, variables: tuple[str, ...]) -> None:
    (pid,) = visit.server.must("pidof", "python").split()
    assert set(variables) <= set(visit.server.must("cat", f"/proc/{pid}/environ").split("\0"))


def _check_who_may_what(visit: Visit) -> None:
    """The service is its user's, its secrets are its own, and what only root reads came to it by root's file."""
    run = visit.server.must
    (pid,) = run("pidof", "python").split()
    assert run("stat", "-c", "%U", f"/proc/{pid}").strip() == "licence-agent"
    facts = dict(
        line.split(maxsplit=1)
        for line in run("sh", "-c", "stat -c '%n %U %a' /var/lib/licence-agent /var/lib/licence-agent/*").splitlines()
    )
    assert {fact.split()[0] for fact in facts.values()} == {"licence-agent"}
    assert facts.pop("/var/lib/licence-agent") == "licence-agent 711"
    modes = {name: fact.split()[1] for name, fact in facts.items()}
    assert not {name: mode for name, mode in modes.items() if mode[-1] != "0" and not name.endswith(("tokens", ".crt"))}
    kept = run("stat", "-c", "%U %G %a", "/run/licence-agent-hardware/components.json")
    assert kept.split() == ["root", "licence-agent", "640"]
    found = json.loads(run("licence-agent", "fingerprint", "--json"))
    assert {"product_uuid", "board_serial", "machine_id"} <= set(found["components"])
    text = run("cat", "/var/lib/licence-agent/installation.txt")
    assert "CL-OJ-05" in text
    assert "گواهی نصب" in text


def _newer(visit: Visit) -> str:
    """Another release of the program."""
    visit.server.must("cp", "-r", TREE, NEWER)
    visit.server.written(f"{NEWER}/RELEASE").write_text("newer")
    return NEWER
