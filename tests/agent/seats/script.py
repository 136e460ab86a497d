"""What people do with seats as one line each, so that a rule is a row of a table.

====== ======================================================================================
word   meaning
====== ======================================================================================
a      a gets in, or still is; ``a@2``: on client 2 (else everybody has one of their own)
a*     a, as a service account
!a     a is refused for want of a seat
-a     a leaves; ``/a``: the administrator frees a
a?     a is refused, and waits for 30 seconds; ``<a``: waits no longer
>a,b   all who wait try, and exactly a and b get in; ``>``: nobody; ``>!a``: a waits no longer, in vain
+60    that many seconds pass; ``+1d``: so many days; ``^60``: with a heartbeat of all every 100 seconds
w+60   somebody turns the wall clock; ``w-60``: back
~      the agent is killed and comes back
users= changes the licence, and so do ``clients=``, ``service=``, ``overdraft_users=``, ``overdraft_days=``
[a,b]  exactly a and b are in; ``{a}``: exactly a has a named place
o1/2   so many are in beyond the limit, and so many days of overdraft are left; ``o-``: nobody is
====== ======================================================================================
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.domain.seats import Kind, Wanted
from agent.domain.waiting import LONGEST_WAIT, Place
from agent.services.seating import Answer, Seating, SeatSettings
from keys.documents.parts import Seats
from keys.errors import SeatsExhaustedError
from tests.agent.seats.factories import a_standing
from tests.agent.seats.fakes import a_journal, counting_randomness
from tests.fakes import TurnableClock

DAY = 86_400


class Play:
    """The seats of one home, and what is told to happen to them."""

    def __init__(self, folder: Path, limits: Seats) -> None:
        self.folder, self.limits, self.clock = folder, limits, TurnableClock()
        self.seats: dict[str, str] = {}
        self.places: dict[str, Place] = {}
        self.fences: list[int] = []
        self.random = counting_randomness()
        self._open()

    def _open(self) -> None:
        self.journal = a_journal(self.folder, self.clock.now())
        self.seating = Seating(
            self.journal,
            clock=self.clock,
            randomness=self.random,
            standing=lambda: a_standing(now=self.clock.now(), seats=self.limits),
            settings=SeatSettings(administrator="root"),
        )

    def run(self, script: str) -> None:
        for word in script.split():
            __tracebackhide__ = True
            try:
                self.step(word)
            except (AssertionError, SeatsExhaustedError) as error:
                raise AssertionError(f"at {word} of {script}: {error!r}") from error
        self.journal.close()

    def step(self, word: str) -> None:
        head, rest = word[0], word[1:]
        match head:
            case "!":
                with pytest.raises(SeatsExhaustedError):
                    self.seating.check_out(_wanted(rest))
            case "-":
                self.seating.release(self.seats.pop(rest))
            case "/":
                self.seating.free(rest)
            case "<":
                self.seating.leave(self.places.pop(rest))
            case ">":
                assert self.attempt() == sorted(filter(None, rest.split(",")))
            case "+" | "^":
                self.turn(_seconds(rest), beats=head == "^")
            case "~":
                self.journal.close()
                self.places.clear()
                self._open()
            case _:
                self._look(head, rest.rstrip("]}"), word)

    def _look(self, head: str, rest: str, word: str) -> None:
        names = sorted(filter(None, rest.split(",")))
        occupation = self.seating.occupation()
        if head == "[":
            assert sorted({held.seat.user for held in occupation.held}) == names
        elif head == "{":
            assert sorted(occupation.assigned) == names
        elif word[:2] in {"o-", "o1", "o2"}:
            found = occupation.occupied.overdraft
            assert rest == (f"{found.users}/{found.days_left}" if found else "-")
        elif word[:2] in {"w+", "w-"}:
            self.clock.turn(int(f"{word[1]}1") * _seconds(word[2:]))
        elif "=" in word:
            name, _, value = word.partition("=")
            changes: dict[str, Any] = {name: int(value)}
            self.limits = replace(self.limits, **changes)
        else:
            self._ask(word)

    def _ask(self, word: str) -> None:
        wanted = _wanted(word)
        if not wanted.wait:
            self._take(word, self.seating.check_out(wanted))
            return
        with pytest.raises(SeatsExhaustedError):
            self.seating.check_out(wanted)
        self.places[word.removesuffix("?")] = self.seating.join(wanted)

    def _take(self, name: str, answer: Answer) -> None:
        self.seats[name] = answer.seat_id
        if answer.is_new:
            self.fences.append(answer.fence)

    def attempt(self) -> list[str]:
        """Have all who wait try in one batch; return who got in, and with ``!`` whose time is over."""
        begun = [(name, self.seating.begin_attempt(place)) for name, place in self.places.items()]
        found = []
        for name, finish in begun:
            try:
                answer = finish()
            except SeatsExhaustedError:
                del self.places[name]
                found.append(f"!{name}")
                continue
            if answer is not None:
                del self.places[name]
                self._take(name, answer)
                found.append(name)
        return sorted(found)

    def turn(self, seconds: int, *, beats: bool) -> None:
        while beats and seconds > 100:
            self.clock.advance(100)
            self.seating.heartbeat(list(self.seats.values()))
            seconds -= 100
        self.clock.advance(seconds)


def _wanted(word: str) -> Wanted:
    name = word.removesuffix("?")
    user, _, client = name.partition("@")
    kind: Kind = "service" if user.endswith("*") else "person"
    user = user.removesuffix("*")
    return Wanted(user, client or f"of-{user}", None, kind, LONGEST_WAIT if word.endswith("?") else 0)


def _seconds(text: str) -> int:
    return int(text.removesuffix("d")) * (DAY if text.endswith("d") else 1)
