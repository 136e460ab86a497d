"""Damage as an administrator meets it: doctor tells, the daemon and the commands that change something mend."""

import json
import sqlite3
import stat
from contextlib import closing

import pytest

from agent.store.home import Home
from tests.agent.cli.program import Program
from tests.agent.cli.test_daemon import ask


def states(program: Program) -> dict[str, str]:
    result = program("doctor", "--json")
    assert not result.stderr.replace("WARNING", "").startswith("Traceback")
    return {each["check"]: each["state"] for each in json.loads(result.stdout)["checks"]}


@pytest.mark.threat(50)
def test_doctor_tells_and_the_daemon_mends(activated: Program) -> None:
    home = Home(activated.home)
    with activated.running() as daemon:
        assert ask(activated, daemon, "POST", "/v1/seats", {"user": "sara", "client": "pc"})[0] == 201
        daemon.end()
    before = home.licence.read_bytes()
    assert (states(activated)["state"], states(activated)["journal"]) == ("ok", "ok")
    home.licence.write_bytes(before[:50])
    home.ledger.write_bytes(bytes(200))
    home.journal.write_bytes(b"noise" * 5000)
    draft = home.folder / ".state.json.999999999.1.draft"
    draft.write_bytes(b"half")
    assert (states(activated)["state"], states(activated)["journal"]) == ("warning", "warning")
    assert home.licence.read_bytes() == before[:50], "doctor only looks"

    with activated.running() as daemon:
        damage = [line["said"] for line in daemon.said if line["event"] == "damage"]
        assert [
            name for name in ("licence.jws", "ledger.json", "journal") if not any(name in said for said in damage)
        ] == []
        assert [line["names"] for line in daemon.said if line["event"] == "drafts_removed"] == [[draft.name]]
        assert ask(activated, daemon, "POST", "/v1/seats", {"user": "sara", "client": "pc"})[0] == 201
        assert states(activated)["journal"] == "ok"
        daemon.end()
    assert home.licence.read_bytes() == before
    assert (states(activated)["state"], states(activated)["journal"]) == ("ok", "ok")
    assert len([path for path in home.folder.iterdir() if ".damaged-" in path.name]) >= 3


def test_the_daemon_logs_what_doctor_would_find(program: Program) -> None:
    with program.running() as daemon:
        found = {line["check"] for line in daemon.said if line["event"] == "check"}
        assert {"trust", "licence", "fingerprint"} <= found


def test_commands_that_change_something_mend_first(activated: Program) -> None:
    home = Home(activated.home)
    home.pending.write_bytes(b"half a requ")
    assert activated("status").exit_code == 0
    result = activated("validate", "--json")
    assert (result.exit_code, "mended: " in result.stderr) == (0, True)
    assert json.loads(result.stdout)["seq"] == 2
    assert not home.pending.exists()


@pytest.mark.threat(49)
def test_nothing_in_the_home_is_for_others(activated: Program) -> None:
    (activated.home / "agent.sock").touch(mode=0o600)
    with activated.running() as daemon:
        assert ask(activated, daemon, "POST", "/v1/seats", {"user": "sara", "client": "pc"})[0] == 201
        activated.json("validate")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in activated.home.rglob("*")}
        assert modes.pop("agent.sock") == 0o660
        assert stat.S_ISSOCK((activated.home / "agent.sock").stat().st_mode)
    assert not {name: oct(mode) for name, mode in modes.items() if mode & 0o077}
    assert stat.S_IMODE(activated.home.stat().st_mode) == 0o700


@pytest.mark.threat(51)
@pytest.mark.parametrize("what", ["state.json", "seats.sqlite3"])
def test_a_home_of_the_next_release_is_refused_and_nothing_is_written(activated: Program, what: str) -> None:
    home = Home(activated.home)
    with activated.running() as daemon:
        daemon.end()
    if what == "state.json":
        home.state.write_bytes(b'{"version": 2, "server": "https://x.example"}')
    else:
        with closing(sqlite3.connect(home.journal)) as journal:
            journal.execute("PRAGMA user_version = 99")
    before = (home.folder / what).read_bytes()
    assert states(activated)["state" if what == "state.json" else "journal"] == "failed"
    result = activated("run", "--port", "0") if what != "state.json" else activated("validate")
    assert result.exit_code == 1
    assert "newer release" in result.stderr
    assert (home.folder / what).read_bytes() == before
