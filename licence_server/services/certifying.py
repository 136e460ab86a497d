"""Use case: a certificate of a licence, to be printed."""

from dataclasses import dataclass

from keys.clock import Clock
from licence_server.domain.certificate import Certificate, Language
from licence_server.domain.days import DAY
from licence_server.services.ports import Units
from licence_server.services.ports_certificate import Printer


@dataclass(frozen=True, slots=True, kw_only=True)
class Certifying:
    """Prints certificates; changes nothing, so nothing is recorded."""

    reading: Units
    clock: Clock
    issuer: str
    printer: Printer

    def certificate(self, licence_id: str, language: Language) -> bytes:
        """Return a licence as it is today as a PDF. Raises NotFoundError, UnavailableError."""
        now = self.clock.now()
        with self.reading() as unit:
            licence = unit.licences.get(licence_id)
        shown = Certificate(self.issuer, licence, licence.state_at(now), now // DAY * DAY)
        return self.printer.print(shown, language)
