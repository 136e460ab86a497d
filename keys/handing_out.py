"""How commands hand out what people carry: as a file, or as QR codes in the terminal, a picture or a page to print."""

import functools
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from keys.carried import parts_of, write_carried
from keys.command import NewFile, is_unicode, spoken
from keys.disk import write_whole
from keys.drawing import as_png, in_terminal
from keys.printing import Sheet, as_page
from keys.sentences import Sentence, phrase

_PICTURE, _PAGE = ".png", ".html"


class _QrFile(NewFile):
    def __init__(self) -> None:
        super().__init__(in_folder=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """See click.ParamType."""
        path = super().convert(value, param, ctx)
        if path.suffix.lower() not in {_PICTURE, _PAGE}:
            self.fail(phrase("The name of the file ends in .png (a picture) or .html (a page to print)."))
        return path


@dataclass(frozen=True, slots=True)
class Ways:
    """Where somebody wants it."""

    output: Path | None
    qr: bool
    qr_file: Path | None

    def __bool__(self) -> bool:
        """Whether it is wanted anywhere."""
        return self.output is not None or self.qr or self.qr_file is not None

    def write(self, documents: Sequence[bytes], sheet: Sheet, whose: str, mode: int = 0o600) -> dict[str, Any]:
        """Write the files that were asked for, and return what ``--json`` says of them.

        Args:
            documents: what is carried.
            sheet: what a page to print says of it.
            whose: the address of the vendor's server.
            mode: who may read the files.

        Raises:
            TooLargeError: it would be more than 99 codes of one document.
            OSError: a file can't be written.
        """
        as_codes = self.qr or self.qr_file is not None
        parts = [part for document in documents for part in parts_of(document)] if as_codes else []
        if self.output is not None:
            write_whole(self.output, write_carried(documents), mode)
        if self.qr_file is not None:
            is_picture = self.qr_file.suffix.lower() == _PICTURE
            write_whole(self.qr_file, as_png(parts) if is_picture else as_page(parts, sheet, whose).encode(), mode)
        return {"file": _absolute(self.output), "qr_file": _absolute(self.qr_file), "parts": parts}

    def places(self, template: str) -> list[Sentence]:
        """Say where what was written is, by a sentence about a ``file`` for each."""
        return [phrase(template, file=path) for path in (self.output, self.qr_file) if path is not None]

    def draw(self, parts: Sequence[str]) -> None:
        """Draw codes in the terminal, if that was asked for."""
        for number, part in enumerate(parts if self.qr else (), 1):
            heading = phrase("{number} of {count}", number=number, count=len(parts))
            click.echo(f"\n{spoken(heading)}\n{in_terminal(part)}")


def handing_out(what: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add ``-o``, ``--qr`` and ``--qr-file`` to a command, which takes them together as ``ways``.

    Args:
        what: what is handed out, for the help.
    """
    options = (
        click.option("-o", "--output", type=NewFile(in_folder=True), metavar="FILE", help=f"Write {what} to FILE."),
        click.option("--qr", is_flag=True, help=f"Show {what} as QR codes in this terminal."),
        click.option(
            "--qr-file",
            type=_QrFile(),
            metavar="FILE",
            help=f"Draw {what} as QR codes into FILE: .png a picture, .html a page to print.",
        ),
    )

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def together(*args: Any, output: Path | None, qr: bool, qr_file: Path | None, **rest: Any) -> None:  # noqa: ANN401
            if qr:
                _check_terminal(sys.stdout.encoding or "")
            command(*args, ways=Ways(output, qr, qr_file), **rest)

        return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), together)

    return decorate


def _check_terminal(encoding: str) -> None:
    """Raise click.UsageError: the terminal has no letters that codes could be drawn with."""
    if not is_unicode(encoding):
        raise click.UsageError(
            phrase(
                "This terminal can't draw QR codes: its character set is {encoding}, and would have to be UTF-8. Have "
                "a picture instead: --qr-file FILE.png",
                encoding=encoding,
            )
        )


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())
