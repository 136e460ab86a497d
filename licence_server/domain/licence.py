"""The licence as the vendor keeps it: what was bought, its state, and what each state allows."""

import hashlib
import ipaddress
import json
import re
from dataclasses import asdict, dataclass, replace
from typing import Literal, get_args

from keys.documents.parts import Customer, NetworkPolicy, Seats, Terms
from keys.errors import InvalidInputError, LicenceNotActivatableError, StateConflictError
from licence_server.domain.duration import Duration
from licence_server.domain.finding import searchable
from licence_server.domain.sizes import Sizes, check_seats

State = Literal["issued", "active", "suspended", "revoked", "expired", "recovered"]
"""``expired`` is never stored: it follows from terms and time. ``recovered``: rebuilt from an agent's evidence."""
OnClone = Literal["suspend", "report"]
STATES: tuple[State, ...] = get_args(State)

LONGEST_INTERVAL = 90 * 86_400
LONGEST_GRACE = 400 * 86_400
_REASON = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_FEATURE = _REASON
_LONGEST_NAME = 100
_MOST_LISTED = 64


@dataclass(frozen=True, slots=True)
class Licence:
    """One licence of one customer for one site (T1, T2, T5). Moments are NumericDates, durations seconds."""

    id: str
    customer: Customer
    """Never another one (T2)."""
    product: str
    edition: str
    site: str
    state: State
    reason: str | None
    terms: Terms
    seats: Seats
    features: tuple[str, ...]
    networks: tuple[str, ...]
    threshold: int
    interval: int
    grace: int
    on_clone: OnClone
    created_at: int
    changed_at: int
    """When a person last changed it, as far as is known: evidence of an agent that is older says nothing against it."""
    network_policy: NetworkPolicy = "enforce"
    """What clients outside ``networks`` meet."""
    approved_users: int | None = None
    """For so many users, overdraft included, it was issued by whoever may; None: before anybody was asked."""
    plan: str | None = None
    """Id of the plan that it was issued from."""

    @property
    def is_approved(self) -> bool:
        """Whether those who have to have agreed to its size; nothing is signed for it otherwise."""
        return self.approved_users is None or size_of(self.seats) <= self.approved_users

    def state_at(self, now: int) -> State:
        """Return the state, in which a licence past its end and grace is expired."""
        if self.state in ("revoked", "suspended") or self.ends_for_good_at is None or now < self.ends_for_good_at:
            return self.state
        return "expired"

    @property
    def ends_for_good_at(self) -> int | None:
        """The end of the terms and their grace; None: perpetual."""
        return None if self.terms.ends_at is None else self.terms.ends_at + self.terms.grace

    @property
    def version(self) -> str:
        """Another one after every change by a person; that a server activates or leaves it is none."""
        bound = self.state in ("issued", "active", "recovered")
        return digest_of(replace(self, state="active") if bound else self)[:32]

    @property
    def search(self) -> str:
        """Where to look for the licence: see finding.searchable."""
        return searchable(self.id, self.site, self.edition)

    def check_activatable(self, now: int) -> None:
        """Refuse what must not be bound to a server now. Raises LicenceNotActivatableError."""
        state = self.state_at(now)
        if state not in ("issued", "active", "recovered"):
            raise LicenceNotActivatableError(f"The licence is {state}: ask the vendor's sales desk.")
        if now < self.terms.starts_at:
            raise LicenceNotActivatableError("The licence has not begun yet: ask the vendor's sales desk.")

    def activated(self) -> "Licence":
        """Return the licence as bound to a server; one that waits for a person's confirmation goes on waiting."""
        return self if self.state == "recovered" else replace(self, state="active")

    def released(self) -> "Licence":
        """Return the licence as bound to no server (deactivated); a suspension or an end stays."""
        return replace(self, state="issued") if self.state in ("active", "recovered") else self

    def suspended(self, reason: str, now: int) -> "Licence":
        """Return the licence suspended (T20). Raises StateConflictError when it is revoked."""
        check_reason(reason)
        self._refuse_revoked("suspended")
        return replace(self, state="suspended", reason=reason, changed_at=now)

    def resumed(self, *, bound: bool, now: int) -> "Licence":
        """Return the licence in force again. Raises StateConflictError when it is not suspended."""
        if self.state != "suspended":
            raise StateConflictError(f"Only a suspended licence can be resumed; this one is {self.state}.")
        return replace(self, state="active" if bound else "issued", reason=None, changed_at=now)

    def revoked(self, reason: str, now: int) -> "Licence":
        """Return the licence ended for good. Raises StateConflictError when it is already."""
        check_reason(reason)
        self._refuse_revoked("revoked")
        return replace(self, state="revoked", reason=reason, changed_at=now)

    def renewed(self, ends_at: int | None, now: int) -> "Licence":
        """Return the licence with another end. Raises StateConflictError, InvalidInputError."""
        self._refuse_revoked("renewed")
        if ends_at is not None and ends_at <= self.terms.starts_at:
            raise InvalidInputError("A licence must end after it starts.")
        return replace(self, terms=replace(self.terms, ends_at=ends_at), changed_at=now)

    def resized(self, sizes: Sizes, now: int) -> "Licence":
        """Return the licence for another number of users and clients (T1, T25). Raises as renewed."""
        self._refuse_revoked("changed")
        return self.sized(sizes.of(self.seats), now)

    def sized(self, seats: Seats, now: int) -> "Licence":
        """Return the licence with seats that whoever may has agreed to."""
        approved = None if self.approved_users is None else max(self.approved_users, size_of(seats))
        return replace(self, seats=seats, approved_users=approved, changed_at=now)

    def relocated(self, networks: tuple[str, ...], policy: NetworkPolicy, now: int) -> "Licence":
        """Return the licence for other networks of its site (T5, T6). Raises as renewed."""
        self._refuse_revoked("changed")
        return replace(self, networks=_canonical(networks), network_policy=policy, changed_at=now)

    def confirmed(self, *, bound: bool, now: int) -> "Licence":
        """Return a recovered licence as confirmed by a person. Raises StateConflictError when there is nothing to."""
        if self.state != "recovered":
            raise StateConflictError(f"Only a recovered licence needs to be confirmed; this one is {self.state}.")
        return replace(self, state="active" if bound else "issued", changed_at=now)

    def _refuse_revoked(self, participle: str) -> None:
        if self.state == "revoked":
            raise StateConflictError(f"A revoked licence can't be {participle}: issue another one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """Which licences somebody wants to see: those that meet all that is said. Moments are NumericDates."""

    state: State | None = None
    """With expiry counted in."""
    customer_id: str | None = None
    ends_before: int | None = None
    ends_after: int | None = None
    """Or at that moment."""
    silent_since: int | None = None
    """Only those that are on a server which was heard of last before then."""
    text: str = ""
    """Folded; see finding."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks for when issuing a licence; None: the vendor's default."""

    customer_id: str
    users: int
    clients: int | None = None
    model: Literal["concurrent", "named"] = "concurrent"
    edition: str | None = None
    site: str = "main"
    starts_at: int | None = None
    ends_at: int | None = None
    features: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    interval: int | None = None
    grace: int | None = None
    on_clone: OnClone = "suspend"
    service: int = 0
    """Integration accounts, which cost no user."""
    overdraft_users: int = 0
    """Users more than bought, on at most ``overdraft_days`` of any 30."""
    overdraft_days: int = 0
    network_policy: NetworkPolicy = "enforce"
    plan: str | None = None
    """Id of the plan that the licence is issued from."""
    lasting: Duration | None = None
    """How long from its start, in place of ``ends_at``."""

    @property
    def terms(self) -> dict[str, object]:
        """All but the customer, as JSON carries it: what an approval of the order is for."""
        found = asdict(self)
        del found["customer_id"]
        for name in ("plan", "lasting"):  # as before there were any, so that what was asked for then is still the same
            if found[name] is None:
                del found[name]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}

    def end(self, now: int) -> int | None:
        """Return when the licence ends if it is issued now; None: never. Raises InvalidInputError."""
        if self.lasting is None:
            return self.ends_at
        if self.ends_at is not None:
            raise InvalidInputError("Say when the licence ends or how long it lasts, not both.")
        return self.lasting.checked().after(now if self.starts_at is None else self.starts_at)

    @property
    def seats(self) -> Seats:
        """For how many."""
        numbers = (self.users, self.clients, self.service, self.overdraft_users, self.overdraft_days)
        return Seats(self.model, *numbers)

    def checked(self, now: int) -> "Order":
        """Return the order with networks in their canonical form. Raises InvalidInputError that names what is wrong."""
        check_seats(self.seats)
        _check_range("interval", self.interval, 1, LONGEST_INTERVAL)
        _check_range("grace", self.grace, 0, LONGEST_GRACE)
        starts_at = now if self.starts_at is None else self.starts_at
        if starts_at < 0:
            raise InvalidInputError("A licence can't start before 1970.")
        ends_at = self.end(now)
        if ends_at is not None and ends_at <= max(starts_at, now):
            raise InvalidInputError("A licence must end after today and after it starts.")
        if self.edition is not None:
            _check_label("edition", self.edition)
        _check_label("site", self.site)
        if len(self.features) > _MOST_LISTED:
            raise InvalidInputError(f"A licence names at most {_MOST_LISTED} features.")
        for feature in self.features:
            if not _FEATURE.fullmatch(feature):
                raise InvalidInputError(f"{feature!r} is no feature: use lower case letters, digits, dots and dashes.")
        return replace(self, networks=_canonical(self.networks), features=tuple(dict.fromkeys(self.features)))


def size_of(seats: Seats) -> int:
    """Return how many users may be in at the most."""
    return seats.users + seats.overdraft_users


def check_reason(reason: str) -> None:
    """Check a reason that goes onto the wire. Raises InvalidInputError."""
    if not _REASON.fullmatch(reason):
        raise InvalidInputError(f"{reason!r} is no reason: one word in lower case, such as payment_overdue.")


def _check_range(what: str, value: int | None, least: int, most: int) -> None:
    if value is not None and not least <= value <= most:
        raise InvalidInputError(f"The {what} is a number of seconds from {least} to {most}.")


def _check_label(what: str, text: str) -> None:
    shown = text.replace("\u200c", "")  # joins Persian words, though Python does not call it printable
    if not shown.strip() or len(text) > _LONGEST_NAME or not shown.isprintable():
        raise InvalidInputError(f"The {what} has 1 to {_LONGEST_NAME} printable characters.")


def _canonical(networks: tuple[str, ...]) -> tuple[str, ...]:
    if len(networks) > _MOST_LISTED:
        raise InvalidInputError(f"A licence names at most {_MOST_LISTED} networks.")
    return tuple(dict.fromkeys(_network(network) for network in networks))


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise InvalidInputError(f"{text!r} is no network in CIDR notation, such as 10.1.0.0/16.") from error


def digest_of(licence: Licence) -> str:
    """Return a digest of all that was bought and decided; the audit record carries it, so a hidden change shows."""
    bought = (licence.customer.id, licence.product, licence.edition, licence.site, licence.features, licence.networks)
    terms, seats = licence.terms.to_claims(), licence.seats.to_claims()
    rules = (licence.state, licence.reason, licence.threshold, licence.interval, licence.grace, licence.on_clone)
    moments = (licence.created_at, licence.changed_at)
    # Left out where it is as it was before there was a choice, so that older records go on being true.
    policy = () if licence.network_policy == "enforce" else (licence.network_policy,)
    # Left out where it says no more than the seats do, for the same reason.
    as_sold = licence.approved_users in (None, size_of(licence.seats))
    approved = () if as_sold else ({"approved_users": licence.approved_users},)
    plan = () if licence.plan is None else ({"plan": licence.plan},)
    everything = (licence.id, bought, terms, seats, rules, moments, *policy, *approved, *plan)
    text = json.dumps(everything, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
