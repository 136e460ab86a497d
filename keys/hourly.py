"""How both commands named ``usage`` behave: which hours they take, and as what they show them."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from keys.command import NewFile, json_option, show
from keys.documents.requests import Usage
from keys.hours import DAY, HOUR, Limits, as_csv, as_values, can_draw, chart, window, within
from keys.sentences import phrase

Command = TypeVar("Command", bound=Callable[..., Any])
_DEFAULT = 24
_STANDARD_OUTPUT = Path("-")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see."""

    periods: int | None
    """How many hours or days; None: nobody said."""
    step: int
    """A period's length: ``HOUR`` or ``DAY``."""
    file: Path | None
    """Where CSV goes; ``-``: to standard output."""
    separator: str
    as_json: bool

    def pick(self, hours: Sequence[Usage], now: int) -> tuple[Sequence[Usage], range]:
        """Return the hours that are wanted, and the periods that they are in."""
        periods = window(hours, now, self.periods or _DEFAULT, self.step)
        return within(hours, periods), periods


def usage_options(command: Command) -> Command:
    """Give a command the options, and a ``wish`` in their place. Raises click.UsageError when it is called."""

    @click.option("--hours", type=click.IntRange(1, 9600), help="The last N hours, each by itself (default: 24).")
    @click.option("--days", type=click.IntRange(1, 400), help="The last N days, each as its highest hour.")
    @click.option("--csv", "file", type=NewFile(), metavar="FILE", help="Write the hours as CSV; -: standard output.")
    @click.option("--separator", type=click.Choice([",", ";"]), default=",", show_default=True, help="Of the CSV.")
    @json_option
    @wraps(command)
    def called(
        *args: Any,  # noqa: ANN401
        hours: int | None,
        days: int | None,
        file: Path | None,
        separator: str,
        as_json: bool,
        **more: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        if hours is not None and days is not None:
            raise click.UsageError(phrase("Say --hours or --days, not both."))
        if as_json and file is not None:
            raise click.UsageError(phrase("Say --json or --csv, not both."))
        step = HOUR if days is None else DAY
        return command(*args, wish=Wish(hours or days, step, file, separator, as_json), **more)

    return called  # type: ignore[return-value]


def present(hours: Sequence[Usage], limits: Limits, now: int, wish: Wish, **more: object) -> None:
    """Show the hours that are wanted. ``more``: what ``--json`` has besides."""
    picked, periods = wish.pick(hours, now)
    value = {**more, "limits": {"users": limits.users, "clients": limits.clients}, "hours": as_values(picked)}
    output(picked, value, wish, lambda is_fine: chart(picked, limits, periods, step=wish.step, is_fine=is_fine))


def output(
    hours: Sequence[Usage], value: Mapping[str, object], wish: Wish, people: Callable[[bool], str | Iterable[str]]
) -> None:
    """Show hours as is wished.

    Args:
        hours: what CSV has.
        value: what ``--json`` has.
        wish: which of them.
        people: makes the text, with blocks where the terminal has them.
    """
    if wish.file is None:
        show(value, wish.as_json, lambda: people(can_draw(sys.stdout.encoding or "ascii")))
    elif wish.file == _STANDARD_OUTPUT:
        click.echo(as_csv(hours, wish.separator), nl=False)
    else:
        wish.file.write_bytes(as_csv(hours, wish.separator))
