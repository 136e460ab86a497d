"""Use case: declare an outage, by which leases go on that would end in it (T7)."""

from collections.abc import Sequence
from dataclasses import dataclass

from keys.carried import write_carried
from keys.clock import Clock
from keys.documents.outage import Outage
from keys.identity import Randomness, new_id
from licence_server.domain.audit import Note
from licence_server.domain.outage import DAY, SUBJECT, Declaration, Declared
from licence_server.services.approving import Permits, Wish
from licence_server.services.ports import Unit, Units
from licence_server.services.signing import Signing


@dataclass(frozen=True, slots=True)
class Declaring:
    """Declares outages, and hands their documents out again."""

    units: Units
    reading: Units
    clock: Clock
    randomness: Randomness
    signing: Signing
    permits: Permits

    def declare(self, wanted: Declaration, by: str) -> Declared:
        """Declare an outage and sign its document. What was declared can't be taken back: it is out in the world.

        Raises:
            InvalidInputError: the outage can't be as it is wanted.
            NotFoundError: there is no licence of a name that it names.
            ApprovalNeededError: the vendor wants two people for what matters, and this always does.
            UnavailableError: the server's clock went back, or its database does not answer.
        """
        now = self.clock.now()
        wanted = wanted.checked(now)
        permit = self._permit(wanted, by)
        with self.units() as unit:
            _check_licences(unit, wanted)
            outage_id = new_id("out", self.randomness)
            allowed = {} if permit is None else self.permits.use(unit, permit, now)
            document = self.signing.outage(
                unit, self._document(outage_id, wanted, now), wanted, self.permits.rules, permit
            )
            declared = Declared(outage_id, wanted, by, now, permit, document.decode())
            unit.outages.add(declared)
            about = {**wanted.terms, "outages": declared.recorded, **allowed}
            unit.audit.note(Note(now, by, "outage_declared", outage_id, about))
        return declared

    def outages(self) -> Sequence[Declared]:
        """Return all that were ever declared, newest first."""
        with self.reading() as unit:
            return unit.outages.all()

    def one(self, outage_id: str) -> Declared:
        """Return one. Raises NotFoundError."""
        with self.reading() as unit:
            return unit.outages.get(outage_id)

    def content(self, declared: Declared) -> bytes:
        """Return the file for customers: the document, and the trust document by which agents believe it."""
        return write_carried([declared.document.encode(), self.signing.desk.trust_document])

    def _permit(self, wanted: Declaration, by: str) -> str | None:
        if not self.permits.rules.is_on:
            return None
        wish = Wish("outage", SUBJECT, wanted.terms)
        return self.permits.require(wish, by, lambda unit: _check_licences(unit, wanted))

    def _document(self, outage_id: str, wanted: Declaration, now: int) -> Outage:
        return Outage(
            issuer=self.signing.desk.trust.issuer,
            document_id=outage_id,
            issued_at=now,
            from_at=wanted.from_at,
            until_at=wanted.until_at,
            extends=wanted.days * DAY,
            licences=wanted.licences,
        )


def _check_licences(unit: Unit, wanted: Declaration) -> None:
    for licence_id in wanted.licences or ():
        unit.licences.get(licence_id)
