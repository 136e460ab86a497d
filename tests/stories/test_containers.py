"""The agent in a container: docs/containers.md typed as it stands, with the Compose file's mounts, user and rights."""

import re
import shutil
import stat
from pathlib import Path

import pytest

from agent.hardware.kept import ROOTS_OWN
from keys.fingerprint import COMPONENTS, DEFAULT_THRESHOLD, compare, is_sufficient
from licence_server.cli.root import main as server_program
from tests.stories.containers import COMPOSE, FILES, SERVICE, Host, image, recipe, stopping
from tests.stories.pages import Said, meant, walk
from tests.stories.parties import Vendor, vendor
from tests.stories.processes import ROOT
from tests.stories.stage import spoken

PAGE = ROOT / "docs/containers.md"
HOSTS = {"host": ("3d1219c7c4c5404aaa1f6d2a48adfda4", "aa:00:00:00:00:01")}
USERS = {"rooted": "0:0"}
ANOTHER = ("9f8e7d6c5b4a4938a7b6c5d4e3f2a1b0", "aa:00:00:00:00:02")


class Site:
    """A vendor's server, and machines with Docker."""

    def __init__(self, folder: Path, seller: Vendor, url: str) -> None:
        self.folder, self.seller, self.url = folder, seller, url
        self.hosts: dict[str, Host] = {}
        self.images = [image(folder / f"image-{version}", version) for version in ("0.1.0", "0.2.0")]

    def type(self, place: str, command: str) -> Said:
        if place == "vendor":
            return spoken(server_program, self.seller.environment, command)
        host = self.host(place)
        if command.startswith("#"):
            return self.happen(host, command)
        return host.type(meant(command, {"https://licences.example.com": self.url}))

    def host(self, name: str) -> Host:
        if name not in self.hosts:
            user = USERS.get(name, SERVICE["user"])
            made = self.hosts[name] = Host(self.folder / name, self.images[0], user=user)
            made.identify(*HOSTS.get(name, ANOTHER))
            shutil.copy(self.seller.home / "root.json", made.folder)
            (made.volume / "agent.toml").write_text("port = 0\n")  # all these hosts share one loopback
        return self.hosts[name]

    def happen(self, host: Host, what: str) -> Said:
        """Do what a comment says."""
        match re.split(r"[,:] ", what)[0]:
            case "# another image in .env":
                host.image = self.images[1]
            case "# without the host's /etc/machine-id":
                host.left_out = ("/etc/machine-id",)
            case "# the volume of host":
                volume = host.volume
                shutil.rmtree(volume)
                shutil.copytree(self.hosts["host"].volume, volume, ignore=shutil.ignore_patterns("agent.sock"))
                for path in (volume, *volume.rglob("*")):
                    shutil.chown(path, *map(int, host.user.split(":")))
            case _:
                raise AssertionError(what)
        return Said()


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_container_keeps_its_identity_and_a_copied_volume_has_none(folder: Path) -> None:
    folder.chmod(0o755)
    with vendor(folder) as seller:
        site = Site(folder, seller, seller.start(workers=1))
        licence, code = seller.issue()
        with stopping(site.hosts):
            walk(PAGE, site.type, licence, code)
            host = site.hosts["host"]
            assert_confined(host)
            shown = seller.run("licence", "show", licence)["activation"]
            told = shown["host"]
            assert (told["name"], told["agent"], told["virtualisation"]) == ("host", "0.2.0", "container")
            assert {"machine_id", "mac", "cpu"} <= set(shown["components"])
            host.stop()
            with_dmi = site.type("rooted", "docker compose run --rm licence-agent fingerprint").output
            assert "product_uuid   30 strong" in with_dmi


def assert_confined(host: Host) -> None:
    """What the Compose file says of rights holds for the process that runs."""
    facts = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{host.process}/status").read_text().splitlines() if ":\t" in line
    )
    assert set(facts["Uid"].split()) == {SERVICE["user"].split(":")[0]}
    assert {int(facts[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}
    assert facts["NoNewPrivs"] == "1"
    mounts = [line.split() for line in Path(f"/proc/{host.process}/mountinfo").read_text().splitlines()]
    writable = {mount[4] for mount in mounts if "ro" not in mount[5].split(",")}
    assert writable == {"/var/lib/licence-agent", "/tmp", "/proc", "/dev", "/dev/null", "/dev/urandom"}  # noqa: S108
    keys = list((host.volume / "keys").glob("*.pem"))
    assert keys
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}


def test_the_two_files_agree_and_give_the_agent_nothing_that_it_does_not_need() -> None:
    said = recipe()
    assert SERVICE["user"] == said["user"] != "0:0"
    by_target = {mount["target"]: mount for mount in SERVICE["volumes"]}
    state = by_target.pop(said["variables"]["LICENCE_AGENT_HOME"])
    assert (state["type"], set(COMPOSE["volumes"])) == ("volume", {state["source"]})
    assert "/etc/machine-id" in by_target
    for mount in by_target.values():
        assert (mount["type"], mount["read_only"], mount["bind"]) == ("bind", True, {"create_host_path": False}), mount
    assert not {"privileged", "cap_add", "devices", "pid", "ipc", "userns_mode"} & set(SERVICE)


def test_no_image_is_named_that_could_become_another_one() -> None:
    lines = (FILES / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("FROM")] == ["FROM ${PYTHON} AS build", "FROM ${PYTHON}"]
    assert "ARG PYTHON" in lines
    assert SERVICE["image"].startswith("${LICENCE_AGENT_IMAGE:?")


def test_what_builds_the_package_comes_by_the_lock_file() -> None:
    """The Dockerfile picks it out of the lock file by the same pattern."""
    (first, last) = re.findall(r"sed -n '/(.+?)/,/(.+?)/p' requirements/dev.txt", (FILES / "Dockerfile").read_text())[0]
    lines = (ROOT / "requirements/dev.txt").read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if re.search(first, line))
    end = next(number for number in range(start + 1, len(lines)) if re.search(last, lines[number]))
    picked = lines[start : end + 1]
    assert picked[0].startswith("setuptools==")
    assert all(line.strip().startswith("--hash=sha256:") for line in picked[1:])


def test_what_root_would_keep_for_one_boot_is_left_out_since_it_would_be_missed_after_the_next() -> None:
    """Docker starts the agent again after a reboot, and no service that it depends on."""
    assert set(COMPOSE["services"]) == {"licence-agent"}
    whole = {name: "digest" for name in COMPONENTS if name != "tpm_ek"}
    lasting = {name: value for name, value in whole.items() if name not in ROOTS_OWN}
    assert is_sufficient(lasting)
    assert not compare(whole, lasting, DEFAULT_THRESHOLD).fits
