"""Two thousand agents come back after an outage of a day: all are served, and their demand stays what was planned."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random

import pytest

from agent.domain import renewal
from agent.services import holding, renewing
from bench.chart import Curve, course
from keys.trust import pin_trust
from tests.contract.serving import DAY, in_memory
from tests.licence_server.office import ISSUER, Home, Office
from tests.stories.fleet import Fleet, Try, peak, rates
from tests.threats.plugin import Figure, Rounds

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

AGENTS, SAMPLE, FEW = 2_000, 100, 50
SEED = 20_261_122
HOUR = 3_600
ROLL_OUT = 600
"""Seconds in which all of them are installed, so that their days begin together: the worst that can be."""
OUTAGE_AT, LAME_AT, END_AT, OVER_AT = 36 * HOUR, 59 * HOUR, 60 * HOUR, 64 * HOUR
"""Since the roll-out: from when on nobody is there; the server is there and its database is not; all is well; look."""
ERRANDS, LONGEST_WAIT = 2, HOUR
CHART = Path(__file__).parents[2] / "docs" / "returning-agents.svg"


def planned(agents: int) -> float:
    """Requests a second that the protocol plans for (section 9).

    Each agent asks for its licence and for trust, each time after a random wait of up to an hour: half an hour in the
    mean.
    """
    return ERRANDS * agents / (LONGEST_WAIT / 2)


class OverrunError(Exception):
    """More requests than twice the plan."""


@dataclass
class Outcome:
    """What was seen since the roll-out; moments count from there."""

    agents: int
    tries: list[Try]
    served_after: int
    """Seconds from the end of the outage until the last agent had a new licence."""
    window: int
    """Seconds over which requests are counted: 22 are planned in them, so that chance alone doubles none."""

    def check(self) -> None:
        busiest, plan = peak([each for each in self.tries if each.status], self.window), planned(self.agents)
        if busiest > 2 * plan:
            raise OverrunError(f"{busiest:.2f} requests a second; {plan:.2f} are planned")


@pytest.fixture
def office() -> Iterator[Office]:
    with in_memory() as folder:
        home = Home(folder / "home")
        home.founding().found(ISSUER, None, "cli:tests")
        office = Office.of(home)
        yield office
        office.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Agents look every two seconds for what other processes changed in their homes; here there are none.

    And they all open the same trust document again and again, which is done once here.
    """
    monkeypatch.setattr(renewing, "LONGEST_SLEEP", 10 * DAY)
    monkeypatch.setattr(holding, "pin_trust", lru_cache(pin_trust))


def outage(office: Office, agents: int) -> Outcome:
    """Tell the story, and check that everybody is served."""
    fleet, begin = Fleet.at(office, Path(office.server.database.engine.url.database or "")), office.clock.now()
    fleet.roll_out(agents, ROLL_OUT, Random(SEED))
    fleet.run_until(begin + OUTAGE_AT)
    assert {customer.licence.seq for customer in fleet.customers} == {2}, "an ordinary day"
    fleet.vendor.turn("gone")
    fleet.run_until(begin + LAME_AT)
    fleet.vendor.turn("without database")
    fleet.run_until(begin + END_AT)
    assert set(fleet.modes) <= {"full", "grace"}
    before = [customer.licence for customer in fleet.customers]
    fleet.vendor.turn("up")
    fleet.run_until(begin + OVER_AT)
    after = [customer.licence for customer in fleet.customers]
    assert fleet.modes == {"full": agents}
    assert all(new.issued_at >= begin + END_AT for new in after), "everyone is served"
    assert all(new.issued_at < old.expires_at for old, new in zip(before, after, strict=True)), "within grace"
    refusals = [each for each in fleet.vendor.tries if each.status >= 400]
    assert {each.status for each in refusals} <= {429, 503}
    assert all(each.says_when for each in refusals)
    tries = [Try(each.at - begin, each.status, each.says_when) for each in fleet.vendor.tries]
    late = max(new.issued_at for new in after) - begin - END_AT
    return Outcome(agents, [each for each in tries if each.at >= ROLL_OUT], late, 20_000 // agents)


@pytest.mark.threat(23)
def test_everyone_is_served_and_the_peak_is_as_planned(
    office: Office, rounds: Rounds, figure: Figure, request: pytest.FixtureRequest
) -> None:
    outcome = outage(office, rounds(AGENTS, sample=SAMPLE))
    outcome.check()
    reached = [each for each in outcome.tries if each.status]
    put_off = sum(each.status in {429, 503} for each in reached)
    figure(
        f"{outcome.agents} agents after 24 h: all served within {outcome.served_after // 60} minutes, peak "
        f"{peak(reached, outcome.window):.2f} requests a second of {planned(outcome.agents):.2f} planned (busiest "
        f"second: {peak(reached, 1):.0f}), {put_off} put off with Retry-After"
    )
    if outcome.agents == AGENTS and request.config.getoption("--figures"):
        CHART.write_text(chart(outcome), encoding="utf-8")


def chart(outcome: Outcome) -> str:
    step, plan = 300, planned(outcome.agents)
    answered, refused, unheard = (
        rates([each for each in outcome.tries if fits(each.status)], 0, OVER_AT, step)
        for fits in (lambda status: 0 < status < 400, lambda status: status >= 400, lambda status: status == 0)
    )
    return course(
        f"{outcome.agents} agents, requests a second by the hour since they were installed",
        [
            Curve("nobody there", unheard, 1),
            Curve("put off with Retry-After", refused, 2),
            Curve("answered", answered, 0),
        ],
        hours=OVER_AT / HOUR,
        marks={"plan": plan, "twice the plan": 2 * plan},
    )


@pytest.mark.threat(23, control=True)
def test_agents_without_a_back_off_are_caught(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "_back_off", lambda *_: 300)
    with pytest.raises(OverrunError):
        outage(office, FEW).check()


@pytest.mark.threat(23, control=True)
def test_agents_without_jitter_are_caught(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "_fraction", lambda _: 0.5)
    with pytest.raises(OverrunError):
        outage(office, FEW).check()
