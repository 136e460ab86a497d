"""licence-agent usage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from agent.cli.opening import open_agent
from agent.daemon.assembly import Agent
from agent.daemon.local import ask
from agent.domain.usage import HOUR, Report, Tally
from agent.store.hours import stored_counts
from agent.system.owner import acting_as_caller
from agent.web.usage import usage_page
from keys.claims import Reader
from keys.documents.requests import Usage, read_usage
from keys.errors import NotActivatedError, UnreachableError
from keys.hourly import Wish, output, present, usage_options
from keys.hours import Limits, chart
from keys.sentences import Moment, phrase, row


@click.command("usage")
@click.option("--next", "is_next", is_flag=True, help="What the next validation tells the vendor: exactly that.")
@usage_options
def command(wish: Wish, is_next: bool) -> None:
    """Draw how many were in: peaks of each hour, refusals and waits. Counts only; nobody's name is kept with them.

    Example: licence-agent usage --days 30
    """
    agent = open_agent()
    said = _said(agent)
    limits = Limits(said["limits"]["users"], said["limits"]["clients"])
    if not is_next:
        now = agent.judging.standing().now
        with acting_as_caller():
            present(_hours(said["hours"]), limits, now, wish)
        return
    if wish.periods is not None:
        raise click.UsageError(phrase("--next shows all that is told: leave --hours and --days out."))
    if said["next_report"] is None:
        raise NotActivatedError(phrase("This server has no licence, so there is no next validation."))
    told = _hours(said["next_report"]["usage"])
    with acting_as_caller():
        output(told, said["next_report"], wish, lambda is_fine: _for_people(told, said, limits, is_fine))


@dataclass(frozen=True, slots=True)
class Stored:
    """The reports (agent.services.ports.Reports) of an agent that does not run."""

    tally: Tally

    def report(self) -> Report:
        """See Reports."""
        return self.tally.report()

    def settle(self, told: Report) -> None:
        """Leave it to the agent that runs: nothing is sent here."""


def _said(agent: Agent) -> Mapping[str, Any]:
    """Return the page of the running agent; of one that does not run, the same page made here from its journal."""
    try:
        return ask(agent, "GET", "/v1/usage")  # type: ignore[no-any-return]
    except UnreachableError:
        standing = agent.judging.standing()
        stored = Stored(Tally(stored_counts(agent.home.journal, standing.now)))
        return usage_page(stored.tally.hours(), standing, agent.validating(stored).upcoming)


def _hours(said: Sequence[Mapping[str, object]]) -> tuple[Usage, ...]:
    return tuple(read_usage(Reader(hour)) for hour in said)


def _for_people(hours: Sequence[Usage], said: Mapping[str, Any], limits: Limits, is_fine: bool) -> list[str]:
    events = said["next_report"]["events"]
    if not hours and not events:
        return [phrase("The next validation tells nothing of the seats.")]
    lines: list[str] = [phrase("The next validation tells the vendor this, and of the seats nothing else.")]
    if hours:
        lines += chart(hours, limits, [hour.hour_at for hour in hours], step=HOUR, is_fine=is_fine)
    for event in events:
        times = phrase("{code}, {count} times", code=event["code"], count=event["count"])
        lines.append(row("{at}  {times}", at=Moment(event["at"]), times=times))
    return lines
