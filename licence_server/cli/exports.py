"""Commands: export what there is into a file."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from keys.command import NewFile, json_option, show
from keys.errors import InvalidInputError
from licence_server.cli.session import Session, pass_session
from licence_server.domain.sheets import BOM, csv_line
from licence_server.workbooks import save_workbook

_FORMATS = ("csv", "xlsx")


@click.group()
def export() -> None:
    """Export all customers or licences into a file, in the columns that an import takes."""


@export.command("customers")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="csv", show_default=True)
@click.option("-o", "--output", "file", type=NewFile(), required=True, metavar="FILE")
@json_option
@pass_session
def customers(session: Session, /, *, as_json: bool, **where: Any) -> None:  # noqa: ANN401 - see _write
    """Write all customers into FILE, newest first; one that is there is replaced.

    Example: licence-server export customers --format xlsx -o customers.xlsx
    """
    _write(session.server.exporting.customers(), as_json=as_json, **where)


@export.command("licences")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="csv", show_default=True)
@click.option("-o", "--output", "file", type=NewFile(), required=True, metavar="FILE")
@json_option
@pass_session
def licences(session: Session, /, *, as_json: bool, **where: Any) -> None:  # noqa: ANN401 - see _write
    """Write all licences into FILE, newest first; one that is there is replaced.

    Example: licence-server export licences -o licences.csv
    """
    _write(session.server.exporting.licences(), as_json=as_json, **where)


def _write(rows: Iterator[tuple[str, ...]], *, form: str, file: Path, as_json: bool) -> None:
    """Write rows into a draft that takes the file's place when it is whole; both are their owner's alone."""
    if not file.parent.is_dir():
        raise InvalidInputError(f"There is no folder {file.parent}.")
    count = -1  # the header is none

    def counted() -> Iterator[tuple[str, ...]]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    draft = file.with_name(f".{file.name}.{os.getpid()}.draft")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            if form == "xlsx":
                save_workbook(counted(), opened)
            else:
                opened.write(BOM.encode())
                opened.writelines(csv_line(row).encode() for row in counted())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    show({"file": str(file), "rows": count}, as_json, lambda: f"{file} has {count} rows.")
