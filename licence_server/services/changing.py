"""Use cases: what was bought changes. The agent follows at its next validation."""

from dataclasses import dataclass

from keys.clock import Clock
from keys.documents.parts import NetworkPolicy
from keys.errors import InvalidInputError
from licence_server.domain.licence import Licence, size_of
from licence_server.domain.sizes import Sizes
from licence_server.services.approving import Permits, Wish
from licence_server.services.ports import Units
from licence_server.services.recording import numbers, record, whereabouts


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
