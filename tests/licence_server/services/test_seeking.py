"""Seeking in the audit record, against a list in memory: by person, deed, thing and time, in parts, by an index."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert, text

from licence_server.domain.audit import KINDS, ROUTINE, Entry, Note, Sought
from licence_server.services.auditing import ANY
from licence_server.storage.tables import audit
from tests.licence_server.people import Person
from tests.licence_server.vendor import ME, Vendor

ACTORS = ("operator:sara", "cli:sara", "operator:sarah", "operator:reza", "agent:act_1")
DEEDS = ("licence_issued", "customer_added", ROUTINE)
SUBJECTS = ("lic_1", "lic_2", "cus_1", "opr_1", "server")
MOMENTS = st.none() | st.integers(95, 125)
SOUGHT = st.builds(
    Sought,
    by=st.sampled_from(["", "sara", "nobody", *ACTORS]),
    deed=st.sampled_from(["", "licence_revoked", *DEEDS]),
    of=st.sampled_from(["", "lic_9", *KINDS, *SUBJECTS]),
    since=MOMENTS,
    until=MOMENTS,
)


@pytest.fixture
def written(vendor: Vendor) -> Vendor:
    """A vendor whose record has all kinds of entries, and a clock that went back in the midst of them."""
    Person.added(vendor, "sara")
    with vendor.database.unit() as unit:
        unit.audit.allow_clock(vendor.clock.now())
        for number in range(60):
            at = 100 + number // 3 if number < 40 else 80 + number // 2
            is_agents = number % 5 == 4
            deed = ROUTINE if is_agents else DEEDS[number % 2]
            subject = SUBJECTS[number % 2 if is_agents else number * 7 % 5]
            unit.audit.note(Note(at, ACTORS[number % 5], deed, subject, {}))
    return vendor


def fits(entry: Entry, sought: Sought) -> bool:
    """What the words of Sought say, without a database."""
    names = (f"cli:{sought.by}", f"operator:{sought.by}", sought.by if ":" in sought.by else None)
    return (
        (not sought.by or entry.actor in names)
        and sought.deed in ("", entry.event)
        and (not sought.of or entry.subject == sought.of or entry.subject.startswith(KINDS.get(sought.of, "-")))
        and (sought.since is None or entry.at >= sought.since)
        and (sought.until is None or entry.at < sought.until)
    )


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sought=SOUGHT, most=st.integers(1, 9), newest=st.booleans())
def test_what_fits_is_found_in_whatever_parts(written: Vendor, sought: Sought, most: int, newest: bool) -> None:
    by_time = sought.since is not None or sought.until is not None
    wanted = [each for each in written.auditing.entries() if fits(each, sought)]
    wanted.sort(key=lambda each: (each.at if by_time else 0, each.seq), reverse=newest)
    found, after = list[Entry](), 0
    while True:
        part, following = written.auditing.page(sought, after, most, newest=newest)
        found += part
        if following is None:
            break
        after = following
    assert found == wanted
    if not newest:
        assert written.auditing.entries(sought) == wanted


def test_a_person_is_one_by_whatever_door_and_token(vendor: Vendor) -> None:
    sara, other = Person.added(vendor, "sara", "manager").operator, Person.added(vendor, "sarah").operator
    lent = vendor.delegating.add("shop", sara.id, ["licences.read"], vendor.clock.now() + 86_400, ME)
    for by in ("cli:sara", "operator:sara", f"operator:sara/{lent.token.id}", "operator:sarah"):
        vendor.enrolling.reset(other.id, by)
    found = [each.actor for each in vendor.auditing.entries(Sought(by="sara"))]
    assert found == ["cli:sara", "operator:sara", f"operator:sara/{lent.token.id}"]
    assert len(vendor.auditing.entries(Sought(by="operator:sarah"))) == 1


def test_after_an_entry_that_is_gone_or_not_there_yet(written: Vendor) -> None:
    entries = written.auditing.entries()
    with written.database.engine.begin() as connection:
        connection.execute(audit.delete().where(audit.c.seq == 10))
    assert [each.seq for each in written.auditing.entries(after=10)] == [each.seq for each in entries if each.seq > 10]
    assert written.auditing.entries(after=10_000) == []
    with written.database.engine.begin() as connection:
        connection.execute(audit.delete().where(audit.c.seq == 1))
    assert len(written.auditing.entries(Sought(since=0), after=1)) == len(entries) - 2


def test_a_long_record_is_read_in_parts(vendor: Vendor) -> None:
    rows = [_row(number) for number in range(1, 2502)]
    with vendor.database.engine.begin() as connection:
        connection.execute(insert(audit), rows)
    assert [each.seq for each in vendor.auditing.walk()] == list(range(1, 2502))
    assert [each.seq for each in vendor.auditing.entries(after=1000, most=1200)] == list(range(1001, 2201))
    with vendor.database.reading() as unit:
        assert [each.seq for each in unit.audit.entries(499)] == list(range(500, 2502))


def _row(number: int) -> dict[str, Any]:
    kind = "tok" if number % 3000 == 7 else "cus"
    subject, some = f"{kind}_{number % 9999}", number % 3000
    said = {"actor": f"operator:{some}", "event": f"event_{some}", "subject": subject}
    return {"seq": number, "at": number * 10, **said, "details": "{}", "previous": "", "digest": ""}


@pytest.mark.parametrize(
    ("sought", "index"),
    [
        (Sought(by="operator:7"), "ix_audit_actor"),
        (Sought(by="sara"), "ix_audit_actor"),
        (Sought(deed="event_7"), "ix_audit_event"),
        (Sought(of="token"), "ix_audit_telling"),
        (Sought(of="cus_7"), "ix_audit_subject"),
        (Sought(since=90_000, until=90_100), "ix_audit_at"),
        (ANY, ""),
    ],
    ids=str,
)
def test_every_question_has_its_index(vendor: Vendor, queries: list[str], sought: Sought, index: str) -> None:
    """As each database says itself, with so many entries that reading all of them is no choice."""
    engine, asked = vendor.database.engine, list[tuple[str, Any]]()
    with engine.begin() as connection:
        connection.execute(insert(audit), [_row(number) for number in range(1, 30_001)])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE audit"))
    event.listen(engine, "before_cursor_execute", lambda *each: asked.append((each[2], each[3])))
    vendor.auditing.page(sought, 0, 50, newest=True)
    statement, parameters = next(each for each in asked if "FROM audit" in each[0])
    explain = "EXPLAIN " if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
    with engine.connect() as connection:
        plan = "\n".join(map(str, connection.exec_driver_sql(explain + statement, parameters)))
    assert index in plan
    assert "Seq Scan" not in plan
    assert index == "" or "SCAN audit" not in plan
