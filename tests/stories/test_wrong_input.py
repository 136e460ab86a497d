"""Whatever is typed wrong, at whatever home: one sentence that says so, never a traceback, and nothing half done."""

import os
import re
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import Result

from tests.licence_server.release import archive
from tests.stories.commands import Things, commands, typed
from tests.stories.parties import customer, vendor
from tests.stories.processes import BIN
from tests.stories.spoilt import SPOILT, remove
from tests.stories.wrongness import CONTROL, RUBBISH, mistyped

NOBODY = 65_534
COMMANDS = commands()
CLOSED = {"read-only", "unreadable"}
"""What root would not notice. Nobody may not be allowed to read the program either: the rest is root's."""
OFTEN = CLOSED | {"missing", "config.toml noise", "agent.toml noise", "database noise", "state noise", "licence cut"}
"""Tried in every run: one of each kind of harm."""
NOT_TOLD = (
    "--national-id", "--email", "--mobile", "--phone", "--address", "--note", "--representative", "--edition",
    "--by", "--deed", "--of", "--subject", "--since", "--until",
)  # fmt: skip
"""Options whose empty value means what leaving them out means."""
SHOWS_WHAT_IS_WRONG = {"licence-agent doctor", "licence-server doctor"}
"""Commands whose result is what is wrong: they print it, and exit 1."""
CHANGING = {"ledger.json", "hardware.json", "validating.lock", "licences.sqlite3-turn"}
ENOUGH_FOR_NO_DATABASE = 50_000


@dataclass(frozen=True, slots=True)
class Scene:
    """Two good homes, and what there is to type about them."""

    things: Things
    right: dict[str, tuple[str, ...]]

    def at(self, server_home: Path, agent_home: Path) -> dict[str, str]:
        """The environment with other homes."""
        homes = {"LICENCE_SERVER_HOME": str(server_home), "LICENCE_AGENT_HOME": str(agent_home)}
        return {**self.things.environment, **homes}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    place = tmp_path_factory.mktemp("wrong")
    for folder in (place, *place.parents[:2]):
        folder.chmod(0o755)
    with vendor(place) as seller, customer(place) as buyer:
        licence, code = seller.issue()
        buyer.activate(code, seller.start(), seller.home / "root.json")
        seller.cradle.kill()
        files = place / "files"
        (files / "image/usr").mkdir(parents=True)
        for name, content in RUBBISH.items():
            (files / name).write_bytes(content)
        (files / "customers.csv").write_text("name\nPars Steel\n")
        (files / "licences.csv").write_text("customer,users,site\nفولاد پارس,3,branch\n")
        archive(files / "agent.tar.gz")
        passphrases = {"LICENCE_KEYS_PASSPHRASE": "carried by a person"}
        environment = {**seller.environment, **buyer.environment, **passphrases}
        things = Things(environment, seller.home, buyer.home, files, licence, seller.customer, seller.issue()[1])
        found = Scene(things, things.right())
        for command, name in (
            ("licence-server backup", "backup.zip"),
            ("licence-keys root new", "root.pem"),
            ("licence-keys signing new", "signing.pem"),
        ):
            assert typed(command, (str(files / name),), environment).exit_code == 0
        asked = ("--validate", "-o", str(files / "request.lic"))
        assert typed("licence-agent request", asked, environment).exit_code == 0
        first = (*found.right["licence-keys trust new"][:-1], str(files / "trust.json"))
        assert typed("licence-keys trust new", first, environment).exit_code == 0
        yield found


def test_every_command_is_tried(scene: Scene) -> None:
    assert set(scene.right) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_wrong_words_are_refused_with_a_sentence(scene: Scene, command: str, tmp_path: Path) -> None:
    things = scene.things
    fresh = {"LICENCE_AGENT_HOME": str(tmp_path / "fresh")} if command == "licence-agent activate" else {}
    before = content_of(things.server_home), content_of(things.agent_home), content_of(things.folder)
    for mistake, words in mistyped(COMMANDS[command], scene.right[command], things.folder):
        if not is_as_good_as_left_out(command, words):
            check_refused(typed(command, words, {**things.environment, **fresh}), f"{command}: {mistake}")
    assert (content_of(things.server_home), content_of(things.agent_home), content_of(things.folder)) == before
    assert not (tmp_path / "fresh/licence.jws").exists()


def is_as_good_as_left_out(command: str, words: tuple[str, ...]) -> bool:
    """An empty value where nothing may be told; an id or a person that nobody is, and a day before all."""
    name, value = words[-2:] if len(words) > 1 else ("", "")
    asks_for_nothing = command == "licence-server audit list" and value in {CONTROL, "0001-01-01"}
    return name in NOT_TOLD and (not value.strip() or asks_for_nothing)


def check_refused(result: Result, what: str) -> None:
    """One sentence, or click's own words about usage, on standard error, and a status that fits."""
    assert isinstance(result.exception, SystemExit), (what, result.exception, result.output)
    assert result.exit_code in {1, 2, 3}, (what, result.output)
    assert not result.stdout, what
    check_sentence(result.stderr, result.exit_code, what)


def check_sentence(said: str, code: int, what: str) -> None:
    loud = "LICENCE_AGENT_HARDWARE is set", "AWKWARD ON PURPOSE"
    lines = [line for line in said.splitlines() if not any(warning in line for warning in loud)]
    lines = [line for line in lines if not line.startswith("mended: ")]
    assert "Traceback" not in said, what
    assert "internal error" not in said, (what, said)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", said), (what, said)
    assert len(said) < 6000, (what, len(said))
    if code == 2:
        assert lines[-1].startswith("Error: "), (what, said)
    else:
        assert len(lines) == 1, (what, said)
        assert re.match(r"[a-z-]+: \S|/\S+: \S", lines[0]), (what, said)


def content_of(folder: Path) -> dict[str, object]:
    """Everything in a folder: files by their mode and bytes, databases by what they say."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        if path.name in CHANGING or path.name.endswith(("-wal", "-shm")) or path.is_dir():
            continue
        if path.suffix == ".sqlite3":
            with closing(sqlite3.connect(path)) as database:
                found[str(path)] = tuple(database.iterdump())
        else:
            found[str(path)] = (path.stat().st_mode, path.read_bytes())
    return found


@contextmanager
def as_nobody(*folders: Path) -> Iterator[None]:
    """Root may read and write everything; whoever owns these folders then is nobody."""
    if os.geteuid() != 0:
        yield
        return
    for folder in folders:
        for path in (folder, *folder.rglob("*")) if folder.exists() else ():
            os.chown(path, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize(
    "spoilt", [each if each in OFTEN else pytest.param(each, marks=pytest.mark.long) for each in SPOILT]
)
def test_commands_at_a_spoilt_home_say_what_is_wrong(scene: Scene, spoilt: str) -> None:
    for command in scene.right:
        result = at_copies(scene, command, spoilt)
        what = f"{command} at a home that is {spoilt}"
        if command in SHOWS_WHAT_IS_WRONG and result.stdout:
            states = {line.split()[0] for line in result.stdout.splitlines()}
            assert result.exit_code == ("failed" in states), what
            assert not result.stderr.replace(WARNING, ""), what
        elif result.exit_code:
            check_refused(result, what)
        if spoilt.startswith(("licence", "agent's trust", "keys gone")) and command == "licence-agent status":
            assert "full" not in result.stdout, "what can't be believed lets nobody in"


def at_copies(scene: Scene, command: str, spoilt: str) -> Result:
    """What the right words say at copies of the good homes, after they were spoilt."""
    things, place = scene.things, scene.things.server_home.parent
    server, agent, files = place / "spoilt-server", place / "spoilt-agent", place / "spoilt-files"
    copies = ((things.server_home, server), (things.agent_home, agent), (things.folder, files))
    for good, copy in copies:
        shutil.copytree(good, copy)
    SPOILT[spoilt](server, agent)
    words = outside(replace(things, folder=files).right()[command], things)
    try:
        with as_nobody(*(copy for _, copy in copies)) if spoilt in CLOSED else nullcontext():
            return typed(command, words, scene.at(server, agent))
    finally:
        for _, copy in copies:
            remove(copy)


WARNING = (
    "WARNING: LICENCE_AGENT_HARDWARE is set: the fingerprint comes from a file, not from this machine. "
    "For tests only.\n"
)


def outside(words: tuple[str, ...], things: Things) -> tuple[str, ...]:
    """Words that name a file in a good home name one beside it instead: the good home is not what is tried."""
    copies = things.server_home.parent / "spoilt-files"
    moved = []
    for word in words:
        path = Path(word)
        if path.is_absolute() and path.parent in {things.server_home, things.agent_home}:
            shutil.copy(path, copies)
            (copies / path.name).chmod(0o644)
            moved.append(str(copies / path.name))
        else:
            moved.append(word)
    return tuple(moved)


# The same as real processes, where the machine itself is short of something.


def test_a_full_disk_stops_init_which_goes_on_when_there_is_room(tmp_path: Path) -> None:
    """No file may grow further than a limit: SQLite and we are told that there is no room."""
    environment = {**os.environ, "LICENCE_SERVER_HOME": str(tmp_path / "home")}

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (ENOUGH_FOR_NO_DATABASE, ENOUGH_FOR_NO_DATABASE))

    def init(prepare: Callable[[], None] | None) -> subprocess.CompletedProcess[str]:
        command = [str(BIN / "licence-server"), "init", "--issuer", "https://licences.example.com"]
        return subprocess.run(command, env=environment, preexec_fn=prepare, capture_output=True, text=True, check=False)

    stopped = init(little_room)
    assert (stopped.returncode, stopped.stdout) == (1, "")
    check_sentence(stopped.stderr, 1, "init on a full disk")
    gone_on = init(None)
    assert gone_on.returncode == 0, gone_on.stderr
    assert "Password (shown this once)" in gone_on.stdout


@pytest.mark.parametrize("program", ["licence-server", "licence-agent", "licence-keys"])
def test_a_wrong_word_to_the_real_program(program: str, tmp_path: Path) -> None:
    environment = {**os.environ, "LICENCE_SERVER_HOME": str(tmp_path), "LICENCE_AGENT_HOME": str(tmp_path)}
    said = subprocess.run(
        [BIN / program, os.fsdecode(b"caf\xe9")], env=environment, capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stdout) == (2, "")
    check_sentence(said.stderr, 2, program)
