"""What is wrong with a server's home is said in one sentence with what to do, by doctor and by run alike."""

import json
import os
import shutil
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from keys.disk import write_whole
from keys.keyfile import save_key
from keys.keyfolder import KeyFolder
from keys.signing import SoftwareSigner
from keys.trust import LIFETIME
from licence_server.doctor import CHECKS, Place, check_start
from licence_server.storage.damage import flaw_of, set_aside_damaged
from licence_server.storage.migrate import upgrade
from tests.licence_server.office import Home
from tests.stories.test_wrong_input import as_nobody

DAY = 86_400
Harm = Callable[[Path], object]


def found(home: Home, check: str) -> dict[str, Any]:
    result = home.type("doctor", "--json")
    assert not result.stderr
    said = json.loads(result.stdout)
    assert result.exit_code == (1 if said["failed"] else 0)
    assert [each["check"] for each in said["checks"]] == list(CHECKS)
    return next(each for each in said["checks"] if each["check"] == check)


def refused(home: Home) -> str:
    """Try to start, and return why it was refused."""
    result = home.type("run", "--port", "0")
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (1, "", 1), result.stderr
    return result.stderr


def test_a_good_home_is_found_good(home: Home) -> None:
    home.ask("customer", "add", "Pars")
    result = home.type("doctor")
    assert result.exit_code == 0, result.stdout
    assert len(result.stdout.splitlines()) == len(CHECKS)
    said = home.ask("doctor")
    states = {each["check"]: each["state"] for each in said["checks"]}
    wrong = {name for name, state in states.items() if state != "ok"}
    assert wrong <= {"roots", "port", "room"}, said


def rewritten(name: str, content: bytes) -> Harm:
    return lambda home: (home / name).write_bytes(content)


def opened(name: str) -> Harm:
    return lambda home: (home / name).chmod(0o666)


def signing(home: Path) -> Path:
    return next((home / "keys/signing").glob("*.pem"))


def flipped(home: Path) -> None:
    path = home / "licences.sqlite3"
    content = path.read_bytes()
    path.write_bytes(content[:8192] + bytes(byte ^ 0x5A for byte in content[8192:]))


def newer(home: Path) -> None:
    with closing(sqlite3.connect(home / "licences.sqlite3")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()


def swapped(home: Path) -> None:
    passphrase = (home / "passphrase").read_bytes().strip()
    path = signing(home)
    path.unlink()
    save_key(path, SoftwareSigner.generate(), passphrase)


HARMS: dict[str, tuple[str, Harm, str]] = {
    "gone": ("home", shutil.rmtree, ": licence-server init"),
    "open home": ("home", lambda home: home.chmod(0o777), "Do: chmod 700"),
    "open passphrase": ("home", opened("passphrase"), "Do: chmod 600"),
    "open key": ("home", lambda home: signing(home).chmod(0o644), "Do: chmod 600"),
    "open database": ("home", opened("licences.sqlite3"), "Do: chmod 600"),
    "config noise": ("configuration", rewritten("config.toml", bytes(range(256))), "config.toml is not valid TOML"),
    "config NULs": ("configuration", rewritten("config.toml", bytes(300)), "config.toml is not valid TOML"),
    "config empty": ("configuration", rewritten("config.toml", b""), "issuer"),
    "config unknown": ("configuration", rewritten("config.toml", b'colour = "red"\n'), "no setting 'colour'"),
    "no config": ("configuration", lambda home: (home / "config.toml").unlink(), "licence-server init"),
    "trust empty": ("keys", rewritten("keys/trust.json", b""), "trust.json can't be used"),
    "trust NULs": ("keys", rewritten("keys/trust.json", bytes(500)), "Bring it back from a backup"),
    "trust gone": ("keys", lambda home: (home / "keys/trust.json").unlink(), "trust.json is missing"),
    "trust open": ("keys", lambda home: (home / "keys/trust.json").chmod(0o666), "chmod 644"),
    "key gone": ("keys", lambda home: signing(home).unlink(), "none of the keys that sign"),
    "key noise": ("keys", lambda home: signing(home).write_bytes(b"noise"), "can't be opened"),
    "key swapped": ("keys", swapped, "holds another key"),
    "passphrase wrong": ("keys", rewritten("passphrase", b"wrong\n"), "wrong passphrase"),
    "passphrase empty": ("keys", rewritten("passphrase", b""), "is empty"),
    "database gone": ("database", lambda home: (home / "licences.sqlite3").unlink(), "licence-server restore FILE"),
    "database empty": ("database", rewritten("licences.sqlite3", b""), "licence-server restore FILE"),
    "database noise": ("database", rewritten("licences.sqlite3", b"noise" * 9000), "licence-server restore FILE"),
    "database flipped": ("database", flipped, "agents bring back by themselves"),
    "database newer": ("database", newer, "newer version of licence-server: install that one"),
    "restore cut": ("restore", rewritten("restore-unfinished", b"/mnt/b.zip"), "licence-server restore /mnt/b.zip"),
}


@pytest.mark.threat(50)
@pytest.mark.threat(49)
@pytest.mark.parametrize("harm", HARMS)
def test_what_keeps_a_server_from_starting_is_told_by_doctor_and_run(home: Home, harm: str) -> None:
    check, do, sentence = HARMS[harm]
    do(home.path)
    said = found(home, check)
    assert said["state"] == "failed"
    assert sentence in f"{said['said']} {said['remedy']}"
    assert sentence in refused(home)


@pytest.mark.usefixtures("public_path")
def test_a_home_that_can_not_be_written_is_said_so(home: Home) -> None:
    for path in (home.path, *home.path.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)
    with as_nobody(home.path):
        said, start = found(home, "home"), refused(home)
    assert (said["state"], "can't be read and written by this user" in said["said"]) == ("failed", True)
    assert "can't be read and written by this user" in start


def test_keys_that_nobody_named_and_an_old_copy_for_agents_are_warned_of(home: Home) -> None:
    folder = KeyFolder.of_home(home.path, {})
    stranger = folder.add_signing_key(SoftwareSigner.generate())
    assert stranger.stem in found(home, "keys")["said"]
    write_whole(home.path / "root.json", b"{}")
    assert "root.json" in found(home, "keys")["said"]
    (home.path / "keys/proposal.json").write_bytes(folder.path.joinpath("trust.json").read_bytes())
    assert found(home, "proposal")["state"] == "warning"


@pytest.mark.threat(49)
@pytest.mark.parametrize(
    ("content", "mode", "state", "said"),
    [
        (b"s3cret\n", 0o600, "ok", "is the server's alone"),
        (b"s3cret\n", 0o640, "failed", "Do: chmod 600"),
        (b" \n", 0o600, "failed", "is empty"),
        (None, 0, "failed", "does not exist"),
    ],
)
def test_the_secret_of_single_sign_on_is_looked_after(
    home: Home, tmp_path: Path, content: bytes | None, mode: int, state: str, said: str
) -> None:
    assert found(home, "sso")["state"] == "ok"
    secret = tmp_path / "secret"
    if content is not None:
        secret.write_bytes(content)
        secret.chmod(mode)
    with (home.path / "config.toml").open("a") as config:
        config.write(f'sso_secret_file = "{secret}"\n')
    told = found(home, "sso")
    assert (told["state"], said in f"{told['said']} {told['remedy']}") == (state, True)
    assert "s3cret" not in str(told)


@pytest.mark.parametrize(
    ("days", "state"), [(307, "ok"), (309, "warning"), (399, "failed"), (399 + 91, "failed")], ids=str
)
def test_the_end_of_trust_is_told_in_time_and_stops_no_start(home: Home, days: int, state: str) -> None:
    assert LIFETIME == 398 * DAY
    home.clock.advance(days * DAY)
    assert found(home, "trust")["state"] == state
    warned = [each.check for each in check_start(Place(home.path, {}, home.clock, is_start=True))]
    assert ("trust" in warned) is (state != "ok")


def test_a_clock_that_went_back_and_a_record_that_was_cut_are_told(home: Home) -> None:
    home.ask("customer", "add", "Pars")
    home.clock.turn(-61)
    assert "clock accept" in found(home, "record")["remedy"]
    home.clock.turn(61)
    assert found(home, "record")["state"] == "ok"
    with closing(sqlite3.connect(home.path / "licences.sqlite3")) as database:
        database.execute("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)")
        database.commit()
    said = found(home, "record")
    assert (said["state"], "cut" in said["said"]) == ("failed", True)


def test_drafts_of_dead_processes_are_told_and_go_at_the_start(home: Home) -> None:
    drafts = [home.path / ".root.json.999999999.1.draft", home.path / "keys/signing/.x.pem.999999999.1.draft"]
    for path in drafts:
        path.write_bytes(b"half")
    alive = home.path / f".root.json.{os.getppid()}.1.draft"
    alive.write_bytes(b"half")
    assert found(home, "drafts")["state"] == "warning"
    assert all(path.exists() for path in drafts)
    told = check_start(Place(home.path, {}, home.clock, is_start=True))
    assert [each.check for each in told if each.check == "drafts"] == ["drafts"]
    assert [path.exists() for path in (*drafts, alive)] == [False, False, True]


def test_a_port_that_another_program_has_is_told(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (home.path / "config.toml").open("a") as config:
            config.write(f"port = {port}\n")
        said = found(home, "port")
    assert (said["state"], str(port) in said["said"]) == ("failed", True)
    assert found(home, "port")["state"] == "warning"


@pytest.mark.threat(49)
def test_nothing_but_what_agents_are_given_is_for_others(home: Home, tmp_path: Path) -> None:
    """After init, after an upgrade of a home that was more open, and after a restore into a folder of somebody's."""
    home.ask("backup", tmp_path / "b.zip", "--with-passphrase")
    other = Home(tmp_path / "other", home.clock)
    other.path.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        other.ask("restore", tmp_path / "b.zip")
        other.ask("customer", "add", "Pars")
    finally:
        os.umask(before)
    (home.path / "licences.sqlite3").chmod(0o644)
    upgrade(home.config.database)
    public = {"root.json", "trust.json"}
    for each in (home, other):
        files = {path: path.stat().st_mode for path in each.path.rglob("*") if path.name not in public}
        assert not {path: oct(mode) for path, mode in files.items() if mode & 0o027}


@pytest.mark.threat(50)
def test_a_damaged_database_is_kept_aside_and_a_backup_takes_its_place(home: Home, tmp_path: Path) -> None:
    customer = home.ask("customer", "add", "Pars")
    home.ask("backup", tmp_path / "b.zip")
    database = home.path / "licences.sqlite3"
    assert set_aside_damaged(home.config.database, 7) is None
    flipped(home.path)
    assert flaw_of(database)
    result = home.type("restore", tmp_path / "b.zip")
    assert (result.exit_code, "was damaged; it is kept as" in result.stderr) == (0, True), result.stderr
    assert (home.path / f"licences.sqlite3.damaged-{home.clock.now()}").exists()
    assert home.ask("customer", "list") == [customer]
    assert home.ask("audit", "verify")["valid"]
    assert not flaw_of(database)


def test_a_restore_that_was_cut_off_is_completed_by_the_next_one(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.ask("customer", "add", "Pars")
    home.ask("backup", tmp_path / "b.zip", "--with-passphrase")

    def cut(*_: object) -> int:
        raise KeyboardInterrupt

    for number, target in enumerate(("licence_server.cli.dumps.load_tables", "licence_server.cli.dumps.finished")):
        other = Home(tmp_path / f"other-{number}", home.clock)
        with monkeypatch.context() as patched:
            patched.setattr(target, cut)
            assert other.type("restore", tmp_path / "b.zip").exit_code
        assert found(other, "restore")["state"] == "failed"
        assert "licence-server restore" in refused(other)
        assert other.ask("restore", tmp_path / "b.zip")["keys"]
        assert found(other, "restore")["state"] == "ok"
        assert [each["name"] for each in other.ask("customer", "list")] == ["Pars"]
