"""Whatever lies damaged in an agent's home is said in a sentence, mended where that is safe, and never thrown away."""

import os
import re
import shutil
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent.healing import Healing
from agent.services.ports import State
from agent.store.home import Home
from agent.store.locks import hold
from agent.store.tokens import administrator_token, application_token
from keys.errors import StateDamagedError, StateNewerError, UnreachableError
from tests.agent.rig import Rig
from tests.agent.vendor import Vendor
from tests.fakes import START, TurnableClock

NOBODY, GROUP = 65_534, 12_345
Harm = Callable[[Path], object]
TWICE = ("trust.json", "licence.jws", "state.json")
"""What has a second copy."""
ANEW = ("pending.json", "ledger.json", "hardware.json", "progress.json", "refusal.jws")
TOKENS = ("application.token", "administrator.token")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "inside").write_text("kept")


HARMS: dict[str, Harm] = {
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "zeroes": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "one bit": lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 0x80]) + path.read_bytes()[1:]),
    "noise": lambda path: path.write_bytes(bytes(range(256))),
    "a list": lambda path: path.write_bytes(b"[]"),
    "huge": lambda path: path.write_bytes(b"[" * 2_000_000),
    "a folder": a_folder,
}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Rig:
    """An agent whose home has every file that there can be; made once, and copied for each damage."""
    clock = TurnableClock()
    rig = Rig(tmp_path_factory.mktemp("original") / "home", clock, Vendor(clock))
    rig.activate()
    first = rig.papers.licence()
    clock.advance(100)
    rig.validate()
    rig.server.lose_replies = True
    with pytest.raises(UnreachableError):
        rig.validate()
    rig.judging.timekeeping.keep(rig.judging.holding.hand())
    rig.papers.keep_refusal(first or b"")
    for make in (application_token, administrator_token):
        make(rig.home, os.urandom)
    assert not healing(rig).heal()
    assert not healing(rig).examine()
    return rig


@pytest.fixture
def full_home(original: Rig, tmp_path: Path) -> Rig:
    return copied(original, tmp_path / "home")


def copied(rig: Rig, folder: Path) -> Rig:
    """The same machine and the same vendor, as they are now."""
    shutil.copytree(rig.home.folder, folder)
    vendor = replace(rig.vendor, answers=dict(rig.vendor.answers), requests=[])
    return Rig(folder, rig.clock, vendor, rig.machine)


def healing(rig: Rig) -> Healing:
    return Healing(rig.home, rig.around)


def aside(home: Home) -> list[str]:
    return [path.name for path in home.folder.glob("*.damaged-*")]


@pytest.mark.threat(42)
@pytest.mark.parametrize("name", [*TWICE, *ANEW, *TOKENS])
def test_damage_is_found_told_and_mended(original: Rig, tmp_path: Path, name: str) -> None:
    before = (original.home.folder / name).read_bytes()
    for number, harm in enumerate(HARMS.values()):
        rig = copied(original, tmp_path / str(number))
        path = rig.home.folder / name
        harm(path)
        assert [damage.path.name for damage in healing(rig).examine()] == [name]
        said = healing(rig).heal()
        assert len(said) == 1, "one sentence for one damage"
        assert re.match(rf"\S+/{re.escape(name)} (is damaged|can't be read): .*[.]$", said[0]), said
        assert aside(rig.home) == [f"{name}.damaged-{START + 100}"], "nothing is thrown away"
        assert aside(rig.home)[0] in said[0]
        assert name not in TWICE or path.read_bytes() == before
        assert not healing(rig).examine()
        assert not healing(rig).heal()
        assert rig.again().standing.mode == "full"
    assert rig.again().validate().seq > 2


@pytest.mark.parametrize("name", TWICE)
def test_a_file_that_is_gone_comes_back_from_its_copy(full_home: Rig, name: str) -> None:
    path = full_home.home.folder / name
    before = path.read_bytes()
    path.unlink()
    said = healing(full_home.again()).heal()
    assert said == [f"{path} is gone. Its second copy is used."]
    assert (path.read_bytes(), path.stat().st_mode & 0o777, aside(full_home.home)) == (before, 0o600, [])
    assert full_home.again().standing.mode == "full"


@pytest.mark.parametrize("name", TWICE)
def test_a_copy_that_is_damaged_is_made_again_and_harms_nobody(full_home: Rig, name: str) -> None:
    copy = full_home.home.copy_of(full_home.home.folder / name)
    copy.write_bytes(b"noise")
    assert healing(full_home).examine() == []
    assert healing(full_home).heal() == []
    assert copy.read_bytes() == (full_home.home.folder / name).read_bytes()


def test_a_home_of_an_older_release_gets_its_copies(full_home: Rig) -> None:
    for path in full_home.home.copies.iterdir():
        path.unlink()
    full_home.home.copies.rmdir()
    assert healing(full_home).heal() == []
    assert sorted(path.name for path in full_home.home.copies.iterdir()) == sorted(TWICE)


@pytest.mark.parametrize(
    ("name", "do"), [("trust.json", "Copy the root file that the vendor gave you to it."), ("licence.jws", "--replace")]
)
def test_what_nobody_can_make_anew_is_left_alone_with_a_sentence(full_home: Rig, name: str, do: str) -> None:
    for path in (full_home.home.folder / name, full_home.home.copy_of(full_home.home.folder / name)):
        path.write_bytes(b"noise")
    [said] = healing(full_home.again()).heal()
    assert name in said
    assert do in said
    assert (full_home.home.folder / name).read_bytes() == b"noise"
    assert full_home.again().standing.mode == "blocked", "never more than what can be believed"


def test_a_lost_trust_document_comes_back_with_the_vendor_s_root_file(full_home: Rig) -> None:
    for path in (full_home.home.trust, full_home.home.copy_of(full_home.home.trust)):
        path.unlink()
    rig = full_home.again()
    assert rig.standing.reason == "signature_invalid"
    rig.home.trust.write_bytes(rig.vendor.trust_document)
    assert rig.standing.mode == "full", "without a restart"


def test_a_lost_state_leaves_the_address_of_the_licence(full_home: Rig) -> None:
    for path in (full_home.home.state, full_home.home.copy_of(full_home.home.state)):
        path.write_bytes(b"noise")
    [said] = healing(full_home).heal()
    assert "set `server` in agent.toml" in said
    assert full_home.states.read() == State()
    assert full_home.again().validate().seq > 2


@pytest.mark.threat(51)
def test_a_newer_release_s_state_is_left_alone(full_home: Rig) -> None:
    full_home.home.state.write_bytes(b'{"version": 2, "more": []}')
    [damage] = healing(full_home).examine()
    assert (damage.cure, "newer release" in damage.said) == ("none", True)
    assert len(healing(full_home).heal()) == 1
    assert full_home.home.state.read_bytes() == b'{"version": 2, "more": []}'
    with pytest.raises(StateNewerError):
        full_home.states.read()


@pytest.mark.threat(51)
@pytest.mark.parametrize("name", ["state.json", "pending.json", "ledger.json", "hardware.json", "progress.json"])
def test_members_that_this_release_does_not_know_do_no_harm(full_home: Rig, name: str) -> None:
    path = full_home.home.folder / name
    path.write_bytes(path.read_bytes().replace(b"{", b'{"from_a_later_release":[1,{"x":null}],', 1))
    assert healing(full_home).examine() == []
    assert full_home.again().standing.mode == "full"
    assert full_home.again().validate().seq > 2


def test_nothing_is_mended_while_another_process_may_be_writing(full_home: Rig) -> None:
    full_home.home.pending.write_bytes(b"half")
    with hold(full_home.home.exchange_lock, "validates"):
        assert healing(full_home).heal() == []
    assert full_home.home.pending.read_bytes() == b"half"


@pytest.mark.threat(49)
@pytest.mark.parametrize("squatter", ["file", "folder", "link"])
def test_what_squats_where_the_socket_belongs_goes_aside(full_home: Rig, tmp_path: Path, squatter: str) -> None:
    path, target = full_home.home.folder / "agent.sock", tmp_path / "elsewhere.sock"
    with socket.socket(socket.AF_UNIX) as theirs:
        theirs.bind(str(target))
        if squatter == "link":
            path.symlink_to(target)
        else:
            path.mkdir() if squatter == "folder" else path.touch()
        assert healing(full_home).heal()[0].startswith(f"{path} is no socket.")
    assert (os.path.lexists(path), len(aside(full_home.home)), target.exists()) == (False, 1, True)


@pytest.mark.threat(49)
@pytest.mark.parametrize(
    ("user", "before", "after"),
    [(0, 0o647, (0o640, GROUP)), (NOBODY, 0o640, (0o640, GROUP)), (NOBODY, 0o647, (0o600, NOBODY))],
)
@pytest.mark.usefixtures("public_path")
def test_a_token_of_nuls_is_no_secret_and_its_successor_has_the_same_readers(
    full_home: Rig, user: int, before: int, after: tuple[int, int]
) -> None:
    """Also where the service, which is in no group of the CRM's, mends it, unless others can have the old file open."""
    path = full_home.home.application_token
    path.write_bytes(bytes(44))
    path.chmod(before)
    for each in (full_home.home.folder, *full_home.home.folder.rglob("*")):
        os.chown(each, user, user)
    os.chown(path, -1, GROUP)
    with pytest.raises(StateDamagedError, match="no token"):
        application_token(full_home.home, os.urandom)
    with path.open("rb") as held:
        os.setegid(user)
        os.seteuid(user)
        try:
            healing(full_home.again()).heal()
        finally:
            os.seteuid(0)
            os.setegid(0)
        assert not before & 0o007 or held.read() == bytes(44), "whoever held the old one open reads nothing of the new"
    facts = path.stat()
    assert (facts.st_mode & 0o777, facts.st_uid, facts.st_gid) == (after[0], user, after[1])
    assert application_token(full_home.home, os.urandom) == path.read_text().strip()
    assert [path.with_name(name).read_bytes() for name in aside(full_home.home)] == [bytes(44)]


@pytest.mark.parametrize("name", [*TWICE, "pending.json", "application.token"])
@pytest.mark.usefixtures("public_path")
def test_a_file_that_its_reader_may_not_read_is_no_damage(full_home: Rig, name: str) -> None:
    """It belongs to somebody else: a person has to see to that; or to us: then its permissions are put right."""
    path = full_home.home.folder / name
    before = path.read_bytes()
    for each in (full_home.home.folder, *full_home.home.folder.rglob("*")):
        os.chown(each, NOBODY, NOBODY)
    path.chmod(0o400)
    os.chown(path, 0, 0)
    os.seteuid(NOBODY)
    try:
        foreign = healing(full_home.again()).heal()
        os.seteuid(0)
        os.chown(path, NOBODY, NOBODY)
        path.chmod(0)
        os.seteuid(NOBODY)
        ours = healing(full_home.again()).heal()
    finally:
        os.seteuid(0)
    assert foreign == [f"{path} can't be read by this user. Run as the agent's user, or give the file back to it."]
    assert ours == [f"{path} can't be read by this user. Its owner may read it again."]
    assert (path.read_bytes(), aside(full_home.home)) == (before, [])
