"""Use case: move a licence to another server of the same customer."""

from dataclasses import dataclass

from keys.clock import Clock
from keys.errors import InvalidInputError, StateConflictError
from licence_server.services.issuing import Issuing
from licence_server.services.ports import Units
from licence_server.services.recording import record

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Moving:
    """Rehosts licences."""

    units: Units
    clock: Clock
    issuing: Issuing

    def rehost(self, licence_id: str, reason: str, by: str) -> str:
        """Return a code for another server; when it is used, the old server is superseded (T4, T11).

        Args:
            licence_id: an active licence.
            reason: why, in a sentence for the record.
            by: who asks.

        Raises:
            NotFoundError: there is no such licence.
            StateConflictError: it is on no server, or suspended or ended.
            InvalidInputError: no reason was given.
        """
        if not reason.strip() or len(reason) > _LONGEST_REASON:
            raise InvalidInputError(f"A rehost needs a reason of 1 to {_LONGEST_REASON} characters.")
        now = self.clock.now()
        with self.units() as unit:
            licence = unit.licences.lock(licence_id)
            if unit.activations.live(licence_id) is None:
                raise StateConflictError("The licence is on no server. For its code: licence-server licence code.")
            if licence.state_at(now) not in ("active", "recovered"):
                raise StateConflictError(f"The licence is {licence.state_at(now)}; only an active one can be moved.")
            code, facts = self.issuing.add_code(unit, licence, "rehost", now)
            record(unit, "rehost_allowed", licence, by, now, reason=reason.strip(), **facts)
        return code
