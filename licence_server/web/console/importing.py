"""Pages: a file is checked, somebody sees what is wrong in it and says yes, and a bar shows how far it has come."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus

from flask import Blueprint, Response, g, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from keys.errors import InvalidInputError, MalformedError, NotFoundError, TooLargeError
from licence_server.domain.approval import person
from licence_server.domain.imports import IMPORT_KINDS, Import, ImportKind
from licence_server.domain.licence import Licence
from licence_server.domain.sheets import LARGEST_FILE
from licence_server.services.imported_codes import ImportedCodes
from licence_server.services.importing import Importing
from licence_server.web.console.language import gettext, marked
from licence_server.web.console.refusals import translated
from licence_server.web.console.sending import after, by, done, text
from licence_server.web.console.use_cases import UseCases
from licence_server.web.problems import STATUS
from licence_server.web.spreadsheet import csv_file

LARGEST = {"check_import": LARGEST_FILE + 65_536}
"""Endpoint to the bytes that a form may bring there: a file, and what surrounds it."""
_ON_A_PAGE = 20
_FIRST = 5


def register(bp: Blueprint, use_cases: UseCases) -> None:
    """Add them."""
    _add_file(bp, use_cases.importing)
    _add_preview(bp, use_cases.importing)
    _add_answers(bp, use_cases.importing)
    _add_codes(bp, use_cases.imported_codes)


def _add_file(bp: Blueprint, importing: Importing) -> None:
    def form(**more: object) -> str:
        found = importing.page(after(), _ON_A_PAGE)
        shown = {"kinds": importing.kinds, "kind": text("kind"), "refusal": None, **more}
        return render_template("console/imports.html", imports=found.found, next=found.next, **shown)

    @bp.get("/imports")
    def imports() -> str:
        return form()

    @bp.post("/imports")
    def check_import() -> Answer:
        file = request.files.get("file")
        if file is None:
            return Response(form(refusal=gettext("Choose a file.")), HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            made = importing.check(_kind(), file.read(LARGEST_FILE + 1), by())
        except (InvalidInputError, TooLargeError) as error:
            g.word = error.word
            return Response(form(refusal=translated(str(error))), STATUS[type(error)], mimetype="text/html")
        return done("checked", url_for("console.one_import", import_id=made.id))


def _add_preview(bp: Blueprint, importing: Importing) -> None:
    @bp.get("/imports/<import_id>")
    def one_import(import_id: str) -> str:
        number = _page_number()
        found = importing.one(import_id)
        faults, more = importing.faults(import_id, number)
        first = importing.first_rows(import_id)[:_FIRST] if found.state == "checked" else ()
        return render_template(
            "console/import.html",
            found=found,
            faults=faults,
            number=number,
            more=more,
            first=first,
            is_mine=_is_mine(found),
        )

    @bp.get("/imports/<import_id>/progress")
    def import_progress(import_id: str) -> str:
        found = importing.one(import_id)
        return render_template("console/import-progress.html", found=found, is_mine=_is_mine(found))

    @bp.get("/imports/<import_id>/faults.csv")
    def import_faults(import_id: str) -> Answer:
        found = importing.one(import_id)
        return csv_file(list(_faults(importing, found)), f"{import_id}-faults")


def _add_answers(bp: Blueprint, importing: Importing) -> None:
    @bp.post("/imports/<import_id>/confirmation")
    def confirm_import(import_id: str) -> Answer:
        importing.confirm(import_id, by(), leave_out=text("leave_out") == "1")
        return done("importing", url_for("console.one_import", import_id=import_id))

    @bp.post("/imports/<import_id>/cancellation")
    def cancel_import(import_id: str) -> Answer:
        importing.cancel(import_id, by())
        return done("cancelled", url_for("console.imports"))


def _add_codes(bp: Blueprint, codes: ImportedCodes) -> None:
    @bp.post("/imports/<import_id>/codes")
    def import_codes(import_id: str) -> Answer:
        who = by()
        first = codes.part(import_id, 0, who)
        if first is None:
            raise NotFoundError(marked("There are no licences of this import to make codes for any more."))

        def rows() -> Iterator[Sequence[str]]:
            yield "licence", "customer", "site", "code"
            part: Sequence[tuple[Licence, str]] | None = first
            number = 0
            while part is not None:
                for licence, code in part:
                    yield licence.id, licence.customer.name, licence.site, code
                number += 1
                part = codes.part(import_id, number, who)

        return csv_file(rows(), f"{import_id}-codes")


def _is_mine(found: Import) -> bool:
    """Tell whether the reader said yes to it."""
    return person(found.confirmed_by) == person(by())


def _kind() -> ImportKind:
    for kind in IMPORT_KINDS:
        if kind == text("kind"):
            return kind
    raise MalformedError(marked("There is no such kind of import."))


def _page_number() -> int:
    typed = text("page") or "0"
    if not (typed.isascii() and typed.isdigit()) or len(typed) > 5:
        raise MalformedError(marked("There is no such page of bad rows."))
    return int(typed)


def _faults(importing: Importing, found: Import) -> Iterator[Sequence[str]]:
    """Return bad rows as they were in the file, each with its line and what is wrong in it."""
    yield *found.columns, "line", "reason"
    number, more = 0, True
    while more:
        faults, more = importing.faults(found.id, number)
        number += 1
        for fault in faults:
            cells = (*fault.cells, *[""] * len(found.columns))[: len(found.columns)]
            reason = translated(fault.reason)
            yield *cells, str(fault.line), f"{fault.column}: {reason}" if fault.column else reason
