"""What the use cases need from the outside: a unit of work over the stored things."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from keys.documents.licence import Licence as Document
from keys.documents.requests import Usage
from licence_server.domain.activation import Activation
from licence_server.domain.audit import Entry, Head, Note, Sought
from licence_server.domain.code import Code
from licence_server.domain.customer import Customer, NewCustomer
from licence_server.domain.days import Days
from licence_server.domain.licence import Licence, Picked
from licence_server.domain.paging import Place
from licence_server.services.ports_access import Challenges, Operators, Passkeys, Repeats, Sessions, Tokens
from licence_server.services.ports_attention import Approvals, Attention
from licence_server.services.ports_importing import Imports
from licence_server.services.ports_outages import Outages
from licence_server.services.ports_plans import Plans
from licence_server.services.ports_webhooks import Deliveries, Webhooks


class Customers(Protocol):
    """Customers at rest."""

    def add(self, customer: Customer) -> None:
        """Store a customer. Raises StateConflictError when its id or national id is registered already."""

    def put(self, customer: Customer) -> None:
        """Store a changed customer. Raises StateConflictError when the national id is another one's."""

    def get(self, customer_id: str) -> Customer:
        """Return a customer to look at. Raises NotFoundError."""

    def lock(self, customer_id: str) -> Customer:
        """Return a customer, whom nobody else changes until the unit ends. Raises NotFoundError."""

    def find(self, customer_id: str) -> Customer | None:
        """Return a customer, or None."""

    def with_national_id(self, national_id: str) -> Customer | None:
        """Return the customer of that national id, or None."""

    def some(self, ids: Collection[str]) -> Mapping[str, Customer]:
        """Return customers by id, as far as they are there."""

    def called(self, national_ids: Collection[str], names: Collection[str]) -> Sequence[Customer]:
        """Return customers who have one of some national ids or, letter by letter, one of some names."""

    def page(self, text: str, after: Place | None, most: int) -> Sequence[Customer]:
        """Return customers in whom a folded text is found (empty: all), newest first, beginning after a place."""

    def alike(self, new: NewCustomer, most: int) -> Sequence[Customer]:
        """Return customers who are ``alike`` somebody, among the newest ``most`` that may be."""

    def all(self) -> Sequence[Customer]:
        """Return every customer, oldest first. Raises StateDamagedError when one can't be found by what is known."""


class Licences(Protocol):
    """Licences at rest."""

    def add(self, licence: Licence) -> None:
        """Store a licence. Raises StateConflictError when its id is taken."""

    def lock(self, licence_id: str) -> Licence:
        """Return a licence, which nobody else changes until the unit ends. Raises NotFoundError."""

    def find_locked(self, licence_id: str) -> Licence | None:
        """As lock, but None where there is none."""

    def get(self, licence_id: str) -> Licence:
        """Return a licence to look at. Raises NotFoundError."""

    def some(self, ids: Collection[str]) -> Mapping[str, Licence]:
        """Return licences by id, as far as they are there."""

    def put(self, licence: Licence) -> None:
        """Store a changed licence; its customer can't be changed (T2)."""

    def page(self, picked: Picked, now: int, after: Place | None, most: int) -> Sequence[Licence]:
        """Return the licences that somebody wants to see, newest first, beginning after a place."""

    def ending(self, since: int, before: int, after: Place | None, most: int) -> Sequence[Licence]:
        """Return those that end in a span and are not revoked, by their end; their places are moments of ends."""

    def of_customers(self, ids: Collection[str]) -> Sequence[Licence]:
        """Return every licence of some customers, oldest first."""

    def all(self) -> Sequence[Licence]:
        """Return every licence, oldest first. Raises as customers do."""


class Codes(Protocol):
    """Activation codes at rest, as digests."""

    def add(self, code: Code) -> None:
        """Store a code."""

    def get(self, digest: str) -> Code:
        """Return a code. Raises CodeUnknownError."""

    def all(self) -> Sequence[Code]:
        """Return every code."""

    def use(self, digest: str, activation_id: str, now: int) -> None:
        """Mark a code as used."""

    def rehosts(self, licence_id: str, since: int) -> int:
        """Return how often the licence was moved to another server since."""

    def void_unused(self, licence_id: str | None, now: int, made_until: int | None = None) -> int:
        """Withdraw the unused codes of a licence (None: of all), or those made until then, and return how many."""


class Activations(Protocol):
    """Activations at rest. Whoever writes holds the lock of the licence."""

    def add(self, activation: Activation) -> None:
        """Store an activation. Raises LicenceNotActivatableError when its device key serves another one."""

    def find(self, activation_id: str) -> Activation | None:
        """Return an activation, or None."""

    def with_key(self, device_key: str) -> Activation | None:
        """Return the activation that a device key serves, the first one or the one that took its place, or None."""

    def live(self, licence_id: str) -> Activation | None:
        """Return the one live activation of a licence, or None."""

    def live_of(self, licence_ids: Collection[str]) -> Mapping[str, Activation]:
        """Return the live activations of some licences, by licence."""

    def days_of(self, licence_id: str) -> tuple[int | None, Days]:
        """Return when a licence was activated first, and the days of all its newest activations together."""

    def all(self) -> Iterable[Activation]:
        """Return every activation that ever was."""

    def put(self, activation: Activation) -> None:
        """Store a changed activation."""


class Documents(Protocol):
    """Which documents were signed, and for which request; the bytes are kept with the activation."""

    def add(self, document: Document, request_id: str, *, moved: bool = False) -> None:
        """Remember a document and the request it answers.

        Args:
            document: what was signed.
            request_id: of the request.
            moved: it is bound to the device key that took the first one's place.

        Raises RequestReplayedError: that request was answered before.
        """

    def knows(self, activation_id: str, document_id: str) -> bool:
        """Tell whether the document was signed for that activation."""

    def is_moved(self, activation_id: str, document_id: str) -> bool | None:
        """Tell whether a document is bound to the key that took the first one's place; None: it is unknown."""


class Usages(Protocol):
    """Seat usage that agents report, hour by hour."""

    def put(self, activation_id: str, usage: Iterable[Usage]) -> None:
        """Store hours. Of one that is reported twice the higher counts stay: agents always tell the whole hour."""

    def of(self, licence_id: str) -> Sequence[Usage]:
        """Return all hours of a licence, oldest first; of an hour on two servers, the higher counts."""


class Audit(Protocol):
    """The audit record. Notes are chained and stored when the unit ends, in its transaction."""

    def note(self, note: Note) -> None:
        """Write down who did what."""

    def head(self) -> Head | None:
        """Return the end of the record, or None while it is empty."""

    def entries(self, after: int = 0) -> Iterable[Entry]:
        """Return entries in their order, beginning after a number."""

    def search(
        self, sought: Sought, actors: Sequence[str], after: int, most: int, *, newest: bool = False
    ) -> Sequence[Entry]:
        """Return the entries that somebody looks for, beginning after the one of a number (0: with the first).

        ``actors`` are those that ``sought.by`` means. Oldest first, unless told otherwise: as they were written, and
        where moments are asked for, by them.
        """

    def telling(self, subject: str, most: int) -> Sequence[Entry]:
        """Return the newest entries of one subject in order, without the routine ones."""

    def routine(self, subject: str, since: int, most: int) -> Sequence[Entry]:
        """Return the newest routine entries of one subject in order that are younger than a moment."""

    def count(self) -> int:
        """Return how many entries there are."""

    def allow_clock(self, now: int) -> None:
        """Take the present time as right, though the last signature was later."""

    def add_checkpoint(self, seq: int, at: int, document: str) -> None:
        """Store a signed checkpoint."""

    def checkpoints(self) -> Sequence[tuple[int, str]]:
        """Return the checkpoints: number of the entry, signed document."""


class Unit(Protocol):
    """One transaction. All that is done in it is stored when it ends well, and none of it otherwise."""

    @property
    def customers(self) -> Customers:
        """Customers."""

    @property
    def licences(self) -> Licences:
        """Licences."""

    @property
    def codes(self) -> Codes:
        """Activation codes."""

    @property
    def activations(self) -> Activations:
        """Activations."""

    @property
    def documents(self) -> Documents:
        """Documents that were signed."""

    @property
    def usages(self) -> Usages:
        """Reported usage."""

    @property
    def audit(self) -> Audit:
        """The audit record."""

    @property
    def operators(self) -> Operators:
        """The vendor's people."""

    @property
    def sessions(self) -> Sessions:
        """Their sessions."""

    @property
    def tokens(self) -> Tokens:
        """Their API tokens."""

    @property
    def passkeys(self) -> Passkeys:
        """Their passkeys."""

    @property
    def challenges(self) -> Challenges:
        """What passkeys are to answer."""

    @property
    def repeats(self) -> Repeats:
        """What programs asked for under a key."""

    @property
    def approvals(self) -> Approvals:
        """Wishes that need a second person."""

    @property
    def outages(self) -> Outages:
        """Declared outages."""

    @property
    def plans(self) -> Plans:
        """What is sold again and again."""

    @property
    def attention(self) -> Attention:
        """What needs somebody."""

    @property
    def imports(self) -> Imports:
        """Files that were checked, and how far the work on them has come."""

    @property
    def webhooks(self) -> Webhooks:
        """Where events are sent."""

    @property
    def deliveries(self) -> Deliveries:
        """What is sent there."""


Units = Callable[[], AbstractContextManager[Unit]]
