"""What the commands share that write a request for somebody to carry."""

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import click

from agent.cli.drawing import draw
from agent.services.ports import Pending
from agent.services.validating import Again
from agent.system.owner import acting_as_caller
from keys.carried import parts_of, write_carried
from keys.command import NewFile, show, spoken
from keys.disk import write_whole
from keys.sentences import phrase, together

_OPTIONS = (
    click.option("-o", "--output", type=NewFile(in_folder=True), metavar="FILE", help="Write the request to FILE."),
    click.option("--qr", is_flag=True, help="Show the request as QR codes in this terminal."),
    click.option("--evidence", is_flag=True, help="The licence server answered evidence-required."),
    click.option("--anew", is_flag=True, help="The licence server answered request-replayed."),
)


def carrying(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options."""
    return reduce(lambda wrapped, option: option(wrapped), reversed(_OPTIONS), command)


def again(*, evidence: bool, anew: bool) -> Again | None:
    """Return what the licence server wants in the first request's place. Raises click.UsageError."""
    if evidence and anew:
        raise click.UsageError(phrase("Give one of --evidence and --anew: whichever the licence server answered."))
    return "evidence" if evidence else "anew" if anew else None


def hand_out(pending: Pending, output: Path | None, *, qr: bool, as_json: bool) -> None:
    """Write a request where it was asked for, and say what to do with it. Raises TooLargeError, OSError."""
    codes = parts_of(pending.document) if qr else ()
    if output is not None:
        with acting_as_caller():
            write_whole(output, write_carried([pending.document]))
    said: dict[str, Any] = {
        "kind": pending.errand,
        "issuer": pending.audience,
        "file": None if output is None else str(output.absolute()),
        "parts": list(codes),
    }
    where = "" if output is None else phrase("The request is in {file}.", file=output)
    next_step = phrase(
        "Have it exchanged by the vendor of {issuer} (licence-server exchange), then do here: "
        "licence-agent import FILE",
        issuer=pending.audience,
    )
    show(said, as_json, lambda: together(where, next_step))
    if not as_json:
        for number, code in enumerate(codes, 1):
            heading = phrase("{number} of {count}", number=number, count=len(codes))
            click.echo(f"\n{spoken(heading)}\n{draw(code)}")


def check_output(output: Path | None, *, qr: bool) -> None:
    """Refuse to make a request that nobody would see. Raises click.UsageError."""
    if output is None and not qr:
        raise click.UsageError(phrase("Say where to: -o FILE, or --qr."))
