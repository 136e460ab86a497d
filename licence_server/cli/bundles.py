"""Command: the installation package that an installer carries to the customer's server."""

from pathlib import Path

import click

from keys.command import NewFile, json_option, show
from keys.disk import write_whole
from licence_server.bundles.release import ArchiveShelf
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import facts
from licence_server.services.ports_bundle import FORMS, Form

_PUBLIC = 0o644


@click.command()
@click.option(
    "--for",
    "form",
    type=click.Choice(FORMS),
    default="run",
    show_default=True,
    help="run: one file that unpacks itself on any Linux; deb: a package for Debian and Ubuntu.",
)
@click.option("-o", "--output", type=NewFile(in_folder=True), metavar="FILE", help="Where to write it.")
@click.option(
    "--archive",
    type=click.Path(exists=True, dir_okay=False),
    help="The agent's files (make agent-tree); else what agent_archive in config.toml names.",
)
@json_option
@pass_session
def bundle(session: Session, form: Form, output: Path | None, archive: str | None, as_json: bool) -> None:
    """Make the package that installs the agent on a customer's server, with this server's address and the pinned root.

    It needs nothing there but Linux: no Python, no other package, no network.

    Example: licence-server bundle --for deb -o licence-agent.deb
    """
    made = session.server.bundling.package(form, None if archive is None else ArchiveShelf(archive))
    path = output or Path(made.name)
    write_whole(path, made.content, _PUBLIC)
    release = made.release
    said = {
        "file": str(path.absolute()),
        "form": form,
        "version": release.version,
        "platform": release.platform,
        "glibc": release.glibc,
        "server": made.server,
        "size": len(made.content),
        "sha256": made.digest,
    }
    pairs = [
        ("Package", str(path)),
        ("Agent", f"{release.version} for {release.platform}, glibc {release.glibc} or newer"),
        ("Server", made.server),
        ("Size", f"{len(made.content)} bytes"),
        ("SHA-256", made.digest),
        ("On the customer's server", f"sh {path.name}" if form == "run" else f"dpkg -i {path.name}"),
    ]
    show(said, as_json, lambda: facts(pairs))
