"""Use cases: suspend, resume, revoke. The agent follows at its next validation."""

from dataclasses import dataclass

from keys.clock import Clock
from licence_server.domain.licence import Licence
from licence_server.domain.version import Versions
from licence_server.services.approving import Permits, Wish
from licence_server.services.locking import lock_licence, look_at_licence
from licence_server.services.ports import Units
from licence_server.services.recording import bound, record


@dataclass(frozen=True, slots=True)
class Suspending:
    """Stops and restarts licences. Every method raises NotFoundError, StateConflictError, InvalidInputError.

    And ChangedMeanwhileError, where the licence is of none of the ``versions`` any more.
    """

    units: Units
    clock: Clock
    permits: Permits

    def suspend(self, licence_id: str, reason: str, by: str, versions: Versions = None) -> Licence:
        """Suspend a licence for a reason, one word such as ``payment_overdue`` (T20)."""
        now = self.clock.now()
        with self.units() as unit:
            licence = lock_licence(unit, licence_id, versions).suspended(reason, now)
            unit.licences.put(licence)
            record(unit, "licence_suspended", licence, by, now, reason=reason)
        return licence

    def resume(self, licence_id: str, reason: str, by: str, versions: Versions = None) -> Licence:
        """Put a suspended licence in force again; a suspicion of clones is forgotten, and the chain anchored anew."""
        now = self.clock.now()
        with self.units() as unit:
            licence, live = lock_licence(unit, licence_id, versions), unit.activations.live(licence_id)
            licence = licence.resumed(bound=live is not None, now=now)
            unit.licences.put(licence)
            released = [] if live is None else [live.cleared()]
            for activation in released:
                unit.activations.put(activation)
            record(unit, "licence_resumed", licence, by, now, reason=reason, **bound(*released))
        return licence

    def revoke(self, licence_id: str, reason: str, by: str, versions: Versions = None) -> Licence:
        """End a licence for good (T21, T22).

        Raises ApprovalNeededError, too, where the vendor wants two people for it.
        """
        now = self.clock.now()
        permit = self._permit(licence_id, reason, by, versions)
        with self.units() as unit:
            licence = lock_licence(unit, licence_id, versions).revoked(reason, now)
            unit.licences.put(licence)
            unit.codes.void_unused(licence_id, now)
            allowed = {} if permit is None else self.permits.use(unit, permit, now)
            record(unit, "licence_revoked", licence, by, now, reason=reason, **allowed)
        return licence

    def _permit(self, licence_id: str, reason: str, by: str, versions: Versions) -> str | None:
        if not self.permits.rules.revocations:
            return None
        now, wish = self.clock.now(), Wish("revoke", licence_id, {"reason": reason})
        return self.permits.require(
            wish, by, lambda unit: look_at_licence(unit, licence_id, versions).revoked(reason, now)
        )
