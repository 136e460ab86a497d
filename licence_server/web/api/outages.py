"""Outages over HTTP: declare one, and hand its file out again."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import Field

from keys.documents.outage import MOST_LICENCES
from keys.errors import ApprovalNeededError, InvalidInputError, NotFoundError
from licence_server.domain.outage import Declaration, Declared
from licence_server.services.declaring import Declaring
from licence_server.web.api.endpoint import Answer, Body, Call, Endpoint, Nothing
from licence_server.web.api.plans import Number


class OutageBody(Body):
    """An outage to be declared: moments are seconds since 1970, ``days`` is how many days longer leases last."""

    starts_at: Number
    ends_at: Number
    days: Number
    licences: Annotated[list[str], Field(min_length=1, max_length=MOST_LICENCES)] | Literal["all"]
    reason: str


class OutageAnswer(Answer):
    """A declared outage."""

    id: str
    starts_at: int
    ends_at: int
    days: int
    licences: list[str] | Literal["all"]
    reason: str
    declared_by: str
    declared_at: int
    approval: str | None

    @classmethod
    def of(cls, declared: Declared) -> "OutageAnswer":
        """Show one."""
        return cls(**_members(declared))


class OutagesAnswer(Answer):
    """Declared outages, newest first."""

    found: list[OutageAnswer]


class OutageFileAnswer(OutageAnswer):
    """A declared outage; ``file`` is what goes to customers (``licence-agent import``)."""

    file: str


def endpoints(declaring: Declaring) -> Sequence[Endpoint]:
    """Return what can be done with outages."""

    def handed_out(declared: Declared) -> OutageFileAnswer:
        return OutageFileAnswer(**_members(declared), file=declaring.content(declared).decode())

    def listed(_call: Call[Nothing]) -> OutagesAnswer:
        return OutagesAnswer(found=[OutageAnswer.of(each) for each in declaring.outages()])

    def show(call: Call[Nothing]) -> OutageFileAnswer:
        return handed_out(declaring.one(call.path["outage_id"]))

    def declare(call: Call[OutageBody]) -> OutageFileAnswer:
        given = call.given
        licences = None if given.licences == "all" else tuple(given.licences)
        wanted = Declaration(given.starts_at, given.ends_at, given.days, licences, given.reason)
        return handed_out(declaring.declare(wanted, call.actor.by))

    return (
        Endpoint(method="GET", path="/outages", name="listOutages", summary="Outages that were declared",
                 right="licences.read", answer=OutagesAnswer, work=listed),
        Endpoint(method="POST", path="/outages", name="declareOutage", summary="Declare an outage",
                 right="outages.declare", given=OutageBody, answer=OutageFileAnswer, status=HTTPStatus.CREATED,
                 refusals=(ApprovalNeededError, InvalidInputError, NotFoundError), work=declare),
        Endpoint(method="GET", path="/outages/<outage_id>", name="showOutage", summary="An outage, with its file",
                 right="licences.read", answer=OutageFileAnswer, refusals=(NotFoundError,), work=show),
    )  # fmt: skip


def _members(declared: Declared) -> dict[str, Any]:
    wanted = declared.declaration
    return {
        "id": declared.id,
        "starts_at": wanted.from_at,
        "ends_at": wanted.until_at,
        "days": wanted.days,
        "licences": "all" if wanted.licences is None else list(wanted.licences),
        "reason": wanted.reason,
        "declared_by": declared.declared_by,
        "declared_at": declared.declared_at,
        "approval": declared.approval,
    }
