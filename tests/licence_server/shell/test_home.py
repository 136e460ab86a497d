"""Making a home: whole at the end, whatever happened on the way."""

import fcntl
import os
import stat
import sys
from pathlib import Path

import pytest

from keys.ceremony import first_trust, signed
from keys.errors import BusyError, InvalidInputError, KeyUnsafeError, StateConflictError
from keys.keyfile import save_key
from keys.signing import SoftwareSigner
from keys.trust import pin_trust
from licence_server import home as module
from licence_server.config import find_home
from licence_server.storage.vault import FileVault
from tests.fakes import START
from tests.licence_server.office import ISSUER, Home


def contents(home: Home) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.path.rglob("*") if path.is_file()}


def test_a_home_has_all_that_a_server_needs(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    found = home.founding().found(ISSUER, None, "cli:me")
    assert (found.changed, found.administrator, len(found.password or "")) == (True, "admin", 27)
    assert pin_trust(found.root.read_bytes()).issuer == ISSUER
    server = home.server()
    server.checking.check()
    assert [(each.name, each.role) for each in server.enrolling.operators()] == [("admin", "administrator")]
    assert server.auditing.verify().valid
    server.database.close()


def test_nobody_else_can_read_it(founded: Path) -> None:
    assert stat.S_IMODE(founded.stat().st_mode) == 0o700
    for secret in (founded / "passphrase", *founded.glob("keys/*/*.pem")):
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert all(b"ENCRYPTED" in path.read_bytes() for path in founded.glob("keys/*/*.pem"))


def test_a_second_run_changes_nothing(home: Home) -> None:
    before = contents(home)
    found = home.founding().found(None, None, "cli:me")
    assert (found.changed, found.password) == (False, None)
    kept = {name: content for name, content in contents(home).items() if "sqlite3" not in name}
    assert kept == {name: content for name, content in before.items() if "sqlite3" not in name}


def test_the_password_is_shown_until_it_was_seen(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    first = home.founding().found(ISSUER, None, "cli:me").password
    assert home.founding().found(ISSUER, None, "cli:me").password == first
    home.founding().shown()
    assert home.founding().found(ISSUER, None, "cli:me").password is None


def test_another_issuer_is_refused(home: Home) -> None:
    with pytest.raises(StateConflictError, match="can't be changed"):
        home.founding().found("https://other.example.com", None, "cli:me")


def test_two_at_once_do_not_meet(home: Home) -> None:
    descriptor = os.open(home.path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(BusyError):
        home.founding().found(None, None, "cli:me")
    os.close(descriptor)


def test_a_passphrase_that_is_given_is_not_made(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", environment={"LICENCE_SERVER_PASSPHRASE": "mine"})
    home.founding().found(ISSUER, None, "cli:me")
    assert not (home.path / "passphrase").exists()
    home.server().database.close()
    home.environment = {"LICENCE_SERVER_PASSPHRASE": "another"}
    with pytest.raises(KeyUnsafeError, match="wrong passphrase"):
        home.server()


class StoppedError(BaseException):
    """The machine lost power."""


def lines_until(home: Home, last: int | None) -> int:
    """Make a home, and stop before the line of that number is run; return how many lines were run."""
    count = 0

    def trace(frame, event, _argument):
        nonlocal count
        if frame.f_code.co_filename != module.__file__:
            return None
        if event == "line":
            count += 1
            if count == last:
                raise StoppedError
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        home.founding().found(ISSUER, None, "cli:me")
    finally:
        sys.settrace(before)
    return count


def stopped_before(home: Home, last: int) -> bool:
    """Stop a process of its own before the line of that number, as a power cut does."""
    child = os.fork()
    if not child:
        try:
            lines_until(home, last)
        except StoppedError:
            os._exit(42)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42


def check_any_line(tmp_path: Path, step: int) -> None:
    total = lines_until(Home(tmp_path / "whole"), None)
    assert total > 60
    for last in range(1, total + 1, step):
        home = Home(tmp_path / str(last))
        assert stopped_before(home, last)
        found = home.founding().found(None if (home.path / "config.toml").exists() else ISSUER, None, "cli:me")
        assert found.config.issuer == ISSUER
        assert found.password
        assert len(list(home.path.glob("keys/*/*.pem"))) == 2
        server = home.server()
        server.checking.check()
        assert len(server.enrolling.operators()) == 1
        assert server.auditing.verify().events == 1
        server.database.close()


def test_a_run_that_was_cut_off_is_completed_by_the_next(tmp_path: Path) -> None:
    check_any_line(tmp_path, 5)


@pytest.mark.long
def test_a_run_that_was_cut_off_at_any_line_is_completed_by_the_next(tmp_path: Path) -> None:
    check_any_line(tmp_path, 1)


def ceremony(folder: Path, issuer: str = ISSUER) -> tuple[Path, SoftwareSigner]:
    """Two roots of three, offline, and a signing key."""
    roots = [SoftwareSigner.generate() for _ in range(3)]
    signing = SoftwareSigner.generate()
    trust = first_trust(issuer, START, [root.key for root in roots], 2, signing.key)
    (folder / "trust.json").write_bytes(signed(trust, roots[:2]))
    return folder / "trust.json", signing


def test_roots_of_an_offline_ceremony(tmp_path: Path) -> None:
    roots, signing = ceremony(tmp_path)
    home = Home(tmp_path / "home", environment={"LICENCE_SERVER_PASSPHRASE": "mine"})
    with pytest.raises(InvalidInputError, match=f"{signing.key.kid}.pem"):
        home.founding().found(None, roots, "cli:me")
    assert not home.path.exists()
    (home.path / "keys" / "signing").mkdir(parents=True, mode=0o700)
    save_key(home.path / "keys" / "signing" / f"{signing.key.kid}.pem", signing, b"mine")
    found = home.founding().found(None, roots, "cli:me")
    assert found.config.issuer == ISSUER
    assert found.root.read_bytes() == roots.read_bytes()
    assert not list(home.path.glob("keys/root/*"))
    assert home.founding().found(None, roots, "cli:me").password
    vault = FileVault(home.path / "keys", b"mine")
    assert vault.signer.key.kid == signing.key.kid


def test_roots_of_somebody_else(home: Home, tmp_path: Path) -> None:
    roots, _ = ceremony(tmp_path)
    with pytest.raises(StateConflictError, match="another trust document"):
        home.founding().found(None, roots, "cli:me")
    with pytest.raises(InvalidInputError, match="trust document is of"):
        Home(tmp_path / "new").founding().found("https://other.example.com", roots, "cli:me")


@pytest.mark.parametrize(
    ("environment", "is_root", "path"),
    [
        ({}, True, "/var/lib/licence-server"),
        ({}, False, str(Path.home() / ".local/share/licence-server")),
        ({"LICENCE_SERVER_HOME": "/srv/x"}, True, "/srv/x"),
    ],
)
def test_where_the_home_is(environment: dict[str, str], is_root: bool, path: str) -> None:
    assert str(find_home(environment, is_root=is_root)) == path
