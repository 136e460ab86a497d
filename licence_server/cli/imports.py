"""Commands: import a file."""

import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from keys.command import NewFile, harmless, json_option, show, tell
from keys.errors import InvalidInputError, StateConflictError
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import facts, plain
from licence_server.domain.imports import Fault, Import, ImportKind
from licence_server.domain.sheets import LARGEST_FILE, csv_line

_SHOWN = 20
"""Bad rows that are told of on a terminal; --json has all."""


@click.group("import")
def importing() -> None:
    """Import many at once from a CSV or XLSX file, whose first row names the columns."""


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(
        (
            click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
            click.option("--check", is_flag=True, help="Only say what is wrong in the file."),
            click.option("--yes", is_flag=True, help="Ask nothing."),
            click.option("--leave-out-bad", "leave_out", is_flag=True, help="Import the good rows of a file with bad."),
        )
    ):
        command = option(command)
    return command


@importing.command("customers")
@_options
@json_option
@pass_session
def customers(session: Session, /, *, as_json: bool, **chosen: Any) -> None:  # noqa: ANN401 - see _options
    """Register the customers of a file. What is interrupted is completed by the server.

    Example: licence-server import customers customers.xlsx --check
    """
    _import(session, "customers", as_json=as_json, **chosen)


@importing.command("licences")
@_options
@click.option("--codes", type=NewFile(), metavar="FILE", help="Make their activation codes and write them there.")
@json_option
@pass_session
def licences(session: Session, /, *, codes: Path | None, as_json: bool, **chosen: Any) -> None:  # noqa: ANN401 - see _options
    """Issue the licences of a file. Codes are made for who asks for them; `licence code` makes another one.

    Example: licence-server import licences licences.csv --yes --codes codes.csv
    """
    if codes is not None and (codes.exists() or not codes.parent.is_dir()):
        raise InvalidInputError(f"{codes} is there already, or its folder is not: name a new file.")
    done = _import(session, "licences", as_json=as_json, **chosen)
    if codes is not None and done.made:
        _write_codes(session, done, codes)
        tell(f"{codes} has the codes. They are nowhere else: keep it as carefully as what it opens.")


def _write_codes(session: Session, done: Import, file: Path) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as opened:
        opened.write(csv_line(["licence", "customer", "site", "code"]))
        number = 0
        while (part := session.server.imported_codes.part(done.id, number, session.by)) is not None:
            rows = ((licence.id, licence.customer.name, licence.site, code) for licence, code in part)
            opened.writelines(map(csv_line, rows))
            number += 1


def _import(
    session: Session, kind: ImportKind, file: Path, *, check: bool, yes: bool, leave_out: bool, as_json: bool
) -> Import:
    importing = session.server.importing
    checked = importing.check(kind, _content(file), session.by)
    faults = _faults(session, checked)
    if check:
        found = importing.cancel(checked.id, session.by)
    else:
        found = _done(session, checked, _agreed(checked, faults, yes=yes, leave_out=leave_out))
        faults = _faults(session, found)
    value = {**asdict(found), "parts": len(found.parts), "faults": [asdict(fault) for fault in faults]}
    show(value, as_json, lambda: _text(found, faults))
    return found


def _agreed(checked: Import, faults: list[Fault], *, yes: bool, leave_out: bool) -> bool:
    """Return whether bad rows are to be left out. Asks where it may; who says no ends the command."""
    if yes or not checked.good or (checked.bad and not leave_out and not sys.stdin.isatty()):
        return leave_out
    for line in _fault_lines(faults):
        tell(line)
    left_out = f", and leave out {checked.bad}" if checked.bad else ""
    click.confirm(f"Import {checked.good} rows{left_out}?", abort=True, err=True)
    return True


def _done(session: Session, checked: Import, leave_out: bool) -> Import:
    """Do all of it, with a bar. A refusal leaves nothing behind."""
    importing = session.server.importing
    try:
        found = importing.confirm(checked.id, session.by, leave_out=leave_out)
    except (InvalidInputError, StateConflictError):
        importing.cancel(checked.id, session.by)
        raise
    with click.progressbar(length=found.good, label="Importing", file=sys.stderr) as bar:
        while found.state == "running":
            before, found = found.done, importing.carry_on(found.id)
            bar.update(found.done - before)
    return found


def _content(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(LARGEST_FILE + 1)


def _faults(session: Session, found: Import) -> list[Fault]:
    faults: list[Fault] = []
    number, more = 0, True
    while more:
        page, more = session.server.importing.faults(found.id, number)
        faults += page
        number += 1
    return faults


def _text(found: Import, faults: list[Fault]) -> str:
    pairs = [("Import", found.id), ("State", found.state), ("Good rows", str(found.good)), ("Bad rows", str(found.bad))]
    if found.state != "cancelled":
        pairs += [("Imported", str(found.made)), ("Left out meanwhile", str(found.left_out))]
    return "\n".join([facts(pairs), *_fault_lines(faults)])


def _fault_lines(faults: list[Fault]) -> list[str]:
    lines = [
        harmless(f"line {fault.line}{f', {fault.column}' if fault.column else ''}: {plain(fault.reason)}")
        for fault in faults[:_SHOWN]
    ]
    rest = len(faults) - len(lines)
    return [*lines, f"and {rest} more; --json has them all."] if rest else lines
