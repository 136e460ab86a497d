"""licence-agent bundle."""

from pathlib import Path

import click

from agent.cli.opening import open_agent
from agent.system.owner import acting_as_caller
from keys.bundled import check_package
from keys.command import json_option, show
from keys.sentences import phrase


@click.command("bundle")
@click.argument("place", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--root",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The vendor's trust document, where the agent here believes nobody yet.",
)
@json_option
def command(place: Path, root: Path | None, as_json: bool) -> None:
    """Check that PLACE, a package or the folder of an agent's files, is byte by byte what the vendor sealed.

    By those whom the agent here believes; where it believes nobody yet, by the root that comes with the package.

    Example: licence-agent bundle /opt/licence-agent
    """
    in_hand = open_agent().judging.holding.believed()
    with acting_as_caller():
        bundle = check_package(place, None if root is None else root.read_bytes(), in_hand)
    said = {
        "version": bundle.version,
        "platform": bundle.platform,
        "issuer": bundle.issuer,
        "covers": bundle.covers,
        "sha256": bundle.digest,
    }
    sentence = phrase(
        "{place} is licence-agent {version} for {platform}, as {issuer} sealed it.",
        place=place,
        version=bundle.version,
        platform=bundle.platform,
        issuer=bundle.issuer,
    )
    show(said, as_json, lambda: sentence)
