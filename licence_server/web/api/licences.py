"""Licences over HTTP: parse, call one use case, show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal, cast

from pydantic import Field

from keys.clock import Clock
from keys.documents.parts import NetworkPolicy
from keys.errors import (
    ApprovalNeededError,
    ChangedMeanwhileError,
    InvalidInputError,
    LicensingError,
    NotFoundError,
    StateConflictError,
)
from licence_server.domain.licence import Licence, OnClone, Order, Picked, State
from licence_server.domain.plan import Given
from licence_server.domain.rights import Right
from licence_server.domain.sizes import Sizes
from licence_server.services.changing import Changing
from licence_server.services.issuing import Issuing
from licence_server.services.moving import Moving
from licence_server.services.reading import Reading
from licence_server.services.suspending import Suspending
from licence_server.web.api.customers import PageQuery, place, place_text
from licence_server.web.api.endpoint import Answer, Body, Call, Endpoint, Nothing
from licence_server.web.api.licence_answers import (
    CodeAnswer,
    HistoryAnswer,
    HoursAnswer,
    IssuedAnswer,
    LicenceAnswer,
    LicencesAnswer,
    UsageAnswer,
    ViewAnswer,
)
from licence_server.web.api.plans import DurationBody, Number, values

_ONE = "/licences/<licence_id>"
_USUAL = (InvalidInputError, NotFoundError, StateConflictError)
_CHANGES = (*_USUAL, ChangedMeanwhileError)


class LicencesQuery(PageQuery):
    """Which licences: those that meet all that is said. Moments are seconds since 1970."""

    state: State | None = None
    customer: str | None = None
    ends_before: Number | None = None
    ends_after: Number | None = None
    silent_since: Number | None = None


class OrderBody(Body):
    """A licence to be issued. What is left out is as the plan has it, without one as the vendor's settings say.

    ``users`` have to be said where there is no plan; ``ends_at`` and ``duration`` exclude each other. ``interval`` and
    ``grace`` are seconds.
    """

    customer: str
    plan: str | None = None
    users: Number = 0
    clients: Number | None = None
    model: Literal["concurrent", "named"] = "concurrent"
    edition: str | None = None
    site: str = "main"
    starts_at: Number | None = None
    ends_at: Number | None = None
    duration: DurationBody | None = None
    features: list[str] = Field(default_factory=list)
    networks: list[str] = Field(default_factory=list)
    network_policy: NetworkPolicy = "enforce"
    interval: Number | None = None
    grace: Number | None = None
    on_clone: OnClone = "suspend"
    service: Number = 0
    overdraft_users: Number = 0
    overdraft_days: Number = 0


class ReasonBody(Body):
    """Why: one word, such as ``payment_overdue``; for a move or an acknowledgement a sentence."""

    reason: str


class EndBody(Body):
    """When it ends; null: never."""

    ends_at: Number | None


class SizesBody(Body):
    """For how many; ``clients`` null: any number; of the rest what is left out stays."""

    users: Number
    clients: Number | None = None
    service: Number | None = None
    overdraft_users: Number | None = None
    overdraft_days: Number | None = None


class NetworksBody(Body):
    """Which networks are the site's, an empty list: private ranges; what is left out stays."""

    networks: list[str] | None = None
    network_policy: NetworkPolicy | None = None


@dataclass(frozen=True, slots=True)
class Licences:
    """The use cases that licences need."""

    clock: Clock
    reading: Reading
    issuing: Issuing
    moving: Moving
    suspending: Suspending
    changing: Changing

    def endpoints(self) -> Sequence[Endpoint]:
        """Return what can be done with licences."""
        return (*self._looks(), *self._deeds())

    def _looks(self) -> Sequence[Endpoint]:
        return (
            Endpoint(method="GET", path="/licences", name="listLicences", summary="A page of licences",
                     right="licences.read", given=LicencesQuery, answer=LicencesAnswer, refusals=(InvalidInputError,),
                     work=self._page),
            Endpoint(method="GET", path=_ONE, name="showLicence", summary="A licence, its server and its history",
                     right="licences.read", answer=HistoryAnswer, refusals=(NotFoundError,), work=self._show),
            Endpoint(method="GET", path=f"{_ONE}/usage", name="showUsage", summary="How many were in, by the hour",
                     right="usage.read", answer=HoursAnswer, refusals=(NotFoundError,), work=self._usage),
        )  # fmt: skip

    def _deeds(self) -> Sequence[Endpoint]:
        two = (*_CHANGES, ApprovalNeededError)
        return (
            Endpoint(method="POST", path="/licences", name="issueLicence", summary="Issue a licence",
                     right="licences.issue", given=OrderBody, answer=IssuedAnswer, status=HTTPStatus.CREATED,
                     refusals=(*_USUAL, ApprovalNeededError), work=self._issue),
            Endpoint(method="POST", path=f"{_ONE}/code", name="makeCode", summary="A new activation code",
                     right="licences.code", given=Body, answer=CodeAnswer, refusals=_CHANGES,
                     status=HTTPStatus.CREATED, work=self._code),
            Endpoint(method="POST", path=f"{_ONE}/rehost", name="rehostLicence",
                     summary="A code for another server of the same customer", right="licences.rehost",
                     given=ReasonBody, answer=CodeAnswer, refusals=two, status=HTTPStatus.CREATED, work=self._rehost),
            self._change("suspension", "suspendLicence", "Suspend it", "licences.suspend", ReasonBody, self._suspend),
            self._change("resumption", "resumeLicence", "Put it in force again", "licences.resume", ReasonBody,
                         self._resume),
            self._change("revocation", "revokeLicence", "End it for good", "licences.revoke", ReasonBody, self._revoke,
                         two),
            self._change("renewal", "renewLicence", "Give it another end", "licences.change", EndBody, self._renew),
            self._change("seats", "resizeLicence", "Change for how many it is", "licences.change", SizesBody,
                         self._resize, two),
            self._change("networks", "relocateLicence", "Change which networks are the site's", "licences.change",
                         NetworksBody, self._relocate),
            self._change("confirmation", "confirmLicence", "Confirm one that evidence brought back",
                         "licences.confirm", Body, self._confirm),
            self._change("acknowledgement", "acknowledgeLicence", "Note that what its server did is well",
                         "licences.confirm", ReasonBody, self._acknowledge),
        )  # fmt: skip

    def _change(  # noqa: PLR0917 - a row of the table above
        self,
        address: str,
        name: str,
        summary: str,
        right: Right,
        given: type[Body],
        change: Callable[[Call[Any], str], Licence],
        refusals: tuple[type[LicensingError], ...] = _CHANGES,
    ) -> Endpoint:
        """Return what changes a licence and shows what it is then."""

        def work(call: Call[Any]) -> Answer:
            licence = change(call, call.path["licence_id"])
            return LicenceAnswer.of(licence, licence.state_at(self.clock.now()))

        path = f"{_ONE}/{address}"
        return Endpoint(
            method="POST", path=path, name=name, summary=summary, right=right, given=given, answer=LicenceAnswer,
            refusals=refusals, work=work,
        )  # fmt: skip

    def _page(self, call: Call[LicencesQuery]) -> Answer:
        given = call.given
        picked = Picked(
            state=given.state,
            customer_id=given.customer,
            ends_before=given.ends_before,
            ends_after=given.ends_after,
            silent_since=given.silent_since,
        )
        found = self.reading.licences(picked, place(given.after), given.most)
        return LicencesAnswer(found=[ViewAnswer.viewed(view) for view in found.found], next=place_text(found.next))

    def _show(self, call: Call[Nothing]) -> Answer:
        return HistoryAnswer.told(self.reading.licence(call.path["licence_id"]))

    def _usage(self, call: Call[Nothing]) -> Answer:
        licence, hours = self.reading.usage(call.path["licence_id"])
        shown = [UsageAnswer(**{name: getattr(hour, name) for name in UsageAnswer.model_fields}) for hour in hours]
        return HoursAnswer(id=licence.id, hours=shown)

    def _issue(self, call: Call[OrderBody]) -> Answer:
        customer, plan, by = call.given.customer, call.given.plan, call.actor.by
        given = values(call.given.model_dump(exclude_unset=True, exclude={"customer", "plan"}))
        if plan is not None:
            licence, code = self.issuing.issue_from(plan, customer, cast("Given", given), by)
        else:
            licence, code = self.issuing.issue(Order(customer, **{"users": 0, **given}), by)
        return IssuedAnswer(**LicenceAnswer.of(licence, licence.state).__dict__, code=code)

    def _code(self, call: Call[Body]) -> Answer:
        licence_id = call.path["licence_id"]
        return CodeAnswer(id=licence_id, code=self.issuing.new_code(licence_id, call.actor.by, call.versions))

    def _rehost(self, call: Call[ReasonBody]) -> Answer:
        licence_id = call.path["licence_id"]
        code = self.moving.rehost(licence_id, call.given.reason, call.actor.by, call.versions)
        return CodeAnswer(id=licence_id, code=code)

    def _suspend(self, call: Call[ReasonBody], licence_id: str) -> Licence:
        return self.suspending.suspend(licence_id, call.given.reason, call.actor.by, call.versions)

    def _resume(self, call: Call[ReasonBody], licence_id: str) -> Licence:
        return self.suspending.resume(licence_id, call.given.reason, call.actor.by, call.versions)

    def _revoke(self, call: Call[ReasonBody], licence_id: str) -> Licence:
        return self.suspending.revoke(licence_id, call.given.reason, call.actor.by, call.versions)

    def _renew(self, call: Call[EndBody], licence_id: str) -> Licence:
        return self.changing.renew(licence_id, call.given.ends_at, call.actor.by, call.versions)

    def _resize(self, call: Call[SizesBody], licence_id: str) -> Licence:
        return self.changing.seats(licence_id, Sizes(**call.given.model_dump()), call.actor.by, call.versions)

    def _relocate(self, call: Call[NetworksBody], licence_id: str) -> Licence:
        networks = None if call.given.networks is None else tuple(call.given.networks)
        return self.changing.networks(licence_id, networks, call.given.network_policy, call.actor.by, call.versions)

    def _confirm(self, call: Call[Body], licence_id: str) -> Licence:
        return self.changing.confirm(licence_id, call.actor.by, call.versions)

    def _acknowledge(self, call: Call[ReasonBody], licence_id: str) -> Licence:
        return self.changing.acknowledge(licence_id, call.given.reason, call.actor.by, call.versions)
