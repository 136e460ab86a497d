"""What can be typed, read at the door."""

from datetime import UTC, date, datetime

import click

from keys.errors import InvalidInputError
from licence_server.cli.text import plain

NEVER = -1
"""Stands for ``never`` among moments."""
_LONGEST = 500


def sentence(word: str) -> str:
    """Return why somebody does something, for the record: one line of text. Raises InvalidInputError."""
    if not word.strip() or len(word) > _LONGEST or plain(word) != word:
        raise InvalidInputError(f"Say the reason in one line of 1 to {_LONGEST} printable characters.")
    return word


class Day(click.ParamType[int, object]):
    """A day as YYYY-MM-DD, which means its beginning in UTC, or ``never``; read as a NumericDate or NEVER."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """See click.ParamType."""
        if isinstance(value, int):
            return value
        if value == "never":
            return NEVER
        try:
            day = date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no day such as 2027-03-21, nor never.", param, ctx)
        if len(str(value)) != len("2027-03-21"):
            self.fail(f"{value!r} is no day such as 2027-03-21, nor never.", param, ctx)
        return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
