"""A customer's server in this process: the agent as the program assembles it, with its client over a real socket."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.config import Config, Settings
from agent.daemon.assembly import Agent, Silence, assemble
from agent.domain.mode import Standing
from agent.services.activating import Wish
from agent.services.judging import Judging
from agent.services.ports import Reports
from agent.services.renewing import Renewing
from agent.store.home import Home
from agent.store.papers import Papers
from keys.documents.licence import Licence
from keys.errors import LicensingError
from tests.agent.vendor import HARDWARE
from tests.fakes import TurnableClock


class Installed:
    """One agent's process over its home; ``boot`` is the machine's."""

    def __init__(
        self,
        folder: Path,
        clock: TurnableClock,
        url: str,
        hardware: Mapping[str, str] = HARDWARE,
        boot: str = "boot-1",
        settings: Settings = Settings(),  # noqa: B008 - it is frozen
    ) -> None:
        self.folder, self.clock, self.url, self.boot, self.settings = folder, clock, url, boot, settings
        self.reports: Reports = Silence()
        self.said: list[str] = []
        """The words of what went wrong while it ran."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "hardware.json").write_text(json.dumps(dict(hardware)))
        self.begin()

    def begin(self) -> None:
        """Start a process: whatever the one before remembered beside its home is gone."""
        self.agent: Agent = assemble(
            Config(self.folder / "home", self.settings, self.folder / "hardware.json"), self.clock, os.urandom
        )
        self.agent.machine._boot_id = self.boot
        self.agent.home.prepare()
        self._renewing: Renewing | None = None

    def copied(self, name: str, hardware: Mapping[str, str] | None = None, boot: str | None = None) -> "Installed":
        """A copy of the whole machine as it is on disk, on the same hardware or another."""
        folder = self.folder.parent / name
        shutil.copytree(self.folder, folder)
        parts = json.loads((folder / "hardware.json").read_text()) if hardware is None else hardware
        return Installed(folder, self.clock, self.url, parts, boot or self.boot)

    def activate(self, code: str, root: bytes | None, **more: Any) -> Licence:
        wish = Wish(code, self.url, root, **more)
        return self.agent.activating.activate(wish, self.agent.server_at(self.url), lambda _: None)

    def validate(self) -> Licence:
        return self.agent.validating(self.reports).validate(self.agent.server())

    def deactivate(self) -> Licence:
        return self.agent.validating(self.reports).deactivate(self.agent.server())

    def step(self) -> None:
        """Do what the daemon's loops do when they wake."""
        self._renewing = self._renewing or self.agent.renewing(self.reports)
        self.agent.judging.timekeeping.keep(self.agent.judging.holding.hand())
        try:
            self._renewing.step()
        except LicensingError as error:
            self.said.append(error.word)

    def run(self, seconds: int, every: int = 10_800) -> list[str]:
        """Let the daemon run; return the modes that it was in."""
        modes = list[str]()
        for _ in range(seconds // every):
            self.clock.advance(every)
            self.step()
            modes.append(self.standing.mode)
        return modes

    @property
    def standing(self) -> Standing:
        return self.agent.judging.standing()

    @property
    def licence(self) -> Licence:
        """The licence in hand; there must be one."""
        return self.agent.judging.holding.licence()

    @property
    def document(self) -> bytes | None:
        return self.papers.licence()

    # What the local API needs (tests.contract.local.Process).

    @property
    def home(self) -> Home:
        return self.agent.home

    @property
    def judging(self) -> Judging:
        return self.agent.judging

    @property
    def papers(self) -> Papers:
        return Papers(self.agent.home)
