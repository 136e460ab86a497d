"""The seats' journal: SQLite, every commit durable, so that neither kill -9 nor a power cut takes back an answer."""

import logging
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from threading import Lock

from agent.domain.seats import (
    Assigned,
    Change,
    Ended,
    Forgotten,
    Freed,
    Overdrawn,
    Remembered,
    Rested,
    Restricted,
    Seat,
    Taken,
)
from agent.domain.time import Ledger
from agent.domain.usage import Report
from agent.store.ballast import Ballast
from agent.store.hours import read_counts, write_counts
from agent.store.seats_content import nonsense
from agent.store.seats_schema import MIGRATIONS, check_version, migrate
from keys.disk import put_aside
from keys.errors import BusyError, StateDamagedError, UnavailableError
from keys.sentences import of, phrase

_log = logging.getLogger(__name__)
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, 0})
"""No SQLite file, or not what we wrote into it: a table is missing, or a text is not UTF-8, which has no code."""
_UNUSABLE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CONSTRAINT})
_RETRY_AFTER = 5
_NO_WORDS = phrase("what SQLite says of it can't be read")


class SqlJournal:
    """One agent's journal. Only one process at a time can have it open; any thread may write."""

    def __init__(self, connection: sqlite3.Connection, ballast: Ballast, warning: str | None) -> None:
        self.warning = warning
        """A sentence for people on what was wrong with the journal when it was opened; None: nothing."""
        self.is_damaged = False
        """Whether SQLite found the file damaged while it was at work: then nothing can be stored any more."""
        self._connection, self._ballast, self._turn = connection, ballast, Lock()

    def remembered(self) -> tuple[Remembered, Report]:
        """See bookkeeping.Journal."""
        return _read(self._connection)

    def write(self, changes: Sequence[Change], counts: Report) -> None:
        """See bookkeeping.Journal. While the reserve can't be had nothing is written that could use it up."""
        try:
            self._ballast.load()
        except OSError as error:
            raise UnavailableError(
                phrase("Nothing can be stored: {reason}.", reason=error.strerror), _RETRY_AFTER
            ) from error
        self._commit_seats(changes, counts)

    def write_with_reserve(self, changes: Sequence[Change]) -> None:
        """See bookkeeping.Journal."""
        with suppress(OSError):
            self._ballast.drop()
        with suppress(sqlite3.Error), self._turn:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._commit_seats(changes, Report())

    def ledger(self) -> Ledger | None:
        """Return the second copy of the ledger of running time."""
        return _read_ledger(self._connection)

    def keep_ledger(self, ledger: Ledger) -> None:
        """Replace the second copy of the ledger of running time. Raises UnavailableError."""
        self._commit(lambda: _write_ledger(self._connection, ledger))

    def close(self) -> None:
        """Close the file; what was written is there already."""
        self._connection.close()

    def _commit_seats(self, changes: Sequence[Change], counts: Report) -> None:
        def write() -> None:
            _write_changes(self._connection, changes)
            write_counts(self._connection, counts)

        self._commit(write)

    def _commit(self, write: Callable[[], None]) -> None:
        execute = self._connection.execute
        with self._turn:
            try:
                execute("BEGIN IMMEDIATE")
                write()
                execute("COMMIT")
            except (sqlite3.Error, UnicodeDecodeError) as error:
                _log.error("The seats' journal can't be written: %s", error)
                self.is_damaged |= not isinstance(error, sqlite3.Error) or _code(error) in _UNUSABLE
                with suppress(sqlite3.Error):
                    execute("ROLLBACK")
                raise UnavailableError(phrase("Nothing can be stored: {error}.", error=error), _RETRY_AFTER) from error


def open_journal(path: Path, now: int, *, is_damaged: bool = False) -> SqlJournal:
    """Open the journal, or begin one. A damaged one is set aside and begun anew; its seats are forgotten then.

    Args:
        path: the file; SQLite keeps others beside it.
        now: the agent's time, a NumericDate.
        is_damaged: whether it is known to be damaged, whatever a check of it says.

    Raises:
        BusyError: another process has it open.
        StateNewerError: a later release wrote it.
        UnavailableError: it can't be read or begun: permissions, a full disk, a broken device.
    """
    ballast, warning = Ballast(path.with_suffix(".ballast")), None
    try:
        connection = _open(path, now, is_damaged)
    except _JournalDamagedError as damage:
        aside = _set_aside(path, now)
        warning = (
            f"The seats' journal was damaged ({damage}) and has been begun anew; the old one is kept as {aside.name}. "
            "Everybody who held a seat has to ask for one again. The licence is not affected."
        )
        connection = _open(path, now)
    with suppress(OSError):
        ballast.load()
    return SqlJournal(connection, ballast, warning)


def journal_flaw(path: Path) -> str:
    """Say what is wrong with a journal that nobody has open, without changing it; empty: nothing, or there is none.

    Raises StateNewerError: a later release wrote it.
    """
    if not path.exists():
        return ""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=0)) as connection:
            check_version(connection)
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
            if found == "ok" and connection.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS):
                return nonsense(*_read(connection))
    except sqlite3.Error as error:
        return of(error)
    except UnicodeDecodeError:
        return _NO_WORDS
    return "" if found == "ok" else found.strip().splitlines()[-1]


class _JournalDamagedError(Exception):
    """SQLite, or the content, says that the file is not what we wrote."""


def _open(path: Path, now: int, is_damaged: bool = False) -> sqlite3.Connection:
    if is_damaged or path.is_dir():
        raise _JournalDamagedError("it could not be written any more" if is_damaged else "a folder is in its place")
    with suppress(OSError):  # or SQLite says why it can't
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
    except sqlite3.Error as error:
        raise UnavailableError(
            phrase("{name} can't be opened: {error}.", name=path.name, error=error), _RETRY_AFTER
        ) from error
    try:
        _prepare(connection, now)
    except sqlite3.Error as error:
        connection.close()
        if _code(error) in _DAMAGED:
            raise _JournalDamagedError(str(error)) from error
        if _code(error) == sqlite3.SQLITE_BUSY:
            raise BusyError(phrase("Another process has {name} open.", name=path.name)) from error
        raise UnavailableError(
            phrase("{name} can't be opened: {error}.", name=path.name, error=error), _RETRY_AFTER
        ) from error
    except UnicodeDecodeError as error:
        connection.close()
        raise _JournalDamagedError(_NO_WORDS) from error
    except (_JournalDamagedError, StateDamagedError):
        connection.close()
        raise
    path.chmod(0o600)
    return connection


def _prepare(connection: sqlite3.Connection, now: int) -> None:
    for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise _JournalDamagedError(found.strip().splitlines()[-1])
    migrate(connection, now)
    _read_ledger(connection)
    flaw = nonsense(*_read(connection))
    if flaw:
        raise _JournalDamagedError(flaw)


def _code(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _set_aside(path: Path, now: int) -> Path:
    companions = [path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal")]
    for companion in companions:
        if companion.exists():
            put_aside(companion, now)
    return put_aside(path, now)


def _read(connection: sqlite3.Connection) -> tuple[Remembered, Report]:
    execute = connection.execute
    marks = dict(execute("SELECT name, value FROM mark"))
    seats = tuple(Seat(*row) for row in execute("SELECT id, fence, user, client, kind FROM seat ORDER BY fence"))
    assigned = tuple(Assigned(*row) for row in execute("SELECT user, assigned_at FROM assignment"))
    resting = tuple(Rested(*row) for row in execute("SELECT user, freed_at FROM resting"))
    overdrawn = tuple(day for (day,) in execute("SELECT day FROM overdrawn ORDER BY day"))
    fence, restricted = marks.get("fence", 0), marks.get("restricted")
    return Remembered(seats, assigned, fence, restricted, resting, overdrawn), read_counts(connection)


def _read_ledger(connection: sqlite3.Connection) -> Ledger | None:
    row = connection.execute("SELECT document_id, boot_id, started, before, written, ahead FROM running").fetchone()
    return None if row is None else Ledger(*row)


def _write_ledger(connection: sqlite3.Connection, ledger: Ledger) -> None:
    connection.execute("DELETE FROM running")
    row = (ledger.document_id, ledger.boot_id, ledger.started, ledger.before, ledger.written, ledger.ahead)
    connection.execute("INSERT INTO running VALUES (?, ?, ?, ?, ?, ?)", row)


def _write_changes(connection: sqlite3.Connection, changes: Sequence[Change]) -> None:
    """Write changes. Seats may go ahead of the rest, and what was taken ahead of what ended: no id comes twice."""
    taken = [change.seat for change in changes if isinstance(change, Taken)]
    if taken:
        rows = [(seat.fence, seat.id, seat.user, seat.client, seat.kind) for seat in taken]
        connection.executemany("INSERT INTO seat (fence, id, user, client, kind) VALUES (?, ?, ?, ?, ?)", rows)
        connection.execute("REPLACE INTO mark VALUES ('fence', ?)", (taken[-1].fence,))
    ended = [(change.seat.fence,) for change in changes if isinstance(change, Ended)]
    if ended:
        connection.executemany("DELETE FROM seat WHERE fence = ?", ended)
    if len(taken) + len(ended) < len(changes):
        for change in changes:
            _write_rest(connection, change)


def _write_rest(connection: sqlite3.Connection, change: Change) -> None:
    match change:
        case Assigned() | Freed() | Rested():
            _write_place(connection, change)
        case Overdrawn(day):
            connection.execute("INSERT INTO overdrawn VALUES (?)", (day,))
        case Forgotten(day):
            connection.execute("DELETE FROM overdrawn WHERE day = ?", (day,))
        case Restricted(None):
            connection.execute("DELETE FROM mark WHERE name = 'restricted'")
        case Restricted(since):
            connection.execute("REPLACE INTO mark VALUES ('restricted', ?)", (since,))


def _write_place(connection: sqlite3.Connection, change: Assigned | Freed | Rested) -> None:
    if isinstance(change, Assigned):
        connection.execute("REPLACE INTO assignment VALUES (?, ?)", (change.user, change.assigned_at))
    elif isinstance(change, Freed):
        connection.execute("DELETE FROM assignment WHERE user = ?", (change.user,))
        connection.execute("REPLACE INTO resting VALUES (?, ?)", (change.user, change.freed_at))
    if isinstance(change, Rested) or (isinstance(change, Assigned) and change.freed_at is not None):
        connection.execute("DELETE FROM resting WHERE user = ?", (change.user,))
