"""licence-agent hardware."""

import os
import sys

import click

from agent.system.accounts import group_number
from keys.command import json_option, show
from keys.errors import InvalidInputError
from keys.sentences import phrase

if sys.platform != "win32":
    from agent.hardware.kept import KEPT, keep
    from agent.hardware.linux import LinuxReaders


@click.command("hardware")
@click.option("--group", default="root", show_default=True, help="Group of the agent, which may read what is kept.")
@json_option
def command(group: str, as_json: bool) -> None:
    """Read as root what of the hardware only root can read, and keep it until the next boot for an agent without root.

    Its service runs this at every boot, before the agent. Nothing else needs root.

    Example: licence-agent hardware --group licence-agent
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        raise InvalidInputError(phrase("Only root of a Linux machine can read this. Do: sudo licence-agent hardware"))
    readers = LinuxReaders()
    found = sorted(keep(readers.all(), readers.boot_id(), group=group_number(group)))
    names = ", ".join(found) or phrase("nothing, since this machine has none of it")
    file = f"/{KEPT.as_posix()}"
    said = phrase("Kept in {file}: {names}.", file=file, names=names)
    show({"file": file, "components": found}, as_json, lambda: said)
