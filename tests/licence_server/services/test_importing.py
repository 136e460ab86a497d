"""Importing customers, on both databases: preview, a yes, batches, and what changes meanwhile."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from keys.errors import InvalidInputError, NotFoundError, StateConflictError, TooLargeError
from licence_server.domain.audit import Sought
from licence_server.domain.customer import NewCustomer
from licence_server.domain.imports import BATCH, LIFETIME, Import
from licence_server.domain.paging import every
from licence_server.domain.sheets import LARGEST_FILE
from tests.licence_server.vendor import ME, Vendor

BOSS = "operator:boss"
IDS = ("14003778990", "10380284790", "10101010100")


def file(*rows: str) -> bytes:
    return "\n".join(["name,national_id,mobile", *rows]).encode()


def many(count: int, bad: int = 0) -> bytes:
    """Rows of which the last ones are bad."""
    return file(*(f"Customer {number},,0912{number:07}" for number in range(count - bad)), *["x,1,"] * bad)


def checked(vendor: Vendor, content: bytes) -> Import:
    return vendor.importing.check("customers", content, ME)


def finished(vendor: Vendor, found: Import, *, leave_out: bool = False) -> Import:
    found = vendor.importing.confirm(found.id, BOSS, leave_out=leave_out)
    while found.state == "running":
        found = vendor.importing.carry_on(found.id)
    return found


def names(vendor: Vendor) -> set[str]:
    return {each.name for each in every(vendor.reading.customers)}


def faults(vendor: Vendor, found: Import) -> Iterator[tuple[int, str, str]]:
    number, more = 0, True
    while more:
        page, more = vendor.importing.faults(found.id, number)
        number += 1
        yield from ((each.line, each.column, each.reason) for each in page)


def test_nothing_is_stored_before_somebody_says_yes(vendor: Vendor) -> None:
    found = checked(vendor, many(BATCH + 3, bad=1))
    assert (found.state, found.good, found.bad) == ("checked", BATCH + 2, 1)
    assert [row.cells["name"] for row in vendor.importing.first_rows(found.id)[:2]] == ["Customer 0", "Customer 1"]
    assert names(vendor) == set()
    assert vendor.importing.running() is None
    assert vendor.importing.carry_on(found.id) == found
    with pytest.raises(InvalidInputError, match="1 rows are bad"):
        vendor.importing.confirm(found.id, BOSS, leave_out=False)
    done = finished(vendor, found, leave_out=True)
    assert (done.state, done.made, done.left_out) == ("done", BATCH + 2, 0)
    assert names(vendor) == {f"Customer {number}" for number in range(BATCH + 2)}
    assert vendor.importing.first_rows(found.id) == ()
    with pytest.raises(StateConflictError, match="is done"):
        vendor.importing.confirm(found.id, BOSS, leave_out=True)
    assert vendor.importing.one(found.id) == done
    assert vendor.auditing.verify().valid


def test_bad_rows_are_named_with_line_column_and_reason(vendor: Vendor) -> None:
    there = vendor.registering.add(NewCustomer("Pars", IDS[0]), ME)
    alone = vendor.registering.add(NewCustomer("Kian", mobile="09120000000"), ME)
    rows = (f"A,{IDS[1]},", f"B,{IDS[1]},", f"C,{IDS[0]},", "Kian,,+989120000000", "Kian,,09121111111", ",,", "D,,,x")
    found = checked(vendor, file(*rows, f",{IDS[2]},"))
    assert list(faults(vendor, found)) == [
        (3, "", "The same is on line 2 already."),
        (4, "national_id", f"Pars ({there.id}) is registered already."),
        (5, "name", f"Kian ({alone.id}) is registered already."),
        (8, "", "The row has more cells than there are columns: is a separator in a cell without quotes?"),
        (9, "name", "A customer's name has 1 to 200 characters in one line."),
    ]
    assert found.good == 2


def test_many_bad_rows_come_in_pages(vendor: Vendor) -> None:
    found = checked(vendor, many(250, bad=240))
    assert [line for line, _, _ in faults(vendor, found)] == list(range(12, 252))
    with pytest.raises(NotFoundError):
        vendor.importing.faults(found.id, 3)
    with pytest.raises(NotFoundError):
        vendor.importing.faults("imp_1")


def test_who_was_registered_meanwhile_is_left_out_and_told_of(vendor: Vendor) -> None:
    found = checked(vendor, file(f"A,{IDS[0]},", f"B,{IDS[1]},", "x,1,"))
    there = vendor.registering.add(NewCustomer("Quick", IDS[0]), ME)
    done = finished(vendor, found, leave_out=True)
    assert (done.made, done.left_out, names(vendor)) == (1, 1, {"Quick", "B"})
    assert list(faults(vendor, found))[1:] == [(2, "national_id", f"Quick ({there.id}) is registered already.")]


def test_the_same_file_again_makes_nobody_twice(vendor: Vendor) -> None:
    finished(vendor, checked(vendor, many(70)))
    again = checked(vendor, many(70))
    assert (again.good, again.bad) == (0, 70)
    with pytest.raises(StateConflictError, match="no good row"):
        vendor.importing.confirm(again.id, BOSS, leave_out=True)


def test_two_files_checked_at_once_make_nobody_twice(vendor: Vendor) -> None:
    one, other = checked(vendor, many(70)), checked(vendor, many(70))
    assert finished(vendor, one).made == 70
    late = finished(vendor, other)
    assert (late.made, late.left_out) == (0, 70)
    assert len(names(vendor)) == 70


def test_the_record_says_who_imported_what(vendor: Vendor) -> None:
    found = finished(vendor, checked(vendor, many(BATCH + 1)))
    events = [(entry.event, entry.actor) for entry in vendor.auditing.entries(Sought(of=found.id))]
    steps = [("import_confirmed", BOSS), ("import_advanced", BOSS), ("import_done", BOSS)]
    assert events == [("import_checked", ME), *steps]
    made = [entry for entry in vendor.auditing.entries() if entry.event == "customer_added"]
    assert len(made) == BATCH + 1
    assert all(entry.actor == BOSS and f'"import":"{found.id}"' in entry.details for entry in made)


def test_a_cancelled_file_is_forgotten(vendor: Vendor) -> None:
    found = checked(vendor, many(3))
    assert vendor.importing.cancel(found.id, BOSS).state == "cancelled"
    assert vendor.importing.first_rows(found.id) == ()
    with pytest.raises(StateConflictError, match="is cancelled"):
        vendor.importing.confirm(found.id, BOSS, leave_out=False)
    assert vendor.auditing.verify().valid


def test_after_a_week_nobody_knows_of_a_file_any_more(vendor: Vendor) -> None:
    waiting, running = checked(vendor, many(60, bad=2)), checked(vendor, many(60, bad=2))
    vendor.importing.confirm(running.id, BOSS, leave_out=True)
    vendor.clock.advance(LIFETIME - 1)
    vendor.importing.sweep()
    assert vendor.importing.one(waiting.id).state == "checked"
    vendor.clock.advance(1)
    vendor.importing.sweep()
    assert vendor.importing.one(waiting.id).state == "cancelled"
    assert vendor.importing.faults(waiting.id) == ((), False)
    assert vendor.importing.running() == running.id
    assert vendor.importing.carry_on(running.id).made == BATCH
    assert vendor.auditing.verify().valid


@pytest.mark.parametrize("statement", ["UPDATE import_parts SET content = '[]'", "DELETE FROM import_parts"])
def test_rows_that_were_changed_behind_the_record_are_not_imported(vendor: Vendor, statement: str) -> None:
    found = vendor.importing.confirm(checked(vendor, many(3)).id, BOSS, leave_out=False)
    with vendor.database.engine.begin() as connection:
        connection.execute(text(f"{statement} WHERE shelf = 'rows'"))
    assert vendor.importing.carry_on(found.id).state == "failed"
    assert (names(vendor), vendor.importing.running()) == (set(), None)
    assert vendor.auditing.verify().valid


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE imports SET parts_done = 0",
        "UPDATE imports SET state = 'checked'",
        "UPDATE imports SET parts = '[]'",
    ],
)
def test_an_import_that_was_changed_behind_the_record_is_found(vendor: Vendor, statement: str) -> None:
    finished(vendor, checked(vendor, many(3)))
    with vendor.database.engine.begin() as connection:
        connection.execute(text(statement))
    assert "Import imp_" in (vendor.auditing.verify().problem or "")


@pytest.mark.parametrize("content", [b"", b"name\n", b"\n\n"])
def test_a_file_without_rows_is_refused(vendor: Vendor, content: bytes) -> None:
    with pytest.raises(InvalidInputError, match="no rows"):
        checked(vendor, content)


def test_a_file_that_is_too_large_is_refused(vendor: Vendor) -> None:
    with pytest.raises(TooLargeError, match="5 MiB"):
        checked(vendor, b"x" * (LARGEST_FILE + 1))


def test_imports_are_listed_newest_first(vendor: Vendor) -> None:
    made = []
    for _ in range(3):
        made.append(checked(vendor, many(1)))
        vendor.clock.advance(1)
    first = vendor.importing.page(most=2)
    assert list(first.found) == made[:0:-1]
    assert list(vendor.importing.page(first.next).found) == made[:1]
