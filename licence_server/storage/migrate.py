"""Brings a database of any earlier version to this one's tables."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from keys.errors import StateConflictError
from licence_server.storage.damage import keep_private
from licence_server.storage.engine import open_engine, turns, unavailable

_LOCK = 0x4C494345
"""PostgreSQL's advisory lock while a migration runs: several machines may start at once."""


def upgrade(url: str) -> None:
    """Migrate to the newest revision, in one transaction; nothing happens where it is there already.

    Raises:
        StateConflictError: the database belongs to a newer version of the program.
        InvalidInputError: see open_engine.
        UnavailableError: the database can't be reached, or is locked or full.
    """
    engine = open_engine(url)
    try:
        keep_private(url)
        with turns(engine)(), unavailable(), engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            config = configuration(connection)
            _refuse_newer(connection, config)
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def revision(connection: Connection) -> str | None:
    """Return the revision of a database; None: it has no tables of ours."""
    return MigrationContext.configure(connection).get_current_revision()


def revision_at(url: str) -> str | None:
    """Return the revision of the database at an address; None: it has no tables of ours.

    Raises:
        StateConflictError: the database belongs to a newer version of the program.
        UnavailableError, StateDamagedError: it can't be read.
    """
    engine = open_engine(url)
    try:
        with unavailable(), engine.connect() as connection:
            _refuse_newer(connection, configuration(connection))
            return revision(connection)
    finally:
        engine.dispose()


def newest_revision() -> str:
    """Return the revision that this version of the program works with."""
    return str(ScriptDirectory.from_config(_scripts()).get_current_head())


def configuration(connection: Connection) -> Config:
    """Return what Alembic's commands need to work over a connection."""
    config = _scripts()
    config.attributes["connection"] = connection
    return config


def _scripts() -> Config:
    config = Config()
    config.set_main_option("script_location", "licence_server:storage/migrations")
    config.set_main_option("path_separator", "os")
    return config


def _refuse_newer(connection: Connection, config: Config) -> None:
    current = revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise StateConflictError("The database belongs to a newer version of licence-server: install that one.")
