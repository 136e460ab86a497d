"""What plans and orders both say of a licence, as options and as text."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import click

from keys.errors import InvalidInputError
from licence_server.domain.duration import Duration

_LASTING = re.compile(r"([0-9]{1,5})([dm])")
_NOTHING: Final = object()
"""Stands for None where that is said by a word: click takes None for not said."""


class Otherwise(click.ParamType[object, object]):
    """A number, or a word in its place, which means None."""

    def __init__(self, word: str) -> None:
        self.name, self._word = f"number|{word}", word

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """See click.ParamType."""
        if value == self._word:
            return _NOTHING
        try:
            return int(str(value))
        except ValueError:
            self.fail(f"{value!r} is no number, nor {self._word}.", param, ctx)


class Lasting(click.ParamType[object, object]):
    """Days or months such as 90d or 12m, or ``never``, which means None."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """See click.ParamType."""
        if value == "never":
            return _NOTHING
        found = _LASTING.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r} is no duration such as 90d or 12m, nor never.", param, ctx)
        return Duration(int(found[1]), "days" if found[2] == "d" else "months")


_TERMS = (
    click.option("--clients", type=Otherwise("any"), metavar="M", help="Computers that may be in at once, or any."),
    click.option("--service", type=int, metavar="N", help="Integration accounts, which cost no user."),
    click.option("--overdraft-users", type=int, metavar="N", help="Users more than bought, for some days."),
    click.option("--overdraft-days", type=int, metavar="D", help="How many of any 30 days."),
    click.option("--model", type=click.Choice(["concurrent", "named"]), help="How users are counted."),
    click.option("--edition", help='"": the vendor\'s default.'),
    click.option("--duration", "lasting", type=Lasting(), metavar="SPAN", help="Such as 90d or 12m, or never to end."),
    click.option("--feature", "features", multiple=True, help="What the edition includes; more than once."),
    click.option("--no-features", is_flag=True, help="None, whatever the plan has."),
    click.option(
        "--network-policy",
        type=click.Choice(["enforce", "report"]),
        help="What clients outside meet: no seat, or a seat that the vendor is told of.",
    ),
    click.option("--interval", type=Otherwise("default"), metavar="S", help="Seconds from a validation to the next."),
    click.option("--grace", type=Otherwise("default"), metavar="S", help="Seconds that it goes on without the server."),
    click.option("--on-clone", type=click.Choice(["suspend", "report"]), help="What a suspicion of copies does."),
)


def terms(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options."""
    for option in reversed(_TERMS):
        command = option(command)
    return command


def said(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was said by options, those of ``terms`` as domain.plan.Values has them; what was not is left out."""
    found = {name: value for name, value in fields.items() if value not in (None, ()) and value is not False}
    if found.pop("no_features", False):
        if "features" in found:
            raise InvalidInputError("Name features or say --no-features, not both.")
        found["features"] = ()
    if found.get("edition") == "":
        found["edition"] = None
    return {name: None if value is _NOTHING else value for name, value in found.items()}


def lasting_text(lasting: Duration | None) -> str:
    """Return a duration for people."""
    return "for ever" if lasting is None else f"{lasting.count} {lasting.unit}"
