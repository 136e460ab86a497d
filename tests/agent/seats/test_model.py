"""The ledger against a model of thirty lines that counts everything anew each time."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agent.domain.ledger import Ledger
from agent.domain.mode import Mode
from agent.domain.seats import Allowance, Assigned, Kind, Remembered, Rested, Seat, Wanted
from keys.documents.parts import SeatModel, Seats
from keys.errors import LicensingError
from tests.fakes import START

USERS = st.sampled_from(["a", "b", "c", "d", "root"])
CLIENTS = st.sampled_from(["1", "2", "3", "4"])
MODELS = st.sampled_from(["concurrent", "named"])
TTL, LEAVE = 120, 900


@dataclass
class Model:
    """Who is in, as a list; every question is answered by looking at all of it."""

    seats: dict[tuple[str, str], tuple[Seat, float]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    resting: dict[str, int] = field(default_factory=dict)
    since: int | None = None

    def expire(self, allowance: Allowance, now: float) -> None:
        self.seats = {pair: entry for pair, entry in self.seats.items() if entry[1] > now}
        self.resting = {user: at for user, at in self.resting.items() if allowance.now - at < 86_400}
        restricted = allowance.mode == "restricted"
        self.since = (allowance.now if self.since is None else self.since) if restricted else None

    def life(self, user: str, allowance: Allowance) -> float:
        left = TTL if self.since is None or user == "root" else self.since + LEAVE - allowance.now
        return min(TTL, left)

    def users(self, limits: Seats) -> set[str]:
        live = {seat.user for seat, _ in self.seats.values() if seat.kind == "person"}
        return (live | self.named | self.resting.keys() if limits.model == "named" else live) - {"root"}

    def allows(self, wanted: Wanted, allowance: Allowance) -> bool:
        """Whether a new or a renewed seat is to be had."""
        limits = allowance.limits
        held = (wanted.user, wanted.client) in self.seats
        if allowance.mode == "blocked" or self.life(wanted.user, allowance) <= 0:
            return False
        if held or wanted.user == "root":
            return True
        if allowance.mode == "restricted":
            return False
        bots = {seat.user for seat, _ in self.seats.values() if seat.kind == "service"}
        live = {seat.user for seat, _ in self.seats.values() if seat.kind == "person"}
        clients = {seat.client for seat, _ in self.seats.values()}
        if wanted.kind == "service":
            room = wanted.user in bots or len(bots) < limits.service
        else:
            placed = self.named | self.resting.keys() if limits.model == "named" else set()
            sitting = len((live & placed) - {"root"})
            full = sitting if wanted.user in placed else len(self.users(limits))
            room = wanted.user in live or full < limits.users
        return room and (wanted.client in clients or limits.clients is None or len(clients) < limits.clients)


class LedgerMachine(RuleBasedStateMachine):
    """Whatever people do, the ledger and the model say the same."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.agent_now, self.fence = 1000.0, START, 0
        self.model = Model()
        self.ids: Iterator[int] = iter(range(10**6))
        self.mode: Mode = "full"

    @initialize(model=MODELS)
    def begin(self, model: SeatModel) -> None:
        self.limits = Seats(model, 2, 3, 1)
        self.ledger = Ledger(Remembered(), self.now, TTL)

    @property
    def allowance(self) -> Allowance:
        return Allowance(self.mode, self.limits, (), self.agent_now, TTL, "root")

    def step(self) -> None:
        self.ledger.begin(self.allowance, self.now)
        self.model.expire(self.allowance, self.now)

    @rule(user=USERS, client=CLIENTS, kind=st.sampled_from(["person", "person", "service"]))
    def check_out(self, user: str, client: str, kind: Kind) -> None:
        self.step()
        wanted, pair = Wanted(user, client, kind=kind), (user, client)
        expected = self.model.allows(wanted, self.allowance)
        try:
            held = self.ledger.check_out(wanted, self.allowance, self.now, lambda: f"seat_{next(self.ids)}")
        except LicensingError:
            assert not expected
            return
        assert expected
        assert held.ends_at == self.now + self.model.life(user, self.allowance)
        if pair in self.model.seats:
            assert held.seat == self.model.seats[pair][0]
        else:
            assert held.seat.fence > self.fence
            self.fence = held.seat.fence
            places = (self.model.named | self.model.resting.keys()) - {"root"}
            room = user in places or len(places) < self.limits.users
            if kind == "person" and self.limits.model == "named" and user != "root" and room:
                self.model.named.add(user)
                self.model.resting.pop(user, None)
        self.model.seats[pair] = (held.seat, held.ends_at)

    @rule(user=USERS, client=CLIENTS)
    def heartbeat(self, user: str, client: str) -> None:
        self.step()
        entry = self.model.seats.get((user, client))
        ends_at = self.ledger.renew(entry[0].id if entry else "seat_none", self.allowance, self.now)
        life = 0 if self.mode == "blocked" else self.model.life(user, self.allowance)
        if entry is None or life <= 0:
            assert ends_at is None
            self.model.seats.pop((user, client), None)
        else:
            assert ends_at == self.now + life
            self.model.seats[user, client] = (entry[0], ends_at)

    @rule(user=USERS, client=CLIENTS)
    def release(self, user: str, client: str) -> None:
        self.step()
        entry = self.model.seats.pop((user, client), None)
        self.ledger.release(entry[0].id if entry else "seat_none")

    @rule(user=USERS)
    def free(self, user: str) -> None:
        self.step()
        self.ledger.free(user, self.agent_now)
        if user in self.model.named:
            self.model.named.remove(user)
            self.model.resting[user] = self.agent_now
        self.model.seats = {pair: entry for pair, entry in self.model.seats.items() if pair[0] != user}

    @rule(seconds=st.sampled_from([1, 60, 119, 120, 500, 86_000]))
    def turn(self, seconds: int) -> None:
        self.now += seconds
        self.agent_now += seconds

    @rule(
        users=st.integers(1, 3), clients=st.sampled_from([2, 4, None]), model=st.sampled_from(["concurrent", "named"])
    )
    def change_licence(self, users: int, clients: int | None, model: SeatModel) -> None:
        self.limits = Seats(model, users, clients, 1)

    @rule(mode=st.sampled_from(["full", "full", "grace", "restricted", "blocked"]))
    def change_mode(self, mode: Mode) -> None:
        self.mode = mode

    @rule()
    def restart(self) -> None:
        self.step()
        seats = tuple(seat for seat, _ in self.model.seats.values())
        assigned = tuple(Assigned(user, at) for user, at in self.ledger.assigned().items())
        self.ledger = Ledger(
            Remembered(
                seats,
                assigned,
                self.fence,
                self.model.since,
                tuple(Rested(user, at) for user, at in self.model.resting.items()),
            ),
            self.now,
            TTL,
        )
        self.model.seats = {pair: (seat, self.now + TTL) for pair, (seat, _) in self.model.seats.items()}

    @rule()
    def fail_to_write(self) -> None:
        """The last changes are undone and made again, as when a disk is full for a moment."""
        self.ledger.changes.clear()
        self.step()
        self.ledger.undo()
        self.step()

    @invariant()
    def same(self) -> None:
        if not hasattr(self, "ledger"):
            return
        self.step()
        held = {(entry.seat.user, entry.seat.client): (entry.seat, entry.ends_at) for entry in self.ledger.held()}
        assert held == self.model.seats
        assert self.ledger.counts(self.allowance)[0].used == len(self.model.users(self.limits))
        assert set(self.ledger.assigned()) == self.model.named


TestLedgerAgainstModel = LedgerMachine.TestCase
TestLedgerAgainstModel.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
