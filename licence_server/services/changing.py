"""Use cases: what was bought changes. The agent follows at its next validation."""

from dataclasses import dataclass, replace

from keys.clock import Clock
from keys.documents.parts import NetworkPolicy
from keys.errors import InvalidInputError, StateConflictError
from licence_server.domain.licence import Licence, size_of
from licence_server.domain.sizes import Sizes
from licence_server.domain.version import Versions
from licence_server.services.approving import Permits, Wish
from licence_server.services.locking import lock_licence, look_at_licence
from licence_server.services.ports import Units
from licence_server.services.recording import bound, numbers, record, whereabouts

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Changing:
    """Renews, resizes, confirms. Every method raises NotFoundError, StateConflictError, InvalidInputError.

    And ChangedMeanwhileError, where the licence is of none of the ``versions`` any more.
    """

    units: Units
    reading: Units
    clock: Clock
    permits: Permits

    def renew(self, licence_id: str, ends_at: int | None, by: str, versions: Versions = None) -> Licence:
        """Set another end; None: perpetual."""
        now = self.clock.now()
        with self.units() as unit:
            licence = lock_licence(unit, licence_id, versions).renewed(ends_at, now)
            unit.licences.put(licence)
            record(unit, "licence_renewed", licence, by, now, ends_at=ends_at)
        return licence

    def seats(self, licence_id: str, sizes: Sizes, by: str, versions: Versions = None) -> Licence:
        """Set for how many the licence is (T1, T25).

        Raises ApprovalNeededError, too, where it is for more users than anybody agreed to.
        """
        now = self.clock.now()
        permit = self._permit(licence_id, sizes, by, versions)
        with self.units() as unit:
            licence = lock_licence(unit, licence_id, versions).resized(sizes, now)
            unit.licences.put(licence)
            allowed = {} if permit is None else self.permits.use(unit, permit, now)
            record(unit, "seats_changed", licence, by, now, **numbers(licence), **allowed)
        return licence

    def _permit(self, licence_id: str, sizes: Sizes, by: str, versions: Versions) -> str | None:
        now = self.clock.now()
        with self.reading() as unit:
            before = look_at_licence(unit, licence_id, versions)
        after = before.resized(sizes, now)
        agreed = max(size_of(before.seats), before.approved_users or 0)
        if size_of(after.seats) <= max(agreed, self.permits.rules.users):
            return None
        wish = Wish("seats", licence_id, after.seats.to_claims())
        return self.permits.require(wish, by, lambda unit: unit.licences.get(licence_id).resized(sizes, now))

    def networks(
        self,
        licence_id: str,
        networks: tuple[str, ...] | None,
        policy: NetworkPolicy | None,
        by: str,
        versions: Versions = None,
    ) -> Licence:
        """Set which networks are the site's (none: private ranges), and what clients outside meet; None: as before."""
        if networks is None and policy is None:
            raise InvalidInputError("Say which networks are the site's, or what clients outside them meet.")
        now = self.clock.now()
        with self.units() as unit:
            before = lock_licence(unit, licence_id, versions)
            networks = before.networks if networks is None else networks
            licence = before.relocated(networks, policy or before.network_policy, now)
            unit.licences.put(licence)
            record(unit, "networks_changed", licence, by, now, **whereabouts(licence))
        return licence

    def confirm(self, licence_id: str, by: str, versions: Versions = None) -> Licence:
        """Confirm a licence that an agent's evidence rebuilt after the database was lost."""
        now = self.clock.now()
        with self.units() as unit:
            bound = unit.activations.live(licence_id) is not None
            licence = lock_licence(unit, licence_id, versions).confirmed(bound=bound, now=now)
            unit.licences.put(licence)
            record(unit, "licence_confirmed", licence, by, now)
        return licence

    def acknowledge(self, licence_id: str, reason: str, by: str, versions: Versions = None) -> Licence:
        """Write down why all is well, though its server did something strange, such as bringing back a backup.

        Raises StateConflictError, too, where nothing waits for that, or where the licence is suspended for it.
        """
        if not reason.strip() or len(reason) > _LONGEST_REASON:
            raise InvalidInputError(f"Say in a sentence of at most {_LONGEST_REASON} characters why all is well.")
        now = self.clock.now()
        with self.units() as unit:
            licence, live = lock_licence(unit, licence_id, versions), unit.activations.live(licence_id)
            if live is None or live.suspicion is None:
                raise StateConflictError("Nothing that its server did waits for somebody to look at it.")
            if licence.state == "suspended":
                raise StateConflictError("The licence is suspended: resume or revoke it.")
            looked_at = replace(live, suspicion=None)
            unit.activations.put(looked_at)
            details = {"reason": reason.strip(), "finding": live.suspicion.finding, **bound(looked_at)}
            record(unit, "suspicion_acknowledged", licence, by, now, **details)
        return licence
