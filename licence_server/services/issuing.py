"""Use cases: issue a licence, and give out activation codes."""

from dataclasses import dataclass

from keys.clock import Clock
from keys.documents.parts import Customer, Terms
from keys.errors import StateConflictError
from keys.identity import Randomness, code_digest, new_code, new_id
from licence_server.domain.code import Code, Purpose
from licence_server.domain.customer import Customer as Buyer
from licence_server.domain.licence import Licence, Order, size_of
from licence_server.domain.plan import Given
from licence_server.domain.policy import Policy
from licence_server.domain.version import Versions
from licence_server.services.approving import Permits, Wish
from licence_server.services.locking import lock_licence
from licence_server.services.ports import Unit, Units
from licence_server.services.recording import facts, record


@dataclass(frozen=True, slots=True)
class Issuing:
    """Makes licences and codes."""

    units: Units
    clock: Clock
    randomness: Randomness
    policy: Policy
    permits: Permits

    def issue(self, order: Order, by: str) -> tuple[Licence, str]:
        """Issue a licence, and return it with its activation code, which is shown this once (T2, T14).

        Raises:
            InvalidInputError: the order has a mistake; the sentence says which.
            NotFoundError: there is no such customer, or no such plan.
            StateConflictError: its plan is retired.
            ApprovalNeededError: it is for more users than one person may issue alone.
        """
        now = self.clock.now()
        order = order.checked(now)
        permit = self._permit(order, by)
        with self.units() as unit:
            licence = self._added(unit, order, now)
            allowed = {} if permit is None else self.permits.use(unit, permit, now)
            code, made = self.add_code(unit, licence, "activation", now)
            self._record(unit, licence, by, now, **made, **allowed)
        return licence, code

    def issue_within(self, unit: Unit, order: Order, by: str, **details: object) -> Licence:
        """Issue a licence without a code, by a checked order that one person may give, in the caller's transaction.

        ``details`` go into the record. Raises NotFoundError, StateConflictError as ``issue``.
        """
        now = self.clock.now()
        licence = self._added(unit, order, now)
        self._record(unit, licence, by, now, **details)
        return licence

    def _added(self, unit: Unit, order: Order, now: int) -> Licence:
        customer = _buyer(unit, order)
        licence = self._licence(order, Customer(customer.id, customer.name), now)
        unit.licences.add(licence)
        return licence

    def _record(self, unit: Unit, licence: Licence, by: str, now: int, **details: object) -> None:
        about = {"customer": licence.customer.id, **facts(licence), **details}
        if licence.plan is not None:
            about["plan"] = licence.plan
        record(unit, "licence_issued", licence, by, now, **about)

    def issue_from(self, plan_id: str, customer_id: str, given: Given, by: str) -> tuple[Licence, str]:
        """Issue a licence from a plan, where nothing else is given for this one. Returns and raises as ``issue``."""
        with self.units() as unit:
            plan = unit.plans.get(plan_id)
        return self.issue(plan.order(customer_id, given), by)

    def _permit(self, order: Order, by: str) -> str | None:
        if size_of(order.seats) <= self.permits.rules.users:
            return None
        wish = Wish("issue", order.customer_id, order.terms)
        return self.permits.require(wish, by, lambda unit: _buyer(unit, order))

    def new_code(self, licence_id: str, by: str, versions: Versions = None) -> str:
        """Return another activation code for a licence that is on no server; older unused codes are void.

        Raises:
            NotFoundError: there is no such licence.
            StateConflictError: it is active on a server (a rehost moves it), or ended.
            ChangedMeanwhileError: it is of none of the versions any more.
        """
        now = self.clock.now()
        with self.units() as unit:
            licence = lock_licence(unit, licence_id, versions)
            if unit.activations.live(licence_id) is not None:
                raise StateConflictError(
                    "The licence is active on a server. To move it: licence-server licence rehost."
                )
            if licence.state_at(now) in ("revoked", "expired"):
                raise StateConflictError(f"The licence is {licence.state_at(now)}; a code would not activate it.")
            code, made = self.add_code(unit, licence, "activation", now)
            record(unit, "code_issued", licence, by, now, **made)
        return code

    def add_code(
        self, unit: Unit, licence: Licence, purpose: Purpose, now: int, approval: str | None = None
    ) -> tuple[str, dict[str, object]]:
        """Make the only valid code of a licence, within the caller's transaction; return what to record of it, too."""
        unit.codes.void_unused(licence.id, now)
        code = new_code(self.randomness)
        ends_at = now + self.policy.code_lifetime
        kept = Code(code_digest(code), licence.id, purpose, now, ends_at, approval=approval)
        unit.codes.add(kept)
        return code, {"code": kept.facts()}

    def _licence(self, order: Order, customer: Customer, now: int) -> Licence:
        policy = self.policy
        starts_at = now if order.starts_at is None else order.starts_at
        return Licence(
            id=new_id("lic", self.randomness),
            customer=customer,
            product=policy.product,
            edition=policy.edition if order.edition is None else order.edition,
            site=order.site,
            state="issued",
            reason=None,
            terms=Terms(starts_at, order.end(now), policy.terms_grace, None),
            seats=order.seats,
            features=order.features,
            networks=order.networks,
            threshold=policy.threshold,
            interval=policy.interval if order.interval is None else order.interval,
            grace=policy.grace if order.grace is None else order.grace,
            on_clone=order.on_clone,
            created_at=now,
            changed_at=now,
            network_policy=order.network_policy,
            approved_users=size_of(order.seats),
            plan=order.plan,
        )


def _buyer(unit: Unit, order: Order) -> Buyer:
    """Return who gets the licence, if it can be issued. Raises NotFoundError, StateConflictError."""
    if order.plan is not None:
        unit.plans.get(order.plan).check_open()
    return unit.customers.get(order.customer_id)
