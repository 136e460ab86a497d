"""What needs a second person, and the record of who did what, over HTTP."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from keys.clock import Clock
from keys.errors import InvalidInputError, NotAllowedError, NotFoundError, StateConflictError
from licence_server.domain.approval import OPEN, ApprovalState
from licence_server.domain.audit import Sought
from licence_server.domain.paging import MOST
from licence_server.services.approving import Approving
from licence_server.services.auditing import Auditing
from licence_server.web.api.answers import ApprovalAnswer, ApprovalsAnswer, EntriesAnswer, EntryAnswer, ProofAnswer
from licence_server.web.api.customers import PageQuery, place, place_text
from licence_server.web.api.endpoint import Body, Call, Endpoint, Nothing, Query
from licence_server.web.api.licences import ReasonBody
from licence_server.web.api.plans import Number


class ApprovalsQuery(PageQuery):
    """Which approvals: of one state; unless one is said, those that wait or were granted and not used yet."""

    state: ApprovalState | None = None


class EntriesQuery(Query):
    """Which entries: those that meet all that is said, after the one of a number.

    `by` is a person's name, with a colon in it just that actor; `of` is an id or `licence`, `customer`, `operator`,
    `plan`, `token`, `webhook`, `import` or `server`; `since` and `until` (not included) are seconds since 1970.
    """

    by: str = ""
    deed: str = ""
    of: str = ""
    since: Number | None = None
    until: Number | None = None
    after: Number = 0
    most: Annotated[int, Field(ge=1, le=MOST)] = 100


def endpoints(approving: Approving, auditing: Auditing, clock: Clock) -> Sequence[Endpoint]:
    """Return what can be done with approvals and the record."""

    def page(call: Call[ApprovalsQuery]) -> ApprovalsAnswer:
        states = OPEN if call.given.state is None else (call.given.state,)
        now, found = clock.now(), approving.approvals(states, place(call.given.after), call.given.most)
        shown = [ApprovalAnswer.of(each, now) for each in found.found]
        return ApprovalsAnswer(found=shown, next=place_text(found.next))

    def grant(call: Call[Body]) -> ApprovalAnswer:
        return ApprovalAnswer.of(approving.grant(call.path["approval_id"], call.actor.by), clock.now())

    def refuse(call: Call[ReasonBody]) -> ApprovalAnswer:
        refused = approving.refuse(call.path["approval_id"], call.given.reason, call.actor.by)
        return ApprovalAnswer.of(refused, clock.now())

    def entries(call: Call[EntriesQuery]) -> EntriesAnswer:
        given = call.given
        sought = Sought(by=given.by, deed=given.deed, of=given.of, since=given.since, until=given.until)
        found, following = auditing.page(sought, given.after, given.most)
        return EntriesAnswer(found=[EntryAnswer.of(each) for each in found], next=following)

    def verify(_call: Call[Nothing]) -> ProofAnswer:
        report = auditing.verify()
        return ProofAnswer(**{name: getattr(report, name) for name in ProofAnswer.model_fields})

    one, usual = "/approvals/<approval_id>", (InvalidInputError, NotAllowedError, NotFoundError, StateConflictError)
    return (
        Endpoint(method="GET", path="/approvals", name="listApprovals", summary="What waits, or may be done now",
                 right="licences.read", given=ApprovalsQuery, answer=ApprovalsAnswer, refusals=(InvalidInputError,),
                 work=page),
        Endpoint(method="POST", path=f"{one}/grant", name="grantApproval", summary="Allow once what another asked for",
                 right="approvals.decide", given=Body, answer=ApprovalAnswer, refusals=usual, work=grant),
        Endpoint(method="POST", path=f"{one}/refusal", name="refuseApproval", summary="Refuse it, and say why",
                 right="approvals.decide", given=ReasonBody, answer=ApprovalAnswer, refusals=usual, work=refuse),
        Endpoint(method="GET", path="/audit", name="listEntries", summary="Who did what", right="audit.read",
                 given=EntriesQuery, answer=EntriesAnswer, work=entries),
        Endpoint(method="GET", path="/audit/proof", name="proveAudit", summary="Whether all is as it was written",
                 right="audit.read", answer=ProofAnswer, work=verify),
    )  # fmt: skip
