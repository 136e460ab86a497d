"""Use cases: what was bought changes. The agent follows at its next validation."""

from dataclasses import dataclass, replace

from keys.clock import Clock
from keys.documents.parts import NetworkPolicy
from keys.errors import InvalidInputError, StateConflictError
from licence_server.domain.licence import Licence, size_of
from licence_server.domain.sizes import Sizes
from licence_server.services.approving import Permits, Wish
from licence_server.services.ports import Units
from licence_server.services.recording import bound, numbers, record, whereabouts

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Changing:
    """Renews, resizes, confirms. Every method raises NotFoundError, StateConflictError, InvalidInputError."""

    units: Units
    clock: Clock
    permits: Permits

    def renew(self, licence_id: str, ends_at: int | None, by: str) -> Licence:
        """Set another end; None: perpetual."""
        now = self.clock.now()
        with self.units() as unit:
            licence = unit.licences.lock(licence_id).renewed(ends_at, now)
            unit.licences.put(licence)
            record(unit, "licence_renewed", licence, by, now, ends_at=ends_at)
        return licence

    def seats(self, licence_id: str, sizes: Sizes, by: str) -> Licence:
        """Set for how many the licence is (T1, T25).

        Raises ApprovalNeededError, too, where it is for more users than anybody agreed to.
        """
        now = self.clock.now()
        permit = self._permit(licence_id, sizes, by, now)
        with self.units() as unit:
            licence = unit.licences.lock(licence_id).resized(sizes, now)
            unit.licences.put(licence)
            allowed = {} if permit is None else self.permits.use(unit, permit, now)
            record(unit, "seats_changed", licence, by, now, **numbers(licence), **allowed)
        return licence

    def _permit(self, licence_id: str, sizes: Sizes, by: str, now: int) -> str | None:
        with self.units() as unit:
            before = unit.licences.get(licence_id)
        after = before.resized(sizes, now)
        agreed = max(size_of(before.seats), before.approved_users or 0)
        if size_of(after.seats) <= max(agreed, self.permits.rules.users):
            return None
        wish = Wish("seats", licence_id, after.seats.to_claims())
        return self.permits.require(wish, by, lambda unit: unit.licences.get(licence_id).resized(sizes, now))

    def networks(
        self, licence_id: str, networks: tuple[str, ...] | None, policy: NetworkPolicy | None, by: str
    ) -> Licence:
        """Set which networks are the site's (none: private ranges), and what clients outside meet; None: as before."""
        if networks is None and policy is None:
            raise InvalidInputError("Say which networks are the site's, or what clients outside them meet.")
        now = self.clock.now()
        with self.units() as unit:
            before = unit.licences.lock(licence_id)
            networks = before.networks if networks is None else networks
            licence = before.relocated(networks, policy or before.network_policy, now)
            unit.licences.put(licence)
            record(unit, "networks_changed", licence, by, now, **whereabouts(licence))
        return licence

    def confirm(self, licence_id: str, by: str) -> Licence:
        """Confirm a licence that an agent's evidence rebuilt after the database was lost."""
        now = self.clock.now()
        with self.units() as unit:
            bound = unit.activations.live(licence_id) is not None
            licence = unit.licences.lock(licence_id).confirmed(bound=bound, now=now)
            unit.licences.put(licence)
            record(unit, "licence_confirmed", licence, by, now)
        return licence

    def acknowledge(self, licence_id: str, reason: str, by: str) -> Licence:
        """Write down why all is well, though its server did something strange, such as bringing back a backup.

        Raises StateConflictError, too, where nothing waits for that, or where the licence is suspended for it.
        """
        if not reason.strip() or len(reason) > _LONGEST_REASON:
            raise InvalidInputError(f"Say in a sentence of at most {_LONGEST_REASON} characters why all is well.")
        now = self.clock.now()
        with self.units() as unit:
            licence, live = unit.licences.lock(licence_id), unit.activations.live(licence_id)
            if live is None or live.suspicion is None:
                raise StateConflictError("Nothing that its server did waits for somebody to look at it.")
            if licence.state == "suspended":
                raise StateConflictError("The licence is suspended: resume or revoke it.")
            looked_at = replace(live, suspicion=None)
            unit.activations.put(looked_at)
            details = {"reason": reason.strip(), "finding": live.suspicion.finding, **bound(looked_at)}
            record(unit, "suspicion_acknowledged", licence, by, now, **details)
        return licence
