"""The vendor's side in one process: every use case over a real database, with a clock that can be turned."""

import os
from dataclasses import dataclass, replace
from hashlib import sha256

from keys.documents.licence import Licence as Document
from keys.documents.licence import open_licence
from licence_server.domain.customer import Customer, NewCustomer
from licence_server.domain.licence import Licence, Order
from licence_server.domain.policy import Policy
from licence_server.services.activating import Activating
from licence_server.services.auditing import Auditing
from licence_server.services.changing import Changing
from licence_server.services.devices import device_keys
from licence_server.services.enrolling import Enrolling
from licence_server.services.issuing import Issuing
from licence_server.services.moving import Moving
from licence_server.services.ports import Units
from licence_server.services.reading import Reading
from licence_server.services.registering import Registering
from licence_server.services.signing import Signing
from licence_server.services.suspending import Suspending
from licence_server.services.validating import Validating
from licence_server.storage.engine import Database
from tests.fakes import MemoryDesk, TurnableClock

ME = "operator:tests"


class QuickPasswords:
    """What may be stored of a password (enrolling.Passwords), without the time that a real hash takes."""

    def hash(self, password: str) -> str:
        return f"quick${sha256(password.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Vendor:
    """All use cases, built as the program builds them."""

    database: Database
    desk: MemoryDesk
    clock: TurnableClock
    policy: Policy
    registering: Registering
    issuing: Issuing
    moving: Moving
    changing: Changing
    suspending: Suspending
    activating: Activating
    validating: Validating
    auditing: Auditing
    reading: Reading
    enrolling: Enrolling

    @classmethod
    def over(cls, database: Database, desk: MemoryDesk, clock: TurnableClock, units: Units | None = None) -> "Vendor":
        """Build the use cases; ``units`` replaces the database's own transactions."""
        policy, units = Policy(), units or database.unit
        reading, signing = database.reading, Signing(desk, os.urandom)
        issuing = Issuing(units, clock, os.urandom, policy)
        return cls(
            database=database,
            desk=desk,
            clock=clock,
            policy=policy,
            registering=Registering(units, reading, clock, os.urandom),
            issuing=issuing,
            moving=Moving(units, clock, issuing),
            changing=Changing(units, clock),
            suspending=Suspending(units, clock),
            activating=Activating(units, clock, os.urandom, signing, policy),
            validating=Validating(units, clock, signing, device_keys(reading)),
            auditing=Auditing(units, reading, clock, desk),
            reading=Reading(reading, clock),
            enrolling=Enrolling(units=units, clock=clock, randomness=os.urandom, passwords=QuickPasswords()),
        )

    def with_policy(self, policy: Policy) -> "Vendor":
        """The same vendor with other defaults."""
        return replace(
            self,
            policy=policy,
            issuing=replace(self.issuing, policy=policy),
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
