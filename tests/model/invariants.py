"""What must hold after every step, whatever happened.

1. An honest customer, whose licence is active and who reached the vendor as planned, is let in, and is never accused.
2. Nobody is let in longer than the last licence that was signed for that machine lasts, counted in running time; where
   the clock is right, and was right when the licence came, counted by the clock.
3. No more users are in than were bought, save those who were in when the number was lowered; a seat that was answered
   for is held until it ends; fencing numbers grow.
4. The audit record, read from its beginning, comes to what the database holds; and it verifies.
5. One activation of a licence at most can get active documents.
6. Two machines that run at once with one activation, seen twice each by turns, are found.
"""

from agent.domain.mode import Standing
from tests.model.machine import ADMINISTRATOR, TTL, Machine
from tests.model.record import RUNNING, Told
from tests.model.vendor import DAY
from tests.model.world import MOST_RESTORES, SOON, WINDOW, BrokenError, Look, Visit, World

LEAVE_WITHIN = 900


class Invariants(Look):
    """Checks them; remembers nothing but how far it has read."""

    def __init__(self) -> None:
        self.verified = 0

    def at(self, world: World) -> None:
        """Check what time alone can change."""
        for machine in world.machines:
            if machine.is_on:
                standing = machine.stands()
                honest_is_let_in(world, machine, standing)
                nobody_outlives_the_lease(world, machine, standing)

    def after_step(self, world: World) -> None:
        """Check everything."""
        self.at(world)
        for machine in world.machines:
            if machine.is_on:
                seats_are_counted(machine)
        head = world.vendor.head()
        if head != self.verified:
            record_explains(world)
            nobody_honest_is_accused(world)
            copies_are_found(world)
            self.verified = head


def honest_is_let_in(world: World, machine: Machine, standing: Standing) -> None:
    """Invariant 1, first half."""
    if machine is not world.crm or world.now >= world.good_until or world.aside is not None:
        return
    licence = world.vendor.licence(world.licence_id)
    live = [each.id for each in world.vendor.live(world.licence_id)]
    if licence is None or licence.state_at(world.now) not in RUNNING or not world.is_honest:
        world.disturbed()
        return
    if standing.mode not in {"full", "grace"}:
        raise BrokenError(1, f"{machine.name} is {standing.mode}: {standing.reason}; {machine.said}")
    if world.calm >= SOON and live != [world.activation()]:
        raise BrokenError(1, f"{machine.name} has {world.activation()}, and {live} is live")


def nobody_outlives_the_lease(world: World, machine: Machine, standing: Standing) -> None:
    """Invariant 2."""
    licence, known = standing.licence, machine.known
    if licence is None:
        return
    since = known.signed.setdefault(licence.document_id, machine.ran)
    ahead = known.ahead.setdefault(licence.document_id, max(0, machine.clock.now() - world.now))
    if standing.mode in {"full", "grace"}:
        lease = licence.expires_at - licence.issued_at
        if machine.ran - since >= lease:
            raise BrokenError(2, f"{machine.name} has run {machine.ran - since:.0f} s on a lease of {lease} s")
        if machine.clock.now() == world.now and world.now >= licence.expires_at + ahead:
            raise BrokenError(2, f"{machine.name} is let in {world.now - licence.expires_at} s after exp")


def seats_are_counted(machine: Machine) -> None:
    """Invariant 3."""
    known, standing, now = machine.known, machine.stands(), machine.clock.boot()
    held = {entry.seat.id: entry.seat for entry in machine.held()}
    users = frozenset(seat.user for seat in held.values())
    limit = 0 if standing.licence is None else standing.licence.seats.users
    came = users - known.users - {ADMINISTRATOR}
    if came and len(users - {ADMINISTRATOR}) > limit:
        raise BrokenError(3, f"{sorted(came)} came in: {sorted(users)} of {limit}")
    known.users = users
    known.seats = {seat_id: seat for seat_id, seat in known.seats.items() if seat.ends_at > now}
    if standing.mode not in {"full", "grace"}:
        known.seats = {seat_id: seat for seat_id, seat in known.seats.items() if seat_id in held}
    for seat_id, seat in known.seats.items():
        if seat_id not in held or held[seat_id].fence != seat.fence:
            raise BrokenError(3, f"the seat of {seat.user} was answered for, and is gone")


def fence_grew(machine: Machine, fence: int) -> None:
    """Invariant 3, of a new seat."""
    if fence <= machine.known.fence:
        raise BrokenError(3, f"fence {fence} after {machine.known.fence}")
    machine.known.fence = fence


def record_explains(world: World) -> None:
    """Invariant 4, and 5."""
    for entry in world.vendor.entries(world.licence_id, world.told.seq):
        world.told.take(entry)
    live = [each.id for each in world.vendor.live(world.licence_id)]
    otherwise = world.told.check(world.vendor.licence(world.licence_id), live)
    if otherwise:
        raise BrokenError(4, otherwise)
    if len(live) > 1:
        raise BrokenError(5, f"{live} are live")


def record_is_whole(world: World) -> None:
    """Invariant 4: the record, from its beginning."""
    report = world.vendor.server.auditing.verify()
    if not report.valid:
        raise BrokenError(4, str(report.problem))
    world.told = Told()
    record_explains(world)


def nobody_honest_is_accused(world: World) -> None:
    """Invariant 1, second half."""
    recent = [at for at in world.restores if at is None or at > world.now - WINDOW]
    for event, activation_id in world.told.events:
        if activation_id in world.clones:
            continue
        if event == "clone_detected":
            raise BrokenError(1, f"clone_detected, and nobody ran {activation_id} twice")
        if event == "clone_suspected" and len(recent) <= MOST_RESTORES:
            raise BrokenError(1, f"clone_suspected after {len(recent)} restores")
    world.told.events = [entry for entry in world.told.events if entry[0] == "clone_detected"]


def copies_are_found(world: World) -> None:
    """Invariant 6."""
    by: dict[str, list[Visit]] = {}
    for visit in world.visits:
        if visit.at > world.now - 30 * DAY + TTL:
            by.setdefault(visit.activation_id, []).append(visit)
    for activation_id, visits in by.items():
        around = {visits[place].who for place in range(len(visits)) if _ran_around_another(visits, place)}
        if len(around) > 1 and ("clone_detected", activation_id) not in world.told.events:
            raise BrokenError(6, f"{around} run at once, and nobody noticed")


def _ran_around_another(visits: list[Visit], place: int) -> bool:
    """Tell whether the machine of a visit was seen before, and another one since."""
    last = visits[place]
    earlier = [number for number in range(place) if visits[number].who == last.who]
    if not earlier or earlier[-1] == place - 1:
        return False
    return last.is_fresh and visits[earlier[-1]].is_fresh
