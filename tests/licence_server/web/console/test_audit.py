"""The audit record: sought in, followed, taken away, verified."""

import csv
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from io import StringIO

import pytest
from sqlalchemy import insert

from keys.errors import UnavailableError
from licence_server.domain.customer import NewCustomer
from licence_server.services import auditing as use_cases
from licence_server.services.auditing import AuditReport
from licence_server.storage.tables import audit
from tests.licence_server.office import ME, Home
from tests.licence_server.web.console.reader import Reader, words


@pytest.fixture
def auditor(reader: Reader) -> Reader:
    reader.enter("auditor")
    return reader


def table(reader: Reader, query: str) -> str:
    """What the table of a page says."""
    page = reader.get(f"/console/audit?{query}")
    assert page.status_code == 200, words(page)
    return page.text.partition("<tbody>")[2].partition("</tbody>")[0]


def file(reader: Reader, query: str = "") -> list[list[str]]:
    answer = reader.get(f"/console/audit/entries.csv?{query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
    return list(csv.reader(StringIO(answer.text.removeprefix("\ufeff"), newline="")))


def test_the_record_is_read_and_sought_in(auditor: Reader) -> None:
    licence, _ = auditor.office.sell()
    auditor.office.server.suspending.suspend(licence.id, "mistake", "operator:reza")
    everything = table(auditor, "")
    assert all(each in everything for each in ("Suspended", "operator:reza", licence.id, "Registered"))
    for query in (f"of={licence.id}", "by=reza", "deed=licence_suspended", "kind=licence"):
        found = table(auditor, query)
        assert "Suspended" in found, query
        assert "Registered" not in found, query


def test_days_are_those_of_the_language_and_count_whole(auditor: Reader) -> None:
    auditor.office.clock.wall = 1_800_000_000  # 2027-01-15, which is 1405/10/25
    auditor.office.sell()
    assert "Registered" in table(auditor, "since=2027-01-15&until=2027-01-15")
    assert "Registered" not in table(auditor, "since=2027-01-16")
    assert "Registered" not in table(auditor, "until=2027-01-14")
    auditor.language = "fa"
    assert "ثبت" in table(auditor, "since=۱۴۰۵/۱۰/۲۵&until=1405/10/25")
    assert "ثبت" not in table(auditor, "since=۱۴۰۵/۱۰/۲۶")


def test_a_long_record_goes_on_with_the_same_question(auditor: Reader) -> None:
    for _ in range(101):
        auditor.office.server.registering.add(NewCustomer("Pars"), ME)
    page = auditor.get("/console/audit?deed=customer_added&by=tests")
    (following,) = [link for link in auditor.links(page) if "after=" in link]
    assert "deed=customer_added" in following
    (row,) = table(auditor, following.partition("?")[2]).split("</tr>")[:-1]
    assert "Registered" in row


@pytest.mark.parametrize("query", ["after=x", "after=" + "9" * 30, "of=" + "x" * 300, "since=x", "until=1405/13/1"])
def test_what_no_page_of_ours_asks_is_refused(auditor: Reader, query: str) -> None:
    for path in ("/console/audit", "/console/audit/entries.csv"):
        if "after" not in query or "csv" not in path:
            assert auditor.get(f"{path}?{query}").status_code in {400, 422}


def test_a_mistyped_day_is_said_above_the_form_where_it_stays(auditor: Reader) -> None:
    page = auditor.get("/console/audit?since=tomorrow&by=sara")
    assert (page.status_code, "From: type a day such as 2027-03-21." in words(page)) == (422, True)
    assert 'value="tomorrow"' in page.text
    assert 'value="sara"' in page.text


@pytest.mark.threat(27)
def test_it_is_taken_away_as_it_was_sought_and_calculates_nothing(auditor: Reader) -> None:
    auditor.office.server.registering.add(NewCustomer("Pars"), "=cmd|' /C calc'!A0")
    head, *rows = file(auditor, "deed=customer_added")
    assert head == ["seq", "at", "actor", "event", "subject", "details"]
    (row,) = rows
    assert (row[2], row[3]) == ("'=cmd|' /C calc'!A0", "customer_added")
    assert len(file(auditor)) == 1 + len(auditor.office.server.auditing.entries())


def test_a_long_file_begins_before_all_of_it_was_read(auditor: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in parts of ten; what was asked for when the first piece is there is less than the whole."""
    chained = {"actor": "x", "event": "x", "subject": "x", "details": "x" * 1000, "previous": "", "digest": ""}
    with auditor.office.server.database.engine.begin() as connection:
        connection.execute(insert(audit), [{"seq": 1000 + number, "at": 0, **chained} for number in range(500)])
    parts: list[int] = []
    page = use_cases.Auditing.page

    def counted(self: use_cases.Auditing, sought, after, most, **more):
        parts.append(after)
        return page(self, sought, after, most, **more)

    monkeypatch.setattr(use_cases, "_PART", 10)
    monkeypatch.setattr(use_cases.Auditing, "page", counted)
    answer = auditor.client.get("/console/audit/entries.csv", base_url=auditor.base, buffered=False)
    next(iter(answer.response))
    assert len(parts) < 20
    answer.close()


def test_verifying_tells_how_far_it_is_and_finds_what_was_changed(auditor: Reader, home: Home) -> None:
    licence, _ = auditor.office.sell()
    page = auditor.post("/console/audit/verify")
    entries = len(auditor.office.server.auditing.entries())
    assert page.text.count("entries are as they were written") == entries + 1
    assert f"{entries} of {entries} entries are as they were written" in words(page)
    assert "The record is whole" in words(page)
    with closing(sqlite3.connect(home.path / "licences.sqlite3")) as database:
        database.execute("UPDATE licences SET site = 'elsewhere'")
        database.commit()
    said = words(auditor.post("/console/audit/verify"))
    assert "The record was changed" in said
    assert licence.id in said


def test_verifying_says_in_persian_too_at_which_entry_it_broke(auditor: Reader, home: Home) -> None:
    auditor.office.sell()
    with closing(sqlite3.connect(home.path / "licences.sqlite3")) as database:
        database.execute("UPDATE audit SET actor = 'somebody' WHERE seq = 3")
        database.commit()
    said = words(auditor.post("/console/audit/verify"))
    assert "Entry 3 was changed, or stands in another entry's place." in said
    assert "2 of " in said
    auditor.language = "fa"
    assert "ثبت 3 تغییر کرده" in words(auditor.post("/console/audit/verify"))


def test_a_check_that_can_not_go_on_says_so_on_its_page(auditor: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: object) -> Iterator[AuditReport]:
        yield AuditReport(1, 9, 0, valid=True, problem=None)
        raise UnavailableError("The licence server's database does not answer.", 5)

    monkeypatch.setattr(use_cases.Auditing, "verification", gone)
    said = words(auditor.post("/console/audit/verify"))
    assert "1 of 9 entries" in said
    assert "The check did not come to its end The licence server's database does not answer." in said
    assert "The record is whole" not in said
