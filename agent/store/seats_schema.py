"""The tables of the seats' journal, and how an older one becomes the present one."""

import sqlite3

from keys.errors import StateNewerError
from keys.sentences import phrase

_FENCE_SHIFT = 16
_NO_RELEASE = 10_000

MIGRATIONS = (
    """
    CREATE TABLE seat (
        fence INTEGER PRIMARY KEY,
        id TEXT NOT NULL,
        user TEXT NOT NULL,
        client TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('person', 'service'))
    ) STRICT;
    CREATE TABLE assignment (user TEXT PRIMARY KEY, assigned_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE hour (hour_at INTEGER PRIMARY KEY, users INTEGER NOT NULL, clients INTEGER NOT NULL) STRICT;
    CREATE TABLE event (
        at INTEGER NOT NULL, code TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (at, code)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE TABLE running (
        document_id TEXT PRIMARY KEY, boot_id TEXT NOT NULL, started REAL NOT NULL, before REAL NOT NULL,
        written REAL NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
    """
    ALTER TABLE running ADD COLUMN ahead INTEGER NOT NULL DEFAULT 0;
    """,
    """
    ALTER TABLE hour ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE hour ADD COLUMN waited INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE hour ADD COLUMN told INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1));
    """,
    """
    CREATE TABLE resting (user TEXT PRIMARY KEY, freed_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE overdrawn (day INTEGER PRIMARY KEY) STRICT;
    """,
)
"""Each brings the journal one version further (``PRAGMA user_version``); one that was released is never changed."""


def check_version(connection: sqlite3.Connection) -> int:
    """Return the journal's version; 0: it was not begun yet. Raises StateNewerError."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if not 0 <= version < _NO_RELEASE:
        raise sqlite3.DatabaseError(phrase("no release has such a version"))
    if version > len(MIGRATIONS):
        raise StateNewerError(
            phrase(
                "The seats' journal has version {version}, and this agent knows only {known}. Install the newer "
                "release again, or move the file away: then the seats that are held now are forgotten.",
                version=version,
                known=len(MIGRATIONS),
            )
        )
    return version


def migrate(connection: sqlite3.Connection, now: int) -> None:
    """Bring the journal to the present version; a new one is begun.

    A journal that begins anew can't know what fencing numbers an older one gave, so it begins at the time, shifted to
    leave room for 65,536 seats a second; up to the year 6000 that is a number that JSON carries exactly.

    Args:
        connection: in no transaction.
        now: the agent's time, a NumericDate.

    Raises:
        StateNewerError: a later release wrote it.
    """
    version = check_version(connection)
    if version == len(MIGRATIONS):
        return
    steps = "".join(MIGRATIONS[version:])
    connection.executescript(f"BEGIN IMMEDIATE; {steps} PRAGMA user_version = {len(MIGRATIONS)};")
    if version == 0:
        connection.execute("INSERT INTO mark VALUES ('fence', ?)", (now << _FENCE_SHIFT,))
    connection.execute("COMMIT")
