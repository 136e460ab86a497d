"""The audit record finds whatever is done to the database behind its back (threat 32)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, delete, insert, select, text, update
from sqlalchemy.exc import DataError, IntegrityError

from keys.jws import sign_document
from keys.signing import SoftwareSigner
from licence_server.domain.audit import Entry, Note, Sought
from licence_server.domain.plan import Offer
from licence_server.services.auditing import CHECKPOINT
from licence_server.storage.tables import (
    activations,
    audit,
    audit_head,
    checkpoints,
    customers,
    documents,
    licences,
    metadata,
)
from licence_server.storage.tables_access import operators
from tests.licence_server.backups import Backup
from tests.licence_server.device import Device
from tests.licence_server.receivers import MemoryReceiver, Teller
from tests.licence_server.vendor import ME, Vendor

DAY = 86_400
Tamper = Callable[[Connection], object]
pytestmark = pytest.mark.threat(32)


@pytest.fixture
def busy(vendor: Vendor) -> Vendor:
    """A vendor with a record of everything that can be on it, and two checkpoints."""
    devices = [Device(vendor) for _ in range(2)]
    for device in devices:
        device.activate(vendor.sell()[1])
        vendor.clock.advance(DAY)
        device.validate()
    maryam = vendor.enrolling.add("maryam", "sales", ME).operator
    vendor.planning.add(Offer("Standard", 25), ME)
    vendor.delegating.add("web shop", maryam.id, ["licences.read"], vendor.clock.now() + 30 * DAY, ME)
    Teller.of(vendor, MemoryReceiver()).hook("licence.revoked")
    vendor.auditing.seal()
    moved = devices[0].licence.licence_id
    devices.append(Device(vendor))
    devices[2].activate(vendor.moving.rehost(moved, "new server", ME))
    devices[0].validate()
    vendor.suspending.suspend(devices[1].licence.licence_id, "payment_overdue", ME)
    vendor.suspending.resume(devices[1].licence.licence_id, "paid", ME)
    devices[1].deactivate()
    vendor.auditing.seal()
    devices[2].validate()
    return vendor


def problem(vendor: Vendor, tamper: Tamper) -> str | None:
    """Do something to the database, and return what the record says of it."""
    with vendor.database.engine.begin() as connection:
        tamper(connection)
    report = vendor.auditing.verify()
    assert report.valid is (report.problem is None)
    return report.problem


def cell(table: Table, key: object, **values: object) -> Tamper:
    """Change one row."""
    return lambda connection: connection.execute(
        update(table).where(next(iter(table.primary_key)) == key).values(**values)
    )


def test_an_untouched_record_holds(busy: Vendor) -> None:
    report = busy.auditing.verify()
    assert (report.valid, report.checkpoints, report.events) == (True, 2, len(busy.auditing.entries()))


def test_an_empty_record_holds(vendor: Vendor) -> None:
    report = vendor.auditing.verify()
    assert (report.valid, report.events) == (True, 0)


def test_a_checkpoint_is_made_when_there_is_something_new(vendor: Vendor) -> None:
    assert not vendor.auditing.seal()
    vendor.customer()
    assert vendor.auditing.seal()
    assert not vendor.auditing.seal()


def test_entries_can_be_read_by_subject_and_in_parts(busy: Vendor) -> None:
    everything = busy.auditing.entries()
    some_id = everything[1].subject
    assert list(busy.auditing.entries(Sought(of=some_id))) == [
        entry for entry in everything if entry.subject == some_id
    ]
    assert list(busy.auditing.entries(after=2, most=3)) == list(everything[2:5])


def _rows(vendor: Vendor, table: Table) -> list[Any]:
    with vendor.database.engine.connect() as connection:
        return list(connection.execute(select(table)).mappings())


WATCHED = (audit, licences, activations, customers, operators)
UNWATCHED = {"activations": {"host", "seen_at", "refused_at", "overdraft_at", "found_at", "days"}}
"""What people merely look at: a change of it gains nothing. (``found_at`` counts with a finding; these have none.)"""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_any_cell_is_found(busy: Vendor, data: st.DataObject) -> None:
    """Hypothesis picks table, row and column, and another value that the column can hold."""
    table = data.draw(st.sampled_from(WATCHED), label="table")
    rows = _rows(busy, table)
    row = data.draw(st.sampled_from(rows), label="row")
    # What the database itself forbids is in test_guards; an id that is referred to can't be changed either.
    fixed = {"id", "licence_id", "customer_id"} | UNWATCHED.get(table.name, set())
    column = data.draw(st.sampled_from([each for each in table.c if each.name not in fixed]), label="column")
    other = data.draw(st.sampled_from(_others(row[column.name], [each[column.name] for each in rows])), label="value")
    key = row[next(iter(table.primary_key)).name]
    backup = Backup.of(busy.database.engine)
    try:
        assert problem(busy, cell(table, key, **{column.name: other})) is not None
    except (IntegrityError, DataError):
        return  # the database forbids it: as good as found
    finally:
        backup.restore(busy.database.engine)
    assert busy.auditing.verify().valid


def _others(value: Any, column: list[Any]) -> list[Any]:
    """Values of the same kind: slightly changed, empty, and those of other rows."""
    if isinstance(value, bool):
        changed: list[Any] = [not value]
    elif isinstance(value, int):
        changed = [value + 1, 0, 2**40]
    elif isinstance(value, str):
        changed = ["", value + "x", value[:-1], value.swapcase()]
    elif isinstance(value, list):
        changed = [[], [*value, value[0] if value else "10.0.0.0/8"]]
    elif isinstance(value, dict):
        changed = [{**value, name: _others(value[name], [])[0]} for name in value]
    else:
        changed = [7]
    return [each for each in [*changed, *column] if each != value and type(each) in {type(value), str, int}]


@pytest.mark.parametrize("name", ["first", "middle", "last"])
def test_any_entry_that_is_removed_is_found(busy: Vendor, name: str) -> None:
    count = busy.auditing.verify().events
    seq = {"first": 1, "middle": count // 2, "last": count}[name]
    said = problem(busy, lambda connection: connection.execute(delete(audit).where(audit.c.seq == seq)))
    assert said is not None
    assert ("missing" in said) is (name != "last")


def test_two_entries_that_are_swapped_are_found(busy: Vendor) -> None:
    def swap(connection: Connection) -> None:
        for old, new in ((2, -1), (5, 2), (-1, 5)):
            connection.execute(update(audit).where(audit.c.seq == old).values(seq=new))

    assert problem(busy, swap) == "Entry 2 was changed, or stands in another entry's place."


def test_a_record_that_is_cut_is_found_with_its_head_set_back_too(busy: Vendor) -> None:
    """Without the key nobody can seal another end; an end that was once sealed contradicts what is stored."""
    heads: dict[int, Any] = {}
    for _ in range(2):
        heads[busy.auditing.verify().events] = _rows(busy, audit_head)[0]
        busy.suspending.suspend(_rows(busy, licences)[0]["id"], "again", ME)
    seq, head = next(iter(heads.items()))
    backup = Backup.of(busy.database.engine)

    def cut(connection: Connection) -> None:
        connection.execute(delete(audit).where(audit.c.seq > seq))

    def cut_and_set_back(connection: Connection) -> None:
        cut(connection)
        connection.execute(update(audit_head).values(**head))

    assert "cut" in str(problem(busy, cut))
    backup.restore(busy.database.engine)
    assert "Licence" in str(problem(busy, cut_and_set_back))


def test_a_record_that_is_cut_below_a_checkpoint_is_found_by_it(busy: Vendor) -> None:
    last = max(row["seq"] for row in _rows(busy, checkpoints))
    said = problem(busy, lambda connection: connection.execute(delete(audit).where(audit.c.seq >= last)))
    assert said == f"The record ends at entry {last - 1}, but a checkpoint seals entry {last}."


def test_a_record_that_is_written_anew_contradicts_its_checkpoints(busy: Vendor) -> None:
    """All hashes recomputed by somebody who knows how: the checkpoint's digest is another."""

    def rewrite(connection: Connection) -> None:
        previous = "0" * 64
        for row in connection.execute(select(audit).order_by(audit.c.seq)).mappings().all():
            note = Note(row["at"], "somebody else", row["event"], row["subject"], json.loads(row["details"]))
            new = Entry.after(row["seq"] - 1, previous, note)
            connection.execute(
                update(audit)
                .where(audit.c.seq == row["seq"])
                .values(actor=new.actor, previous=new.previous, digest=new.digest)
            )
            previous = new.digest

    first = min(row["seq"] for row in _rows(busy, checkpoints))
    assert problem(busy, rewrite) == f"Entry {first} is not the one that its checkpoint sealed."


def _forged(vendor: Vendor, signer: Any = None, **claims: object) -> str:
    entry = vendor.auditing.entries(after=2, most=1)[0]
    said = {"iss": vendor.desk.issuer, "seq": entry.seq, "digest": entry.digest, "iat": vendor.clock.now()} | claims
    return sign_document(CHECKPOINT, said, signer or vendor.desk.signer).decode()


@pytest.mark.parametrize("how", ["stranger", "another place", "another issuer", "another digest", "no document"])
def test_a_checkpoint_that_is_forged_is_found(busy: Vendor, how: str) -> None:
    document = {
        "stranger": lambda: _forged(busy, SoftwareSigner.generate()),
        "another place": lambda: _forged(busy, seq=4),
        "another issuer": lambda: _forged(busy, iss="https://elsewhere.example.com"),
        "another digest": lambda: _forged(busy, digest="0" * 64),
        "no document": lambda: "…",
    }[how]()
    row = {"seq": 3, "at": 0, "document": document}
    assert problem(busy, lambda connection: connection.execute(insert(checkpoints).values(**row))) is not None


def test_a_checkpoint_that_we_signed_ourselves_holds(busy: Vendor) -> None:
    row = {"seq": 3, "at": 0, "document": _forged(busy)}
    assert problem(busy, lambda connection: connection.execute(insert(checkpoints).values(**row))) is None


@pytest.mark.parametrize(
    "values",
    [{"seq": 1}, {"digest": "0" * 64}, {"at": 0}, {"at": 2**40}, {"seal": ""}, {"seal": "x.y"}, {"seal": "…"}],
)
def test_a_head_that_is_changed_is_found(busy: Vendor, values: dict[str, object]) -> None:
    assert problem(busy, cell(audit_head, 1, **values)) is not None


def test_a_head_of_another_key_is_found(busy: Vendor) -> None:
    head, stranger = _rows(busy, audit_head)[0], SoftwareSigner.generate()
    seal = stranger.key.kid + head["seal"][head["seal"].index(".") :]
    assert "never ours" in str(problem(busy, cell(audit_head, 1, seal=seal)))


def test_a_head_that_is_removed_is_found(busy: Vendor) -> None:
    assert problem(busy, lambda connection: connection.execute(delete(audit_head))) is not None


def test_everything_removed_but_the_licences_is_found(busy: Vendor) -> None:
    def wipe(connection: Connection) -> None:
        connection.execute(delete(audit))
        connection.execute(delete(checkpoints))
        connection.execute(update(audit_head).values(seq=0, digest="", at=0, seal=""))

    assert "Licence" in str(problem(busy, wipe))


def test_an_old_server_that_is_made_the_live_one_again_is_found(busy: Vendor) -> None:
    """Two rows against T4: the index of the database lets it pass when both are changed."""

    def exchange(connection: Connection) -> None:
        connection.execute(text("UPDATE activations SET binding = 'superseded' WHERE binding = 'live'"))
        first = connection.execute(select(activations.c.id).order_by(activations.c.activated_at)).first()
        assert first is not None
        connection.execute(update(activations).where(activations.c.id == first.id).values(binding="live"))

    assert "Activation" in str(problem(busy, exchange))


@pytest.mark.parametrize("table", [licences, activations])
def test_a_licence_or_activation_that_is_removed_is_found(busy: Vendor, table: Table) -> None:
    def remove(connection: Connection) -> None:
        for dependent in ("usages", "documents", "codes", *(["activations"] if table is licences else [])):
            connection.execute(delete(metadata.tables[dependent]))
        connection.execute(delete(table))

    assert "in the record, but" in str(problem(busy, remove))


@pytest.mark.parametrize("table", [licences, activations])
def test_a_licence_or_activation_that_is_slipped_in_is_found(busy: Vendor, table: Table) -> None:
    row = dict(_rows(busy, table)[0]) | {"id": "slipped_in", "device_key": "x", "binding": "superseded"}
    row = {name: value for name, value in row.items() if name in table.c}
    assert "slipped_in" in str(problem(busy, lambda connection: connection.execute(insert(table).values(**row))))


def test_what_the_documents_table_forgets_harms_nobody(busy: Vendor) -> None:
    """It decides only whether evidence is needed, and which of an activation's own keys goes on from a document."""
    assert problem(busy, lambda connection: connection.execute(delete(documents))) is None
