"""Homes of a release as plain files, so that every later release can be tried on them: databases are kept as SQL.

``python -m tests.contract.frozen tests/vectors/homes/VERSION`` freezes a vendor and a customer as this version makes
them. It is done once for each release, and what was frozen is never changed again. Every key in it is for tests.
"""

import json
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.domain.seats import Wanted
from agent.services.seating import Seating, SeatSettings
from agent.store.seats import open_journal
from agent.store.tokens import administrator_token, application_token
from tests.agent.seats.fakes import counting_randomness
from tests.contract.installed import Installed
from tests.contract.serving import DAY, Premises
from tests.licence_server.office import ISSUER, Home

HOMES = Path(__file__).parents[1] / "vectors" / "homes"
_LEFT_OUT = (".lock", "-turn", ".ballast", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the frozen homes were when they were frozen."""

    now: int
    licence: str
    seq: int
    unused_code: str
    users: tuple[str, ...]


def freeze(home: Path, target: Path) -> None:
    """Copy a home that nobody works in."""
    for path in sorted(path for path in home.rglob("*") if path.is_file() and not path.name.endswith(_LEFT_OUT)):
        copy = target / path.relative_to(home)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".sqlite3":
            with closing(sqlite3.connect(path)) as database:
                version = database.execute("PRAGMA user_version").fetchone()[0]
                lines = [*database.iterdump(), f"PRAGMA user_version = {version};"]
            copy.with_suffix(".sql").write_text("\n".join(lines) + "\n", encoding="utf-8")
        else:
            shutil.copyfile(path, copy)


def thaw(frozen: Path, home: Path) -> None:
    """Make a home of what was frozen, with the permissions that it had."""
    home.mkdir(mode=0o700)
    for path in sorted(frozen.rglob("*")):
        copy = home / path.relative_to(frozen)
        if path.is_dir():
            copy.mkdir(mode=0o700)
            continue
        if path.suffix == ".sql":
            copy = copy.with_suffix(".sqlite3")
            with closing(sqlite3.connect(copy)) as database:
                database.executescript(path.read_text(encoding="utf-8"))
        else:
            shutil.copyfile(path, copy)
        copy.chmod(0o600)


def make(folder: Path) -> Facts:
    """Make a vendor and a customer in a folder: ``server`` and ``agent/home``."""
    home = Home(folder / "server")
    home.founding().found(ISSUER, None, "cli:release")
    home.founding().shown()
    premises = Premises(home)
    counter = premises.open()
    try:
        licence, code = counter.sell()
        agent = Installed(folder / "agent", home.clock, counter.url)
        agent.activate(code, premises.root)
        for token in (application_token, administrator_token):
            token(agent.home, agent.agent.around.randomness)
        for _ in range(3):
            home.clock.advance(DAY)
            agent.validate()
        agent.agent.judging.timekeeping.keep(agent.judging.holding.hand())
        users = _let_in(agent, ("sara", "رضا"))
        counter.server.auditing.seal()
        unused = counter.sell()[1]
    finally:
        premises.close()
    return Facts(home.clock.now(), licence.id, agent.licence.seq, unused, users)


def _let_in(agent: Installed, users: tuple[str, ...]) -> tuple[str, ...]:
    with closing(open_journal(agent.home.journal, agent.clock.now())) as journal:
        seating = Seating(
            journal,
            clock=agent.clock,
            randomness=counting_randomness(),
            standing=agent.judging.standing,
            settings=SeatSettings(),
        )
        for user in users:
            seating.check_out(Wanted(user, "pc"))
        seating.flush()
        ledger = agent.judging.timekeeping.keep(agent.judging.holding.hand())
        if ledger is not None:
            journal.keep_ledger(ledger)
    return users


def main(target: Path) -> None:
    """Freeze this version's homes."""
    with tempfile.TemporaryDirectory() as folder:
        facts = make(Path(folder))
        freeze(Path(folder) / "server", target / "server")
        freeze(Path(folder) / "agent", target / "agent")
        text = json.dumps(asdict(facts), indent=1, ensure_ascii=False)
        (target / "facts.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
