"""The agent's time: what a clock can be turned to, and what it gains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.time import AgentTime, Arrival, Boot, Ledger, agent_time
from tests.fakes import START

YEAR_2038 = 2**31 + 5

moves = st.lists(
    st.tuples(
        st.sampled_from(["run", "reboot", "write", "snapshot"]),
        st.floats(0, 10 * 86_400),
        st.integers(-(2**31), 2**32),
    ),
    max_size=30,
)


@given(moves)
def test_the_floor_never_goes_back_within_a_licence_whatever_the_clocks_do(history) -> None:
    boot, number = Boot("boot-0", 500.0), 0
    ledger, floor, written = Ledger.begin("doc", boot), START, 0.0
    for kind, seconds, wall_at in history:
        if kind == "run":
            boot = Boot(boot.id, boot.seconds + seconds)
        elif kind == "reboot":
            number += 1
            boot = Boot(f"boot-{number}", seconds)
            floor = START + int(written)  # what was not written before the power went is lost, and no more than that
        elif kind == "snapshot":
            boot = Boot(boot.id, min(boot.seconds, seconds))
            floor = START + int(written)
        else:
            ledger = ledger.carried(boot)
            written = ledger.before + ledger.written
        time = agent_time(wall_at, START, ledger, boot)
        assert time.floor_at >= floor
        assert time.now == max(wall_at, time.floor_at)
        floor = time.floor_at


@given(st.floats(0, 1e8), st.lists(st.floats(0, 1e6), max_size=10))
def test_writing_often_loses_and_gains_nothing(start: float, steps: list[float]) -> None:
    seconds, ledger = start, Ledger.begin("doc", Boot("b", start))
    for step in steps:
        seconds += step
        ledger = ledger.carried(Boot("b", seconds))
    assert ledger.elapsed(Boot("b", seconds)) == pytest.approx(seconds - start)


def test_a_reboot_while_offline_stretches_nothing() -> None:
    ledger = Ledger.begin("doc", Boot("one", 100.0)).carried(Boot("one", 5_100.0))
    assert ledger.elapsed(Boot("two", 300.0)) == 5_300.0
    ledger = ledger.carried(Boot("two", 300.0))
    assert ledger == Ledger("doc", "two", 0.0, 5_000.0, 300.0)
    assert ledger.elapsed(Boot("two", 400.0)) == 5_400.0
    assert ledger.elapsed(Boot("three", 7.0)) == 5_307.0


def test_a_boot_clock_that_went_back_within_a_boot_starts_again_on_top() -> None:
    ledger = Ledger.begin("doc", Boot("one", 100.0)).carried(Boot("one", 1_100.0))
    assert ledger.carried(Boot("one", 1_100.0)) == ledger, "it stood still"
    assert ledger.elapsed(Boot("one", 50.0)) == 1_000.0
    ledger = ledger.carried(Boot("one", 50.0))
    assert ledger == Ledger("doc", "one", 50.0, 1_000.0, 0.0)
    assert ledger.elapsed(Boot("one", 60.0)) == 1_010.0


@pytest.mark.parametrize("back", [1, 3_600, 400 * 86_400])
def test_a_clock_turned_back_gains_nothing(back: int) -> None:
    boot = Boot("one", 0.0)
    ledger = Ledger.begin("doc", boot)
    assert agent_time(START - back, START, ledger, Boot("one", 86_400.0)).now == START + 86_400


def test_2038_and_back_leaves_no_trace() -> None:
    boot = Boot("one", 0.0)
    ledger = Ledger.begin("doc", boot)
    assert agent_time(YEAR_2038, START, ledger, boot).now == YEAR_2038
    assert agent_time(START, START, ledger.carried(boot), boot).now == START


@pytest.mark.parametrize(("behind", "told"), [(0, False), (600, False), (601, True)])
def test_ten_minutes_behind_are_forgiven(behind: int, told: bool) -> None:
    assert AgentTime(START - behind, START).is_behind is told


def test_a_clock_ahead_is_not_behind() -> None:
    assert AgentTime(START + 5, START).behind == 0


def arrival(time: AgentTime, issued_at: int = START, asked_at: int | None = None, follows_at: int = 0) -> Arrival:
    return Arrival("doc", issued_at, time.now if asked_at is None else asked_at, follows_at, time)


@pytest.mark.threat(10)
def test_a_clock_that_was_ahead_when_the_licence_came_counts_that_much_less() -> None:
    boot = Boot("one", 0.0)
    ledger = arrival(AgentTime(YEAR_2038, START - 86_400)).ledger(boot)
    assert ledger.ahead == YEAR_2038 - START
    later = Boot("one", 3_600.0)
    assert agent_time(YEAR_2038 + 3_600, START, ledger, later).now == START + 3_600
    assert agent_time(START + 3_600, START, ledger, later).now == START + 3_600, "it was set right"
    assert agent_time(START + 3_600, START, ledger, later).behind == 0
    assert agent_time(YEAR_2038 + 7_200, START, ledger, later).now == START + 7_200, "it was off for an hour"
    for boots in (ledger.carried(Boot("one", 100.0)).carried(Boot("one", 50.0)), ledger.carried(Boot("two", 5.0))):
        assert boots.ahead == ledger.ahead


@pytest.mark.parametrize(("ahead", "counts"), [(-5, 0), (600, 0), (601, 601)])
def test_ten_minutes_ahead_are_no_error(ahead: int, counts: int) -> None:
    assert arrival(AgentTime(START + ahead)).ledger(Boot("one", 0.0)).ahead == counts


def test_an_answer_that_comes_late_says_nothing_of_the_clock() -> None:
    time = AgentTime(START + 5 * 86_400, START - 86_400, ahead=1_000)
    ledger = arrival(time, asked_at=time.now - 61).ledger(Boot("one", 0.0))
    assert ledger == Ledger("doc", "one", 0.0, 0, 0.0, ahead=1_000), "as it was known before"
    ledger = arrival(time, asked_at=time.now - 60).ledger(Boot("one", 0.0))
    assert ledger == Ledger("doc", "one", 0.0, 0, 0.0, ahead=5 * 86_400), "within a minute it does"


def test_a_clock_that_is_ahead_when_an_old_answer_comes_is_so_of_the_running_time() -> None:
    ledger = arrival(AgentTime(START + 5_000, START + 3_000)).ledger(Boot("one", 0.0))
    assert (ledger.before, ledger.ahead) == (3_000, 2_000)


@pytest.mark.threat(9)
def test_an_answer_that_was_held_back_is_as_old_as_the_machine_ran_since() -> None:
    """Else whoever holds it back until the lease in hand has run out has two."""
    time = AgentTime(START - 400 * 86_400, START + 14 * 86_400)
    for follows_at in (START - 86_400, START):
        ledger = arrival(time, asked_at=START - 60, follows_at=follows_at).ledger(Boot("one", 50.0))
        assert agent_time(START - 400 * 86_400, START, ledger, Boot("one", 50.0)).now == START + 14 * 86_400


def test_after_the_server_s_clock_was_set_back_its_new_time_counts() -> None:
    """The years that a wrong server's clock once signed are over with its next licence."""
    time = AgentTime(START, START + 5 * 365 * 86_400)
    ledger = arrival(time, follows_at=START + 5 * 365 * 86_400).ledger(Boot("one", 0.0))
    assert agent_time(START, START, ledger, Boot("one", 0.0)).now == START
