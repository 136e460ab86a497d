"""An import: a file that was read and checked, what is wrong in it, and how far the work on it has come."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Literal, get_args

from keys.errors import InvalidInputError, StateConflictError

ImportKind = Literal["customers", "licences"]
ImportState = Literal["checked", "running", "done", "cancelled", "failed"]
IMPORT_KINDS: tuple[ImportKind, ...] = get_args(ImportKind)

LIFETIME = 7 * 86_400
"""Seconds for which a checked file waits for a yes; for as long what was left out can be looked at afterwards."""
BATCH = 50
"""Rows that are stored in one transaction: others wait for as long as one takes."""
ON_A_PAGE = 100
"""Bad rows."""


@dataclass(frozen=True, slots=True)
class Good:
    """A row that can be imported."""

    line: int
    cells: Mapping[str, str]
    """By column, as in the file."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that can't, and why."""

    line: int
    column: str
    """Empty: the row as a whole."""
    reason: str
    """A sentence."""
    cells: tuple[str, ...]
    """As in the file, so that it can be corrected."""


@dataclass(frozen=True, slots=True)
class Import:
    """Its good rows are kept in parts of BATCH rows, each until it is done; moments are NumericDates."""

    id: str
    kind: ImportKind
    state: ImportState
    columns: tuple[str, ...]
    """As in the file, from left to right."""
    good: int
    bad: int
    parts: tuple[str, ...]
    """A digest of each part's text: nobody changes the rows between the yes and the deed."""
    checked_by: str
    checked_at: int
    confirmed_by: str = ""
    confirmed_at: int | None = None
    parts_done: int = 0
    made: int = 0
    left_out: int = 0
    """Rows that were good when the file was checked, and no longer when their turn came."""
    ended_at: int | None = None

    @property
    def created_at(self) -> int:
        """When the file was checked: its place in a list."""
        return self.checked_at

    @property
    def done(self) -> int:
        """How many rows are behind us."""
        return self.made + self.left_out

    def confirmed(self, by: str, now: int, *, leave_out: bool) -> "Import":
        """Return it as somebody said yes to it.

        Args:
            by: who, as in the audit record.
            now: the server's time.
            leave_out: whether its bad rows may be left out.

        Raises:
            StateConflictError: it waits for no yes, or has no good row.
            InvalidInputError: it has bad rows, and nobody said that they are to be left out.
        """
        self._check_waiting(now)
        if not self.good:
            raise StateConflictError("There is no good row in the file: correct it, and check it again.")
        if self.bad and not leave_out:
            raise InvalidInputError(
                f"{self.bad} rows are bad: say that they are to be left out, or correct the file and check it again."
            )
        return replace(self, state="running", confirmed_by=by, confirmed_at=now)

    def cancelled(self, now: int) -> "Import":
        """Return it as somebody said no to it, or nobody anything in time. Raises StateConflictError."""
        if self.state != "checked":
            raise StateConflictError(f"The import is {self.state}; only a checked one can be cancelled.")
        return replace(self, state="cancelled", ended_at=now)

    def advanced(self, made: int, left_out: int, now: int) -> "Import":
        """Return it with one part more behind it."""
        after = replace(self, parts_done=self.parts_done + 1, made=self.made + made, left_out=self.left_out + left_out)
        is_last = after.parts_done == len(self.parts)
        return replace(after, state="done", ended_at=now) if is_last else after

    def failed(self, now: int) -> "Import":
        """Return it as stopped, since what is left of it can't be trusted."""
        return replace(self, state="failed", ended_at=now)

    @property
    def lapses_at(self) -> int:
        """When it is swept: a yes comes too late then, and its rows are forgotten."""
        return LIFETIME + (self.checked_at if self.ended_at is None else self.ended_at)

    @property
    def recorded(self) -> dict[str, str]:
        """What the audit record carries, so that a hidden change shows: a digest of everything, by id."""
        text = json.dumps(astuple(self), separators=(",", ":"), ensure_ascii=True)
        return {self.id: hashlib.sha256(text.encode()).hexdigest()}

    def _check_waiting(self, now: int) -> None:
        if self.state != "checked":
            raise StateConflictError(f"The import is {self.state}; only a checked one can be confirmed.")
        if now >= self.lapses_at:
            raise StateConflictError("The file was checked more than a week ago: check it again.")


def parts_of(rows: Sequence[Good]) -> Sequence[str]:
    """Return good rows as the texts of parts."""
    return [_text([[row.line, row.cells] for row in rows[at : at + BATCH]]) for at in range(0, len(rows), BATCH)]


def pages_of(faults: Sequence[Fault]) -> Sequence[str]:
    """Return bad rows as the texts of pages."""
    return [_text([astuple(each) for each in faults[at : at + ON_A_PAGE]]) for at in range(0, len(faults), ON_A_PAGE)]


def rows_in(part: str) -> Sequence[Good]:
    """Read what ``parts_of`` wrote."""
    return [Good(line, cells) for line, cells in json.loads(part)]


def faults_in(page: str) -> Sequence[Fault]:
    """Read what ``pages_of`` wrote."""
    return [Fault(line, column, reason, tuple(cells)) for line, column, reason, cells in json.loads(page)]


def digest_of_part(part: str) -> str:
    """Return the digest of a part's text."""
    return hashlib.sha256(part.encode()).hexdigest()


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)
