"""The queue above the ledger: places, their bounds, and what becomes of them when the disk is full."""

import pytest

from agent.domain.mode import Mode
from agent.domain.seats import Wanted
from agent.domain.usage import HOUR
from agent.domain.waiting import LAPSE, LONGEST_WAIT, MOST_WAITING, Place, Queue
from keys.documents.parts import Seats
from keys.errors import LicenceBlockedError, MalformedError, SeatsExhaustedError, UnavailableError
from tests.agent.seats.desk import Desk
from tests.agent.seats.factories import a_standing
from tests.agent.seats.fakes import MemoryJournal, Office


@pytest.fixture
def office(journal: MemoryJournal) -> Office:
    """One seat, which a has."""
    office = Office(journal, seats=Seats("concurrent", 1, None, 1))
    office.ask("a")
    return office


def wait(office: Office, user: str, seconds: int = LONGEST_WAIT) -> Wanted:
    """Ask for a seat, be refused, and wait."""
    wanted = Wanted(user, "pc", wait=seconds)
    with pytest.raises(SeatsExhaustedError):
        office.seating.check_out(wanted)
    return wanted


def leave(office: Office, user: str) -> None:
    held = next(held for held in office.seating.occupation().held if held.seat.user == user)
    office.seating.release(held.seat.id)


def test_a_place_is_taken_by_the_check_out_itself_so_nobody_comes_in_between(office: Office) -> None:
    seat_id = office.seating.occupation().held[0].seat.id
    wanted = Wanted("b", "pc", wait=10)
    begun = office.seating.begin_check_out(wanted), office.seating.begin_release(seat_id)
    newcomer = office.seating.begin_check_out(Wanted("c", "pc"))
    begun[1]()
    for refused in (begun[0], newcomer):
        with pytest.raises(SeatsExhaustedError):
            refused()
    place = office.seating.join(wanted)
    answer = office.seating.begin_attempt(place)()
    assert answer is not None
    assert answer.is_new
    assert (office.users(), office.seating.waiting) == (["b"], 0)


def test_who_comes_while_others_wait_is_told_how_many(office: Office) -> None:
    for user in "bc":
        office.seating.join(wait(office, user))
    leave(office, "a")
    with pytest.raises(SeatsExhaustedError, match=r"^0 of 1 users .* in use, and 2 wait already\.$"):
        office.ask("d")


def test_joining_twice_is_one_place_and_two_callers_of_one_pair_have_two(office: Office) -> None:
    wanted = wait(office, "b")
    assert office.seating.join(wanted) is office.seating.join(wanted)
    assert office.seating.waiting == 1
    second = office.seating.join(wait(office, "b"))
    assert office.seating.waiting == 2
    office.seating.leave(second)
    office.seating.leave(second)
    assert office.seating.waiting == 1


def test_both_callers_of_one_pair_get_its_seat(office: Office) -> None:
    places = [office.seating.join(wait(office, "b")) for _ in range(2)]
    leave(office, "a")
    answers = [finish() for finish in [office.seating.begin_attempt(place) for place in places]]
    assert [answer and answer.is_new for answer in answers] == [True, False]
    assert office.seating.waiting == 0


@pytest.mark.parametrize("seconds", [-1, LONGEST_WAIT + 1])
def test_nobody_waits_longer_than_half_a_minute(office: Office, seconds: int) -> None:
    with pytest.raises(MalformedError):
        office.seating.check_out(Wanted("b", "pc", wait=seconds))


def test_only_so_many_wait_and_the_next_is_refused_at_once(office: Office) -> None:
    waiting = [wait(office, f"user-{number}", seconds=1 + number % 2) for number in range(MOST_WAITING)]
    for kind, dimension in (("person", "users"), ("service", "service")):
        with pytest.raises(SeatsExhaustedError, match=f"{MOST_WAITING} wait already") as refusal:
            office.seating.join(Wanted("late", "pc", kind=kind, wait=9))  # type: ignore[arg-type]
        assert refusal.value.dimension == dimension
    late = wait(office, "late")
    with pytest.raises(SeatsExhaustedError):
        office.seating.join(late)
    assert office.seating.report().usage[0].waited == MOST_WAITING
    assert office.seating.report().usage[0].refused == 1
    office.clock.advance(1 + LAPSE)
    assert office.seating.join(late).wanted is late, "those who never asked again made room"
    assert office.seating.waiting == MOST_WAITING // 2 + 1
    office.seating.leave(office.seating.join(waiting[1]))
    assert office.seating.waiting == MOST_WAITING // 2


def test_waiting_is_no_refusal_until_it_was_in_vain(office: Office) -> None:
    place = office.seating.join(wait(office, "b", seconds=5))
    assert office.seating.begin_attempt(place)() is None
    hour = office.seating.report().usage[0]
    assert (hour.waited, hour.refused, office.seating.figures.waited, office.seating.figures.refused) == (1, 0, 1, 0)
    office.clock.advance(5)
    with pytest.raises(SeatsExhaustedError):
        office.seating.begin_attempt(place)()
    hour = office.seating.report().usage[0]
    assert (hour.waited, hour.refused, office.seating.figures.refused) == (1, 1, 1)
    assert office.seating.waiting == 0
    assert hour.hour_at % HOUR == 0


def test_a_place_that_was_left_is_tried_for_in_vain(office: Office) -> None:
    place = office.seating.join(wait(office, "b"))
    office.seating.leave(place)
    with pytest.raises(SeatsExhaustedError):
        office.seating.begin_attempt(place)()


def test_a_licence_that_is_blocked_meanwhile_ends_the_wait_wherever_in_the_line(office: Office) -> None:
    first, second = (office.seating.join(wait(office, user)) for user in "bc")
    office.standing = lambda: a_standing("blocked", now=office.clock.now())
    for place in (second, first):
        with pytest.raises(LicenceBlockedError):
            office.seating.begin_attempt(place)()
    assert office.seating.waiting == 0


@pytest.mark.parametrize(
    ("mode", "has_to"), [("full", True), ("grace", True), ("restricted", False), ("blocked", False)]
)
def test_whoever_is_not_first_tries_only_where_that_ends_the_wait(mode: Mode, has_to: bool) -> None:
    desk = Desk(users=1)
    desk.ask("a")
    first, second = places(desk, "bc")
    desk.allow(mode=mode)
    assert [desk.ledger.must_wait(place, desk.allowance, desk.now) for place in (first, second)] == [False, has_to]


def test_whoever_is_in_or_has_a_place_need_not_be_first() -> None:
    desk = Desk(model="named", users=2)
    desk.ask("a")
    desk.ledger.release(desk.ask("b").seat.id)
    has_to = [desk.ledger.must_wait(place, desk.allowance, desk.now) for place in places(desk, "cabd")]
    assert has_to == [False, False, False, True]


def test_whoever_has_a_seat_already_holds_up_nobody() -> None:
    desk = Desk(users=2)
    desk.ask("a")
    first, second = places(desk, "bc")
    assert desk.ledger.must_wait(second, desk.allowance, desk.now)
    desk.ledger.check_out(first.wanted, desk.allowance, desk.now, lambda: "seat_of_b", first)
    assert not desk.ledger.must_wait(second, desk.allowance, desk.now)


def test_whoever_was_answered_in_this_batch_waits_no_more() -> None:
    queue = Queue()
    line = [queue.join(Wanted(user, "pc", wait=9), 0.0) for user in "abc"]
    assert line[0] is not None
    assert queue.length("person") == 3
    queue.give_way(line[0])
    assert queue.length("person") == 2
    queue.leave(line[0].wanted)
    assert queue.length("person") == 2


def places(desk: Desk, users: str) -> list[Place]:
    """Join the line, one after another."""
    joined = [desk.ledger.queue.join(Wanted(user, "new-pc", wait=9), desk.now) for user in users]
    return [place for place in joined if place is not None]


def test_where_nothing_can_be_stored_the_wait_ends_and_others_go_on(office: Office, journal: MemoryJournal) -> None:
    places = [office.seating.join(wait(office, user)) for user in "bc"]
    leave(office, "a")
    journal.is_full = True
    begun = [office.seating.begin_attempt(place) for place in places]
    with pytest.raises(UnavailableError):
        begun[0]()
    assert (office.users(), office.seating.waiting) == ([], 1)
    journal.is_full = False
    answer = office.seating.begin_attempt(places[1])()
    assert answer is not None
    assert office.users() == ["c"]


def test_who_was_refused_only_because_of_a_seat_that_could_not_be_stored_waits_no_longer(
    office: Office, journal: MemoryJournal
) -> None:
    leave(office, "a")
    journal.is_full = True
    begun = [office.seating.begin_check_out(Wanted(user, "pc", wait=9)) for user in "bc"]
    for finish in begun:
        with pytest.raises(UnavailableError):
            finish()
    journal.is_full = False
    assert office.seating.waiting == 0
    office.ask("d")
