"""Imports over HTTP: a file comes in and is checked, somebody says yes, and its rows are stored by and by."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from keys.errors import InvalidInputError, NotFoundError, StateConflictError, TooLargeError
from licence_server.domain.imports import Fault, Import, ImportKind, ImportState
from licence_server.domain.licence import Licence
from licence_server.services.imported_codes import ImportedCodes
from licence_server.services.importing import Importing
from licence_server.web.api.customers import PageQuery, place, place_text
from licence_server.web.api.endpoint import Answer, Body, Call, Endpoint, Nothing, Query

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportQuery(Query):
    """What the rows of a file are."""

    kind: ImportKind


class ConfirmationBody(Body):
    """Whether bad rows may be left out; without that, a file with bad rows is not imported."""

    leave_out: bool = False


class FaultsQuery(Query):
    """Which page of bad rows; the first is 0."""

    page: Annotated[int, Field(ge=0, le=10_000)] = 0


class ImportAnswer(Answer):
    """An import. ``good`` and ``bad`` are the rows of the file; ``made`` and ``left_out`` what became of the good."""

    id: str
    kind: ImportKind
    state: ImportState
    columns: list[str]
    good: int
    bad: int
    made: int
    left_out: int
    checked_by: str
    checked_at: int
    confirmed_by: str
    confirmed_at: int | None
    ended_at: int | None

    @classmethod
    def of(cls, found: Import) -> "ImportAnswer":
        """Show an import."""
        members = {name: getattr(found, name) for name in cls.model_fields if name != "columns"}
        return cls(**members, columns=list(found.columns))


class ImportsAnswer(Answer):
    """A page of imports, newest first; ``next`` is the ``after`` of the following one."""

    found: list[ImportAnswer]
    next: str | None


class FaultAnswer(Answer):
    """A bad row: its line, the column (empty: the whole row), why, and its cells as in the file."""

    line: int
    column: str
    reason: str
    cells: list[str]

    @classmethod
    def of(cls, fault: Fault) -> "FaultAnswer":
        """Show a bad row."""
        return cls(line=fault.line, column=fault.column, reason=fault.reason, cells=list(fault.cells))


class FaultsAnswer(Answer):
    """A page of bad rows; ``next`` is the ``page`` of the following one."""

    found: list[FaultAnswer]
    next: int | None


class CodesBody(Body):
    """Of which page of the import's licences; the first is 0."""

    page: Annotated[int, Field(ge=0, le=10_000)] = 0


class ImportedCodeAnswer(Answer):
    """A licence that was imported, and its activation code, which is shown this once."""

    licence: str
    customer: str
    site: str
    code: str

    @classmethod
    def of(cls, licence: Licence, code: str) -> "ImportedCodeAnswer":
        """Show a code, with whose it is."""
        return cls(licence=licence.id, customer=licence.customer.id, site=licence.site, code=code)


class CodesAnswer(Answer):
    """Codes of a page of an import's licences; ``next`` is the ``page`` of the following one."""

    found: list[ImportedCodeAnswer]
    next: int | None


def endpoints(importing: Importing, imported_codes: ImportedCodes) -> Sequence[Endpoint]:
    """Return what can be done with imports."""

    def add(call: Call[ImportQuery]) -> ImportAnswer:
        return ImportAnswer.of(importing.check(call.given.kind, call.file, call.actor.by))

    def page(call: Call[PageQuery]) -> ImportsAnswer:
        found = importing.page(place(call.given.after), call.given.most)
        return ImportsAnswer(found=[ImportAnswer.of(each) for each in found.found], next=place_text(found.next))

    def show(call: Call[Nothing]) -> ImportAnswer:
        return ImportAnswer.of(importing.one(call.path["import_id"]))

    def faults(call: Call[FaultsQuery]) -> FaultsAnswer:
        number = call.given.page
        found, more = importing.faults(call.path["import_id"], number)
        return FaultsAnswer(found=[FaultAnswer.of(each) for each in found], next=number + 1 if more else None)

    def confirm(call: Call[ConfirmationBody]) -> ImportAnswer:
        confirmed = importing.confirm(call.path["import_id"], call.actor.by, leave_out=call.given.leave_out)
        return ImportAnswer.of(confirmed)

    def cancel(call: Call[Body]) -> ImportAnswer:
        return ImportAnswer.of(importing.cancel(call.path["import_id"], call.actor.by))

    one, usual = "/imports/<import_id>", (NotFoundError, StateConflictError)
    return (
        Endpoint(method="GET", path="/imports", name="listImports", summary="A page of imports", right="imports.write",
                 given=PageQuery, answer=ImportsAnswer, work=page),
        Endpoint(method="POST", path="/imports", name="checkImport", summary="Check a file that is to be imported",
                 right="imports.write", given=ImportQuery, answer=ImportAnswer, status=HTTPStatus.CREATED,
                 files=(CSV, XLSX), refusals=(InvalidInputError, TooLargeError), work=add),
        Endpoint(method="GET", path=one, name="showImport", summary="An import, and how far it has come",
                 right="imports.write", answer=ImportAnswer, refusals=(NotFoundError,), work=show),
        Endpoint(method="GET", path=f"{one}/faults", name="listFaults", summary="A page of an import's bad rows",
                 right="imports.write", given=FaultsQuery, answer=FaultsAnswer, refusals=(NotFoundError,),
                 work=faults),
        Endpoint(method="POST", path=f"{one}/confirmation", name="confirmImport", summary="Say yes to a checked file",
                 right="imports.write", given=ConfirmationBody, answer=ImportAnswer,
                 refusals=(InvalidInputError, *usual), work=confirm),
        Endpoint(method="POST", path=f"{one}/cancellation", name="cancelImport", summary="Say no to a checked file",
                 right="imports.write", given=Body, answer=ImportAnswer, refusals=usual, work=cancel),
        _codes(importing, imported_codes),
    )  # fmt: skip


def _codes(importing: Importing, imported_codes: ImportedCodes) -> Endpoint:
    def codes(call: Call[CodesBody]) -> CodesAnswer:
        import_id, number = call.path["import_id"], call.given.page
        made = imported_codes.part(import_id, number, call.actor.by)
        if made is None:
            raise NotFoundError("There are no licences there to make codes for, or none any more.")
        following = number + 1 if number + 1 < importing.one(import_id).parts_done else None
        return CodesAnswer(found=[ImportedCodeAnswer.of(*each) for each in made], next=following)

    return Endpoint(
        method="POST", path="/imports/<import_id>/codes", name="makeImportedCodes",
        summary="New activation codes for a page of an import's licences", right="imports.write", given=CodesBody,
        answer=CodesAnswer, status=HTTPStatus.CREATED, refusals=(NotFoundError,), work=codes,
    )  # fmt: skip
