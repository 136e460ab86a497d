"""The rules of seats as plainly as they can be said: lists, and every question answered by looking at all of them."""

from collections.abc import Collection
from dataclasses import dataclass, field

from agent.domain.seats import Kind
from keys.documents.parts import Seats

ROOT, TTL, IDLE, DAY, LAPSE = "root", 120, 130, 86_400, 5


@dataclass(eq=False)
class Row:
    """A seat, or a place in the queue."""

    user: str
    client: str
    kind: Kind
    ends: float
    idle_ends: float | None = None


@dataclass
class Reference:
    """Times are in seconds; on one clock, since nobody turns it here."""

    limits: Seats
    idle: int = IDLE
    seats: list[Row] = field(default_factory=list)
    line: list[Row] = field(default_factory=list)
    assigned: set[str] = field(default_factory=set)
    freed: dict[str, int] = field(default_factory=dict)
    days: list[int] = field(default_factory=list)
    overdrawn: int = 0

    def tidy(self, now: int) -> None:
        self.seats = [row for row in self.seats if row.ends > now]
        self.freed = {user: at for user, at in self.freed.items() if now < at + DAY}
        for kind in ("person", "service"):
            while (line := [row for row in self.line if row.kind == kind]) and line[0].ends + LAPSE <= now:
                self.line.remove(line[0])

    def held(self, user: str, client: str) -> Row | None:
        return next((row for row in self.seats if (row.user, row.client) == (user, client)), None)

    def people(self) -> set[str]:
        return {row.user for row in self.seats if row.kind == "person"} - {ROOT}

    def places(self) -> set[str]:
        return (self.assigned | self.freed.keys()) - {ROOT} if self.limits.model == "named" else set()

    def users(self) -> int:
        return len(self.people() | self.places())

    def beyond(self) -> int:
        """Let everybody sit down who may: on a place of one's own, or on a chair that is nobody's. Who stands?"""
        with_place = sorted(self.people() & self.places())[: self.limits.users]
        nobody_s = max(0, self.limits.users - len(self.places()))
        return len(self.people()) - len(with_place) - len(sorted(self.people() - self.places())[:nobody_s])

    def days_left(self, now: int) -> int:
        return max(0, self.limits.overdraft_days - sum(abs(day - now // DAY) < 30 for day in self.days))

    def needs(self, wanted: Row) -> list[tuple[str, int, int]]:
        """Say of what a new seat would take room, how much of that is used, and how much there is."""
        people, places, bots = self.people(), self.places(), {row.user for row in self.seats if row.kind == "service"}
        clients, found = {row.client for row in self.seats}, list[tuple[str, int, int]]()
        if wanted.kind == "service" and wanted.user not in bots:
            found.append(("service", len(bots), self.limits.service))
        if wanted.kind == "person" and wanted.user not in people:
            sitting = len(people & places) if wanted.user in places else len(people | places)
            if wanted.user not in places or sitting >= self.limits.users:
                found.append(("users", sitting, self.limits.users))
        if wanted.client not in clients and self.limits.clients is not None:
            found.append(("clients", len(clients), self.limits.clients))
        return found

    def refused(self, wanted: Row, now: int) -> str:
        """Say what there is no room for; ``beyond``: it is within the overdraft; empty: there is room."""
        needs = self.needs(wanted)
        is_open = self.limits.overdraft_days and (now // DAY in self.days or self.days_left(now))
        full = [what for what, used, limit in needs if used >= limit]
        is_beyond = "users" in full and is_open and self.beyond() < self.limits.overdraft_users
        for what in full:
            if what != "users" or not is_beyond:
                return what
        line = [row for row in self.line if row.kind == wanted.kind]
        first = next((row for row in line if not self.held(row.user, row.client)), wanted)
        for what, used, limit in needs if first is not wanted else ():
            if what != "clients" or used + len(line) >= limit:
                return what
        return "beyond" if is_beyond else ""

    def check_out(self, wanted: Row, now: int) -> str:
        """Return ``new`` or ``renewed``, or what it is refused for; who would wait is in the queue then."""
        row = self.held(wanted.user, wanted.client)
        refused = "" if row is not None or wanted.user == ROOT else self.refused(wanted, now)
        if refused not in {"", "beyond"}:
            if wanted.ends > now and wanted not in self.line:
                self.line.append(wanted)
            return refused
        if row is not None:
            self.renew(row, now, is_active=True)
            return "renewed"
        if refused:
            self.overdrawn += 1
            self.days += [] if now // DAY in self.days else [now // DAY]
        has_room = wanted.user in self.places() or len(self.places()) < self.limits.users
        is_named = self.limits.model == "named" and wanted.kind == "person" and wanted.user != ROOT
        if is_named and has_room and not refused:
            self.assigned.add(wanted.user)
            self.freed.pop(wanted.user, None)
        self.seats.append(Row(wanted.user, wanted.client, wanted.kind, 0))
        self.renew(self.seats[-1], now, is_active=True)
        return "new"

    def attempt(self, place: Row, now: int) -> str:
        """Return what a check-out does; ``wait``: not yet."""
        is_early = now < place.ends and place in self.line
        outcome = self.check_out(place, now)
        if outcome not in {"new", "renewed"} and is_early:
            return "wait"
        self.leave(place)
        return outcome

    def leave(self, place: Row) -> None:
        self.line = [row for row in self.line if row is not place]

    def renew(self, row: Row, now: int, *, is_active: bool) -> None:
        if is_active or row.idle_ends is None:
            row.idle_ends = now + self.idle
        row.ends = min(now + TTL, row.idle_ends if self.idle and row.kind == "person" else now + TTL)

    def heartbeat(
        self, pairs: Collection[tuple[str, str]], active: Collection[tuple[str, str]], now: int
    ) -> list[bool]:
        rows = [self.held(*pair) for pair in pairs]
        for pair, row in zip(pairs, rows, strict=True):
            if row is not None:
                self.renew(row, now, is_active=pair in active)
        return [row is not None for row in rows]

    def release(self, user: str, client: str) -> None:
        self.seats = [row for row in self.seats if (row.user, row.client) != (user, client)]

    def free(self, user: str, now: int) -> int:
        ended = [row for row in self.seats if row.user == user]
        self.seats = [row for row in self.seats if row.user != user]
        if user in self.assigned:
            self.assigned.remove(user)
            self.freed[user] = now
        return len(ended)

    def restart(self, now: int) -> None:
        self.line = []
        for row in self.seats:
            row.ends, row.idle_ends = now + TTL, None
