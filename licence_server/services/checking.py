"""Use case: find out whether the server can do its work now."""

from dataclasses import dataclass

from keys.errors import LicensingError, UnavailableError
from licence_server.services.ports import Units
from licence_server.services.ports_desk import Desk

_PROBE = b"licence-server readiness probe"
_RETRY_AFTER = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Checking:
    """Tries what every request needs."""

    reading: Units
    desk: Desk

    def check(self) -> None:
        """Read from the database, sign, and verify the signature under the trust document. Raises UnavailableError."""
        try:
            signer = self.desk.signer
            self.desk.trust.find(signer.key.kid).verify(_PROBE, signer.sign(_PROBE))
            with self.reading() as unit:
                unit.audit.head()
        except UnavailableError:
            raise
        except LicensingError as error:
            raise UnavailableError("The licence server's signing key does not work.", _RETRY_AFTER) from error
