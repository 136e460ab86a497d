"""What goes wrong is a page that says what it means and what to do, with a number that is in the log."""

import json

import pytest

from licence_server.services.reading import Reading
from tests.licence_server.office import Home
from tests.licence_server.web.console.reader import Reader, words


@pytest.fixture
def viewer(reader: Reader) -> Reader:
    reader.enter("viewer")
    return reader


def test_a_crash_tells_the_reader_nothing_but_its_number(viewer: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("the passphrase is hunter2")

    monkeypatch.setattr(Reading, "customers", crash)
    answer = viewer.get("/console/customers")
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert "The server made a mistake" in words(answer)
    assert answer.headers["Request-Id"] in words(answer)
    log = viewer.office.log.getvalue()
    assert "hunter2" not in log + answer.text
    crashes = [line for line in map(json.loads, log.splitlines()) if line["event"] == "crash"]
    assert [line["request"] for line in crashes] == [answer.headers["Request-Id"]]


def test_a_database_that_is_away_comes_back_later(viewer: Reader, home: Home) -> None:
    viewer.office.server.database.close()
    (home.path / "licences.sqlite3").rename(home.path / "gone")
    (home.path / "licences.sqlite3").mkdir()
    answer = viewer.get("/console/customers")
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert int(answer.headers["Retry-After"]) > 0
    assert "licence-server doctor" in words(answer)


def test_more_than_any_form_of_ours_is_refused(viewer: Reader) -> None:
    answer = viewer.post("/console/sign-in", {"name": "x" * 2_000_000})
    assert (answer.status_code, answer.mimetype) == (413, "text/html")


def test_a_refused_right_says_who_has_it(viewer: Reader) -> None:
    answer = viewer.get("/console/audit")
    assert answer.status_code == 403
    assert "administrator and auditor" in words(answer)
    viewer.language = "fa"
    assert "مجوز audit.read" in words(viewer.get("/console/audit"))
