"""Use cases: four eyes. One person asks for what one must not do alone, another decides, then it can be done once."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from keys.clock import Clock
from keys.errors import ApprovalNeededError
from keys.identity import Randomness, new_id
from licence_server.domain.approval import APPROVAL_STATES, Approval, ApprovalState, Deed, FourEyes
from licence_server.domain.audit import Note
from licence_server.domain.paging import MOST, Page, Place, check_most, page_of
from licence_server.services.ports import Unit, Units


@dataclass(frozen=True, slots=True)
class Wish:
    """Something that needs a second person."""

    deed: Deed
    subject: str
    terms: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Permits:
    """What use cases ask before they do what one person must not do alone."""

    units: Units
    clock: Clock
    randomness: Randomness
    rules: FourEyes

    def require(self, wish: Wish, by: str, check: Callable[[Unit], object]) -> str:
        """Return the id of an approval of this very wish that can still be used.

        Args:
            wish: what is to be done.
            by: who asks for it.
            check: refuses, within the transaction, what could not be done with an approval either.

        Raises:
            ApprovalNeededError: there is none; one is there now, and waits for another person.
        """
        now = self.clock.now()
        with self.units() as unit:
            check(unit)
            same = [
                each for each in unit.approvals.about(wish.subject) if each.is_for(wish.deed, wish.subject, wish.terms)
            ]
            granted = [each for each in same if each.state_at(now) == "granted"]
            if granted:
                return granted[0].id
            waiting = [each for each in same if each.state_at(now) == "waiting"]
            found = waiting[0] if waiting else self._ask(unit, wish, by, now)
        raise ApprovalNeededError(
            f"This needs a second person, who did not ask for it. Let them grant {found.id} "
            "(licence-server approval grant, or the console's approvals), then do this once more."
        )

    def use(self, unit: Unit, approval_id: str, now: int) -> dict[str, object]:
        """Spend an approval in the transaction of what it allows, and return what to record of it.

        Raises StateConflictError where somebody was quicker.
        """
        used = unit.approvals.lock(approval_id).used(now)
        unit.approvals.put(used)
        return {"approval": used.id, "approvals": used.recorded}

    def _ask(self, unit: Unit, wish: Wish, by: str, now: int) -> Approval:
        asked = Approval(new_id("apr", self.randomness), wish.deed, wish.subject, wish.terms, by, now)
        unit.approvals.add(asked)
        _note(unit, "approval_asked", asked, by, now, deed=asked.deed, terms=dict(asked.terms))
        return asked


@dataclass(frozen=True, slots=True)
class Approving:
    """Decides about what others asked for. Raises as Approval.decided, and NotFoundError."""

    units: Units
    reading: Units
    clock: Clock

    def grant(self, approval_id: str, by: str) -> Approval:
        """Allow it, once, within a week of when it was asked for."""
        return self._decide(approval_id, by, "approval_granted", granted=True)

    def refuse(self, approval_id: str, reason: str, by: str) -> Approval:
        """Refuse it, and say why."""
        return self._decide(approval_id, by, "approval_refused", granted=False, reason=reason)

    def approvals(
        self, states: Collection[ApprovalState] = APPROVAL_STATES, after: Place | None = None, most: int = MOST
    ) -> Page[Approval]:
        """Return what was asked for and is in some states now, newest first. Raises InvalidInputError."""
        check_most(most)
        with self.reading() as unit:
            found = unit.approvals.page(states, self.clock.now(), after, most + 1)
        return page_of(found, most, lambda approval: approval)

    def _decide(self, approval_id: str, by: str, event: str, *, granted: bool, reason: str = "") -> Approval:
        now = self.clock.now()
        with self.units() as unit:
            decided = unit.approvals.lock(approval_id).decided(by, now, granted=granted, reason=reason)
            unit.approvals.put(decided)
            _note(unit, event, decided, by, now, **({"reason": decided.reason} if decided.reason else {}))
        return decided


def _note(unit: Unit, event: str, approval: Approval, by: str, now: int, **details: object) -> None:
    details = {**details, "approval": approval.id, "approvals": approval.recorded}
    unit.audit.note(Note(now, by, event, approval.subject, details))
