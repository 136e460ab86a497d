"""Whatever a batch has changed can be undone, when it could not be written."""

from dataclasses import replace

from agent.domain.overdraft import MOST_DAYS, OverdraftDays
from agent.domain.seats import REST, Assigned, Forgotten, Freed, Overdrawn, Remembered, Rested, Restricted
from keys.documents.parts import Seats
from tests.agent.seats.desk import Desk
from tests.fakes import START

DAY = 86_400
TODAY = START // DAY


def picture(desk: Desk) -> object:
    """Look at all that the rules go by."""
    ledger = desk.ledger
    held = sorted((entry.seat.fence, entry.ends_at) for entry in ledger.held())
    days = tuple(ledger._overdraft._days)
    return held, ledger.assigned(), sorted(ledger._places._resting._ends.items()), ledger.counts(desk.allowance), days


def test_all_that_was_noted_can_be_undone() -> None:
    resting = (Rested("z", START - REST + 500), Rested("y", START))
    desk = Desk(Remembered(resting=resting), model="named", users=6, clients=9)
    seat = desk.ask("a").seat
    desk.ask("a", "pc-2")
    desk.ask("b")
    desk.ledger.release(desk.ask("c").seat.id)
    desk.ledger.changes.clear()
    before = picture(desk)
    desk.allow(mode="restricted")
    desk.ledger.begin(desk.allowance, desk.now)
    desk.allow(mode="full")
    desk.ledger.release(seat.id)
    desk.free("b")
    desk.free("c")
    desk.ask("c")
    desk.ask("y")
    desk.ask("d", "pc-3")
    desk.turn(1000)
    desk.ask("e", "pc-4")
    kinds = {type(change) for change in desk.ledger.changes}
    assert {Assigned, Freed, Rested, Restricted} < kinds
    desk.ledger.undo()
    assert picture(desk) == before


def test_a_day_of_overdraft_can_be_undone_and_the_one_that_it_pushed_out() -> None:
    days = tuple(range(TODAY - 2 * MOST_DAYS, TODAY - MOST_DAYS))
    desk = Desk(Remembered(overdrawn=days), users=1, overdraft_users=1, overdraft_days=1)
    desk.ask("a")
    desk.ledger.changes.clear()
    before = picture(desk)
    desk.ask("b")
    assert desk.ledger.changes[:2] == [Overdrawn(TODAY), Forgotten(days[0])]
    assert desk.refused("c") == ("users", 2, 1)
    desk.ledger.undo()
    assert picture(desk) == before


def test_days_are_counted_in_any_thirty_and_today_is_open_once_it_is_used() -> None:
    seats = Seats("concurrent", 1, None, 0, 1, 2)
    days = OverdraftDays([TODAY - 30, TODAY - 29, TODAY + 29, TODAY + 30])
    assert (days.left(seats, START), days.is_open(seats, START)) == (0, False)
    assert (days.left(seats, START + DAY), days.is_open(seats, START + DAY)) == (0, False)
    assert (days.left(seats, START - DAY), days.is_open(seats, START - DAY)) == (0, False)
    assert (days.left(seats, START + 2 * DAY), days.use(START + 2 * DAY)) == (0, TODAY + 2)
    assert (days.use(START + 2 * DAY), days.surplus()) == (None, None)
    assert days.is_open(seats, START + 2 * DAY)
    assert not days.is_open(replace(seats, overdraft_days=0), START + 2 * DAY), "what was agreed may be agreed no more"


def test_the_thirty_days_before_and_after_count_and_no_more() -> None:
    days = OverdraftDays([TODAY - 30, TODAY - 29, TODAY + 29, TODAY + 30])
    assert days.left(Seats("concurrent", 1, None, 0, 1, 9), START) == 7


def test_only_a_day_too_many_is_forgotten() -> None:
    days = OverdraftDays(range(TODAY - MOST_DAYS + 1, TODAY))
    assert (days.use(START), days.surplus()) == (TODAY, None)
    assert (days.use(START + DAY), days.surplus()) == (TODAY + 1, TODAY - MOST_DAYS + 1)


def test_the_end_of_a_restriction_can_be_undone() -> None:
    desk = Desk(mode="restricted")
    desk.ledger.begin(desk.allowance, desk.now)
    desk.ledger.changes.clear()
    desk.allow(mode="full")
    desk.ledger.begin(desk.allowance, desk.now)
    assert desk.ledger.changes == [Restricted(None, START)]
    desk.ledger.undo()
    desk.turn(60)
    desk.allow(mode="restricted")
    desk.ledger.begin(desk.allowance, desk.now)
    assert not desk.ledger.changes, "it began when it began"


def test_a_place_given_to_somebody_who_is_in_can_be_undone() -> None:
    desk = Desk(users=3)
    desk.ask("a")
    desk.allow(model="named")
    desk.ledger.changes.clear()
    before = picture(desk)
    desk.ask("a", "pc-2")
    assert Assigned("a", START) in desk.ledger.changes
    desk.ledger.undo()
    assert picture(desk) == before


def test_the_end_of_a_rest_can_be_undone_while_its_user_is_in() -> None:
    desk = Desk(Remembered(resting=(Rested("a", START),)), users=3)
    desk.ask("a")
    desk.allow(model="named")
    desk.ledger.changes.clear()
    before = picture(desk)
    desk.allow(now=START + REST)
    desk.ledger.begin(desk.allowance, desk.now)
    assert desk.ledger.changes == [Rested("a", START)]
    assert desk.users() == 1
    desk.ledger.undo()
    assert picture(desk) == before
