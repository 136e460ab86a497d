"""The seats as a whole, above a journal that can fail: nothing is answered that is not stored."""

import threading

import pytest

from agent.domain.mode import Standing
from agent.domain.seats import Ended, Taken, Wanted
from agent.domain.usage import HOUR, Report
from agent.services.seating import SeatSettings
from keys.errors import (
    InvalidInputError,
    OutsideNetworkError,
    SeatsExhaustedError,
    StateDamagedError,
    UnavailableError,
)
from tests.agent.seats.fakes import MemoryJournal, Office


def test_a_new_seat_is_written_before_it_is_answered(office: Office, journal: MemoryJournal) -> None:
    answer = office.seating.check_out(Wanted("sara", "pc"))
    assert [change.seat.id for change in journal.written if isinstance(change, Taken)] == [answer.seat_id]
    assert (answer.is_new, answer.expires_in, answer.users.used, answer.users.limit) == (True, 120, 1, 3)


def test_a_renewal_and_a_heartbeat_need_no_commit(office: Office) -> None:
    seat_id = office.ask("sara")
    commits = office.seating.books.commits
    assert not office.seating.check_out(Wanted("sara", "pc")).is_new
    assert office.seating.heartbeat([seat_id, "seat_gone"]) == ([seat_id], ["seat_gone"])
    assert office.seating.books.commits == commits


@pytest.mark.threat(39)
def test_a_seat_that_could_not_be_written_was_never_given(office: Office, journal: MemoryJournal) -> None:
    held = office.ask("sara")
    journal.is_full = True
    for user in ("ali", "reza"):
        with pytest.raises(UnavailableError):
            office.ask(user)
    assert office.users() == ["sara"]
    assert office.seating.heartbeat([held]) == ([held], [])
    assert not office.seating.check_out(Wanted("sara", "pc")).is_new
    journal.is_full = False
    office.ask("ali")
    assert office.users() == ["ali", "sara"]


def test_on_a_full_disk_a_release_is_stored_in_the_space_kept_for_it(office: Office, journal: MemoryJournal) -> None:
    seat_id = office.ask("sara")
    journal.is_full = True
    office.seating.release(seat_id)
    assert [change.seat.id for change in journal.reserve if isinstance(change, Ended)] == [seat_id]
    assert office.users() == []


def test_where_not_even_that_is_left_the_release_is_written_with_the_next_seat(
    office: Office, journal: MemoryJournal
) -> None:
    seat_id = office.ask("sara")
    journal.is_full = journal.has_no_reserve = True
    office.seating.release(seat_id)
    assert office.users() == []
    journal.is_full = False
    office.ask("ali")
    ended, taken = journal.written[-2:]
    assert isinstance(ended, Ended)
    assert ended.seat.id == seat_id
    assert isinstance(taken, Taken)


def test_a_batch_in_which_one_must_be_refused_still_serves_the_others(office: Office, journal: MemoryJournal) -> None:
    seating = office.seating
    held = office.ask("sara")
    journal.is_full = True
    begun = [
        seating.begin_check_out(Wanted("sara", "pc")),
        seating.begin_check_out(Wanted("ali", "pc")),
        seating.begin_check_out(Wanted("ali", "pc")),
        seating.begin_heartbeat([held]),
        seating.begin_release(held),
    ]
    begun[0]()
    for refused in begun[1:3]:
        with pytest.raises(UnavailableError):
            refused()
    assert begun[3]() == ([held], [])
    begun[4]()
    assert (seating.figures.given, seating.figures.renewed, seating.figures.heartbeats) == (1, 1, 1)
    assert office.users() == []


def test_many_begun_by_one_thread_share_one_commit(office: Office) -> None:
    commits = office.seating.books.commits
    begun = [office.seating.begin_check_out(Wanted(user, "pc")) for user in "abcd"]
    for finish in begun[:3]:
        assert finish().is_new
    with pytest.raises(SeatsExhaustedError):
        begun[3]()
    assert office.seating.books.commits == commits + 1


def test_callers_that_wait_while_another_commits_are_served_together(office: Office, journal: MemoryJournal) -> None:
    gate, inside = threading.Event(), threading.Event()

    def hold() -> None:
        inside.set()
        assert gate.wait(10)

    journal.before_writing = hold
    answers: list[str] = []
    threads = [threading.Thread(target=lambda user=user: answers.append(office.ask(user))) for user in "abc"]
    threads[0].start()
    assert inside.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(office.seating.books._queue._begun) < 2:
        inside.wait(0.001)
    gate.set()
    for thread in threads:
        thread.join(10)
    assert len(set(answers)) == 3
    assert office.seating.books.commits == 2


@pytest.mark.threat(12)
def test_an_answer_that_comes_after_its_seat_has_ended_is_refused(office: Office, journal: MemoryJournal) -> None:
    journal.before_writing = lambda: office.clock.advance(300)
    with pytest.raises(UnavailableError):
        office.ask("sara")


@pytest.mark.threat(12)
def test_a_heartbeat_that_comes_back_too_late_has_renewed_nothing(office: Office) -> None:
    seat_id = office.ask("sara")
    finish = office.seating.begin_heartbeat([seat_id])
    office.seating.books.afterwards(lambda: None)
    slept = office.seating.begin_release("seat_none")
    office.seating.books._queue.begin(lambda: office.clock.advance(300))
    assert finish() == ([], [seat_id])
    slept()


def test_whatever_the_standing_raises_everybody_in_the_batch_is_told(office: Office) -> None:
    seat_id = office.ask("sara")
    good, office.standing = office.standing, _damaged
    begun = [office.seating.begin_check_out(Wanted(user, "pc")) for user in "ab"]
    for finish in begun:
        with pytest.raises(StateDamagedError):
            finish()
    office.standing = good
    assert office.seating.heartbeat([seat_id]) == ([seat_id], [])


def _damaged() -> Standing:
    raise StateDamagedError("licence.jws is damaged.")


def test_a_mistake_in_one_request_harms_no_other(office: Office) -> None:
    books = office.seating.books

    def mistaken() -> None:
        books.ledger.check_out(Wanted("ali", "pc"), books.allowance, books.now, lambda: "seat_mistaken")
        raise ZeroDivisionError

    begun = books.begin(mistaken)
    office.ask("sara")
    with pytest.raises(ZeroDivisionError):
        books.finish(begun)
    assert office.users() == ["sara"]


@pytest.mark.threat(38)
def test_a_journal_that_breaks_in_an_unknown_way_leaves_the_books_as_they_were(
    office: Office, journal: MemoryJournal
) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    journal.before_writing = broken
    with pytest.raises(ZeroDivisionError):
        office.ask("sara")
    assert office.users() == []


@pytest.mark.threat(45)
def test_the_administrator_is_known_by_any_spelling(journal: MemoryJournal) -> None:
    office = Office(journal)
    for user in "abc":
        office.ask(user)
    assert office.seating.check_out(Wanted("root", "pc")).is_new


def test_peaks_and_refusals_are_reported_until_they_are_answered_for(office: Office) -> None:
    for user in "abc":
        office.ask(user)
    with pytest.raises(SeatsExhaustedError):
        office.ask("d")
    with pytest.raises(OutsideNetworkError):
        office.seating.check_out(Wanted("e", "pc", "8.8.8.8"))
    told = office.seating.report()
    assert [(hour.users, hour.clients) for hour in told.usage] == [(3, 1)]
    assert [(event.code, event.count) for event in told.events] == [("outside_network", 1), ("seats_refused", 1)]
    assert office.seating.report() == told
    office.clock.advance(HOUR)
    office.seating.settle(told)
    assert office.seating.report() == Report()


def test_counts_are_written_within_a_minute_even_where_no_seat_changes_hands(
    office: Office, journal: MemoryJournal
) -> None:
    office.ask("a")
    seats = [office.ask(user) for user in "abc"]
    with pytest.raises(SeatsExhaustedError):
        office.ask("d")
    office.seating.heartbeat(seats)
    assert not journal.counts[-1].events
    office.clock.advance(60)
    office.seating.heartbeat(seats)
    assert [event.count for event in journal.counts[-1].events] == [1]


def test_freeing_a_user_ends_all_seats_of_that_user(office: Office) -> None:
    office.ask("sara", "pc-1")
    office.ask("sara", "pc-2")
    assert office.seating.free("SARA") == 2
    assert office.users() == []


@pytest.mark.parametrize("ttl", [0, 901])
def test_a_ttl_out_of_bounds_is_refused(ttl: int) -> None:
    with pytest.raises(InvalidInputError):
        SeatSettings(ttl=ttl)
