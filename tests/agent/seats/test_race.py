"""Sixty-four callers for the last seat, with the interleaving forced; a naive ledger does not stand the same test."""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pytest

from agent.domain.ledger import Ledger
from agent.domain.seats import Remembered, Wanted
from agent.services.seating import Seating, SeatSettings
from keys.errors import SeatsExhaustedError
from tests.agent.seats.factories import a_standing, an_allowance
from tests.agent.seats.fakes import MemoryJournal, a_journal, counting_randomness
from tests.fakes import TurnableClock

CALLERS, ROUNDS = 64, 200
OVERDRAFT = 3

Interrupt = Callable[[], None]


class Counter(Protocol):
    """Where seats are asked for."""

    def ask(self, user: str) -> str: ...


class Meeting:
    """Interrupts whoever is between the decision and the note of it, until two have been there or time is up.

    Where only one can be there at a time, nobody ever comes: the time that this costs is all that happens.
    """

    def __init__(self, patience: float = 0.0005) -> None:
        self._another, self._patience = threading.Condition(), patience
        self._inside = 0
        self.most = 0

    def __call__(self) -> None:
        with self._another:
            self._inside += 1
            self.most = max(self.most, self._inside)
            self._another.notify_all()
            self._another.wait_for(lambda: self.most > 1, self._patience)
        with self._another:
            self._inside -= 1


class NaiveCounter:
    """What one writes without thinking of two callers: count, then take."""

    def __init__(self, interrupt: Interrupt) -> None:
        self._ledger = Ledger(Remembered(), 0, 120)
        self._allowance = an_allowance(users=1, clients=None)
        self._interrupt = interrupt
        self._ids = counting_randomness()

    def ask(self, user: str) -> str:
        return self._ledger.check_out(Wanted(user, "pc"), self._allowance, 0, self._new_id).seat.id

    def _new_id(self) -> str:
        self._interrupt()
        return self._ids(13).hex()


class RealCounter:
    """The seats as they are served, interrupted at the same place: a seat's id is made between decision and note."""

    def __init__(self, interrupt: Interrupt, seating: Seating | None = None, overdraft: int = 0) -> None:
        self._interrupt, self._ids = interrupt, counting_randomness()
        limits = an_allowance(users=1, clients=None, overdraft_users=overdraft, overdraft_days=1).limits
        self._seating = seating or Seating(
            MemoryJournal(),
            clock=TurnableClock(),
            randomness=self._random,
            standing=lambda: a_standing(seats=limits),
            settings=SeatSettings(),
        )

    def ask(self, user: str) -> str:
        return self._seating.check_out(Wanted(user, "pc")).seat_id

    def _random(self, length: int) -> bytes:
        self._interrupt()
        return self._ids(length)


def holders(counter: Counter) -> int:
    """Let everybody ask at once; return how many were given the one seat."""
    given: list[str] = []
    start = threading.Barrier(CALLERS)

    def ask(number: int) -> None:
        start.wait(30)
        try:
            given.append(counter.ask(f"user-{number}"))
        except SeatsExhaustedError:
            return

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return len(given)


@pytest.mark.threat(39)
def test_the_last_seat_has_one_holder_in_every_round() -> None:
    meeting = Meeting()
    assert [holders(RealCounter(meeting)) for _ in range(ROUNDS)] == [1] * ROUNDS
    assert meeting.most == 1


@pytest.mark.threat(39)
def test_beyond_the_last_seat_there_are_as_many_holders_as_the_overdraft_has() -> None:
    meeting = Meeting()
    found = [holders(RealCounter(meeting, overdraft=OVERDRAFT)) for _ in range(ROUNDS // 10)]
    assert found == [1 + OVERDRAFT] * (ROUNDS // 10)
    assert meeting.most == 1


@pytest.mark.threat(39, control=True)
def test_a_naive_ledger_fails_the_same_test() -> None:
    meeting = Meeting(patience=60)
    assert holders(NaiveCounter(meeting)) > 1
    assert meeting.most > 1


@pytest.mark.threat(39)
def test_the_last_seat_has_one_holder_on_disk_too(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    seating = Seating(
        journal,
        clock=TurnableClock(),
        randomness=counting_randomness(),
        standing=lambda: a_standing(seats=an_allowance(users=1, clients=None).limits),
        settings=SeatSettings(),
    )
    for _ in range(10):
        assert holders(RealCounter(Meeting(), seating)) == 1
        assert len(journal.remembered()[0].seats) == 1
        seating.free(seating.occupation().held[0].seat.user)
    journal.close()


@pytest.mark.threat(39)
def test_no_newcomer_overtakes_who_waits_however_many_try() -> None:
    """Seats come free one by one, while a crowd that does not queue tries all the time."""
    limits = an_allowance(users=1, clients=None).limits
    clock, ids = TurnableClock(), counting_randomness()
    standing = a_standing(seats=limits)
    seating = Seating(MemoryJournal(), clock=clock, randomness=ids, standing=lambda: standing, settings=SeatSettings())
    seat_id = seating.check_out(Wanted("first", "pc")).seat_id
    waiting = [Wanted(f"waiting-{number}", "pc", wait=30) for number in range(16)]
    for wanted in waiting:
        with pytest.raises(SeatsExhaustedError):
            seating.check_out(wanted)
    places = [seating.join(wanted) for wanted in waiting]
    pushed_in: list[str] = []
    is_over = threading.Event()

    def push_in(number: int) -> None:
        while not is_over.is_set():
            with suppress(SeatsExhaustedError):
                pushed_in.append(seating.check_out(Wanted(f"pushing-{number}", "pc")).seat_id)

    crowd = [threading.Thread(target=push_in, args=(number,)) for number in range(8)]
    for thread in crowd:
        thread.start()
    served: list[str] = []
    for _ in waiting:
        seating.release(seat_id)
        begun = [seating.begin_attempt(place) for place in places]
        answers = [finish() for finish in begun]
        assert [answer is not None for answer in answers] == [True] + [False] * (len(places) - 1)
        assert answers[0]
        seat_id = answers[0].seat_id
        served.append(places.pop(0).wanted.user)
    assert not pushed_in
    is_over.set()
    for thread in crowd:
        thread.join(30)
    assert served == [wanted.user for wanted in waiting]
