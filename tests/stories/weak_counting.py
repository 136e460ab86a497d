"""``licence-server`` with one weakness: it counts everybody's guesses together, whatever address they come from."""

from keys.addresses import Address
from licence_server.cli.root import main
from licence_server.web.agents import guessing

__all__ = ["main"]


def everybody(_address: Address | None) -> str:
    return "everybody"


setattr(guessing, "group", everybody)  # noqa: B010 - mypy knows that nobody else may do so
