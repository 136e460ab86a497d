"""What can't be read: rows that somebody or the disk changed, and a database's file that is no database any more."""

import os
import sqlite3
import stat
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Row, make_url

from keys.disk import put_aside
from keys.errors import MalformedError, StateDamagedError

_SHAPES = (AttributeError, IndexError, KeyError, MalformedError, TypeError, ValueError)
"""What reading a value of another shape than was stored ends in."""


@contextmanager
def readable(what: str) -> Iterator[None]:
    """Raise StateDamagedError that says what can't be read."""
    try:
        yield
    except _SHAPES as error:
        raise StateDamagedError(
            f"{what} in the database can't be read. To find what was changed: audit verify"
        ) from error


def check_kinds(row: Row[*tuple[Any, ...]], what: str, whole: Collection[str]) -> None:
    """Check that a row has whole numbers in some columns and texts in the others: SQLite's file may say anything.

    Raises StateDamagedError.
    """
    for name, value in row._asdict().items():
        if not isinstance(value, int if name in whole else str):
            raise StateDamagedError(f"{what} in the database can't be read. To find what was changed: audit verify")


def check_search(row: Row[*tuple[Any, ...]], what: str, search: str) -> None:
    """Check that a thing is found by what is known of it, and by nothing else. Raises StateDamagedError."""
    if row.search != search:
        raise StateDamagedError(f"{what} {row.id} is not as the record left it, or is found by something else.")


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite database; None: it is another database."""
    parsed = make_url(url)
    is_sqlite = parsed.drivername.partition("+")[0] == "sqlite"
    return Path(parsed.database) if is_sqlite and parsed.database else None


def keep_private(url: str) -> None:
    """Have SQLite's file there for its owner's eyes before SQLite makes it for everybody's.

    Where that can't be done SQLite can't either, and says so.
    """
    file = sqlite_file(url)
    if file is None:
        return
    with suppress(OSError):
        if not file.exists():
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
        elif file.is_file() and file.stat().st_mode & 0o027:
            file.chmod(stat.S_IMODE(file.stat().st_mode) & ~0o027)


def flaw_of(file: Path) -> str:
    """Read all of an SQLite database and say what is wrong with it; empty: nothing, or there is none.

    Raises OSError: it may not be read.
    """
    if not file.exists():
        return ""
    file.open("rb").close()
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return ""  # somebody works with it
        return str(error)
    except sqlite3.DatabaseError as error:
        return str(error)
    except UnicodeDecodeError:
        return "what SQLite says of it can't be read"
    return "" if found == "ok" else found.strip().splitlines()[-1]


def set_aside_damaged(url: str, now: int) -> Path | None:
    """Rename a damaged SQLite database, so that a backup can take its place, and return its new name.

    Returns None where there is nothing to do: it is whole, or gone, or no file of ours.
    """
    file = sqlite_file(url)
    if file is None or not flaw_of(file):
        return None
    for suffix in ("-wal", "-shm"):
        companion = file.with_name(file.name + suffix)
        if os.path.lexists(companion):
            put_aside(companion, now)
    return put_aside(file, now)
