"""The audit record: read, followed, verified."""

import sqlite3
from contextlib import closing

import pytest

from tests.licence_server.office import Home
from tests.licence_server.web.console.reader import Reader, words


@pytest.fixture
def auditor(reader: Reader) -> Reader:
    reader.enter("auditor")
    return reader


def test_the_record_is_read_and_followed(auditor: Reader) -> None:
    licence, _ = auditor.office.sell()
    auditor.office.server.suspending.suspend(licence.id, "mistake", "operator:reza")
    said = words(auditor.get("/console/audit"))
    assert all(word in said for word in ("Suspended", "operator:reza", licence.id, "Registered"))
    said = words(auditor.get(f"/console/audit?q={licence.id}"))
    assert "Suspended" in said
    assert "Registered" not in said


def test_a_long_record_goes_on(auditor: Reader) -> None:
    for _ in range(60):
        auditor.office.sell()
    (following,) = [link for link in auditor.links(auditor.get("/console/audit")) if "from=" in link]
    assert following.endswith("from=101")
    assert " 101 " in words(auditor.get(following))


@pytest.mark.parametrize("query", ["from=x", "from=" + "9" * 30, "q=" + "x" * 300])
def test_what_no_page_of_ours_asks_is_refused(auditor: Reader, query: str) -> None:
    assert auditor.get(f"/console/audit?{query}").status_code in {400, 422}


def test_verifying_finds_what_was_changed(auditor: Reader, home: Home) -> None:
    licence, _ = auditor.office.sell()
    assert "The record is whole" in words(auditor.post("/console/audit/verify"))
    with closing(sqlite3.connect(home.path / "licences.sqlite3")) as database:
        database.execute("UPDATE licences SET site = 'elsewhere'")
        database.commit()
    said = words(auditor.post("/console/audit/verify"))
    assert "The record was changed" in said
    assert licence.id in said
