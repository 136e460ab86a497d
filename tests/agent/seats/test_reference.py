"""The seats, with their journal, against rules that anybody can check by reading them (reference.py)."""

import random
import tempfile
from collections.abc import Callable, Sequence
from math import ceil
from pathlib import Path
from typing import get_args

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agent.domain.seats import Count, Kind, Overdraft, Wanted
from agent.domain.waiting import Place
from agent.services.seating import Answer, Seating, SeatSettings
from agent.store.seats import SqlJournal
from keys.documents.parts import SeatModel, Seats
from keys.errors import SeatsExhaustedError
from tests.agent.seats.factories import a_standing
from tests.agent.seats.fakes import a_journal, counting_randomness
from tests.agent.seats.reference import DAY, IDLE, ROOT, TTL, Reference, Row
from tests.fakes import TurnableClock
from tests.threats.plugin import Figure, Rounds

USERS, CLIENTS = ["a", "b", "c", "d", "e", ROOT], ["1", "2", "3", "4"]
KINDS: list[Kind] = ["person", "person", "person", "service"]
STEPS = [1, 4, 60, 119, 120, DAY - 1, DAY - 1, DAY, 7 * DAY]
PAIRS = [(user, client) for user in USERS for client in CLIENTS]
LIMITS = [
    Seats(model, users, clients, service, overdraft, days)
    for model in get_args(SeatModel)
    for users in (1, 2, 3)
    for clients in (2, 4, None)
    for service in (0, 1)
    for overdraft, days in ((0, 0), (1, 1), (2, 2))
]


class Shop:
    """The seats and the reference, told the same; every answer of the one is compared with the other's."""

    def __init__(self, folder: Path, limits: Seats) -> None:
        self.folder, self.clock = folder, TurnableClock()
        self.reference = Reference(limits)
        self.places: list[tuple[Place, Row]] = []
        self.ids: dict[tuple[str, str], str] = {}
        self.fence = 0
        self.random = counting_randomness()
        self.overdrawn = 0
        self.journal: SqlJournal = a_journal(folder, self.clock.now())
        self.seating = self.opened()

    def opened(self) -> Seating:
        return Seating(
            self.journal,
            clock=self.clock,
            randomness=self.random,
            standing=lambda: a_standing(now=self.clock.now(), seats=self.reference.limits),
            settings=SeatSettings(administrator=ROOT, ttl=TTL, idle=IDLE),
        )

    def tidied(self) -> int:
        self.reference.tidy(self.clock.now())
        return self.clock.now()

    def check_out(self, user: str, client: str, kind: Kind = "person", wait: int = 0) -> str:
        now = self.tidied()
        wanted, row = Wanted(user, client, None, kind, wait), Row(user, client, kind, now + wait)
        expected = self.reference.check_out(row, now)
        found, answer = self.outcome(wanted, self.seating.begin_check_out(wanted))
        assert found == expected, (wanted, self.reference)
        if answer is not None:
            assert answer.users.used == self.reference.users()
            assert (answer.overdraft.users if answer.overdraft else 0) in {0, self.reference.beyond()}
        if row in self.reference.line:
            self.places.append((self.seating.join(wanted), row))
        return found

    def attempt_all(self) -> list[str]:
        """Try all places in one batch, as the local API does."""
        now = self.tidied()
        begun = [self.seating.begin_attempt(place) for place, _ in self.places]
        expected = [self.reference.attempt(row, now) for _, row in self.places]
        found = [self.outcome(place.wanted, finish)[0] for (place, _), finish in zip(self.places, begun, strict=True)]
        assert found == expected, self.reference
        self.places = [each for each, outcome in zip(self.places, found, strict=True) if outcome == "wait"]
        return found

    def leave(self, number: int) -> None:
        place, row = self.places.pop(number)
        self.reference.leave(row)
        self.seating.leave(place)

    def heartbeat(self, pairs: Sequence[tuple[str, str]], active: Sequence[tuple[str, str]]) -> None:
        now = self.tidied()
        ids = [self.ids.get(pair, f"seat_of_nobody_{pair}") for pair in pairs]
        expected = self.reference.heartbeat(pairs, active, now)
        renewed, lost = self.seating.heartbeat(ids, [self.ids[pair] for pair in active if pair in self.ids])
        assert [seat_id in renewed for seat_id in ids] == expected, self.reference
        assert [seat_id not in lost for seat_id in ids] == expected

    def release(self, pair: tuple[str, str]) -> None:
        self.tidied()
        self.seating.release(self.ids.get(pair, "seat_of_nobody"))
        self.reference.release(*pair)

    def free(self, user: str) -> None:
        """Free somebody who has a place, if anybody has."""
        now, named = self.tidied(), sorted(self.reference.assigned)
        user = named[USERS.index(user) % len(named)] if named else user
        assert self.seating.free(user) == self.reference.free(user, now)

    def restart(self) -> None:
        """Stop as kill -9 does, and take up what the journal says."""
        self.places = []
        self.tidied()
        self.seating.occupied()
        self.journal.close()
        self.journal = a_journal(self.folder, self.clock.now())
        self.overdrawn += self.seating.figures.overdrawn
        self.seating = self.opened()
        self.reference.restart(self.clock.now())

    def outcome(self, wanted: Wanted, finish: Callable[[], Answer | None]) -> tuple[str, Answer | None]:
        try:
            answer = finish()
        except SeatsExhaustedError as refusal:
            return refusal.dimension, None
        if answer is None:
            return "wait", None
        pair = wanted.user, wanted.client
        if answer.is_new:
            assert answer.fence > self.fence, "a late holder must be known by its number"
            self.fence, self.ids[pair] = answer.fence, answer.seat_id
        assert answer.seat_id == self.ids[pair]
        row = self.reference.held(*pair)
        assert row is None or answer.expires_in == ceil(row.ends - self.clock.now())
        return "new" if answer.is_new else "renewed", answer

    def compare(self) -> None:
        """Compare who is in, who has a place, and what is counted."""
        now, reference = self.tidied(), self.reference
        occupation = self.seating.occupation()
        occupied = occupation.occupied
        held = {(entry.seat.user, entry.seat.client): entry.ends_at - occupation.now for entry in occupation.held}
        assert held == {(row.user, row.client): row.ends - now for row in reference.seats}, reference
        assert set(occupation.assigned) == reference.assigned
        assert occupied.users == Count(reference.users(), reference.limits.users)
        assert occupied.clients.used == len({row.client for row in reference.seats})
        assert occupied.services.used == len({row.user for row in reference.seats if row.kind == "service"})
        allowed, beyond = reference.limits.overdraft_users, reference.beyond()
        expected = Overdraft(beyond, allowed, reference.days_left(now)) if allowed and beyond else None
        assert occupied.overdraft == expected, reference
        assert self.overdrawn + self.seating.figures.overdrawn == reference.overdrawn


class ShopMachine(RuleBasedStateMachine):
    """Whatever people do, the seats and the reference answer the same."""

    @initialize(limits=st.sampled_from(LIMITS))
    def begin(self, limits: Seats) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="seats-")
        self.shop = Shop(Path(self.folder.name), limits)

    def teardown(self) -> None:
        if hasattr(self, "shop"):
            self.shop.journal.close()
            self.folder.cleanup()

    @rule(pair=st.sampled_from(PAIRS), kind=st.sampled_from(KINDS), wait=st.sampled_from([0, 0, 1, 10, 30]))
    def check_out(self, pair: tuple[str, str], kind: Kind, wait: int) -> None:
        self.shop.check_out(*pair, kind, wait)

    @rule()
    def attempt_all(self) -> None:
        self.shop.attempt_all()

    @rule(number=st.integers(0, 9))
    def leave(self, number: int) -> None:
        if self.shop.places:
            self.shop.leave(number % len(self.shop.places))

    @rule(pairs=st.lists(st.sampled_from(PAIRS), unique=True), active=st.lists(st.sampled_from(PAIRS)))
    def heartbeat(self, pairs: list[tuple[str, str]], active: list[tuple[str, str]]) -> None:
        self.shop.heartbeat(pairs, active)

    @rule(pair=st.sampled_from(PAIRS))
    def release(self, pair: tuple[str, str]) -> None:
        self.shop.release(pair)

    @rule(user=st.sampled_from(USERS))
    def free(self, user: str) -> None:
        self.shop.free(user)

    @rule(seconds=st.sampled_from(STEPS))
    def turn(self, seconds: int) -> None:
        self.shop.clock.advance(seconds)

    @rule(limits=st.sampled_from(LIMITS))
    def change_licence(self, limits: Seats) -> None:
        self.shop.reference.limits = limits

    @rule()
    def restart(self) -> None:
        self.shop.restart()

    @invariant()
    def same(self) -> None:
        if hasattr(self, "shop"):
            self.shop.compare()


TestSeatsAgainstReference = ShopMachine.TestCase
TestSeatsAgainstReference.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)


def a_random_day(shop: Shop, chance: random.Random) -> None:
    """Do one thing that people do."""
    pair, what = chance.choice(PAIRS), chance.random()
    if what < 0.45:
        shop.check_out(*pair, chance.choice(KINDS), chance.choice([0, 0, 5, 30]))
    elif what < 0.6:
        shop.heartbeat(chance.sample(PAIRS, 12), chance.sample(PAIRS, 6))
    elif what < 0.7:
        shop.release(pair)
    elif what < 0.8:
        shop.attempt_all()
    elif what < 0.86:
        shop.free(pair[0])
    elif what < 0.97:
        shop.clock.advance(chance.choice(STEPS))
    elif what < 0.985:
        shop.reference.limits = chance.choice(LIMITS)
    else:
        shop.restart()
    shop.compare()


@pytest.mark.long
@pytest.mark.threat(39)
def test_years_of_seats_against_the_reference(tmp_path: Path, rounds: Rounds, figure: Figure) -> None:
    steps, chance = rounds(40_000, sample=3_000), random.Random(7)
    for number in range(steps // 1_000):
        folder = tmp_path / str(number)
        folder.mkdir()
        shop = Shop(folder, chance.choice(LIMITS))
        for _ in range(1_000):
            a_random_day(shop, chance)
        shop.journal.close()
    figure(f"seats, {steps} steps with restarts from the journal: every answer as the reference's")
