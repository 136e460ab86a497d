"""What Docker does with deploy/container, done by hand: namespaces, mounts and rights as the two files name them.

An image is a folder with this repository's code on this machine's Python and system, read through an overlay, and a
container a set of mount, process and host name namespaces on it. A key of the Compose file that nobody here knows is
an error, so that the file can't say something that is not tried. Not tried: building the image, and Docker itself.
Needs root, util-linux and overlayfs.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.stories.pages import Said
from tests.stories.processes import ROOT, wait_for

FILES = ROOT / "deploy/container"
COMPOSE = yaml.safe_load((FILES / "compose.yaml").read_text())
SERVICE: dict[str, Any] = COMPOSE["services"]["licence-agent"]
_DONE = {"image", "network_mode", "user", "read_only", "cap_drop", "security_opt", "tmpfs", "volumes", "healthcheck"}
_DOCKERS_ALONE = {"pids_limit", "restart", "stop_grace_period", "logging"}
_PROGRAM = f"""#!/bin/sh
LD_LIBRARY_PATH=/opt/python/lib exec /opt/python/bin/python{sysconfig.get_python_version()} -c '
import sys
sys.argv[0] = "licence-agent"
sys.path[:0] = ["/opt/licence-agent/lib", "/opt/site"]
from agent.entry import main
main()
' "$@"
"""


def recipe() -> dict[str, Any]:
    """What the last stage of the Dockerfile says of a container's process."""
    last = (FILES / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    said = dict(re.findall(r"^(USER|ENTRYPOINT|CMD) (.+)$", last, re.MULTILINE))
    variables = dict(re.findall(r"^ENV ([A-Z_]+)=(.+)$", last, re.MULTILINE))
    start = [*json.loads(said["ENTRYPOINT"]), *json.loads(said["CMD"])]
    return {"user": said["USER"], "start": start, "entrypoint": json.loads(said["ENTRYPOINT"]), "variables": variables}


def image(folder: Path, version: str) -> Path:
    """Make the image of a version of the agent: two layers, of which the second has the program."""
    system, program = folder / "system", folder / "program"
    for name in (
        "usr",
        "opt/python",
        "opt/site",
        "proc",
        "sys",
        "dev",
        "tmp",
        "var/lib/licence-agent",
        "etc/licence-agent",
    ):
        (system / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (system / name).symlink_to(f"usr/{name}")
    for name in ("etc/machine-id", "etc/licence-agent/root.json", ".dockerenv"):
        (system / name).touch()
    user, group = recipe()["user"].split(":")
    (system / "etc/passwd").write_text(f"licence-agent:x:{user}:{group}::/var/lib/licence-agent:/usr/sbin/nologin\n")
    (system / "etc/group").write_text(f"licence-agent:x:{group}:\n")
    code = program / "opt/licence-agent/lib"
    for name in ("agent", "keys"):
        shutil.copytree(ROOT / name, code / name, ignore=shutil.ignore_patterns("__pycache__"))
    (code / "agent/CUSTOMER_BUILD").touch()
    facts = code / f"onpremise_licensing-{version}.dist-info/METADATA"
    facts.parent.mkdir()
    facts.write_text(f"Metadata-Version: 2.1\nName: onpremise-licensing\nVersion: {version}\n")
    command = program / "opt/licence-agent/bin/licence-agent"
    command.parent.mkdir()
    command.write_text(_PROGRAM)
    command.chmod(0o755)
    return folder


@dataclass
class Host:
    """A customer's machine with Docker: its identity, its volumes, and the one container of the Compose file."""

    folder: Path
    image: Path
    left_out: tuple[str, ...] = ()
    """Targets of mounts that somebody forgot."""
    user: str = SERVICE["user"]
    running: "subprocess.Popen[str] | None" = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        assert set(SERVICE) <= _DONE | _DOCKERS_ALONE, "a key that is not tried here"
        self.log = self.folder / "log"
        (self.folder / "container").mkdir(parents=True)

    def identify(self, machine_id: str, address: str) -> None:
        """Give the machine what it is recognised by, where its kernel and its system show it."""
        disk = self.folder.stat().st_dev
        files = {
            "etc/machine-id": machine_id,
            "sys/class/net/eth0/address": address,
            "sys/class/net/eth0/device/id": "",
            f"sys/dev/block/{os.major(disk)}:{os.minor(disk)}/serial": f"disk of {machine_id}",
            "sys/class/dmi/id/product_uuid": f"uuid of {machine_id}",
        }
        for name, text in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(f"{text}\n")
        (self.folder / "sys/class/dmi/id/product_uuid").chmod(0o400)  # as the kernel shows it: to root alone

    @property
    def volume(self) -> Path:
        """The volume with the agent's state, which its image's folder lends its owner."""
        found = self.folder / "volumes/state"
        if not found.exists():
            found.mkdir(parents=True)
            os.chown(found, *map(int, self.user.split(":")))
            found.chmod(0o711)
        return found

    def type(self, command: str) -> Said:
        """Do what a ``docker compose`` command does."""
        docker, compose, verb, *words = shlex.split(command)
        assert (docker, compose) == ("docker", "compose"), command
        words = [word for word in words if not word.startswith("--")] if verb in {"up", "restart"} else words
        match verb:
            case "run":
                assert words[:2] == ["--rm", "licence-agent"], command
                return self._run([*recipe()["entrypoint"], *words[2:]])
            case "exec":
                assert words[0] == "licence-agent", command
                return self._exec(words[1:])
            case "up" | "restart":
                self.stop()
                self._start()
                return Said()
            case _:
                raise AssertionError(command)

    def stop(self) -> None:
        """SIGTERM for the container's first process, as Docker stops it."""
        if self.running is not None:
            os.kill(self.process, signal.SIGTERM)
            assert self.running.wait(30) == 0, self.log.read_text()
            self.running = None

    def kill(self) -> None:
        """End what runs, and wait until it writes nothing any more."""
        if self.running is not None:
            os.kill(self.process, signal.SIGKILL)
            self.running.wait()

    @property
    def process(self) -> int:
        """The process id of the container's first process, as this machine numbers it."""
        assert self.running is not None
        children = Path(f"/proc/{self.running.pid}/task/{self.running.pid}/children")
        return int(wait_for("the container's process", lambda: children.read_text().split() or None)[0])

    def _start(self) -> None:
        with self.log.open("a") as log:
            self.running = subprocess.Popen(self._contained(recipe()["start"]), stdout=log, stderr=log, text=True)
        wait_for(
            "the container's health",
            lambda: True if self._exec(SERVICE["healthcheck"]["test"][1:]).status == 0 else None,
        )

    def _run(self, words: list[str]) -> Said:
        return _said(self._contained(words))

    def _exec(self, words: list[str]) -> Said:
        inside = ["nsenter", f"--target={self.process}", "--mount", "--pid", "--uts", "--root", "--wd"]
        return _said([*inside, *_confined(self.user, words)])

    def _contained(self, words: list[str]) -> list[str]:
        root = self.folder / "container"
        steps = [*self._mounts(root), shlex.join(["exec", "chroot", str(root), *_confined(self.user, words)])]
        script = "\n".join(["set -eu", f"hostname {self.folder.name}", *steps])
        return ["unshare", "--mount", "--pid", "--uts", "--fork", "--kill-child", "sh", "-c", script]

    def _mounts(self, root: Path) -> Iterator[str]:
        assert SERVICE["read_only"], "an overlay without a layer to write in is read-only"
        yield f"mount -t overlay overlay -o ro,lowerdir={self.image}/program:{self.image}/system {root}"
        base, site = Path(sys.base_prefix), sysconfig.get_path("purelib")
        for source, target in (("/usr", "usr"), (base, "opt/python"), (site, "opt/site"), (self.folder / "sys", "sys")):
            yield from _bind(str(source), root / target, writable=False)
        yield f"mount -t proc proc {root}/proc"
        yield f"mount -t tmpfs tmpfs {root}/dev"
        for name in ("null", "urandom"):
            yield f"touch {root}/dev/{name}"
            yield from _bind(f"/dev/{name}", root / "dev" / name, writable=True)
        for each in SERVICE["tmpfs"]:
            target, _, options = each.partition(":")
            yield f"mount -t tmpfs -o {options},mode=1777 tmpfs {root}{target}"
        for mount in SERVICE["volumes"]:
            if mount["target"] not in self.left_out:
                source = self.volume if mount["type"] == "volume" else self.folder / mount["source"].lstrip("./")
                yield from _bind(str(source), Path(f"{root}{mount['target']}"), writable=not mount.get("read_only"))


def _bind(source: str, target: Path, *, writable: bool) -> Iterator[str]:
    yield f"mount --bind {source} {target}"
    if not writable:
        yield f"mount -o remount,bind,ro {target}"


def _confined(who: str, words: list[str]) -> list[str]:
    """Become somebody, with the rights that the Compose file leaves and the image's variables alone."""
    user, group = who.split(":")
    assert SERVICE["cap_drop"] == ["ALL"]
    assert SERVICE["security_opt"] == ["no-new-privileges:true"]
    rights = ["--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    variables = [f"{name}={value}" for name, value in recipe()["variables"].items()]
    return ["setpriv", f"--reuid={user}", f"--regid={group}", *rights, "env", "-i", *variables, *words]


def _said(words: list[str]) -> Said:
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return Said(done.stdout, done.returncode)


@contextmanager
def stopping(hosts: dict[str, Host]) -> Iterator[None]:
    """End what runs on hosts."""
    try:
        yield
    finally:
        for host in hosts.values():
            host.kill()
