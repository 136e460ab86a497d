"""The service of the agent: under systemd, or by an init script where there is none."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from agent.system.layout import HARDWARE_SERVICE, SERVICE, Layout
from agent.system.programs import is_there, run, succeeds
from keys.disk import make_folder, sweep_drafts, write_whole

_UNITS = Path(__file__).with_name("units")
_PROGRAM = "/opt/licence-agent/bin/licence-agent"
"""What the files name, and what is put in its place where the program lies elsewhere."""
_SYSTEMD_RUNS = Path("/run/systemd/system")
"""See sd_booted(3)."""


class Service(Protocol):
    """What starts the agent with the machine, and watches over it."""

    name: str
    """``systemd`` or ``init``."""
    needs: tuple[str, ...]
    """Programs of the system that it takes."""

    def is_laid(self, program: Path) -> bool:
        """Tell whether its files are there and say what this release has them say."""
        ...

    def lay(self, program: Path) -> None:
        """Write its files."""
        ...

    def is_ours(self) -> bool:
        """Tell whether files are there that ``lay`` wrote, not a package."""
        ...

    def is_enabled(self) -> bool:
        """Tell whether it starts with the machine."""
        ...

    def is_running(self) -> bool:
        """Tell whether it runs."""
        ...

    def keep_hardware(self) -> None:
        """Have root read what only root can."""
        ...

    def start(self) -> None:
        """Start it, anew if it runs, now and with the machine. Raises StateConflictError, with what it said last."""
        ...

    def stop(self) -> None:
        """Stop it, now and with the machine; that it is not there is fine."""
        ...

    def remove(self) -> None:
        """Remove the files that ``lay`` wrote."""
        ...

    def last_words(self) -> str:
        """Return what the agent logged last."""
        ...


class Systemd:
    """Two units; see units/."""

    name = "systemd"
    needs: tuple[str, ...] = ("systemctl",)

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def is_laid(self, program: Path) -> bool:
        """See Service. A package's units count too, unless others stand before them."""
        places = (self._layout.units, *self._layout.packaged_units)
        for name, content in _unit_files(program).items():
            found = [folder / name for folder in places if (folder / name).exists()]
            if not found or found[0].read_bytes() != content:
                return False
        return True

    def lay(self, program: Path) -> None:
        """See Service."""
        make_folder(self._layout.units, 0o755)
        sweep_drafts(self._layout.units)
        for name, content in _unit_files(program).items():
            write_whole(self._layout.units / name, content, 0o644)
        self._reload()

    def is_ours(self) -> bool:
        """See Service."""
        return any(path.exists() for path in self._layout.unit_files)

    def is_enabled(self) -> bool:
        """See Service."""
        return succeeds("systemctl", "is-enabled", "--quiet", SERVICE)

    def is_running(self) -> bool:
        """See Service."""
        return succeeds("systemctl", "is-active", "--quiet", SERVICE)

    def keep_hardware(self) -> None:
        """See Service."""
        run("systemctl", "restart", HARDWARE_SERVICE)

    def start(self) -> None:
        """See Service."""
        run("systemctl", "enable", "--quiet", HARDWARE_SERVICE, SERVICE)
        run("systemctl", "restart", SERVICE)

    def stop(self) -> None:
        """See Service."""
        for name in (SERVICE, HARDWARE_SERVICE):
            succeeds("systemctl", "disable", "--quiet", "--now", name)

    def remove(self) -> None:
        """See Service."""
        for path in self._layout.unit_files:
            path.unlink(missing_ok=True)
        self._reload()

    def last_words(self) -> str:
        """See Service."""
        return run("journalctl", "--unit", SERVICE, "--lines", "5", "--output", "cat", "--no-pager")

    def _reload(self) -> None:
        if not self._layout.is_image:
            run("systemctl", "daemon-reload")


class InitScript:
    """One script of the kind that Debian starts without systemd; a container's entry point may call it, too."""

    name = "init"
    needs: tuple[str, ...] = ("start-stop-daemon",)

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def is_laid(self, program: Path) -> bool:
        """See Service."""
        script = self._layout.init_script
        return script.exists() and script.read_bytes() == _init_script(program)

    def lay(self, program: Path) -> None:
        """See Service."""
        make_folder(self._layout.init_script.parent, 0o755)
        sweep_drafts(self._layout.init_script.parent)
        write_whole(self._layout.init_script, _init_script(program), 0o755)

    def is_ours(self) -> bool:
        """See Service."""
        return self._layout.init_script.exists()

    def is_enabled(self) -> bool:
        """See Service. Where nothing links scripts to the machine's start, somebody else calls this one."""
        links = (self._layout.prefix / "etc").glob(f"rc?.d/S??{SERVICE}")
        return not is_there("update-rc.d") or any(links)

    def is_running(self) -> bool:
        """See Service."""
        return self.is_ours() and succeeds(str(self._layout.init_script), "status")

    def keep_hardware(self) -> None:
        """See Service."""
        run(str(self._layout.init_script), "hardware")

    def start(self) -> None:
        """See Service."""
        if is_there("update-rc.d"):
            run("update-rc.d", SERVICE, "defaults")
        run(str(self._layout.init_script), "restart")

    def stop(self) -> None:
        """See Service."""
        if self.is_ours():
            run(str(self._layout.init_script), "stop")

    def remove(self) -> None:
        """See Service."""
        self._layout.init_script.unlink(missing_ok=True)
        if is_there("update-rc.d"):
            run("update-rc.d", SERVICE, "remove")
        self._layout.log.unlink(missing_ok=True)

    def last_words(self) -> str:
        """See Service."""
        try:
            lines = self._layout.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-5:])


def service_of(layout: Layout) -> Service:
    """Return what starts services here: systemd where it runs, and in images, which it will start."""
    return Systemd(layout) if layout.is_image or _SYSTEMD_RUNS.is_dir() else InitScript(layout)


def _unit_files(program: Path) -> Mapping[str, bytes]:
    return {name: _naming(program, name) for name in (f"{SERVICE}.service", f"{HARDWARE_SERVICE}.service")}


def _init_script(program: Path) -> bytes:
    return _naming(program, f"{SERVICE}.init")


def _naming(program: Path, name: str) -> bytes:
    return (_UNITS / name).read_text(encoding="utf-8").replace(_PROGRAM, str(program)).encode()
