"""The agent under a systemd that really runs: its sandbox, its watchdog, its restarts, and the machine's own."""

import re
from zipfile import ZipFile

import pytest

from tests.stories.processes import wait_for
from tests.stories.serviced import DAEMON, HARDWARE, RUN, Serviced
from tests.threats.plugin import Figure

pytestmark = [pytest.mark.long, pytest.mark.timeout(900), pytest.mark.threat(49)]

MOST = 2.0
"""See tests/agent/system/test_units.py."""
PROBE_UNIT = "/run/systemd/system/probe.service"
PROBE = r"""
can() { name=$1; shift; if "$@" >/dev/null 2>&1; then echo "$name"; fi; }
case $(uname -m) in aarch64) mmap=222 ;; *) mmap=9 ;; esac
home=/var/lib/licence-agent
can write-home touch $home/probe
can write-tmp touch /tmp/probe
can write-etc touch /etc/probe
can write-var touch /var/lib/probe
can write-program touch /opt/licence-agent/probe
can read-homes cat /home/letter
can setuid-file sh -c "touch $home/suid && chmod 4755 $home/suid"
can user-namespace unshare --user true
can personality setarch --addr-no-randomize true
can tpm sh -c ': > /dev/tpmrm0'
can device sh -c ': > /dev/other'
for family in unix=1 inet=2 inet6=10 netlink=16 vsock=40; do
  can ${family%=*} perl -e 'socket(S, $ARGV[0], $ARGV[0] == 16 ? 3 : 1, 0) or exit 1' ${family#*=}
done
can write-and-execute perl -e 'exit 1 if syscall($ARGV[0], 0, 4096, 7, 34, -1, 0) == -1' $mmap
rm -f $home/probe $home/suid
"""
NEEDED = {"write-home", "write-tmp", "unix", "inet", "inet6", "netlink", "tpm"}
"""What the agent needs."""
KNOCK = """
use Socket;
socket(my $agent, AF_UNIX, SOCK_STREAM, 0);
connect($agent, sockaddr_un("/var/lib/licence-agent/agent.sock")) or exit 1;
"""
ENOUGH = 6
"""Starts in a row, of which systemd by itself would allow five."""
UNCONFINED = {"read-homes", "setuid-file", "user-namespace", "personality", "device", "vsock", "write-and-execute"}
"""What any user may, and the agent may not."""


def test_it_does_all_its_work_in_a_sandbox_that_holds(site: Serviced, figure: Figure) -> None:
    run = site.machine.must
    _, activation = site.install("sh", RUN)
    status = dict(line.split(":\t", 1) for line in run("cat", f"/proc/{site.pid()}/status").splitlines())
    assert "0" not in status["Uid"].split()
    assert {status[name] for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb", "CapInh")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert "Max core file size        0                    0 " in run("cat", f"/proc/{site.pid()}/limits")

    for name in ("tpmrm0", "other"):  # any driver will do that everybody may open
        run("mknod", "--mode=666", f"/dev/{name}", "c", "10", "229")
    site.write("/home/letter", "for anybody here")
    unit = run("systemctl", "cat", DAEMON)
    assert _may(site, _confined(unit)) == NEEDED
    assert _may(site, "[Service]\nUser=licence-agent\n") == NEEDED | UNCONFINED
    run("rm", "/dev/tpmrm0", "/dev/other")

    site.take_seat()
    assert site.type("validate")["status"] == "active"
    assert site.type("usage")
    said = {line["check"]: line for line in site.type("doctor")["checks"]}
    assert said["service"]["state"] == "ok"
    assert "starts with the machine" in said["service"]["said"]
    site.type("support", "--output", "/root/support.zip")
    with ZipFile(site.machine.written("/root/support.zip")) as packed:
        (log,) = (name for name in packed.namelist() if name.endswith("log.jsonl"))
        assert b'"ready"' in packed.read(log)
    run("systemctl", "stop", DAEMON)
    assert site.show("Result", "ExecMainStatus", "ActiveState") == ["success", "0", "inactive"]
    run("systemctl", "start", DAEMON)
    assert (site.activation(), site.holders()) == (activation, ["sara"])
    scores = [_exposure(site, name) for name in (DAEMON, HARDWARE)]
    assert max(scores) <= MOST
    figure(f"{len(UNCONFINED)} things that any user may, and the agent may not; exposure {max(scores)} of 10")


def _check_it_lets_in(site: Serviced, named: str) -> None:
    """The agent can give its socket to users who are named, and gives it to nobody else."""
    assert site.type("install", "--crm-user", named, "--yes")["steps"] == ["crm", "service"]
    for user in (named, "man"):
        done = site.machine.run("setpriv", f"--reuid={user}", "--regid=man", "--clear-groups", "perl", "-e", KNOCK)
        assert (done.returncode == 0) == (user == named), (user, done.stderr, site.logged())


def test_it_comes_up_with_the_machine_and_goes_without_a_trace(site: Serviced) -> None:
    run = site.machine.must
    licence, activation = site.install("sh", RUN)
    _check_it_lets_in(site, "www-data")
    site.machine.switch_off()
    site.machine.switch_on()
    site.wait_up()
    assert site.activation() == activation
    began = [int(site.show("ExecMainStartTimestampMonotonic", unit=unit)[0]) for unit in (HARDWARE, DAEMON)]
    assert 0 < began[0] < began[1], "root reads the hardware first"
    assert site.show("User", "Result", unit=HARDWARE) == ["", "success"]
    kept = run("stat", "--format", "%U %G %a", "/run/licence-agent-hardware/components.json")
    assert kept.split() == ["root", "licence-agent", "640"]
    assert {"product_uuid", "board_serial"} <= set(site.type("fingerprint")["components"])
    assert run("stat", "--format", "%U", f"/proc/{site.pid()}").strip() == "licence-agent"

    run("systemctl", "start", "--no-block", "--job-mode=replace-irreversibly", "poweroff.target")
    wait_for("the orderly end", site.machine.is_off)
    site.machine.switch_off()
    site.machine.switch_on()
    site.wait_up()
    assert '"stopped"' in site.logged("--boot=-1", "--lines=5")

    (stays,) = site.type("uninstall", "--yes")["left"]
    assert "journal" in stays
    assert site.left() == []
    assert site.show("LoadState", "ActiveState") == ["not-found", "inactive"]
    assert site.machine.run("getent", "passwd", "licence-agent").stdout == ""
    assert site.office.run("licence", "show", licence)["activation"] is None


def test_systemd_starts_again_what_hangs_dies_or_can_not_begin(site: Serviced) -> None:
    run = site.machine.must
    _, activation = site.install("sh", RUN)
    run("mkdir", f"/etc/systemd/system/{DAEMON}.d")
    site.write(f"/etc/systemd/system/{DAEMON}.d/quick.conf", "[Service]\nWatchdogSec=4\nRestartSec=100ms\n")
    run("systemctl", "daemon-reload")
    run("systemctl", "restart", DAEMON)
    site.take_seat()
    for signal, said in (("STOP", "Watchdog timeout"), ("KILL", "status=9/KILL")):
        restarts = site.restarts()
        run("systemctl", "kill", f"--signal={signal}", DAEMON)
        site.wait_restarts(restarts + 1)
        site.wait_up()
        assert said in site.logged()
    assert (site.activation(), site.holders()) == (activation, ["sara"])

    site.write("/var/lib/licence-agent/agent.toml", "port = 'none'\n")
    restarts = site.restarts()
    run("systemctl", "kill", "--signal=KILL", DAEMON)
    site.wait_restarts(restarts + ENOUGH)
    assert site.show("ActiveState")[0] in {"activating", "inactive", "failed"}
    assert "agent.toml" in site.logged("--priority=err", "--lines=8")
    run("rm", "/var/lib/licence-agent/agent.toml")
    site.wait_up()
    assert "stopping" not in site.logged("--priority=warning")


def _confined(unit: str) -> str:
    """The lines of the daemon's unit that say what it may, for a program that ends."""
    others = re.compile(r"^(Type|ExecStart|Restart|RestartSec|WatchdogSec|WantedBy)=.*\n", re.MULTILINE)
    return others.sub("", unit.replace("[Install]", ""))


def _may(site: Serviced, unit: str) -> set[str]:
    """What a service with such a unit may do."""
    site.write("/run/probe.sh", PROBE)
    how = "[Service]\nType=oneshot\nExecStart=sh /run/probe.sh\nStandardOutput=truncate:/run/probe.said\n"
    site.write(PROBE_UNIT, f"{unit}\n{how}")
    site.machine.must("systemctl", "daemon-reload")
    site.machine.must("systemctl", "start", "probe")
    return set(site.machine.must("cat", "/run/probe.said").split())


def _exposure(site: Serviced, unit: str) -> float:
    said = site.machine.must("systemd-analyze", "security", "--no-pager", unit)
    return float(said.rpartition(f"{unit}: ")[2].split()[0])
