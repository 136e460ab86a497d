"""The vendor's side in one process: every use case over a real database, with a clock that can be turned."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256

from keys.documents.licence import Licence as Document
from keys.documents.licence import open_licence
from keys.sealing import Sealing
from licence_server.domain.customer import Customer, NewCustomer
from licence_server.domain.imports import ImportKind
from licence_server.domain.licence import Licence, Order
from licence_server.domain.policy import Policy
from licence_server.domain.session import Lifetimes
from licence_server.passkeys import Ceremonies
from licence_server.services.activating import Activating
from licence_server.services.admitting import Admitting
from licence_server.services.approving import Approving, Permits
from licence_server.services.attending import Attending
from licence_server.services.auditing import Auditing
from licence_server.services.authenticating import Authenticating
from licence_server.services.changing import Changing
from licence_server.services.declaring import Declaring
from licence_server.services.delegating import Delegating
from licence_server.services.devices import device_keys
from licence_server.services.enrolling import Enrolling
from licence_server.services.equipping import Equipping
from licence_server.services.exchanging import Exchanging
from licence_server.services.exporting import Exporting
from licence_server.services.finding import Finding
from licence_server.services.imported_codes import ImportedCodes
from licence_server.services.importing import Importing, Things
from licence_server.services.importing_customers import CustomerRows
from licence_server.services.importing_licences import LicenceRows
from licence_server.services.issuing import Issuing
from licence_server.services.moving import Moving
from licence_server.services.planning import Planning
from licence_server.services.ports import Units
from licence_server.services.proving import Attempts, Proving
from licence_server.services.reading import Reading
from licence_server.services.recognising import Recognising
from licence_server.services.registering import Registering
from licence_server.services.renewing import Renewing
from licence_server.services.repeating import Repeating
from licence_server.services.securing import Securing
from licence_server.services.signing import Signing
from licence_server.services.signing_in import SigningIn
from licence_server.services.suspending import Suspending
from licence_server.services.validating import Validating
from licence_server.storage.engine import Database
from licence_server.totp import Totp
from licence_server.workbooks import Workbooks
from tests.fakes import MemoryDesk, TurnableClock

ME = "operator:tests"
SEALING = Sealing(b"the passphrase of tests", "https://licence.example.com", os.urandom)
"""One for all: its key takes a tenth of a second."""


class QuickPasswords:
    """What may be stored of a password (ports_access.Passwords), without the time that a real hash takes.

    ``verified`` is every hash that one was compared with: it counts the work. ``meanwhile`` is what others do before
    the answer is there.
    """

    def __init__(self) -> None:
        self.verified: list[str | None] = []
        self.meanwhile: Callable[[], object] = bool

    def hash(self, password: str) -> str:
        return f"quick${sha256(password.encode()).hexdigest()}"

    def verify(self, stored: str | None, password: str) -> bool:
        self.verified.append(stored)
        self.meanwhile()
        return stored in (self.hash(password), f"old${password}")

    def needs_rehash(self, stored: str) -> bool:
        return stored.startswith("old$")

    def weakness(self, password: str, words: tuple[str, ...]) -> str | None:
        return "It has a name in it." if any(word in password for word in words) else None


@dataclass(frozen=True, slots=True)
class Vendor:
    """All use cases, built as the program builds them."""

    database: Database
    desk: MemoryDesk
    clock: TurnableClock
    policy: Policy
    registering: Registering
    planning: Planning
    issuing: Issuing
    moving: Moving
    changing: Changing
    suspending: Suspending
    activating: Activating
    validating: Validating
    auditing: Auditing
    reading: Reading
    renewing: Renewing
    finding: Finding
    enrolling: Enrolling
    passwords: QuickPasswords
    signing_in: SigningIn
    authenticating: Authenticating
    securing: Securing
    recognising: Recognising
    equipping: Equipping
    delegating: Delegating
    approving: Approving
    attending: Attending
    repeating: Repeating

    @classmethod
    def over(cls, database: Database, desk: MemoryDesk, clock: TurnableClock, units: Units | None = None) -> "Vendor":
        """Build the use cases; ``units`` replaces the database's own transactions."""
        policy, units = Policy(), units or database.unit
        reading, signing = database.reading, Signing(desk, os.urandom)
        permits = Permits(units, clock, os.urandom, policy.four_eyes)
        issuing = Issuing(units, clock, os.urandom, policy, permits)
        passwords, lifetimes, ceremonies = QuickPasswords(), Lifetimes(), Ceremonies(desk.issuer)
        admitting = Admitting(randomness=os.urandom, lifetimes=lifetimes)
        proving = Proving(
            units=units,
            reading=reading,
            clock=clock,
            passwords=passwords,
            authenticator=Totp(os.urandom),
            seal=SEALING,
            attempts=Attempts(10, 600),
        )
        securing = Securing(proving=proving, randomness=os.urandom)
        return cls(
            database=database,
            desk=desk,
            clock=clock,
            policy=policy,
            registering=Registering(units, reading, clock, os.urandom),
            planning=Planning(units, reading, clock, os.urandom),
            issuing=issuing,
            moving=Moving(units, reading, clock, issuing, permits),
            changing=Changing(units, reading, clock, permits),
            suspending=Suspending(units, clock, permits),
            activating=Activating(units, clock, os.urandom, signing, policy),
            validating=Validating(units, clock, signing, device_keys(reading)),
            auditing=Auditing(units, reading, clock, desk),
            reading=Reading(reading, clock),
            renewing=Renewing(units, reading, clock),
            finding=Finding(reading, clock),
            enrolling=Enrolling(units=units, reading=reading, clock=clock, randomness=os.urandom, passwords=passwords),
            passwords=passwords,
            signing_in=SigningIn(proving=proving, admitting=admitting, randomness=os.urandom, issuer="licences"),
            authenticating=Authenticating(units=units, reading=reading, clock=clock, lifetimes=lifetimes),
            securing=securing,
            recognising=Recognising(proving=proving, admitting=admitting, ceremonies=ceremonies),
            equipping=Equipping(securing=securing, ceremonies=ceremonies, randomness=os.urandom),
            delegating=Delegating(units=units, reading=reading, clock=clock, randomness=os.urandom, securing=securing),
            approving=Approving(units, reading, clock),
            attending=Attending(reading=reading, clock=clock, desk=desk, silence=3 * 86_400),
            repeating=Repeating(units, clock, SEALING),
        )

    @property
    def exchanging(self) -> Exchanging:
        """Answers to what is carried, by the other use cases."""
        return Exchanging(self.issuing.units, self.clock, self.activating, self.validating, self.desk)

    @property
    def declaring(self) -> Declaring:
        """Outages, under the same rules as all else."""
        mine, signing = self.approving, self.activating.signing
        return Declaring(mine.units, mine.reading, self.clock, os.urandom, signing, self.issuing.permits)

    @property
    def importing(self) -> Importing:
        """Imports of files, over the other use cases."""
        mine = self.registering
        kinds: dict[ImportKind, Things] = {"customers": CustomerRows(mine), "licences": LicenceRows(self.issuing)}
        return Importing(mine.units, mine.reading, self.clock, os.urandom, Workbooks(), kinds)

    @property
    def exporting(self) -> Exporting:
        """Exports of what there is."""
        return Exporting(self.reading)

    @property
    def imported_codes(self) -> ImportedCodes:
        """Codes of imported licences."""
        return ImportedCodes(self.issuing.units, self.clock, self.issuing)

    def with_policy(self, policy: Policy) -> "Vendor":
        """The same vendor with other defaults."""
        permits = replace(self.issuing.permits, rules=policy.four_eyes)
        issuing = replace(self.issuing, policy=policy, permits=permits)
        return replace(
            self,
            policy=policy,
            issuing=issuing,
            moving=replace(self.moving, issuing=issuing, permits=permits),
            changing=replace(self.changing, permits=permits),
            suspending=replace(self.suspending, permits=permits),
            activating=replace(self.activating, policy=policy),
        )

    def customer(self, name: str = "فولاد پارس") -> Customer:
        return self.registering.add(NewCustomer(name), ME)

    def sell(self, customer_id: str | None = None, **changes) -> tuple[Licence, str]:
        """Issue a licence for 3 users, and return it with its code."""
        order = Order(customer_id or self.customer().id, users=3)
        return self.issuing.issue(replace(order, **changes), ME)

    def licence(self, licence_id: str) -> Licence:
        return self.reading.licence(licence_id).licence

    def events(self, licence_id: str) -> list[str]:
        """What happened to a licence, oldest first, without the routine."""
        return [event.code for event in self.reading.licence(licence_id).events]

    def opened(self, document: bytes) -> Document:
        return open_licence(document, self.desk.trust)
