"""Plans over HTTP: parse, call one use case, show."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Literal, cast

from pydantic import Field

from keys.documents.parts import NetworkPolicy
from keys.errors import InvalidInputError, NotFoundError, StateConflictError
from licence_server.domain.duration import Duration, DurationUnit
from licence_server.domain.licence import OnClone
from licence_server.domain.plan import Changes, Offer, Plan
from licence_server.services.planning import Planning
from licence_server.web.api.endpoint import Answer, Body, Call, Endpoint, Query

Number = Annotated[int, Field(ge=0, le=2**53)]


class DurationBody(Body):
    """So many days, or months of the calendar in UTC."""

    count: Number
    unit: DurationUnit


class PlanBody(Body):
    """A plan to be added. Null: any number of ``clients``, a ``duration`` without end, else the vendor's default."""

    name: str
    users: Number
    clients: Number | None = None
    model: Literal["concurrent", "named"] = "concurrent"
    edition: str | None = None
    features: list[str] = Field(default_factory=list)
    service: Number = 0
    overdraft_users: Number = 0
    overdraft_days: Number = 0
    duration: DurationBody | None = None
    interval: Number | None = None
    grace: Number | None = None
    on_clone: OnClone = "suspend"
    network_policy: NetworkPolicy = "enforce"


class PlanChangesBody(PlanBody):
    """What changes of a plan; what is left out stays, and null is as in a plan that is added."""

    name: str = ""
    users: Number = 0


class PlansQuery(Query):
    """Which plans: those that licences can be issued from, or retired ones too."""

    retired: bool = False


class PlanAnswer(Answer):
    """A plan. Null as in PlanBody; ``retired_at`` null: licences can be issued from it."""

    id: str
    name: str
    users: int
    clients: int | None
    model: Literal["concurrent", "named"]
    edition: str | None
    features: list[str]
    service: int
    overdraft_users: int
    overdraft_days: int
    duration: DurationBody | None
    interval: int | None
    grace: int | None
    on_clone: OnClone
    network_policy: NetworkPolicy
    created_at: int
    retired_at: int | None

    @classmethod
    def of(cls, plan: Plan) -> "PlanAnswer":
        """Show a plan."""
        offer = plan.offer
        lasting = None if offer.lasting is None else DurationBody(count=offer.lasting.count, unit=offer.lasting.unit)
        found: dict[str, Any] = {**offer.values, "features": list(offer.features), "duration": lasting}
        del found["lasting"]
        return cls(id=plan.id, name=offer.name, created_at=plan.created_at, retired_at=plan.retired_at, **found)


class PlansAnswer(Answer):
    """Plans, oldest first."""

    found: list[PlanAnswer]


def values(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a body says of a licence as the rules have it: domain.plan.Values, and whatever else is in it."""
    found = dict(said)
    for name in ("features", "networks"):
        if name in found:
            found[name] = tuple(found[name])
    if "duration" in found:
        lasting = found.pop("duration")
        found["lasting"] = None if lasting is None else Duration(**lasting)
    return found


def endpoints(planning: Planning) -> Sequence[Endpoint]:
    """Return what can be done with plans."""

    def listed(call: Call[PlansQuery]) -> PlansAnswer:
        found = planning.every_plan() if call.given.retired else planning.plans()
        return PlansAnswer(found=[PlanAnswer.of(each) for each in found])

    def show(call: Call[Query]) -> PlanAnswer:
        return PlanAnswer.of(planning.one(call.path["plan_id"]))

    def add(call: Call[PlanBody]) -> PlanAnswer:
        return PlanAnswer.of(planning.add(Offer(**values(call.given.model_dump())), call.actor.by))

    def change(call: Call[PlanChangesBody]) -> PlanAnswer:
        changes = cast("Changes", values(call.given.model_dump(exclude_unset=True)))
        return PlanAnswer.of(planning.change(call.path["plan_id"], changes, call.actor.by))

    def retire(call: Call[Body]) -> PlanAnswer:
        return PlanAnswer.of(planning.retire(call.path["plan_id"], call.actor.by))

    one, wrong = "/plans/<plan_id>", (InvalidInputError, StateConflictError)
    return (
        Endpoint(method="GET", path="/plans", name="listPlans", summary="Plans that licences are issued from",
                 right="licences.read", given=PlansQuery, answer=PlansAnswer, work=listed),
        Endpoint(method="POST", path="/plans", name="addPlan", summary="Add a plan", right="plans.write",
                 given=PlanBody, answer=PlanAnswer, status=HTTPStatus.CREATED, refusals=wrong, work=add),
        Endpoint(method="GET", path=one, name="showPlan", summary="A plan", right="licences.read",
                 answer=PlanAnswer, refusals=(NotFoundError,), work=show),
        Endpoint(method="PATCH", path=one, name="changePlan", summary="Change what a plan offers from now on",
                 right="plans.write", given=PlanChangesBody, answer=PlanAnswer, refusals=(*wrong, NotFoundError),
                 work=change),
        Endpoint(method="POST", path=f"{one}/retirement", name="retirePlan", summary="Issue nothing from it any more",
                 right="plans.write", given=Body, answer=PlanAnswer, refusals=(*wrong, NotFoundError), work=retire),
    )  # fmt: skip
