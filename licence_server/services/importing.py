"""Use cases: import a file. It is checked and stored, somebody says yes, and then it is done by and by.

A batch of rows and how far the work has come are one transaction, so a server that is killed goes on where it was, and
nobody else waits for longer than a batch takes (decision 34).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from keys.clock import Clock
from keys.errors import InvalidInputError, NotFoundError, TooLargeError
from keys.identity import Randomness, new_id
from licence_server.domain.audit import Note
from licence_server.domain.imports import (
    Fault,
    Good,
    Import,
    ImportKind,
    digest_of_part,
    faults_in,
    pages_of,
    parts_of,
    rows_in,
)
from licence_server.domain.paging import MOST, Page, Place, check_most, page_of
from licence_server.domain.sheets import LARGEST_FILE, CellError, Row, columns_of, named, read_csv
from licence_server.services.ports import Unit, Units
from licence_server.services.ports_importing import Workbooks

_ASKED_AT_ONCE = 500
"""Rows that the database is asked about in one question."""
_SERVER = "server"


class Things(Protocol):
    """What is imported: how its rows are read, and what becomes of them."""

    @property
    def columns(self) -> Mapping[str, Sequence[str]]:
        """Columns, with their other names."""

    @property
    def required(self) -> Sequence[str]:
        """Columns that have to be there."""

    def read(self, cells: Mapping[str, str]) -> Any:  # noqa: ANN401 - each kind has things of its own
        """Return the thing that a row describes. Raises CellError."""

    def twin(self, thing: Any) -> str | None:  # noqa: ANN401 - as above
        """Return what no two rows may share; None: they may share everything."""

    def refusals(self, unit: Unit, things: Sequence[Any]) -> Sequence[CellError | None]:
        """Return what is against each of some things, by all that is stored."""

    def add(self, unit: Unit, thing: Any, by: str, import_id: str) -> str:  # noqa: ANN401 - as above
        """Store a thing that nothing is against, within the caller's transaction, and return its id."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """A row, and what it describes or what is wrong with it."""

    row: Row
    cells: Mapping[str, str]
    thing: Any
    wrong: CellError | None


@dataclass(frozen=True, slots=True)
class Importing:
    """Checks files, and imports what somebody said yes to."""

    units: Units
    reading: Units
    clock: Clock
    randomness: Randomness
    workbooks: Workbooks
    kinds: Mapping[ImportKind, Things]

    def check(self, kind: ImportKind, content: bytes, by: str) -> Import:
        """Read a file and store what an import of it would do; nothing else is done before somebody says yes.

        Args:
            kind: what its rows are.
            content: CSV or XLSX, with the columns' names in the first row.
            by: who, for the record.

        Raises:
            InvalidInputError: it can't be read, or its columns are others.
            TooLargeError: it has more bytes, rows or columns than an import may have.
        """
        things = self.kinds[kind]
        columns, rows = self._opened(content, things)
        judged = _without_twins([_read(things, columns, row) for row in rows], things)
        with self.reading() as unit:
            judged = _against_stored(unit, judged, things)
        good = [Good(each.row.line, each.cells) for each in judged if each.wrong is None]
        faults = [_fault(each.row.line, each.row.cells, each.wrong) for each in judged if each.wrong is not None]
        parts, now = parts_of(good), self.clock.now()
        digests = tuple(map(digest_of_part, parts))
        made = Import(
            new_id("imp", self.randomness), kind, "checked", columns, len(good), len(faults), digests, by, now
        )
        with self.units() as unit:
            unit.imports.add(made)
            unit.imports.add_parts(made.id, "rows", parts)
            unit.imports.add_parts(made.id, "faults", pages_of(faults))
            self._note(unit, "import_checked", made, by, kind=kind, good=made.good, bad=made.bad)
        return made

    def confirm(self, import_id: str, by: str, *, leave_out: bool) -> Import:
        """Say yes to a checked file. Raises as Import.confirmed, and NotFoundError."""
        with self.units() as unit:
            running = unit.imports.lock(import_id).confirmed(by, self.clock.now(), leave_out=leave_out)
            unit.imports.put(running)
            self._note(unit, "import_confirmed", running, by, good=running.good, left_out=running.bad)
        return running

    def cancel(self, import_id: str, by: str) -> Import:
        """Say no to a checked file, and forget its rows. Raises StateConflictError, NotFoundError."""
        with self.units() as unit:
            return self._cancelled(unit, unit.imports.lock(import_id), by)

    def running(self) -> str | None:
        """Return the id of the import that has been running longest; None: nothing is to be done."""
        with self.reading() as unit:
            found = unit.imports.running()
        return None if found is None else found.id

    def carry_on(self, import_id: str) -> Import:
        """Do the next batch of an import that somebody said yes to, and return how far it has come.

        Rows that something is against by now are left out, and told of with the bad ones.

        Raises:
            NotFoundError: there is no such import.
            StateConflictError: somebody registered one of the batch at this very moment: do it again.
        """
        with self.units() as unit:
            found = unit.imports.lock(import_id)
            if found.state != "running":
                return found
            part = unit.imports.part(found.id, "rows", found.parts_done)
            if part is None or digest_of_part(part) != found.parts[found.parts_done]:
                return self._failed(unit, found)
            return self._done(unit, found, rows_in(part))

    def one(self, import_id: str) -> Import:
        """Return an import. Raises NotFoundError."""
        with self.reading() as unit:
            return unit.imports.get(import_id)

    def page(self, after: Place | None = None, most: int = MOST) -> Page[Import]:
        """Return imports, newest first. Raises InvalidInputError."""
        check_most(most)
        with self.reading() as unit:
            return page_of(unit.imports.page(after, most + 1), most, lambda each: each)

    def faults(self, import_id: str, number: int = 0) -> tuple[Sequence[Fault], bool]:
        """Return a page of an import's bad rows, the first of which is 0, and whether there is another.

        Raises NotFoundError: there is no such import, or no such page.
        """
        with self.reading() as unit:
            unit.imports.get(import_id)
            page = unit.imports.part(import_id, "faults", number)
            more = unit.imports.part(import_id, "faults", number + 1) is not None
        if page is None and number:
            raise NotFoundError(f"The import has no page {number} of bad rows.")
        return faults_in(page) if page is not None else (), more

    def first_rows(self, import_id: str) -> Sequence[Good]:
        """Return the first good rows of an import, as far as they are not done."""
        with self.reading() as unit:
            part = unit.imports.part(import_id, "rows", 0)
        return () if part is None else rows_in(part)

    def sweep(self) -> None:
        """Forget files that waited for a yes in vain, and bad rows that nobody looks at any more."""
        now = self.clock.now()
        with self.units() as unit:
            for each in unit.imports.all():
                if each.state == "running" or now < each.lapses_at:
                    continue
                if each.state == "checked":
                    self._cancelled(unit, each, _SERVER)
                unit.imports.drop(each.id, "faults")
                unit.imports.drop(each.id, "made")

    def _opened(self, content: bytes, things: Things) -> tuple[tuple[str, ...], Sequence[Row]]:
        if len(content) > LARGEST_FILE:
            raise TooLargeError(f"The file has more than {LARGEST_FILE // 1_048_576} MiB: split it.")
        rows = self.workbooks.rows(content) if content.startswith(b"PK") else read_csv(content)
        if len(rows) < 2:
            raise InvalidInputError("The file has no rows: the first names the columns, and those below are imported.")
        return columns_of(rows[0], things.columns, things.required), rows[1:]

    def _done(self, unit: Unit, found: Import, rows: Sequence[Good]) -> Import:
        things = self.kinds[found.kind]
        read = [_read_again(things, row) for row in rows]
        judged = _against_stored(unit, read, things)
        faults, made = [], []
        for each in judged:
            if each.wrong is None:
                made.append(things.add(unit, each.thing, found.confirmed_by, found.id))
            else:
                cells = tuple(each.cells.get(column, "") for column in found.columns)
                faults.append(_fault(each.row.line, cells, each.wrong))
        after = found.advanced(len(made), len(faults), self.clock.now())
        unit.imports.put(after)
        unit.imports.drop(found.id, "rows", found.parts_done)
        unit.imports.add_parts(found.id, "faults", pages_of(faults))
        unit.imports.add_parts(found.id, "made", [json.dumps(made)])
        event = "import_done" if after.state == "done" else "import_advanced"
        self._note(unit, event, after, found.confirmed_by, made=after.made, left_out=after.left_out)
        return after

    def _failed(self, unit: Unit, found: Import) -> Import:
        after = found.failed(self.clock.now())
        unit.imports.put(after)
        unit.imports.drop(found.id, "rows")
        self._note(unit, "import_failed", after, _SERVER, made=after.made)
        return after

    def _cancelled(self, unit: Unit, found: Import, by: str) -> Import:
        after = found.cancelled(self.clock.now())
        unit.imports.put(after)
        unit.imports.drop(found.id, "rows")
        self._note(unit, "import_cancelled", after, by)
        return after

    def _note(self, unit: Unit, event: str, found: Import, by: str, **details: object) -> None:
        unit.audit.note(Note(self.clock.now(), by, event, found.id, {**details, "imports": found.recorded}))


def _read(things: Things, columns: Sequence[str], row: Row) -> _Judged:
    cells: Mapping[str, str] = {}
    try:
        cells = named(columns, row)
        return _Judged(row, cells, things.read(cells), None)
    except CellError as wrong:
        return _Judged(row, cells, None, wrong)


def _read_again(things: Things, row: Good) -> _Judged:
    """What was good may not be any more: a licence's end may have passed."""
    columns = tuple(row.cells)
    return _read(things, columns, Row(row.line, tuple(row.cells.values())))


def _without_twins(judged: Sequence[_Judged], things: Things) -> Sequence[_Judged]:
    """Find rows that say once more what an earlier one says."""
    first: dict[str, int] = {}
    found = []
    for each in judged:
        twin = None if each.wrong is not None else things.twin(each.thing)
        earlier = each.row.line if twin is None else first.setdefault(twin, each.row.line)
        wrong = each.wrong
        if earlier != each.row.line:
            wrong = CellError("", f"The same is on line {earlier} already.")
        found.append(replace(each, wrong=wrong))
    return found


def _against_stored(unit: Unit, judged: Sequence[_Judged], things: Things) -> Sequence[_Judged]:
    """Find rows that what is stored is against, and whose turn therefore does not come."""
    right = [each for each in judged if each.wrong is None]
    refusals: dict[int, CellError] = {}
    for at in range(0, len(right), _ASKED_AT_ONCE):
        some = right[at : at + _ASKED_AT_ONCE]
        for each, wrong in zip(some, things.refusals(unit, [one.thing for one in some]), strict=True):
            if wrong is not None:
                refusals[each.row.line] = wrong
    return [replace(each, wrong=each.wrong or refusals.get(each.row.line)) for each in judged]


def _fault(line: int, cells: tuple[str, ...], wrong: CellError) -> Fault:
    return Fault(line, wrong.column, wrong.reason, cells)
