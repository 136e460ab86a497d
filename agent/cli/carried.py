"""What the commands share that write a request for somebody to carry."""

from collections.abc import Callable
from functools import reduce

import click

from agent.services.ports import Pending
from agent.services.validating import Again
from agent.system.owner import acting_as_caller
from keys.command import show
from keys.handing_out import Ways, handing_out
from keys.printing import REQUEST
from keys.sentences import marked, phrase, together

_OPTIONS = (
    handing_out("the request"),
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


def hand_out(pending: Pending, ways: Ways, *, as_json: bool) -> None:
    """Write a request where it was asked for, and say what to do with it. Raises TooLargeError, OSError."""
    with acting_as_caller():
        written = ways.write([pending.document], REQUEST, pending.audience)
    next_step = phrase(
        "Have it exchanged by the vendor of {issuer} (licence-server exchange), then do here: "
        "licence-agent import FILE",
        issuer=pending.audience,
    )
    said = {"kind": pending.errand, "issuer": pending.audience, **written}
    show(said, as_json, lambda: together(*ways.places(marked("The request is in {file}.")), next_step))
    if not as_json:
        ways.draw(written["parts"])


def check_ways(ways: Ways) -> None:
    """Refuse to make a request that nobody would see. Raises click.UsageError."""
    if not ways:
        raise click.UsageError(phrase("Say where to: -o FILE, --qr, or --qr-file FILE."))
