"""What the operators' API shows of licences."""

from typing import Any, Literal

from keys.documents.parts import NetworkPolicy, Seats
from licence_server.domain.activation import Activation
from licence_server.domain.chain import Finding
from licence_server.domain.licence import Licence, OnClone, State
from licence_server.services.reading import Event, LicenceView, Reported
from licence_server.web.api.endpoint import Answer


class NamedAnswer(Answer):
    """Something by id and name."""

    id: str
    name: str


class ProductAnswer(Answer):
    """What is licensed."""

    name: str
    edition: str


class OverdraftAnswer(Answer):
    """Users more than bought, on so many of any 30 days."""

    users: int
    days: int


class SeatsAnswer(Answer):
    """For how many; ``clients`` null: any number."""

    model: Literal["concurrent", "named"]
    users: int
    clients: int | None
    service: int
    overdraft: OverdraftAnswer

    @classmethod
    def of(cls, seats: Seats) -> "SeatsAnswer":
        """Show seats."""
        overdraft = OverdraftAnswer(users=seats.overdraft_users, days=seats.overdraft_days)
        return cls(
            model=seats.model, users=seats.users, clients=seats.clients, service=seats.service, overdraft=overdraft
        )


class TermsAnswer(Answer):
    """From when until when, in seconds since 1970; ``ends_at`` null: for ever. ``grace`` in seconds."""

    starts_at: int
    ends_at: int | None
    grace: int


class SuspicionAnswer(Answer):
    """What a server did that nobody looked at yet, such as ``clone_suspected``, and since when."""

    finding: Finding
    at: int


class ActivationAnswer(Answer):
    """The server that a licence is on."""

    id: str
    activated_at: int
    seen_at: int
    seq: int
    host: str
    os: str
    virtualisation: str
    key: str
    components: list[str]
    suspicion: SuspicionAnswer | None

    @classmethod
    def of(cls, activation: Activation) -> "ActivationAnswer":
        """Show an activation."""
        host, found = activation.host, activation.suspicion
        return cls(
            id=activation.id,
            activated_at=activation.activated_at,
            seen_at=activation.seen_at,
            seq=activation.chain.seq,
            host=host.name,
            os=host.os,
            virtualisation=host.virtualisation,
            key=host.key,
            components=sorted(activation.components),
            suspicion=None if found is None else SuspicionAnswer(finding=found.finding, at=found.at),
        )


class LicenceAnswer(Answer):
    """A licence; another ``version`` after every change by a person."""

    id: str
    version: str
    state: State
    reason: str | None
    customer: NamedAnswer
    product: ProductAnswer
    plan: str | None
    site: str
    seats: SeatsAnswer
    terms: TermsAnswer
    features: list[str]
    networks: list[str]
    network_policy: NetworkPolicy
    interval: int
    grace: int
    on_clone: OnClone
    created_at: int

    @classmethod
    def of(cls, licence: Licence, state: State) -> "LicenceAnswer":
        """Show a licence; ``state`` is with expiry counted in."""
        return cls(**_members(licence, state))


class ViewAnswer(LicenceAnswer):
    """A licence with its server; null: it is on none."""

    activation: ActivationAnswer | None

    @classmethod
    def viewed(cls, view: LicenceView) -> "ViewAnswer":
        """Show a licence with its server."""
        server = None if view.activation is None else ActivationAnswer.of(view.activation)
        return cls(**_members(view.licence, view.state), activation=server)


class EventAnswer(Answer):
    """Something that happened."""

    code: str
    at: int
    actor: str
    details: dict[str, Any]

    @classmethod
    def of(cls, event: Event) -> "EventAnswer":
        """Show an event."""
        return cls(code=event.code, at=event.at, actor=event.actor, details=dict(event.details))


class ReportedAnswer(Answer):
    """What agents told of in 30 days, and how often."""

    code: str
    count: int
    last_at: int

    @classmethod
    def of(cls, reported: Reported) -> "ReportedAnswer":
        """Show what was told."""
        return cls(code=reported.code, count=reported.count, last_at=reported.last_at)


class HistoryAnswer(ViewAnswer):
    """A licence with its server and its history, oldest first."""

    events: list[EventAnswer]
    reported: list[ReportedAnswer]

    @classmethod
    def told(cls, view: LicenceView) -> "HistoryAnswer":
        """Show a licence with its history."""
        base = ViewAnswer.viewed(view)
        events = [EventAnswer.of(event) for event in view.events]
        reported = [ReportedAnswer.of(each) for each in view.reported]
        return cls(**base.__dict__, events=events, reported=reported)


class LicencesAnswer(Answer):
    """A page of licences, newest first; ``next`` is the ``after`` of the following one."""

    found: list[ViewAnswer]
    next: str | None


class IssuedAnswer(LicenceAnswer):
    """A licence that was issued; its activation code is shown this once."""

    code: str


class CodeAnswer(Answer):
    """An activation code, which is shown this once."""

    id: str
    code: str


class UsageAnswer(Answer):
    """An hour, by its beginning: peaks, and how often there was no free seat."""

    hour_at: int
    users: int
    clients: int
    refused: int
    waited: int


class HoursAnswer(Answer):
    """What a licence's servers told, hour by hour, oldest first."""

    id: str
    hours: list[UsageAnswer]


def _members(licence: Licence, state: State) -> dict[str, Any]:
    terms = licence.terms
    return {
        "id": licence.id,
        "version": licence.version,
        "state": state,
        "reason": licence.reason,
        "customer": NamedAnswer(id=licence.customer.id, name=licence.customer.name),
        "product": ProductAnswer(name=licence.product, edition=licence.edition),
        "plan": licence.plan,
        "site": licence.site,
        "seats": SeatsAnswer.of(licence.seats),
        "terms": TermsAnswer(starts_at=terms.starts_at, ends_at=terms.ends_at, grace=terms.grace),
        "features": list(licence.features),
        "networks": list(licence.networks),
        "network_policy": licence.network_policy,
        "interval": licence.interval,
        "grace": licence.grace,
        "on_clone": licence.on_clone,
        "created_at": licence.created_at,
    }
