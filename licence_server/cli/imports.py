"""Commands: import a file."""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from keys.command import harmless, json_option, show, tell
from keys.errors import InvalidInputError
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import facts, plain
from licence_server.domain.imports import Fault, Import, ImportKind
from licence_server.domain.sheets import LARGEST_FILE

_SHOWN = 20
"""Bad rows that are told of on a terminal; --json has all."""


@click.group("import")
def importing() -> None:
    """Import many at once from a CSV or XLSX file, whose first row names the columns."""


@importing.command("customers")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only say what is wrong in the file.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--leave-out-bad", "leave_out", is_flag=True, help="Import the good rows of a file that has bad ones.")
@json_option
@pass_session
def customers(session: Session, *, file: Path, check: bool, yes: bool, leave_out: bool, as_json: bool) -> None:
    """Register the customers of a file. What is interrupted is completed by the server.

    Example: licence-server import customers customers.xlsx --check
    """
    _import(session, "customers", file, check=check, yes=yes, leave_out=leave_out, as_json=as_json)


def _import(
    session: Session, kind: ImportKind, file: Path, *, check: bool, yes: bool, leave_out: bool, as_json: bool
) -> None:
    importing = session.server.importing
    checked = importing.check(kind, _content(file), session.by)
    faults = _faults(session, checked)
    tell(f"{checked.good} rows are good, {checked.bad} are bad.")
    if check:
        found = importing.cancel(checked.id, session.by)
    else:
        found = _done(session, checked, _agreed(checked, faults, yes=yes, leave_out=leave_out))
        faults = _faults(session, found)
    value = {**asdict(found), "parts": len(found.parts), "faults": [asdict(fault) for fault in faults]}
    show(value, as_json, lambda: _text(found, faults))


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
    except InvalidInputError:
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
