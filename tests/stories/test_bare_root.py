"""The installer's journey on a Debian with nothing in it: one file, one command, upgrades, power cuts, and back."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.system.layout import Layout
from keys.clock import SystemClock
from tests.agent.cli.persian import left_in_english
from tests.faults.strace import spread
from tests.stories.premises import NAME
from tests.stories.processes import wait_for
from tests.stories.visit import BROKEN, CRM, NEWER, NEWER_VERSION, PACKAGE, STRANGERS, Country, Visit, mistyped
from tests.threats.plugin import Figure, Rounds

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

STEPS = 13
UNPACKING = {
    "a folder is made": "licence-agent.*",
    "half of the files are there": "licence-agent.*/opt/licence-agent/bin/_internal/base_library.zip",
    "the package is checked": "licence-agent.*/said",
}
"""Moments before the first step, and what of the package's is seen then in the folder of temporary files."""


@pytest.fixture
def visit(country: Country, tmp_path: Path) -> Iterator[Visit]:
    with country.visit(tmp_path / "disk") as found:
        found.server.must("useradd", "--system", CRM)
        yield found


@pytest.mark.threat(44)
@pytest.mark.threat(49)
def test_from_a_copied_file_to_a_running_service_and_back(visit: Visit, figure: Figure) -> None:
    server, clock = visit.server, SystemClock()
    assert server.run("sh", "-c", "command -v python3 curl").stdout == ""
    licence, code = visit.house.sell()
    server.must("cp", PACKAGE, "/root/agent.run")
    began = clock.boot()
    said = visit.installed(code, "--crm-user", CRM, package="/root/agent.run")
    took = clock.boot() - began
    assert (said["licence"], said["mode"], said["seat_check"]) == (licence, "full", "passed")
    assert len(said["steps"]) == STEPS
    _check_who_may_what(visit)
    _check_who_takes_seats(visit)
    assert visit.installed("--crm-user", CRM)["changed"] is False

    before = visit.status()
    upgraded = visit.installed(package=NEWER)
    assert upgraded["steps"] == ["tree", "switch", "service", "seat", "certificate", "sweep"]
    assert NEWER_VERSION in server.must("licence-agent", "--version")
    assert len([name for name in visit.left() if name.startswith("/opt/licence-agent-") and name.count("/") == 2]) == 1
    assert visit.status()["activation"] == before["activation"]

    _reboot(visit)
    assert visit.installed(package=NEWER)["changed"] is False

    gone = json.loads(server.must("licence-agent", "uninstall", "--yes", "--json"))
    assert gone["left"] == []
    assert visit.left() == []
    assert server.run("id", "licence-agent").returncode != 0
    assert visit.house.ask("licence", "show", licence)["activation"] is None
    figure(f"no Python, no network but the licence server: one file, one command, active and running in {took:.0f} s")


@pytest.mark.threat(49)
def test_the_power_fails_at_every_step(visit: Visit, rounds: Rounds, figure: Figure) -> None:
    moments = [*UNPACKING, *range(1, STEPS + 1)]
    cuts = spread(moments, rounds(len(moments), sample=2))
    for cut in cuts:
        licence, code = visit.house.sell()
        words = visit.server.inside("sh", PACKAGE, "--yes", code, "--crm-user", CRM)
        environment = visit.server.environment
        with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True) as started:
            said = _wait_for(visit, cut, started)
            visit.server.switch_off()
        visit.server.switch_on()
        done = visit.installed(code, "--crm-user", CRM)
        assert (done["licence"], done["mode"], done["crm_users"]) == (licence, "full", [CRM]), said
        assert visit.take_seat(CRM, "socket") == "201 Created", said
        assert visit.installed("--crm-user", CRM)["changed"] is False, said
        visit.server.must("licence-agent", "uninstall", "--yes")
        assert visit.left() == [], said
        visit.server.switch_off()
        visit.server.switch_on()
    figure(
        f"power cut at {len(cuts)} of {len(moments)} moments of an installation, {len(UNPACKING)} of them while it "
        "unpacked: the same command ended it, one code each, nothing left behind"
    )


def test_a_release_that_does_not_come_up_gives_way_to_the_one_before(visit: Visit) -> None:
    _, code = visit.house.sell()
    visit.installed(code)
    before = visit.status()
    said = visit.refused("sh", BROKEN, "--yes")
    assert "ImportError" in said
    assert "The one before is at work again" in said
    visit.wait_until_up()
    assert visit.status()["activation"] == before["activation"]
    assert visit.installed()["changed"] is False, "the broken one is gone"


def test_a_licence_that_is_kept_goes_on_with_the_next_installation(visit: Visit) -> None:
    licence, code = visit.house.sell()
    visit.installed(code)
    activation = visit.status()["activation"]
    assert visit.installed("--crm-user", CRM)["steps"] == ["crm", "service"]
    kept = json.loads(visit.server.must("licence-agent", "uninstall", "--keep-licence", "--yes", "--json"))["left"]
    assert [each.partition(":")[0] for each in kept] == ["/var/lib/licence-agent", "/etc/default/licence-agent"]
    owners = visit.server.must("sh", "-c", "stat -c %U /var/lib/licence-agent /var/lib/licence-agent/*")
    assert set(owners.split()) == {"root"}
    assert visit.installed()["licence"] == licence
    assert visit.status()["activation"] == activation
    _check_who_takes_seats(visit)


def test_the_wizard_asks_for_the_code_when_all_else_is_well(visit: Visit) -> None:
    licence, code = visit.house.sell()
    typed = f"{mistyped(code)}\n{code}\nnobody-here\n{CRM}\ny\n"
    words = ("script", "--quiet", "--return", "--command", f"sh {PACKAGE}", "/dev/null")
    done = visit.server.run(*words, given=typed)
    assert done.returncode == 0, done.stdout
    for part in (
        "Activation code",
        "is mistyped",
        "no user nobody-here",
        "letting the CRM in",
        f"{CRM} may take seats",
        "This will be done",
        "CL-OJ-05",
        "licence-agent uninstall",
    ):
        assert part in done.stdout, done.stdout
    assert visit.status()["licence"] == licence
    _check_who_takes_seats(visit)


def test_an_installer_who_reads_persian_reads_nothing_else(visit: Visit) -> None:
    """From the wizard's first question to the last line of the removal, as a terminal shows it."""
    _, code = visit.house.sell()
    for words, typed, said in (
        (f"sh {PACKAGE}", f"{code[:-1]}\n{code}\n\ny\n", "هنوز باز نیست"),
        ("licence-agent seats", "", " از "),
        ("licence-agent hardware --group licence-agent", "", "product_uuid"),
        ("licence-agent support -o /root/support.zip", "", "پشتیبانی"),
        ("licence-agent doctor", "", "درست"),
        ("licence-agent install", "", "چیزی تغییر نکرد"),
        (f"licence-agent install --crm-user {CRM}", "y\n", "باز کردن راه"),
        ("licence-agent uninstall --keep-licence", "y\n", "/var/lib/licence-agent"),
        (f"sh {PACKAGE}", "y\n", "گواهی نصب"),
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
    _, code = visit.house.sell()
    visit.server.network.plug(plugged=False)
    done = visit.install(code)
    visit.server.network.plug(plugged=True)
    assert done.returncode in {1, 3}, done.stderr
    assert visit.left() == []
    assert visit.install().returncode == 2, "and without a code there is nobody to ask"
    assert visit.install(mistyped(code)).returncode == 1
    assert visit.install(code, "--crm-user", "nobody-here").returncode == 1
    assert visit.left() == []


@pytest.mark.threat(26)
def test_what_the_installers_shell_knows_of_the_way_out_reaches_the_service(visit: Visit) -> None:
    _, code = visit.house.sell()
    run, named = visit.server.must, ("HTTPS_PROXY=http://sara:s3cret@10.7.0.9:3128", f"NO_PROXY={NAME}")
    said = json.loads(run("env", *named, "sh", PACKAGE, "--yes", "--json", "--port", "7421", code))
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


@pytest.mark.threat(56)
def test_only_what_the_vendor_sealed_is_installed(visit: Visit) -> None:
    run, (licence, code) = visit.server.must, visit.house.sell()
    size = int(run("stat", "-c", "%s", PACKAGE))
    for kept in (size // 2, size - 40):
        run("sh", "-c", f"head -c {kept} {PACKAGE} >/root/half.run")
        assert "othing" in visit.refused("sh", "/root/half.run", "--yes", code)
    assert f"as https://{NAME} sealed it" in run("sh", PACKAGE, "--check")

    ours, theirs = (
        (f"{tree}/bin/licence-agent", "install", "--from", tree, "--yes") for tree in ("/root/ours", "/root/theirs")
    )
    run("sh", PACKAGE, "--unpack", "/root/ours")
    run("sh", STRANGERS, "--unpack", "/root/theirs")
    run("mv", "/root/ours/release.json", "/root/lost")
    assert "release.json is missing" in visit.refused(*ours, code)
    assert visit.left() == []
    run("mv", "/root/lost", "/root/ours/release.json")
    run(*ours, code)
    for strangers in (theirs, ("sh", STRANGERS, "--yes")):
        assert "The seal of this package is not good" in visit.refused(*strangers)
    assert visit.status()["licence"] == licence
    assert visit.installed()["changed"] is False


def _wait_for(visit: Visit, cut: str | int, started: "subprocess.Popen[str]") -> object:
    """Wait for a moment of an installation, and return what tells it from others."""
    if isinstance(cut, str):
        place, pattern = visit.server.written("/tmp"), UNPACKING[cut]  # noqa: S108 - of the bare server
        wait_for(cut, lambda: any(place.glob(pattern)) or None)
        return cut
    assert started.stderr is not None
    steps = (line for line in started.stderr if line.startswith("- "))
    return [next(steps) for _ in range(cut)][-1]


def _reboot(visit: Visit) -> None:
    """Cut the power, and see the service come up again."""
    server = visit.server
    server.switch_off()
    server.switch_on()
    server.start_services()
    visit.wait_until_up()
    assert visit.status()["mode"] == "full"
    _check_service_has(visit, (f"REQUESTS_CA_BUNDLE={Layout().authorities}",))


def _check_service_has(visit: Visit, variables: tuple[str, ...]) -> None:
    (pid,) = visit.server.must("pidof", "licence-agent").split()
    assert set(variables) <= set(visit.server.must("cat", f"/proc/{pid}/environ").split("\0"))


def _check_who_takes_seats(visit: Visit) -> None:
    """The CRM's user does, by either way in, and no other user of the server."""
    for way in ("socket", "TCP"):
        assert visit.take_seat(CRM, way) in {"201 Created", "200 OK"}
    assert "Permission denied" in visit.take_seat("www-data", "socket")
    assert visit.take_seat("www-data", "TCP") == "401 Unauthorized"


def _check_who_may_what(visit: Visit) -> None:
    """The service is its user's, its secrets are its own, and what only root reads came to it by root's file."""
    run = visit.server.must
    (pid,) = run("pidof", "licence-agent").split()
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
