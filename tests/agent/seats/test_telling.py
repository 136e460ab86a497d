"""What the seats tell, write and report of overdraft, networks and freed names."""

import pytest

from agent.domain.seats import OVERDRAFT, Overdraft, Overdrawn, Wanted
from agent.services.seating import SeatSettings
from keys.documents.parts import Seats
from keys.errors import InvalidInputError, MalformedError, SeatsExhaustedError, UnavailableError
from tests.agent.seats.factories import a_standing
from tests.agent.seats.fakes import MemoryJournal, Office
from tests.fakes import START


@pytest.mark.parametrize("idle", [-1, 119, 86_401])
def test_an_idle_time_out_of_bounds_is_refused(idle: int) -> None:
    with pytest.raises(InvalidInputError):
        SeatSettings(idle=idle)


def test_users_beyond_the_limit_are_told_written_and_reported(office: Office, journal: MemoryJournal) -> None:
    seats = Seats("concurrent", 1, None, 0, overdraft_users=2, overdraft_days=3)
    office.standing = lambda: a_standing(now=office.clock.now(), seats=seats)
    answers = [office.seating.check_out(Wanted(user, "pc")) for user in "abc"]
    assert [answer.overdraft for answer in answers] == [None, Overdraft(1, 2, 2), Overdraft(2, 2, 2)]
    assert [change for change in journal.written if isinstance(change, Overdrawn)] == [Overdrawn(START // 86_400)]
    assert [(event.code, event.count) for event in office.seating.report().events] == [(OVERDRAFT, 2)]
    assert office.seating.figures.overdrawn == 2
    assert office.seating.occupation().occupied.overdraft == Overdraft(2, 2, 2)


def test_a_day_of_overdraft_that_could_not_be_written_was_not_used(office: Office, journal: MemoryJournal) -> None:
    seats = Seats("concurrent", 1, None, 0, overdraft_users=1, overdraft_days=1)
    office.standing = lambda: a_standing(now=office.clock.now(), seats=seats)
    office.ask("a")
    journal.is_full = True
    with pytest.raises(UnavailableError):
        office.ask("b")
    journal.is_full = False
    office.clock.advance(86_400)
    office.ask("a")
    assert office.seating.check_out(Wanted("b", "pc")).overdraft == Overdraft(1, 1, 0)


@pytest.mark.threat(47)
def test_a_stranger_to_the_network_is_let_in_and_reported_where_the_licence_says_so(office: Office) -> None:
    office.standing = lambda: a_standing(now=office.clock.now(), networks=("10.9.0.0/16",), network_policy="report")
    inside = office.seating.check_out(Wanted("a", "pc", "10.9.0.2"))
    outside = office.seating.check_out(Wanted("b", "pc", "8.8.8.8"))
    again = office.seating.check_out(Wanted("b", "pc", "8.8.8.8"))
    assert [inside.outside_network, outside.outside_network, again.outside_network] == [False, True, True]
    assert [(event.code, event.count) for event in office.seating.report().events] == [("outside_network", 2)]
    with pytest.raises(MalformedError):
        office.seating.check_out(Wanted("c", "pc", "here"))
    assert office.users() == ["a", "b"]


def test_the_administrator_sees_which_names_rest_until_when_and_how_many_wait(office: Office) -> None:
    office.standing = lambda: a_standing(now=office.clock.now(), seats=Seats("named", 1, None))
    office.ask("a")
    office.seating.free("a")
    with pytest.raises(SeatsExhaustedError):
        office.seating.check_out(Wanted("b", "pc", wait=9))
    occupation = office.seating.occupation()
    assert (occupation.assigned, occupation.resting, occupation.waiting) == ({}, {"a": START + 86_400}, 1)
