"""licence-agent uninstall."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from agent.cli.installing import open_site
from agent.cli.wizard import ask_to_go_on, is_at_terminal, tell_step
from agent.daemon.site import Site
from agent.domain.installation import Fate, Rest, Undo
from keys.command import json_option, show
from keys.sentences import marked, phrase, row

UNDOINGS: dict[Undo, str] = {
    "give_back": marked("giving the licence back"),
    "stop": marked("stopping the service"),
    "units": marked("removing the service's files"),
    "state": marked("removing the agent's home"),
    "keep_state": marked("giving the agent's home to root"),
    "user": marked("removing the user licence-agent"),
    "program": marked("removing the program"),
}
STAYING: dict[Rest, str] = {
    "state": marked("{path}: licence, device key, seats and settings, for root alone"),
    "outbound": marked("{path}: the proxy and the authorities that the service was told of"),
    "program": marked("{path}: the program, which was not installed by licence-agent install"),
    "package": marked("{path}: the program, of a package of this system (dpkg --remove licence-agent)"),
    "journal": marked("what the service said, in the journal, until the journal forgets it"),
}


@click.command("uninstall")
@click.option("--keep-licence", is_flag=True, help="Keep licence and state, for another installation on this server.")
@click.option("--purge", is_flag=True, help="Remove licence and state without giving the licence back.")
@click.option(
    "--prefix",
    default="/",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Root folder of a system that is being built, as for install.",
)
@click.option("-y", "--yes", is_flag=True, help="Ask nothing.")
@json_option
def command(*, keep_licence: bool, purge: bool, prefix: Path, yes: bool, as_json: bool) -> None:
    """Give the licence back, and remove service, user, state and program from this server.

    If the licence can't be given back nothing is removed. Interrupted, the same command goes on. A licence that was
    kept goes on with the next licence-agent install; one that was purged needs a rehost by the vendor.

    Example: licence-agent uninstall
    """
    if keep_licence and purge:
        raise click.UsageError(phrase("Give one of --keep-licence and --purge."))
    fate: Fate = "keep" if keep_licence else "purge" if purge else "give_back"
    site = open_site(prefix)
    left = site.uninstalling.left(fate)
    if left and not yes:
        if not is_at_terminal():
            raise click.UsageError(phrase("This removes the agent from this server: say --yes."))
        ask_to_go_on([UNDOINGS[step] for step in left])
    stays = _named(site, site.uninstalling.rest(fate))
    done = site.uninstalling.uninstall(fate, lambda step: tell_step(UNDOINGS[step]))
    said = {"changed": bool(done), "steps": list(done), "left": stays}
    show(said, as_json, lambda: list(_for_people(bool(done), stays)))


def _named(site: Site, rest: Iterable[Rest]) -> list[str]:
    layout = site.customer.layout
    places: dict[Rest, Path] = {
        "state": layout.home,
        "outbound": layout.variables,
        "program": site.premises.here,
        "package": layout.current,
    }
    return [phrase(STAYING[each], path=places.get(each)) for each in rest]


def _for_people(is_changed: bool, stays: list[str]) -> Iterator[str]:
    yield (
        phrase("The agent is removed.") if is_changed else phrase("Nothing was changed: no agent is installed here.")
    )
    yield phrase("What is left:") if stays else phrase("Nothing of it is left.")
    yield from (row("  {what}", what=each) for each in stays)
