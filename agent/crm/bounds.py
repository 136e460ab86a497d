"""How long and how many seats stand without the agent's word: what its silence and the signed licence allow."""

from agent.crm.asking import Desk
from agent.crm.knowing import LEAVE_WITHIN, Knowledge
from agent.crm.places import Kind, Place, Policy
from keys.clock import Clock


class Bounds:
    """What a process may believe of its seats by itself; used by many threads."""

    def __init__(self, desk: Desk, knowledge: Knowledge, clock: Clock, policy: Policy) -> None:
        self._desk, self._knowledge, self._clock, self._policy = desk, knowledge, clock, policy

    def has_stopped(self, place: Place) -> bool:
        """Tell whether the licence stopped so long ago that whoever was in then has to be out."""
        now, stopped_for = self._clock.boot(), self._knowledge.stopped_for
        return stopped_for > LEAVE_WITHIN and place.taken_at < now - stopped_for

    def is_stale(self, place: Place) -> bool:
        """Tell whether the agent has been silent about a seat for longer than it lives, or may do without the agent."""
        silent = self._clock.boot() - place.confirmed_at
        if place.id is None:
            return silent >= (self._policy.admit_for if place.seen is None else self._policy.tolerance)
        is_away = self._desk.away_since is not None
        return silent >= (max(place.ttl, self._policy.tolerance) if is_away else place.ttl)

    def most(self, kind: Kind) -> int:
        """Return to how many users, or service accounts, an honest agent can have given seats.

        Raises:
            LicensingError: as Knowledge.recent does.
        """
        believed = self._knowledge.recent(2 * self._policy.interval)
        leaving = self._knowledge.stopped_for <= LEAVE_WITHIN
        return believed.most_users(leaving=leaving) if kind == "person" else believed.most_services(leaving=leaving)

    def was_in(self, wanted: Place) -> bool:
        """Tell whether another process had the seat so lately that its person counts as in."""
        return wanted.seen is not None and wanted.seen < self._policy.tolerance

    def most_while_away(self, wanted: Place) -> int:
        """Return how many of its kind may be in together with a newcomer whom the agent was not asked about.

        It is 0 if the policy lets nobody in without the agent. Raises as most.
        """
        if self.was_in(wanted):
            return self.most(wanted.kind)
        heard_at = self._desk.heard_at
        is_silent = heard_at is None or self._clock.boot() - heard_at >= self._policy.admit_for
        if self._policy.newcomers != "admit" or is_silent:
            return 0
        believed = self._knowledge.recent(2 * self._policy.interval)
        if believed.licence is None or not believed.is_open:
            return 0
        return believed.licence.seats.users if wanted.kind == "person" else believed.licence.seats.service
