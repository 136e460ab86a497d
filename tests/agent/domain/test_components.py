"""Components that can't be read for a while, and those that are gone."""

import pytest

from agent.domain.components import PATIENCE, Memory, Remembered, Sighting, recall
from agent.domain.time import Boot

BOTH = Sighting({"machine_id": "m", "board_serial": "b"})
HIDDEN = Sighting({"machine_id": "m"}, ("board_serial",))
GONE = Sighting({"machine_id": "m"})


def remembered() -> Memory:
    return recall(Memory(Boot("one", 0.0)), BOTH, Boot("one", 0.0))[0]


def test_what_was_never_read_is_not_made_up() -> None:
    _, hardware = recall(Memory(Boot("one", 0.0)), HIDDEN, Boot("one", 5.0))
    assert (hardware.digests, hardware.lenient) == ({"machine_id": "m"}, ())


@pytest.mark.parametrize(("seconds", "counts"), [(1.0, True), (PATIENCE - 1.0, True), (float(PATIENCE), False)])
def test_what_can_not_be_read_counts_as_before_for_a_day(seconds: float, counts: bool) -> None:
    _, hardware = recall(remembered(), HIDDEN, Boot("one", seconds))
    assert ("board_serial" in hardware.digests) is counts
    assert hardware.lenient == (("board_serial",) if counts else ())


def test_the_day_is_running_time_over_reboots() -> None:
    memory, _ = recall(remembered(), HIDDEN, Boot("one", PATIENCE - 100.0))
    memory, hardware = recall(memory, HIDDEN, Boot("two", 50.0))
    assert hardware.lenient == ("board_serial",)
    memory, hardware = recall(memory, HIDDEN, Boot("two", 150.0))
    assert not hardware.lenient
    assert memory.components["board_serial"] == Remembered("b", PATIENCE + 50.0)


def test_reading_it_again_starts_a_new_day() -> None:
    memory, _ = recall(remembered(), HIDDEN, Boot("one", PATIENCE - 1.0))
    memory, _ = recall(memory, BOTH, Boot("one", PATIENCE + 0.0))
    _, hardware = recall(memory, HIDDEN, Boot("one", PATIENCE + 1.0))
    assert hardware.lenient == ("board_serial",)


def test_what_is_gone_counts_no_longer() -> None:
    memory, hardware = recall(remembered(), GONE, Boot("one", 1.0))
    assert "board_serial" not in hardware.digests
    assert "board_serial" not in memory.components


def test_a_boot_clock_that_went_back_costs_nothing() -> None:
    memory, _ = recall(remembered(), BOTH, Boot("one", 100.0))
    memory, _ = recall(memory, HIDDEN, Boot("one", 50.0))
    assert memory.components["board_serial"].unread == 0.0
