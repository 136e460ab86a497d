"""Places that rest, when the clock that they rest by is turned."""

from agent.domain.places import Places
from agent.domain.seats import REST, Rested
from tests.fakes import START


def test_a_name_that_was_freed_while_the_clock_was_ahead_rests_for_a_day_from_now() -> None:
    places = Places(resting=[Rested("a", START + 400 * REST)])
    assert list(places.rested(START)) == []
    assert dict(places.resting()) == {"a": START + REST}
    assert list(places.rested(START + REST)) == ["a"]


def test_all_that_rest_are_looked_at_only_after_the_clock_went_back() -> None:
    places = Places(resting=[Rested("a", START)])
    assert list(places.rested(START)) == []
    heap = places._resting._heap
    for later in (0, 0, 5):
        assert list(places.rested(START + later)) == []
        assert places._resting._heap is heap
    assert list(places.rested(START + 4)) == []
    assert places._resting._heap is not heap
