"""The life of the .deb under dpkg and systemd: installed, upgraded, removed, installed again, purged, and refused."""

import sys

import pytest

from tests.stories.serviced import DAEMON, DEB, HARDWARE, HOME, NEWER, RUN, Serviced

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


def test_state_and_licence_stay_until_the_package_is_purged(site: Serviced) -> None:
    run = site.machine.must
    run("dpkg", "--install", DEB)
    assert site.show("ActiveState", "UnitFileState") == ["active", "enabled"], "unlicensed, it runs already"
    _, activation = site.install("licence-agent", "install")
    first = site.pid()
    site.take_seat()
    assert "Active: active (running)" in run("systemctl", "status", "--no-pager", DAEMON)

    run("dpkg", "--install", NEWER)
    assert "99.0.0" in run("dpkg-query", "--show", "licence-agent")
    site.wait_up()
    assert site.pid() != first, "the newer one runs"
    assert (site.activation(), site.holders()) == (activation, ["sara"])

    run("dpkg", "--remove", "licence-agent")
    assert site.show("LoadState", "ActiveState") == ["not-found", "inactive"]
    assert [path for path in site.left() if "/dpkg/" not in path] == [HOME]

    run("dpkg", "--install", DEB)
    site.wait_up()
    assert site.activation() == activation

    run("dpkg", "--purge", "licence-agent")
    assert site.left() == []
    assert site.machine.run("getent", "passwd", "licence-agent").stdout == ""
    assert site.machine.run("getent", "group", "licence-agent").stdout == ""


@pytest.mark.threat(56)
def test_a_changed_package_is_refused_and_what_runs_runs_on(site: Serviced) -> None:
    run, changed = site.machine.must, "/root/changed.deb"
    run("dpkg-deb", "--raw-extract", DEB, "/root/changed")
    run("sh", "-c", "echo >> /root/changed/opt/licence-agent/vendor.json")
    run("dpkg-deb", "-Znone", "--build", "/root/changed", changed)
    refused = site.machine.run("dpkg", "--install", changed)
    assert refused.returncode != 0
    assert "vendor.json was changed" in refused.stderr
    assert "If it is the package, get that anew" in refused.stderr
    assert site.show("ActiveState") == ["inactive"]
    assert site.machine.run("getent", "passwd", "licence-agent").stdout == ""

    run("dpkg", "--install", DEB)
    _, activation = site.install("licence-agent", "install")
    before = site.pid()
    assert site.machine.run("dpkg", "--install", changed).returncode != 0
    assert site.pid() == before
    assert site.is_up()
    run("dpkg", "--install", DEB)
    site.wait_up()
    assert site.activation() == activation


def test_what_keeps_the_agent_from_starting_is_said_and_the_package_completed_without_it(site: Serviced) -> None:
    site.machine.must("mkdir", HOME)
    site.write(f"{HOME}/agent.toml", "port = 'none'\n")
    refused = site.machine.run("dpkg", "--install", DEB)
    assert refused.returncode != 0
    assert "port can't be 'none'" in refused.stderr
    assert "else mend it, then do: dpkg --configure licence-agent" in refused.stderr

    site.machine.must("rm", f"{HOME}/agent.toml")
    words = (sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "7411")
    other = site.machine.network.start(*words, log=site.machine.disk / "other.log")
    assert other.stdout is not None
    assert other.stdout.readline()
    refused = site.machine.run("dpkg", "--configure", "licence-agent")
    assert refused.returncode != 0
    assert "journalctl -u licence-agent -p err" in refused.stderr
    assert "7411" in site.logged("--priority=err")

    other.kill()
    other.wait()
    site.machine.must("dpkg", "--configure", "licence-agent")
    site.wait_up()


def test_no_package_goes_over_the_other_kind(site: Serviced) -> None:
    run = site.machine.must
    _, activation = site.install("sh", RUN)
    refused = site.machine.run("dpkg", "--install", DEB)
    assert refused.returncode != 0
    assert "licence-agent uninstall --keep-licence" in refused.stderr
    assert site.is_up()

    run("licence-agent", "uninstall", "--keep-licence", "--yes")
    run("dpkg", "--install", DEB)
    site.wait_up()
    assert site.activation() == activation, "what was kept goes on"
    owner = run("stat", "--format", "%U", f"{HOME}/keys", f"{HOME}/licence.jws")
    assert set(owner.split()) == {"licence-agent"}

    refused = site.machine.run("sh", RUN, "--yes")
    assert refused.returncode != 0
    assert "dpkg -i FILE.deb" in refused.stderr
    assert [site.show("ActiveState", unit=unit) for unit in (HARDWARE, DAEMON)] == [["active"], ["active"]]
