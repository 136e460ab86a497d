"""The databases that the other tests stand on."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests import postgres


def test_a_test_gets_an_empty_database_of_its_own(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as link:
        link.execute(text("CREATE TABLE only_here (id INTEGER)"))
    engine.dispose()


def test_a_database_is_dropped_under_whoever_is_connected(
    postgresql_server: postgres.Postgres,
) -> None:
    with postgresql_server.database() as url:
        engine = create_engine(url)
        link = engine.connect()
        assert link.execute(text("SHOW fsync")).scalar() == "on"
    link.invalidate()
    link.close()
    engine.dispose()


def test_a_machine_without_postgresql_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(postgres.PostgresMissingError, match="apt-get install postgresql"):
        postgres.find_programs()
