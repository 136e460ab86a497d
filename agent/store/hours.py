"""What the journal keeps of each hour and of events: counts, never a name (T13)."""

import sqlite3
from contextlib import closing
from pathlib import Path

from agent.domain.usage import Report
from agent.store.seats_schema import migrate
from keys.documents.requests import Event, Usage
from keys.errors import BusyError, StateDamagedError
from keys.sentences import phrase


def read_counts(connection: sqlite3.Connection) -> Report:
    """Return all hours and events that a journal of the present version keeps."""
    rows = connection.execute("SELECT hour_at, users, clients, refused, waited, told FROM hour").fetchall()
    events = connection.execute("SELECT code, at, count FROM event")
    told = frozenset(hour_at for hour_at, *_, is_told in rows if is_told)
    return Report(tuple(Usage(*row[:-1]) for row in rows), tuple(Event(*row) for row in events), told)


def stored_counts(path: Path, now: int) -> Report:
    """Return what the journal of an agent that does not run keeps, of whatever version, and change nothing in it.

    Args:
        path: the journal; where there is none, nothing is kept.
        now: the agent's time, a NumericDate.

    Raises:
        BusyError: an agent that runs has it open.
        StateNewerError: a later release wrote it.
        StateDamagedError: it can't be read.
    """
    if not path.exists():
        return Report()
    try:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
            with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=0)) as journal:
                journal.execute("BEGIN")
                journal.execute(
                    "SELECT count(*) FROM sqlite_schema"
                )  # or backup would wait for ever for who has it open
                journal.backup(copy)
            migrate(copy, now)
            return read_counts(copy)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            raise BusyError(phrase("Another process has {name} open.", name=path.name)) from error
        raise StateDamagedError(
            phrase("{name} can't be read: {error}. Mend it: licence-agent run", name=path.name, error=error)
        ) from error


def write_counts(connection: sqlite3.Connection, counts: Report) -> None:
    """Write counts inside the caller's transaction; those of nothing are removed."""
    for hour in counts.usage:
        if hour.users or hour.clients or hour.refused or hour.waited:
            row = (hour.hour_at, hour.users, hour.clients, hour.refused, hour.waited, hour.hour_at in counts.told)
            connection.execute(
                "REPLACE INTO hour (hour_at, users, clients, refused, waited, told) VALUES (?, ?, ?, ?, ?, ?)", row
            )
        else:
            connection.execute("DELETE FROM hour WHERE hour_at = ?", (hour.hour_at,))
    for event in counts.events:
        if event.count:
            connection.execute("REPLACE INTO event VALUES (?, ?, ?)", (event.at, event.code, event.count))
        else:
            connection.execute("DELETE FROM event WHERE at = ? AND code = ?", (event.at, event.code))
