"""Long lists in parts: a page begins after a place, so that nothing is seen twice or missed while others add."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from keys.errors import InvalidInputError

MOST = 500
"""Things on one page."""
_PLACE = re.compile(r"([0-9]{1,12})\.([A-Za-z0-9_-]{1,64})")
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a thing stands in a list that is ordered by age."""

    created_at: int
    id: str

    def __str__(self) -> str:
        return f"{self.created_at}.{self.id}"

    @classmethod
    def read(cls, text: str) -> "Place":
        """Read what ``str`` made. Raises InvalidInputError."""
        found = _PLACE.fullmatch(text)
        if found is None:
            raise InvalidInputError("This is no place in a list: give the one that the page before ended with.")
        return cls(int(found[1]), found[2])


@dataclass(frozen=True, slots=True)
class Page(Generic[Thing]):
    """A part of a list, newest first."""

    found: tuple[Thing, ...]
    next: Place | None
    """After what the following page begins; None: this is the last one."""


class Dated(Protocol):
    """What stands in such a list."""

    @property
    def id(self) -> str:
        """What tells it apart."""

    @property
    def created_at(self) -> int:
        """When it came to be: a NumericDate."""


def place_of(thing: Dated) -> Place:
    """Return where a thing stands."""
    return Place(thing.created_at, thing.id)


def page_of(found: Sequence[Thing], most: int, dated: Callable[[Thing], Dated]) -> Page[Thing]:
    """Return a page of what was found where one more was asked for than it may have."""
    shown = tuple(found[:most])
    return Page(shown, place_of(dated(shown[-1])) if len(found) > most else None)


def every(page: Callable[[Place | None], Page[Thing]]) -> Iterator[Thing]:
    """Go through all pages of a list."""
    place: Place | None = None
    while True:
        part = page(place)
        yield from part.found
        if part.next is None:
            return
        place = part.next


def check_most(most: int) -> None:
    """Check how many somebody wants on one page. Raises InvalidInputError."""
    if not 1 <= most <= MOST:
        raise InvalidInputError(f"A page has 1 to {MOST} entries.")
