"""All that came in during one turn of the event loop, begun at once and finished after one durable commit."""

import logging
from asyncio import AbstractEventLoop
from collections.abc import Callable
from contextlib import suppress

from agent.web import problems
from agent.web.replies import Finish, Later, Reply
from keys.errors import UnavailableError

_log = logging.getLogger(__name__)

Deliver = Callable[[Reply], None]
"""Takes an answer to who asked."""

MOST_WAITING = 500
"""Each holds a connection."""
_LOOK_EVERY = 1.0
"""Seconds after which those who wait are tried anyway: seats also end by themselves."""


class Turns:
    """Begins requests as they come, and finishes all of a turn together, in their order.

    Everything runs in the loop's own thread. The first to finish leads the commit for all of them
    (services.committing), so there is nothing to hand over and nobody to wake.
    """

    def __init__(self, loop: AbstractEventLoop, released: Callable[[], int]) -> None:
        """Take the loop, and what counts the seats that were given back: then it may be the turn of who waits."""
        self._loop, self._released = loop, released
        self._begun: list[tuple[Finish, Deliver]] = []
        self._waiting: dict[Deliver, Later] = {}
        self._seen = 0
        self._is_looking = False

    def add(self, finish: Finish, deliver: Deliver) -> None:
        """Take what was begun; its answer is delivered at the end of this turn, or when its time has come."""
        if not self._begun:
            self._loop.call_soon(self._flush)
        self._begun.append((finish, deliver))

    def aside(self, work: Finish, deliver: Deliver) -> None:
        """Let a thread do what may take its time, and deliver."""
        done = self._loop.run_in_executor(None, problems.guarded, work)
        done.add_done_callback(lambda done: self._hand_over(done.result(), deliver))

    def forsake(self, deliver: Deliver) -> bool:
        """Let somebody who went away wait no longer; tell whether anybody did."""
        later = self._waiting.pop(deliver, None)
        if later is None:
            return False
        with suppress(Exception):  # the place lapses by itself
            later.leave()
        return True

    def dismiss(self) -> None:
        """Answer all who wait, for the agent stops."""
        reply = problems.of(UnavailableError("The agent is being stopped; ask again.", 1))
        for deliver in list(self._waiting):
            self.forsake(deliver)
            _tell(deliver, reply)

    def _flush(self) -> None:
        begun, self._begun = self._begun, []
        for finish, deliver in begun:
            self._hand_over(problems.guarded(finish), deliver)
        if self._waiting and self._seen != self._released():
            self._try_all()

    def _hand_over(self, reply: Reply | Later, deliver: Deliver) -> None:
        if isinstance(reply, Reply):
            _tell(deliver, reply)
        elif len(self._waiting) >= MOST_WAITING:
            with suppress(Exception):  # the place lapses by itself
                reply.leave()
            _tell(deliver, problems.of(reply.refusal))
        else:
            self._waiting[deliver] = reply
            if not self._is_looking:
                self._is_looking = True
                self._loop.call_later(_LOOK_EVERY, self._look)

    def _look(self) -> None:
        self._is_looking = bool(self._waiting)
        if self._is_looking:
            self._try_all()
            self._loop.call_later(_LOOK_EVERY, self._look)

    def _try_all(self) -> None:
        """Try all who wait, in their order and in one commit."""
        self._seen = self._released()
        tried = [(deliver, later, problems.begun(later.begin)) for deliver, later in self._waiting.items()]
        for deliver, later, finish in tried:
            reply = problems.guarded(finish)
            if reply is not later and self._waiting.pop(deliver, None) is not None and isinstance(reply, Reply):
                _tell(deliver, reply)


def _tell(deliver: Deliver, reply: Reply) -> None:
    """Deliver; whatever goes wrong with one connection, the turn has others to answer."""
    try:
        deliver(reply)
    except Exception:  # noqa: BLE001 - logged
        _log.exception("A connection of the local API failed.")
