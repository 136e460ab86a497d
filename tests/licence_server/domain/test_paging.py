"""Lists in parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import InvalidInputError
from licence_server.domain.paging import MOST, Page, Place, check_most, every, page_of, place_of

THINGS = [Place(number // 3, f"id_{number:03}") for number in range(20)]


def test_a_place_is_read_as_it_was_written() -> None:
    assert Place.read(str(Place(1_800_000_000, "cus_1"))) == Place(1_800_000_000, "cus_1")


@pytest.mark.parametrize(
    "text", ["", "1", "1.", ".x", "-1.x", "1.x y", "1.x\n", "x.1", "1" * 13 + ".x", "1." + "x" * 65]
)
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        Place.read(text)


@given(st.integers(0, 20), st.integers(1, 21))
def test_pages_together_are_the_list(count: int, most: int) -> None:
    listed = sorted(THINGS[:count], reverse=True)
    asked = []

    def page(after: Place | None) -> Page[Place]:
        asked.append(after)
        rest = [thing for thing in listed if after is None or thing < after]
        return page_of(rest[: most + 1], most, lambda thing: thing)

    assert list(every(page)) == listed
    assert len(asked) == max(1, -(-count // most))


def test_a_thing_knows_its_place() -> None:
    assert place_of(THINGS[5]) == THINGS[5]


@pytest.mark.parametrize("most", [0, -1, MOST + 1])
def test_a_page_has_a_size(most: int) -> None:
    with pytest.raises(InvalidInputError):
        check_most(most)
    check_most(1)
    check_most(MOST)
