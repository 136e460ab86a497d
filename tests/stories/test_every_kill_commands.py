"""The agent's commands are killed at every position: the same command, typed again, does what is left of its work."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from keys.cli import main as keys_program
from keys.errors import StateConflictError
from tests.faults.strace import Position
from tests.stories.callers import BrokenPromiseError, promise
from tests.stories.parties import AGENT_MODULES, Customer, Office, customer, typed, vendor
from tests.stories.walking import Once, Record, check_undamaged, drafts, run_to_its_end, walk
from tests.threats.plugin import Figure, Rounds

pytestmark = [pytest.mark.threat(41), pytest.mark.long, pytest.mark.timeout(900)]


@dataclass
class Story:
    """A vendor's running server, and a customer whose agent is killed."""

    vendor: Office
    customer: Customer
    url: str
    licence: str = ""
    code: str = ""
    litter: int = 0
    repeated: int = field(default=0)
    """How often an activation that was complete was told so as a refusal."""

    @property
    def record(self) -> Record:
        return Record.of(self.vendor.home)

    @property
    def home(self) -> Path:
        return self.customer.home

    @property
    def activation(self) -> tuple[object, ...]:
        return ("activate", self.code, "--server", self.url, "--root", self.vendor.home / "root.json")

    def begin_anew(self) -> None:
        """Empty the agent's home, and buy it another licence."""
        self.litter += drafts(self.home) if self.home.exists() else 0
        shutil.rmtree(self.home, ignore_errors=True)
        self.licence, self.code = self.vendor.issue()

    def activated(self) -> None:
        """Empty the agent's home, and activate another licence there."""
        self.begin_anew()
        self.customer.run(*self.activation)

    def activate(self, position: Position | None) -> Once:
        """Kill the activation, and repeat it."""
        self.begin_anew()
        once = run_to_its_end(self.customer.cradle, position, *self.activation)
        before = self.customer.run("status")
        promise(before["mode"] == "full" or "is active" not in once.said, f"activated, and forgotten: {before}")
        promise(before["reason"] in {"active", "no_licence"}, f"the home is spoilt: {before}")
        self._activate_again(before)
        self._check(1)
        promise(len(list((self.home / "keys").glob("*.pem"))) == 1, "device keys are left over")
        promise(not list(self.home.glob("pending*")), "an answered request is left over")
        self.customer.run("validate")
        self._check(2)
        return once

    def validate(self, position: Position | None) -> Once:
        """Kill the validation, and validate again."""
        if not self.licence:
            self.activated()
        seq = self._status("full")["seq"]
        once = run_to_its_end(self.customer.cradle, position, "validate")
        after = self._status("full")["seq"]
        promise(after in {seq, seq + 1}, f"from document {seq} to document {after}")
        promise(f"document {seq + 1}" not in once.said or after == seq + 1, "validated, and forgotten")
        self.customer.run("validate")
        self._status("full")
        head = self._check(None)
        promise(head in {seq + 1, seq + 2}, f"{head - seq} documents for two commands")
        return once

    def rotate(self, position: Position | None) -> Once:
        """Kill the first validation under a new signing key, which brings the next trust document, too."""
        typed(keys_program, self.vendor.environment, "rotate")
        return self.validate(position)

    def deactivate(self, position: Position | None) -> Once:
        """Kill the deactivation, and repeat it."""
        self.activated()
        once = run_to_its_end(self.customer.cradle, position, "deactivate")
        found = self.customer.run("status")
        promise((found["mode"], found["status"]) in {("full", "active"), ("blocked", "deactivated")}, f"it is {found}")
        promise("is deactivated" not in once.said or found["mode"] == "blocked", "given back, and forgotten")
        self.customer.run("deactivate")
        self._status("blocked")
        self._check(None)
        query = "SELECT binding FROM activations WHERE licence_id = :licence"
        left = self.record.rows(query, licence=self.licence)
        promise(left == [("deactivated",)], f"the server says {left}")
        return once

    def _activate_again(self, before: dict[str, Any]) -> None:
        """Type the same command; where all was done already, it may say so."""
        if before["mode"] == "full" and not (self.home / "pending-activation.json").exists():
            self.repeated += 1
            said = self.customer.refused(*self.activation)
            promise(f"{StateConflictError.word}: The licence {self.licence} is here" in said, f"it was refused: {said}")
        else:
            self.customer.run(*self.activation)
        self._status("full")

    def _status(self, mode: str) -> dict[str, Any]:
        found: dict[str, Any] = self.customer.run("status")
        promise(found["mode"] == mode, f"the mode is {found['mode']}: {found['reason']}")
        return found

    def _check(self, seq: int | None) -> int:
        head = self.record.check(self.licence, (self.home / "licence.jws").read_text())
        promise(seq in {None, head}, f"the server is at document {head}, not {seq}")
        check_undamaged(self.home)
        return head


@contextmanager
def told(folder: Path, program: str = AGENT_MODULES[0]) -> Iterator[Story]:
    with vendor(folder) as seller, customer(folder, program) as buyer:
        yield Story(seller, buyer, seller.start())
        assert seller.run("audit", "verify")["valid"]


@pytest.mark.parametrize("operation", ["activate", "validate", "rotate", "deactivate"])
def test_a_command_that_is_killed_anywhere_is_completed_by_the_next(
    folder: Path, operation: str, rounds: Rounds, figure: Figure
) -> None:
    with told(folder) as story:
        walked = walk(getattr(story, operation), rounds, sample=15)
        litter = story.litter + drafts(story.home)
        figure(f"{operation}: {walked}, 0 lost, 0 doubled, 0 failed restarts; {litter} drafts left behind")


@pytest.mark.threat(41, control=True)
def test_an_agent_that_writes_into_its_files_is_found_at_a_write(folder: Path, rounds: Rounds) -> None:
    with (
        told(folder, "tests.stories.weak_files") as story,
        pytest.raises(BrokenPromiseError, match=r"taken for damage|signature_invalid"),
    ):
        walk(story.validate, rounds, sample=1_000)
