"""The rules of seats, one by one."""

import pytest

from agent.domain.occupancy import exhausted
from agent.domain.seats import Assigned, Count, Held, Remembered, Seat
from keys.errors import MalformedError, OutsideNetworkError
from tests.agent.seats.desk import Desk
from tests.fakes import START


def test_a_seat_is_given_for_as_long_as_it_lives() -> None:
    desk = Desk()
    for is_new in (True, False):
        assert desk.ask("a") == Held(Seat("seat_0", 1, "a", "pc", "person"), desk.now + 120, is_new=is_new)


def test_one_user_on_two_clients_takes_one_user_and_two_clients() -> None:
    desk = Desk()
    first, second = desk.ask("sara", "pc-1"), desk.ask("sara", "laptop")
    assert desk.ledger.counts(desk.allowance) == (Count(1, 3), Count(2, 4), Count(0, 1))
    assert first.seat.id != second.seat.id


@pytest.mark.threat(45)
def test_a_pair_that_asks_again_gets_the_same_seat_renewed() -> None:
    desk = Desk()
    first = desk.ask("sara")
    desk.turn(100)
    again = desk.ask("sara", kind="service")
    assert (again.seat, again.is_new, again.ends_at) == (first.seat, False, desk.now + 120)


def test_the_user_too_many_is_refused_and_told_which_dimension_is_full() -> None:
    desk = Desk(users=2)
    desk.ask("a")
    desk.ask("b")
    assert desk.refused("c") == ("users", 2, 2)
    desk.ask("a", "pc-2")


def test_where_there_are_none_the_first_is_refused() -> None:
    assert Desk(service=0).refused("bot", kind="service") == ("service", 0, 0)


def test_where_there_are_none_but_those_of_the_overdraft_one_gets_in() -> None:
    desk = Desk(users=0, overdraft_users=1, overdraft_days=1)
    assert desk.ask("a").is_beyond
    assert desk.refused("b") == ("users", 1, 0)


def test_a_refusal_says_how_many_are_in_and_wait() -> None:
    said = "2 of 2 clients of this licence are in use"
    assert str(exhausted("clients", Count(2, 2))) == f"{said}."
    assert str(exhausted("clients", Count(2, 2), 1)) == f"{said}, and 1 wait already."


def test_the_client_too_many_is_refused() -> None:
    desk = Desk(clients=2)
    desk.ask("a", "pc-1")
    desk.ask("a", "pc-2")
    assert desk.refused("b", "pc-3") == ("clients", 2, 2)
    desk.ask("b", "pc-1")


def test_clients_without_a_limit_are_not_counted_against_anybody() -> None:
    desk = Desk(clients=None)
    for number in range(10):
        desk.ask("a", f"pc-{number}")


@pytest.mark.threat(40)
def test_a_seat_is_free_at_the_very_moment_it_ends() -> None:
    desk = Desk(users=1)
    seat = desk.ask("a").seat
    desk.turn(119.9)
    assert desk.refused("late") == ("users", 1, 1)
    desk.turn(0.1)
    desk.ask("late")
    assert desk.beat(seat.id) is None


def test_a_heartbeat_gives_one_more_ttl() -> None:
    desk = Desk(users=1)
    seat = desk.ask("a").seat
    for _ in range(5):
        desk.turn(100)
        assert desk.beat(seat.id) == desk.now + 120
    assert desk.users() == 1
    assert desk.beat("seat_unknown") is None


def test_a_released_seat_is_free_and_releasing_twice_is_fine() -> None:
    desk = Desk(users=1)
    seat = desk.ask("a").seat
    desk.ledger.release(seat.id)
    desk.ledger.release(seat.id)
    desk.ask("b")


@pytest.mark.threat(46)
def test_fencing_numbers_grow_even_when_the_highest_has_left() -> None:
    desk = Desk(Remembered(fence=41))
    first = desk.ask("a").seat
    desk.ledger.release(first.id)
    assert (first.fence, desk.ask("a").seat.fence) == (42, 43)


def test_after_a_restart_every_seat_has_one_more_ttl() -> None:
    before = Desk()
    seats = tuple(before.ask(user).seat for user in "ab")
    after = Desk(Remembered(seats))
    assert [held.ends_at for held in after.ledger.held()] == [after.now + 120] * 2
    assert after.ask("a").seat == seats[0]
    assert after.ask("c").seat.fence > max(seat.fence for seat in seats)


def test_a_lowered_limit_drains() -> None:
    desk = Desk(users=3)
    seats = [desk.ask(user).seat for user in "abc"]
    desk.allow(users=1)
    assert desk.refused("d") == ("users", 3, 1)
    assert all(desk.beat(seat.id) for seat in seats)
    desk.ask("a", "pc-2")
    for seat in seats[1:]:
        desk.ledger.release(seat.id)
    assert desk.refused("b") == ("users", 1, 1)


def test_service_accounts_cost_no_user_but_a_client_and_have_a_limit_of_their_own() -> None:
    desk = Desk(users=1, clients=3, service=1)
    desk.ask("a", "pc")
    seat = desk.ask("bot", "server", kind="service").seat
    desk.ask("bot", "server-2", kind="service")
    assert desk.users() == 1
    assert desk.refused("bot-2", "pc", kind="service") == ("service", 1, 1)
    assert desk.refused("a", "pc-4") == ("clients", 3, 3)
    desk.ledger.release(seat.id)
    assert desk.ledger.counts(desk.allowance)[2].used == 1
    desk.ask("a", "server")


def test_the_administrator_gets_in_beyond_every_limit() -> None:
    desk = Desk(users=1, clients=1, administrator="root")
    desk.ask("a")
    assert desk.ask("root", "console").is_new
    assert desk.refused("b") == ("users", 1, 1)


def test_the_administrator_takes_nobody_s_place() -> None:
    desk = Desk(users=1, administrator="root")
    desk.ask("root", "console")
    desk.ask("a")
    assert desk.users() == 1


def test_a_named_user_who_becomes_the_administrator_leaves_the_place_to_others() -> None:
    before = (Assigned("root", START), Assigned("a", START))
    desk = Desk(Remembered(assigned=before), model="named", users=2, administrator="root")
    assert desk.users() == 1
    for user in ("root", "a", "b"):
        desk.ask(user)
        assert desk.users() == (2 if user == "b" else 1)
    assert sorted(desk.ledger.assigned()) == ["a", "b", "root"]
    assert desk.refused("c") == ("users", 2, 2)


@pytest.mark.threat(47)
def test_the_network_is_checked_where_an_address_is_given() -> None:
    desk = Desk(networks=("10.9.0.0/16",))
    desk.ask("a", address="10.9.0.2")
    desk.ask("b")
    with pytest.raises(OutsideNetworkError):
        desk.ask("a", address="10.8.0.2")
    with pytest.raises(MalformedError):
        desk.ask("a", address="here")


def test_a_heap_of_seats_long_gone_is_tidied() -> None:
    desk = Desk()
    for _ in range(1000):
        desk.ledger.release(desk.ask("a").seat.id)
    assert len(desk.ledger._seats._endings._heap) < 100
