"""The queue above the ledger: places, their bounds, and what becomes of them when the disk is full."""

import pytest

from agent.domain.seats import Wanted
from agent.domain.usage import HOUR
from agent.domain.waiting import LAPSE, LONGEST_WAIT, MOST_WAITING
from keys.documents.parts import Seats
from keys.errors import LicenceBlockedError, MalformedError, SeatsExhaustedError, UnavailableError
from tests.agent.seats.factories import a_standing
from tests.agent.seats.fakes import MemoryJournal, Office


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal()


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


def test_a_licence_that_is_blocked_meanwhile_ends_the_wait(office: Office) -> None:
    place = office.seating.join(wait(office, "b"))
    office.standing = lambda: a_standing("blocked", now=office.clock.now())
    with pytest.raises(LicenceBlockedError):
        office.seating.begin_attempt(place)()
    assert office.seating.waiting == 0


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
