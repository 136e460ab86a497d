"""The power goes while a server's home is made and its keys are changed: the document in force always has its keys."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from keys.clock import SystemClock
from keys.errors import LicensingError
from keys.keyfolder import KeyFolder
from keys.rotating import Rotating
from keys.trust import pin_trust
from licence_server.storage.vault import FileVault
from tests.fakes import TurnableClock
from tests.faults.tape import Tape
from tests.licence_server.office import ISSUER, Home
from tests.stories.callers import BrokenPromiseError, promise
from tests.stories.cuts import cut_often, program
from tests.stories.processes import clean_environment


@dataclass
class Story:
    """Versions of the trust document, with the moment from which a person may have known of each."""

    tape: Tape
    told: list[tuple[int, int]]

    def check(self, disk: Path, moment: int) -> None:
        """The server starts and signs after a power cut, under what a person was told of, and keys change again."""
        home, clock = disk / "vendor", TurnableClock(SystemClock().now())
        least = max((version for began, version in self.told if began <= moment), default=1)
        try:
            folder = KeyFolder.of_home(home, {})
            vault = FileVault(folder.path, folder.passphrase)
            promise(vault.trust.version >= least, f"version {least} was told of, and {vault.trust.version} is there")
            vault.signer.sign(b"anything")
            pin_trust((home / "root.json").read_bytes())
            Rotating(folder, clock, ()).rotate()
            promise(vault.trust_document == (home / "root.json").read_bytes(), "agents get another document")
            vault.signer.sign(b"anything")
        except LicensingError as error:
            raise BrokenPromiseError(str(error)) from error


@contextmanager
def told(folder: Path, alteration: str = "", *, rotations: int = 1) -> Iterator[Story]:
    """Rotate a server's keys."""
    disk = folder / "disk"
    disk.mkdir()
    Home(disk / "vendor", TurnableClock(SystemClock().now())).founding().found(ISSUER, None, "tests")
    tape, known = Tape(disk), list[tuple[int, int]]()
    words = [*program("licence-keys", alteration), "rotate", "--home", disk / "vendor", "--json"]
    for _ in range(rotations):
        out = json.loads(tape.run(words, clean_environment()))
        known.append((next(part.began for part in tape.said[::-1] if part.channel == "stdout"), out["version"]))
    yield Story(tape, known)


@pytest.mark.threat(42)
def test_a_key_is_on_disk_before_the_document_that_names_it(folder: Path, figure) -> None:
    with told(folder) as story:
        cut_often(story.tape, folder, 15, story.check)
    figure("licence-keys rotate: 15 power cuts, the document in force always had its key")


@pytest.mark.long
@pytest.mark.threat(42)
def test_keys_outlive_every_power_cut(folder: Path, figure, rounds) -> None:
    cuts = rounds(300, sample=20)
    with told(folder, rotations=3) as story:
        cut_often(story.tape, folder, cuts, story.check)
    figure(f"licence-keys rotate: {cuts} power cuts, the document in force always had its key")


@pytest.mark.threat(42, control=True)
@pytest.mark.parametrize("alteration", ["no-file-sync", "no-folder-sync"])
def test_keys_that_are_not_synced_are_found_out(folder: Path, alteration: str) -> None:
    with told(folder, alteration) as story, pytest.raises(BrokenPromiseError):
        cut_often(story.tape, folder, 200, story.check)


@pytest.mark.long
@pytest.mark.threat(42)
@pytest.mark.timeout(300)
def test_a_home_that_was_begun_is_completed_after_a_power_cut(folder: Path, figure, rounds) -> None:
    disk, cuts = folder / "disk", rounds(300, sample=20)
    disk.mkdir()
    tape = Tape(disk)
    words = [*program("licence-server"), "init", "--issuer", ISSUER, "--json"]
    said = json.loads(tape.run(words, clean_environment(LICENCE_SERVER_HOME=disk / "vendor")))
    shown = next(part.began for part in tape.said if part.channel == "stdout")
    document = Path(said["root"]).read_bytes()

    def check(rebuilt: Path, moment: int) -> None:
        home = Home(rebuilt / "vendor", TurnableClock(SystemClock().now()))
        try:
            found = home.founding().found(ISSUER, None, "tests")
            promise(moment >= shown or found.password, "nobody can know the first administrator's password")
            promise(moment < shown or found.root.read_bytes() == document, "agents were told of other roots")
            promise(found.password in {None, said["password"]} or moment < shown, "another password was shown")
            server = home.server()
            promise(server.auditing.verify().valid, "the record is broken")
            promise(len(server.enrolling.operators()) == 1, "there is another administrator")
            server.database.close()
        except LicensingError as error:
            raise BrokenPromiseError(str(error)) from error

    cut_often(tape, folder, cuts, check)
    figure(f"licence-server init: {cuts} power cuts, each completed by the next init")
