"""One order for everything that happens to the seats, and one durable commit for all who wait (group commit)."""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Waiting(Generic[T]):
    """Work that was begun: to be done and stored with the next batch."""

    __slots__ = ("_turn", "error", "is_blocked", "is_done", "value", "work")

    def __init__(self, work: Callable[[], T]) -> None:
        self.work = work
        self.value: T
        self.error: BaseException | None = None
        self.is_done = self.is_blocked = False
        self._turn: Lock | None = None

    def block(self) -> None:
        """Make ready to wait; from here on somebody has to wake."""
        self._turn = Lock()
        self._turn.acquire()
        self.is_blocked = True

    def wait(self) -> None:
        """Wait until it is done, or until it is this caller's turn to lead."""
        if self._turn is not None:
            self._turn.acquire()

    def wake(self) -> None:
        """End the wait."""
        if self._turn is not None:
            self.is_blocked = False
            self._turn.release()

    def answer(self) -> T:
        """Return what came of it, or raise what it was refused with."""
        if self.error is not None:
            raise self.error
        return self.value


class GroupCommit:
    """Lets work in together.

    Whoever waits and finds nobody at work leads: does all work that was begun by then, in its order, with one call of
    ``run``; meanwhile the next is begun, and one who waits for that leads after. So there is no thread to start, stop
    or lose, a lone caller pays for no hand-over, and one fsync serves many: all that one thread began before it
    finished the first, and all that other threads did.
    """

    def __init__(self, run: Callable[[Sequence[Waiting[Any]]], None]) -> None:
        """Take what does a batch: it sets ``value`` or ``error`` of each, and returns when all of it is stored."""
        self._run = run
        self._guard = Lock()
        self._begun: list[Waiting[Any]] = []
        self._is_led = False

    def begin(self, work: Callable[[], T]) -> Waiting[T]:
        """Give work its place in the order. It is done even if nobody calls ``finish``, but not by when."""
        waiting = Waiting(work)
        with self._guard:
            self._begun.append(waiting)
        return waiting

    def finish(self, waiting: Waiting[T]) -> T:
        """Wait until the work is done and stored; return what came of it, or raise what it raised."""
        if not waiting.is_done:
            with self._guard:
                leads = not self._is_led and not waiting.is_done
                if leads:
                    self._is_led = True
                elif not waiting.is_done:
                    waiting.block()
            if not leads:
                waiting.wait()
            if not waiting.is_done:
                self._lead()
        return waiting.answer()

    def _lead(self) -> None:
        with self._guard:
            batch, self._begun = self._begun, []
        try:
            self._run(batch)
        except BaseException as error:  # noqa: BLE001 - raised again in every caller
            for waiting in batch:
                waiting.error = error
        with self._guard:
            for waiting in batch:
                waiting.is_done = True
            blocked = [waiting for waiting in batch if waiting.is_blocked]
            successor = next((waiting for waiting in self._begun if waiting.is_blocked), None)
            self._is_led = successor is not None
        for waiting in blocked:
            waiting.wake()
        if successor is not None:
            successor.wake()
