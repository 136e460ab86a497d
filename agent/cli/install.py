"""licence-agent install."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import click

from agent.cli.admitting import admit, ways_in
from agent.cli.certificate import as_text
from agent.cli.installing import open_site
from agent.cli.languages import obstacle
from agent.cli.wizard import ask_for_code, ask_to_go_on, examine_before, tell_step
from agent.daemon.site import Site
from agent.domain.certificate import Certificate
from agent.domain.installation import PROGRAM_STEPS, Step
from agent.store.vendors import Vendor
from agent.system.programs import CODE_VARIABLE, give_way
from keys.command import json_option, show, tell
from keys.identity import read_code
from keys.sentences import marked, phrase

STEPS: dict[Step, str] = {
    "tree": marked("copying the program"),
    "switch": marked("putting this version in force"),
    "command": marked("linking the command licence-agent"),
    "user": marked("making the user licence-agent"),
    "home": marked("making the agent's home"),
    "settings": marked("writing the agent's settings"),
    "crm": marked("letting the CRM in"),
    "units": marked("writing the service's files"),
    "outbound": marked("telling the service of the proxy and of trusted authorities"),
    "labels": marked("giving the files their SELinux labels"),
    "hardware": marked("reading the hardware as root"),
    "activation": marked("activating the licence"),
    "service": marked("starting the service"),
    "seat": marked("taking a seat for a trial"),
    "certificate": marked("writing the certificate of installation"),
    "sweep": marked("removing the version before"),
}


@click.command("install")
@click.argument("code", required=False, envvar=CODE_VARIABLE)
@click.option("--server", help="Address of the licence server; unless told, the one in the vendor's package.")
@click.option(
    "--root",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The vendor's trust document, which pins whom to believe; unless told, the one in the vendor's package.",
)
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="TREE",
    help="Folder of the program to install or upgrade to. Without it the program stays where it is.",
)
@click.option(
    "--prefix",
    default="/",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Root folder of a system that is being built: only its files are laid down, nothing is started.",
)
@click.option("--accept-terms", "terms_version", help="Version of the terms accepted; 1 unless told.")
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    help="Port of the local API, where another program has 7411; the CRM has to know it.",
)
@click.option(
    "--crm-user",
    "crm_users",
    multiple=True,
    metavar="NAME",
    help="The system's user as whom the CRM runs, to be let in; may be given more than once.",
)
@click.option("--done", multiple=True, type=click.Choice(PROGRAM_STEPS), hidden=True)
@click.option("-y", "--yes", is_flag=True, help="Ask nothing.")
@json_option
def command(  # noqa: PLR0917 - click passes them by name
    code: str | None,
    server: str | None,
    root: Path | None,
    source: Path | None,
    prefix: Path,
    terms_version: str | None,
    port: int | None,
    crm_users: tuple[str, ...],
    done: tuple[Step, ...],
    yes: bool,
    as_json: bool,
) -> None:
    """Install the agent as a service of this server and activate it with CODE; or upgrade it, or complete either.

    What is wrong is found before the code is sent. Interrupted, the same command goes on; where all is as it should be
    it changes nothing. At a terminal it asks for the code. An upgrade needs none; licence, seats and settings stay.

    Example: licence-agent install CODE --server https://licences.example.com --root root.json
    """
    if code is not None:
        read_code(code)
    vendor = Vendor(None if server is None else server.rstrip("/"), None if root is None else root.read_bytes())
    site = open_site(prefix, source, vendor, terms_version, port, crm_users=crm_users)
    given = (code, server, root, terms_version, port, *crm_users)
    if site.premises.is_image and any(each is not None for each in given):
        raise click.UsageError(
            phrase("With --prefix only files are laid down: the licence comes at that system's start.")
        )
    left = site.installing.left()
    if "activation" in left:
        if not done:
            examine_before(site)
        code = code or ask_for_code(yes)
    elif code is not None and not done:
        tell(phrase("This server has its licence already: the code was not sent, and can still be used elsewhere."))
    if left and not yes:
        site = admit(site)
        left = site.installing.left()
        ask_to_go_on([STEPS[step] for step in left])
    is_elsewhere = bool(left) and site.is_elsewhere
    only = PROGRAM_STEPS if is_elsewhere else left
    steps = site.installing.install(code, lambda step: tell_step(STEPS[step]), only=only)
    if is_elsewhere:
        _go_on_as_installed(site, code, steps)
    _report(site, (*done, *steps), as_json)


def _go_on_as_installed(site: Site, code: str | None, steps: Sequence[Step]) -> NoReturn:
    """Have the installed program do the rest: the agent's user, as whom it works then, may not read this one."""
    users = (word for user in site.customer.typed.crm_users for word in ("--crm-user", user))
    words = [*sys.argv[1:], *users, "--yes", *(word for step in steps for word in ("--done", step))]
    give_way(site.customer.program, words, {} if code is None else {CODE_VARIABLE: code})


def _report(site: Site, done: tuple[Step, ...], as_json: bool) -> None:
    customer = site.customer
    certificate = None if site.premises.is_image else customer.certificate()
    said = {
        "changed": bool(done),
        "steps": list(done),
        "service": customer.service,
        "crm_users": [] if certificate is None else list(customer.admission.named),
        "home": str(customer.layout.home),
        "program": str(customer.program),
        "certificate": None if certificate is None else str(customer.certificate_file),
        "licence": None if certificate is None else certificate.licence_id,
        "mode": None if certificate is None else certificate.mode,
        "seat_check": None if certificate is None else certificate.seat_check,
    }
    show(said, as_json, lambda: [*_for_people(site, done, certificate), _undoing(site)])


def _for_people(site: Site, done: tuple[Step, ...], certificate: Certificate | None) -> Iterator[str]:
    if not done:
        yield phrase("Nothing was changed: everything is installed already, and as it should be.")
    elif certificate is None:
        yield phrase("The files are laid down. In the system itself: licence-agent install CODE")
    else:
        yield as_text(certificate, ("en",) if obstacle(os.environ, sys.stdout) else ("fa", "en"))
        yield phrase("This certificate lies in {path}, in Persian and English.", path=site.customer.certificate_text)
    if not site.premises.is_image:
        yield from ways_in(site.customer.admission)


def _undoing(site: Site) -> str:
    if site.premises.is_image:  # without its prefix the command would be about the machine that it is typed on
        return phrase("To undo this: licence-agent uninstall --prefix {prefix}", prefix=site.customer.layout.prefix)
    return phrase(
        "To undo all of this: licence-agent uninstall (gives the licence back), or licence-agent uninstall "
        "--keep-licence"
    )
