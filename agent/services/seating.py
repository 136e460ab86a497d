"""Use cases: check out, heartbeat, release, list, free, and what is reported of it. Nothing is answered unstored."""

import math
from collections.abc import Callable, Sequence
from functools import partial

from agent.domain.mode import Mode, Standing
from agent.domain.names import user_key
from agent.domain.occupancy import exhausted
from agent.domain.seats import OVERDRAFT, Allowance, Count, Held, Overdraft, Wanted, allowance
from agent.domain.usage import OUTSIDE, Report
from agent.domain.waiting import LONGEST_WAIT, Place
from agent.services.answers import Answer, Figures, Occupation, Occupied, SeatSettings
from agent.services.bookkeeping import Books, Journal
from agent.services.committing import Waiting
from keys.clock import Clock
from keys.documents.requests import Usage
from keys.errors import (
    LicensingError,
    MalformedError,
    OutsideNetworkError,
    SeatsExhaustedError,
    UnavailableError,
)
from keys.identity import Randomness, new_id
from keys.sentences import phrase

__all__ = ["Answer", "Occupation", "Occupied", "SeatSettings", "Seating"]

_Granted = tuple[Held, Count, Count, Mode, Overdraft | None]
_Renewed = dict[str, float | None]


class Seating:
    """The seats of this server; one for each agent's home. Every method may be called by any number of threads.

    All of them raise UnavailableError when something could not be stored, and what ``standing`` raises.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        clock: Clock,
        randomness: Randomness,
        standing: Callable[[], Standing],
        settings: SeatSettings,
    ) -> None:
        """Take up the seats that the journal remembers. ``standing`` is asked for every batch: it must be cheap."""
        self.figures = Figures()
        self._clock, self._standing, self._settings = clock, standing, settings
        self._administrator = None if settings.administrator is None else user_key(settings.administrator)
        self._new_id = partial(new_id, "seat", randomness)
        self.books = Books(journal, clock, self._allow)

    def check_out(self, wanted: Wanted) -> Answer:
        """Give a seat, or renew the one that the pair holds.

        Raises:
            LicenceBlockedError, LicenceRestrictedError, OutsideNetworkError, SeatsExhaustedError: the answer is no.
            MalformedError: the address is none.
            UnavailableError: not stored; or the machine slept so long meanwhile that the seat has ended again.
        """
        return self.begin_check_out(wanted)()

    def begin_check_out(self, wanted: Wanted) -> Callable[[], Answer]:
        """Begin a check-out and return what finishes it: many begun by one thread share one commit."""
        if not 0 <= wanted.wait <= LONGEST_WAIT:
            raise MalformedError(
                phrase("Nobody may wait longer than {longest_wait} seconds.", longest_wait=LONGEST_WAIT)
            )
        return partial(self._finish_check_out, self.books.begin(partial(self._check_out, wanted)))

    def join(self, wanted: Wanted) -> Place:
        """Return the place in the queue of a check-out that was refused for want of a free seat and would ``wait``.

        It has been in the queue since that very check-out, so nobody came in between. Whoever joins must go on with
        ``begin_attempt`` until there is an answer, or ``leave``. Raises SeatsExhaustedError: nobody more may wait.
        """
        return self.books.submit(partial(self._join, wanted))

    def begin_attempt(self, place: Place) -> Callable[[], Answer | None]:
        """Begin one more try for a place and return what finishes it.

        That returns None where there is no seat for this place yet. It raises SeatsExhaustedError when the time to
        wait is over, and whatever else a check-out can be refused with; after an answer or a refusal the place is left.
        """
        return partial(self._finish_attempt, place, self.books.begin(partial(self._attempt, place)))

    def leave(self, place: Place) -> None:
        """Give a place in the queue up, whether or not it is still there."""
        self.books.submit(partial(self.books.ledger.queue.leave, place.wanted))

    @property
    def waiting(self) -> int:
        """How many have a place in the queue."""
        return len(self.books.ledger.queue)

    def heartbeat(self, seat_ids: Sequence[str], active: Sequence[str] | None = None) -> tuple[list[str], list[str]]:
        """Renew many seats; return which were renewed and which are lost."""
        return self.begin_heartbeat(seat_ids, active)()

    def begin_heartbeat(
        self, seat_ids: Sequence[str], active: Sequence[str] | None = None
    ) -> Callable[[], tuple[list[str], list[str]]]:
        """Begin a heartbeat and return what finishes it.

        Args:
            seat_ids: the seats whose sessions are there.
            active: those whose people did something since the last heartbeat; None: all of them.
        """
        present = None if active is None else frozenset(active)
        return partial(self._finish_heartbeat, self.books.begin(partial(self._renew, seat_ids, present)))

    def release(self, seat_id: str) -> None:
        """Give a seat back; that it is gone already is fine."""
        self.begin_release(seat_id)()

    def begin_release(self, seat_id: str) -> Callable[[], None]:
        """Begin a release and return what finishes it."""
        return partial(self.books.finish, self.books.begin(partial(self._release, seat_id)))

    def free(self, user: str) -> int:
        """Take a user's seats and named place back (administrator); return how many seats there were."""
        key = user_key(user)
        return self.books.submit(lambda: self.books.ledger.free(key, self.books.allowance.now))

    def occupied(self) -> Occupied:
        """Return how many are in."""
        return self.books.submit(self._occupied)

    def occupation(self) -> Occupation:
        """Return who holds what (administrator)."""
        return self.books.submit(self._occupation)

    def report(self) -> Report:
        """Return what the next validation tells. Nothing counts as told before ``settle``."""
        return self.books.submit(self.books.tally.report)

    def usage(self) -> tuple[Usage, ...]:
        """Return every hour that is kept, oldest first."""
        return self.books.submit(self.books.tally.hours)

    def settle(self, told: Report) -> None:
        """Note what the licence server has answered for: what the answered request carried, whoever built it when."""
        self.books.submit(lambda: self.books.tally.settle(told))
        self.flush()

    def flush(self) -> None:
        """Store counts that would wait for the next commit; also for when the agent stops."""
        self.books.submit(self.books.hurry)

    def _finish_check_out(self, waiting: Waiting[_Granted]) -> Answer:
        return self._answer(self.books.finish(waiting))

    def _finish_attempt(self, place: Place, waiting: Waiting[_Granted | None]) -> Answer | None:
        try:
            granted = self.books.finish(waiting)
            return None if granted is None else self._answer(granted)
        except UnavailableError:
            self.leave(place)
            raise

    def _answer(self, granted: _Granted) -> Answer:
        held, users, clients, mode, overdraft = granted
        expires_in = math.ceil(held.ends_at - self._clock.boot())
        if expires_in <= 0:
            raise UnavailableError(phrase("The machine was asleep while the seat was given; ask again."), 1)
        seat, is_outside = held.seat, held.is_outside
        return Answer(seat.id, seat.fence, held.is_new, expires_in, users, clients, mode, overdraft, is_outside)

    def _finish_heartbeat(self, waiting: Waiting[_Renewed]) -> tuple[list[str], list[str]]:
        ends = self.books.finish(waiting)
        now = self._clock.boot()
        renewed = [seat_id for seat_id, ends_at in ends.items() if ends_at is not None and ends_at > now]
        if len(renewed) == len(ends):
            return renewed, []
        kept = set(renewed)
        return renewed, [seat_id for seat_id in ends if seat_id not in kept]

    # What follows runs as work on the books: in one thread at a time.

    def _check_out(self, wanted: Wanted) -> _Granted:
        books = self.books
        try:
            return self._grant(wanted)
        except LicensingError as refusal:
            joins = wanted.wait > 0 and isinstance(refusal, SeatsExhaustedError)
            if joins and books.ledger.queue.join(wanted, books.now) is not None:
                books.afterwards(self._note_waiting)
            else:
                books.afterwards(partial(self._note_refusal, refusal))
            raise

    def _join(self, wanted: Wanted) -> Place:
        books = self.books
        place = books.ledger.queue.join(wanted, books.now)
        if place is None:
            users, _, services = books.ledger.counts(books.allowance)
            raise exhausted(*(("service", services) if wanted.kind == "service" else ("users", users)), self.waiting)
        books.afterwards(books.ledger.queue.settle)
        return place

    def _attempt(self, place: Place) -> _Granted | None:
        books = self.books
        is_early = books.now < place.ends_at and place in books.ledger.queue
        if is_early and books.ledger.must_wait(place, books.allowance, books.now):
            return None
        try:
            granted = self._grant(place.wanted, place)
        except LicensingError as refusal:
            if is_early and isinstance(refusal, SeatsExhaustedError):
                return None
            books.ledger.queue.give_way(place)
            books.afterwards(partial(self._note_refusal, refusal, place))
            raise
        books.ledger.queue.give_way(place)
        books.afterwards(partial(books.ledger.queue.leave, place.wanted))
        return granted

    def _grant(self, wanted: Wanted, place: Place | None = None) -> _Granted:
        books = self.books
        allowed = books.allowance
        held = books.ledger.check_out(wanted, allowed, books.now, self._new_id, place)
        users, clients, _ = books.ledger.counts(allowed)
        books.afterwards(partial(self._note_held, held))
        return held, users, clients, allowed.mode, books.ledger.overdraft(allowed)

    def _renew(self, seat_ids: Sequence[str], active: frozenset[str] | None) -> _Renewed:
        books = self.books
        allowed, now, renew = books.allowance, books.now, books.ledger.renew
        if active is None:
            ends = {seat_id: renew(seat_id, allowed, now) for seat_id in seat_ids}
        else:
            ends = {seat_id: renew(seat_id, allowed, now, is_active=seat_id in active) for seat_id in seat_ids}
        books.afterwards(partial(self._note_heartbeat, ends))
        return ends

    def _release(self, seat_id: str) -> None:
        self.books.ledger.release(seat_id)
        self.books.afterwards(self._note_release)

    def _occupied(self) -> Occupied:
        ledger, allowed = self.books.ledger, self.books.allowance
        return Occupied(*ledger.counts(allowed), allowed.mode, ledger.overdraft(allowed))

    def _occupation(self) -> Occupation:
        ledger = self.books.ledger
        held, named = tuple(ledger.held()), (ledger.assigned(), ledger.resting())
        return Occupation(self._occupied(), held, *named, self.waiting, self.books.now)

    def _note_held(self, held: Held) -> None:
        books, figures = self.books, self.figures
        if held.is_new:
            figures.given += 1
        else:
            figures.renewed += 1
        if held.is_beyond:
            figures.overdrawn += 1
            books.tally.count(OVERDRAFT, books.allowance.now)
        if held.is_outside:
            books.tally.count(OUTSIDE, books.allowance.now)

    def _note_heartbeat(self, ends: _Renewed) -> None:
        self.figures.heartbeats += 1
        self.figures.lost += sum(ends_at is None for ends_at in ends.values())

    def _note_release(self) -> None:
        self.figures.released += 1

    def _note_waiting(self) -> None:
        self.books.ledger.queue.settle()
        self.figures.waited += 1
        self.books.tally.waited(self.books.allowance.now)

    def _note_refusal(self, refusal: LicensingError, place: Place | None = None) -> None:
        books = self.books
        self.figures.refused += 1
        if place is not None:
            books.ledger.queue.leave(place.wanted)
        if isinstance(refusal, SeatsExhaustedError):
            books.tally.refused(books.allowance.now)
        elif isinstance(refusal, OutsideNetworkError):
            books.tally.count(OUTSIDE, books.allowance.now)

    def _allow(self) -> Allowance:
        return allowance(self._standing(), self._settings.ttl, self._administrator, self._settings.idle)
