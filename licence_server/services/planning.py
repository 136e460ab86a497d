"""Use cases: plans. One public method is one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from keys.clock import Clock
from keys.errors import StateConflictError
from keys.identity import Randomness, new_id
from licence_server.domain.audit import Note
from licence_server.domain.plan import MOST_PLANS, Changes, Offer, Plan
from licence_server.services.ports import Unit, Units


@dataclass(frozen=True, slots=True)
class Planning:
    """Keeps what the vendor sells again and again."""

    units: Units
    reading: Units
    clock: Clock
    randomness: Randomness

    def add(self, offer: Offer, by: str) -> Plan:
        """Add a plan that licences can be issued from.

        Raises:
            InvalidInputError: the offer has a mistake; the sentence says which.
            StateConflictError: a plan in use has the name, or there are too many.
        """
        plan = Plan(new_id("pln", self.randomness), offer.checked(), self.clock.now())
        with self.units() as unit:
            if len(_open(unit)) >= MOST_PLANS:
                raise StateConflictError(f"There are {MOST_PLANS} plans already: retire one that nobody sells.")
            _check_name(unit, plan)
            unit.plans.add(plan)
            self._note(unit, "plan_added", plan, by, name=plan.offer.name)
        return plan

    def change(self, plan_id: str, changes: Changes, by: str) -> Plan:
        """Change what a plan offers from now on; licences that were issued from it stay as they are.

        Raises:
            InvalidInputError: a value is wrong; the sentence says which.
            NotFoundError: there is no such plan.
            StateConflictError: it is retired, or another plan in use has the name.
        """
        with self.units() as unit:
            before = unit.plans.lock(plan_id)
            plan = before.changed(changes)
            if plan == before:
                return before
            _check_name(unit, plan)
            unit.plans.put(plan)
            self._note(unit, "plan_changed", plan, by, changes=plan.differences(before))
        return plan

    def retire(self, plan_id: str, by: str) -> Plan:
        """Issue nothing from a plan any more. Raises NotFoundError; StateConflictError: it is retired already."""
        with self.units() as unit:
            plan = unit.plans.lock(plan_id).retired(self.clock.now())
            unit.plans.put(plan)
            self._note(unit, "plan_retired", plan, by)
        return plan

    def plans(self) -> Sequence[Plan]:
        """Return the plans that licences can be issued from, oldest first."""
        with self.reading() as unit:
            return _open(unit)

    def every_plan(self) -> Sequence[Plan]:
        """Return all plans, retired ones too, oldest first."""
        with self.reading() as unit:
            return unit.plans.all()

    def one(self, plan_id: str) -> Plan:
        """Return a plan. Raises NotFoundError."""
        with self.reading() as unit:
            return unit.plans.get(plan_id)

    def _note(self, unit: Unit, event: str, plan: Plan, by: str, **details: object) -> None:
        unit.audit.note(Note(self.clock.now(), by, event, plan.id, {**details, "plans": plan.recorded}))


def _check_name(unit: Unit, plan: Plan) -> None:
    if any(each.offer.name == plan.offer.name for each in _open(unit) if each.id != plan.id):
        raise StateConflictError(f"There is a plan {plan.offer.name} already: take another name, or retire that one.")


def _open(unit: Unit) -> Sequence[Plan]:
    return [plan for plan in unit.plans.all() if plan.retired_at is None]
