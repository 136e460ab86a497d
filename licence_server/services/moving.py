"""Use case: move a licence to another server of the same customer."""

from dataclasses import dataclass

from keys.clock import Clock
from keys.errors import InvalidInputError, StateConflictError
from licence_server.domain.approval import YEAR
from licence_server.domain.licence import Licence
from licence_server.domain.version import Versions
from licence_server.services.approving import Permits, Wish
from licence_server.services.issuing import Issuing
from licence_server.services.locking import lock_licence, look_at_licence
from licence_server.services.ports import Unit, Units
from licence_server.services.recording import record

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Moving:
    """Rehosts licences."""

    units: Units
    reading: Units
    clock: Clock
    issuing: Issuing
    permits: Permits

    def rehost(self, licence_id: str, reason: str, by: str, versions: Versions = None) -> str:
        """Return a code for another server; when it is used, the old server is superseded (T4, T11).

        Args:
            licence_id: an active licence.
            reason: why, in a sentence for the record.
            by: who asks.
            versions: those of the licence that this was decided from; None: any.

        Raises:
            NotFoundError: there is no such licence.
            StateConflictError: it is on no server, or suspended or ended.
            InvalidInputError: no reason was given.
            ChangedMeanwhileError: the licence is of none of the versions any more.
            ApprovalNeededError: the licence was moved so often in a year that it needs two people.
        """
        if not reason.strip() or len(reason) > _LONGEST_REASON:
            raise InvalidInputError(f"A rehost needs a reason of 1 to {_LONGEST_REASON} characters.")
        now = self.clock.now()
        permit = self._permit(licence_id, by, versions)
        with self.units() as unit:
            licence = lock_licence(unit, licence_id, versions)
            _check_movable(unit, licence, now)
            allowed = {} if permit is None else self.permits.use(unit, permit, now)
            code, facts = self.issuing.add_code(unit, licence, "rehost", now, permit)
            record(unit, "rehost_allowed", licence, by, now, reason=reason.strip(), **facts, **allowed)
        return code

    def _permit(self, licence_id: str, by: str, versions: Versions) -> str | None:
        now = self.clock.now()
        with self.reading() as unit:
            _check_movable(unit, look_at_licence(unit, licence_id, versions), now)
            lately = unit.codes.rehosts(licence_id, now - YEAR)
        if lately < self.permits.rules.rehosts:
            return None
        wish = Wish("rehost", licence_id, {"rehosts": lately})
        return self.permits.require(wish, by, lambda unit: unit.licences.get(licence_id))


def _check_movable(unit: Unit, licence: Licence, now: int) -> None:
    if unit.activations.live(licence.id) is None:
        raise StateConflictError("The licence is on no server. For its code: licence-server licence code.")
    if licence.state_at(now) not in ("active", "recovered"):
        raise StateConflictError(f"The licence is {licence.state_at(now)}; only an active one can be moved.")
