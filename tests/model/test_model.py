"""The whole system: real agents, real server, real disks; whatever happens, what must hold holds (invariants.py).

A run that fails prints its story, rule by rule; the long ones first take some minutes to make it short.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from agent.domain import time
from agent.services import judging
from licence_server.domain import chain
from tests.model import weak
from tests.model.machine import Machine
from tests.model.rules import Honest, Story, Whole
from tests.model.world import BrokenError
from tests.threats.plugin import Figure, Rounds

USUAL = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck), report_multiple_bugs=False
)
Told = Callable[..., str]


@pytest.fixture
def tell(founded: Path) -> Told:
    """Tell stories, and say in a sentence how many were told."""

    def telling(kind: type[Story], stories: int, steps: int, *, shorten: bool = False) -> str:
        class Here(kind):  # type: ignore[misc, valid-type]  # whichever kind it is
            pass

        Here.founded, Here.stories, Here.steps = founded, 0, 0
        phases = [Phase.generate, Phase.shrink] if shorten else [Phase.generate]
        run_state_machine_as_test(
            Here, settings=settings(USUAL, max_examples=stories, stateful_step_count=steps, phases=phases)
        )
        return f"{Here.stories} stories of {Here.steps} steps in all"

    return telling


@pytest.mark.threat(5)
@pytest.mark.threat(6)
@pytest.mark.threat(10)
@pytest.mark.threat(15)
@pytest.mark.threat(20)
@pytest.mark.threat(39)
@pytest.mark.threat(46)
def test_an_honest_customer_is_let_in_and_never_accused(tell: Told, figure: Figure) -> None:
    figure(f"{tell(Honest, 9, 20)}: 0 locked out, 0 accused, 0 seats lost or too many")


@pytest.mark.threat(3)
@pytest.mark.threat(4)
@pytest.mark.threat(9)
@pytest.mark.threat(14)
@pytest.mark.threat(15)
@pytest.mark.threat(45)
def test_who_cheats_gains_nothing(tell: Told, figure: Figure) -> None:
    figure(f"{tell(Whole, 7, 20)}: 0 leases outlived, 0 copies missed")


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.threat(5)
@pytest.mark.threat(6)
@pytest.mark.threat(10)
@pytest.mark.threat(15)
@pytest.mark.threat(20)
@pytest.mark.threat(39)
@pytest.mark.threat(46)
def test_honest_customers_for_long(tell: Told, figure: Figure, rounds: Rounds) -> None:
    told = tell(Honest, rounds(320, sample=12), 40, shorten=rounds(1, sample=0) == 1)
    figure(f"{told}: 0 locked out, 0 accused, 0 seats lost or too many")


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.threat(3)
@pytest.mark.threat(4)
@pytest.mark.threat(9)
@pytest.mark.threat(14)
@pytest.mark.threat(15)
@pytest.mark.threat(45)
def test_cheats_for_long(tell: Told, figure: Figure, rounds: Rounds) -> None:
    told = tell(Whole, rounds(200, sample=10), 40, shorten=rounds(1, sample=0) == 1)
    figure(f"{told}: 0 leases outlived, 0 copies missed")


def found(tell: Told, kind: type[Story], *invariants: int) -> None:
    """Tell stories of a weak variant until one breaks an invariant that must find it."""
    with pytest.raises(BrokenError) as broken:
        tell(kind, 80, 25)
    assert broken.value.number in invariants, broken.value


@pytest.mark.long
@pytest.mark.threat(3, control=True)
def test_a_chain_that_ignores_boots_is_found(tell: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "_ran_on", lambda *_: False)
    found(tell, Whole, 6)


@pytest.mark.long
@pytest.mark.threat(9, control=True)
def test_an_agent_that_believes_its_wall_clock_is_found(tell: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a lease that is outlived, or by an honest agent that does not see its time to validate come."""
    monkeypatch.setattr(judging, "agent_time", weak.without_floor)
    found(tell, Whole, 2, 1)


@pytest.mark.long
@pytest.mark.threat(10, control=True)
def test_an_agent_that_never_doubts_its_wall_clock_is_found(tell: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time.Arrival, "ledger", weak.without_allowance)
    found(tell, Honest, 1)


@pytest.mark.long
@pytest.mark.threat(39, control=True)
def test_a_ledger_that_looks_first_and_takes_later_is_found(tell: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Machine, "seating_class", weak.HastySeating)
    found(tell, Honest, 3)


@pytest.mark.long
@pytest.mark.threat(5, control=True)
def test_a_server_that_accuses_whoever_restores_is_found(tell: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "MAX_SWITCHES", 0)
    found(tell, Honest, 1)
