"""Command: make the home."""

import sys
from pathlib import Path

import click

from keys.command import json_option, show, tell
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import facts
from licence_server.home import Founded, Founding

_READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--issuer", metavar="URL", help="The server's public URL, for ever; https, but for this machine alone.")
@click.option("--roots", type=_READABLE, metavar="FILE", help="A trust document of an offline ceremony.")
@json_option
@pass_session
def init(session: Session, issuer: str | None, roots: Path | None, as_json: bool) -> None:
    """Make the server's home: settings, database, keys, first administrator. A second run changes nothing.

    Example: licence-server init --issuer https://licences.example.com
    """
    founding = Founding(session.home, session.environment, session.clock, session.randomness, session.passwords)
    found = founding.found(issuer, roots, session.by)
    value = {
        "issuer": found.config.issuer,
        "home": str(session.home),
        "root": str(found.root),
        "admin": found.administrator,
        "password": found.password,
        "changed": found.changed,
    }
    show(value, as_json, lambda: _founded_text(session.home, found))
    sys.stdout.flush()
    founding.shown()
    if not found.changed:
        tell("The home was complete before: nothing was changed.")


def _founded_text(home: Path, found: Founded) -> str:
    pairs = [("Issuer", found.config.issuer), ("Home", str(home)), ("Root file for agents", str(found.root))]
    pairs.append(("Administrator", found.administrator))
    if found.password is not None:
        pairs.append(("Password (shown this once)", found.password))
    return facts(pairs)
