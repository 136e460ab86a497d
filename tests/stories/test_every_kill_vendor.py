"""The vendor's commands are killed at every position: making a home, with the migration, and rotating the key."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import jwt
import pytest
from sqlalchemy import NullPool, create_engine, text

from keys.cli import main as keys_program
from keys.trust import Trust, pin_trust
from tests.faults.strace import Position
from tests.stories.callers import promise
from tests.stories.parties import Customer, Vendor, customer, typed, vendor
from tests.stories.processes import Cradle, cradle, free_port
from tests.stories.walking import Once, Record, drafts, run_to_its_end, walk
from tests.threats.plugin import Figure, Rounds

pytestmark = [pytest.mark.threat(41), pytest.mark.long, pytest.mark.timeout(900)]

ISSUER = "https://licences.example.com"
PASSWORD = "Password (shown this once)"


@dataclass
class Founding:
    """A home that is made again and again."""

    vendor: Vendor
    database: str | None = None
    """PostgreSQL's URL; None: a SQLite file in the home."""
    litter: int = 0

    def init(self, position: Position | None) -> Once:
        """Kill the making of a home, from nothing to all tables; type the command again, and start the server."""
        self.vendor.cradle.kill()
        self.litter += drafts(self.vendor.home)
        shutil.rmtree(self.vendor.home)
        if self.database is not None:
            empty(self.database)
        once = run_to_its_end(self.vendor.cradle, position, "init", "--issuer", ISSUER)
        password = self.vendor.run("init", "--issuer", ISSUER)["password"]
        shown = [line.split()[-1] for line in once.said.splitlines() if PASSWORD in line and once.said.endswith("\n")]
        promise(shown == [password] or bool(shown) != bool(password), f"{shown} was shown, and then {password}")
        promise(self.vendor.run("init")["changed"] is False, "two runs did not complete the home")
        record = Record.of(self.vendor.home, self.database)
        operators = record.rows("SELECT name, role FROM operators")
        promise(len(operators) == 1, f"the operators are {operators}")
        events = [word for (word,) in record.rows("SELECT event FROM audit")]
        promise(len(events) == len(set(events)), f"something was done twice: {events}")
        promise(self.vendor.run("audit", "verify")["valid"], "the audit record is broken")
        promise(len(list((self.vendor.home / "keys").glob("*/*.pem"))) == 2, "keys are left over")
        if position is None or position.call != "pwrite64" or position.number % 4 == 0:
            self.vendor.start(workers=1)  # after every fourth page: they are many, and alike
        return once


def empty(url: str) -> None:
    """Take everything out of a PostgreSQL database."""
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))


def test_a_home_that_is_begun_and_killed_is_completed_by_the_next_run(
    folder: Path, rounds: Rounds, figure: Figure
) -> None:
    with vendor(folder) as seller:
        founding = Founding(seller)
        walked = walk(founding.init, rounds, sample=8)
        litter = founding.litter
        figure(f"init and migration: {walked}, 0 lost, 0 doubled, 0 failed restarts; {litter} drafts left behind")


def test_a_migration_on_postgresql_that_is_killed_is_made_by_the_next_run(
    folder: Path, rounds: Rounds, figure: Figure, postgresql_url: str
) -> None:
    with vendor(folder, LICENCE_SERVER_DATABASE=postgresql_url) as seller:
        walked = walk(Founding(seller, postgresql_url).init, rounds, sample=4, most=12)
        figure(f"init and migration, PostgreSQL: {walked}, 0 lost, 0 doubled, 0 failed restarts")


@dataclass
class Rotation:
    """A running server, whose signing key is rotated beside it, and an agent that validates all the time."""

    vendor: Vendor
    customer: Customer
    keys: Cradle
    port: int

    def rotate(self, position: Position | None) -> Once:
        """Kill a rotation: the server signs on, also when it starts anew, and the next rotation works."""
        version = self._trust().version
        once = run_to_its_end(self.keys, position, "rotate")
        promise(self._trust().version in {version, version + 1}, "the trust document was replaced twice")
        pinned = pin_trust((self.vendor.home / "root.json").read_bytes())
        promise(pinned.version <= self._trust().version, "agents are given a document that is not in force")
        self._validate()
        self.vendor.cradle.kill()
        self.vendor.start(workers=1, port=self.port)
        self._validate()
        typed(keys_program, self.vendor.environment, "rotate")
        promise(self._trust().version in {version + 1, version + 2}, "a rotation was lost")
        promise((self.vendor.home / "root.json").read_bytes() == self._document(), "agents are given another document")
        promise(self._validate() == self._trust().active[-1].key.kid, "the server does not sign with the new key")
        return once

    def _validate(self) -> str:
        """Have the agent validate; return the key that signed the answer."""
        said = self.customer.run("validate")
        promise(said["mode"] == "full", f"the agent is locked out: {said['reason']}")
        licence = (self.customer.home / "licence.jws").read_text()
        Record.of(self.vendor.home).check(said["licence"], licence)
        return str(jwt.get_unverified_header(licence)["kid"])

    def _document(self) -> bytes:
        return (self.vendor.home / "keys/trust.json").read_bytes()

    def _trust(self) -> Trust:
        return pin_trust(self._document())


@contextmanager
def rotating(folder: Path) -> Iterator[Rotation]:
    with vendor(folder) as seller, customer(folder) as buyer:
        _, code = seller.issue()
        port = free_port()
        buyer.activate(code, seller.start(workers=1, port=port), seller.home / "root.json")
        with cradle(folder, "licence-keys", seller.environment, "keys.cli") as keys:
            yield Rotation(seller, buyer, keys, port)


def test_a_rotation_that_is_killed_leaves_a_server_that_signs(folder: Path, rounds: Rounds, figure: Figure) -> None:
    with rotating(folder) as rotation:
        walked = walk(rotation.rotate, rounds, sample=8)
        litter = drafts(rotation.vendor.home)
        figure(f"licence-keys rotate: {walked}, 0 lost, 0 failed restarts; {litter} drafts left behind")
