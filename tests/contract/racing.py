"""Many callers at one moment, in threads and in processes, and variants of the storage that must lose."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519
from sqlalchemy import Engine

from keys.errors import LicensingError
from keys.signing import SoftwareSigner
from licence_server.domain.licence import Licence
from licence_server.services.ports import Unit
from licence_server.storage.codes import SqlCodes
from licence_server.storage.engine import Database
from licence_server.storage.licences import SqlLicences
from licence_server.storage.unit import SqlUnit
from tests.fakes import MemoryDesk, TurnableClock
from tests.licence_server.device import Device
from tests.licence_server.vendor import Vendor

BRIEFLY, PATIENTLY = 0.02, 60.0
"""Seconds for which a caller that found the code unused waits for all others to find so too: where it has locked them
out, nobody ever comes; where nobody is locked out, all do."""


def at_once(calls: Sequence[Callable[[], Any]], *strange: type[Exception]) -> list[Any]:
    """Make all calls at one moment, and return answers and refusals, and what else may happen, in their order."""
    gate = threading.Barrier(len(calls))
    expected: tuple[type[Exception], ...] = (LicensingError, *strange)

    def one(call: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return call()
        except expected as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


class MeetingCodes(SqlCodes):
    """Forces the worst interleaving: between the check and the use of a code, everybody waits for everybody."""

    meeting: threading.Barrier
    patience: float

    def use(self, digest: str, activation_id: str, now: int) -> None:
        with suppress(threading.BrokenBarrierError):
            self.meeting.wait(self.patience)
        super().use(digest, activation_id, now)


class CarelessLicences(SqlLicences):
    """Looks where it should lock."""

    def lock(self, licence_id: str) -> Licence:
        return self.get(licence_id)


class Racetrack:
    """Units of work in which callers meet; one round has one meeting."""

    def __init__(self, callers: int) -> None:
        self._callers = callers
        self.meeting = threading.Barrier(callers)

    def next_round(self) -> None:
        self.meeting = threading.Barrier(self._callers)

    def careful(self, database: Database) -> Callable[[], AbstractContextManager[Unit]]:
        """The program's own units."""

        @contextmanager
        def unit() -> Iterator[Unit]:
            with database.unit() as own:
                self._meet(own, BRIEFLY)
                yield own

        return unit

    def careless(self, engine: Engine, desk: MemoryDesk) -> Callable[[], AbstractContextManager[Unit]]:
        """Units that begin as the library begins them by default, and lock nothing."""

        @contextmanager
        def unit() -> Iterator[Unit]:
            with engine.begin() as connection:
                own = SqlUnit(connection, desk)
                own.licences = CarelessLicences(connection)
                self._meet(own, PATIENTLY)
                yield own
                own.audit.write()

        return unit

    def _meet(self, unit: SqlUnit, patience: float) -> None:
        codes = MeetingCodes(unit.codes._connection)
        codes.meeting, codes.patience = self.meeting, patience
        unit.codes = codes


def process_main(url: str, key: bytes, codes: Sequence[str], gate: Any, threads: int, outcomes: Any) -> None:
    """Be one of several server processes: for each code, ``threads`` servers present it at the common gate."""
    desk = MemoryDesk(signer=SoftwareSigner(ed25519.Ed25519PrivateKey.from_private_bytes(key)))
    database = Database(url, desk, pool_size=threads)
    vendor = Vendor.over(database, desk, TurnableClock())

    def serve(_: int) -> list[str]:
        said = []
        for code in codes:
            request = Device(vendor).activation_request(code)
            gate.wait()
            try:
                vendor.activating.activate(request)
                said.append("won")
            except LicensingError as error:
                said.append(error.word)
        return said

    with ThreadPoolExecutor(threads) as pool:
        for said in pool.map(serve, range(threads)):
            outcomes.put(said)
    database.close()


def race_processes(url: str, key: bytes, codes: Sequence[str], processes: int, threads: int) -> list[list[str]]:
    """Let processes race for every code in turn, and return what each of their servers was told, code by code."""
    context = multiprocessing.get_context("spawn")
    gate, outcomes = context.Barrier(processes * threads), context.Queue()
    arguments = (url, key, codes, gate, threads, outcomes)
    runners = [context.Process(target=process_main, args=arguments, daemon=True) for _ in range(processes)]
    for runner in runners:
        runner.start()
    told = [outcomes.get(timeout=250) for _ in range(processes * threads)]
    for runner in runners:
        runner.join()
    return told
