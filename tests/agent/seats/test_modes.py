"""Seats in the named model, and when the licence is restricted or blocked."""

import pytest

from agent.domain.seats import REST, Remembered, Restricted
from keys.errors import LicenceBlockedError, LicenceRestrictedError
from tests.agent.seats.desk import Desk
from tests.fakes import START


class TestNamed:
    """A user is assigned at the first check-out and keeps the place."""

    def test_a_user_who_left_keeps_the_place(self) -> None:
        desk = Desk(model="named", users=2)
        for user in "ab":
            desk.ledger.release(desk.ask(user).seat.id)
        assert desk.refused("c") == ("users", 2, 2)
        assert desk.ledger.assigned() == {"a": START, "b": START}
        desk.ask("a")
        assert desk.users() == 2

    def test_a_freed_place_is_given_to_another_after_a_day(self) -> None:
        desk = Desk(model="named", users=1)
        seat = desk.ask("a").seat
        assert desk.free("a") == 1
        assert desk.beat(seat.id) is None
        desk.turn(REST - 1)
        assert desk.refused("b") == ("users", 1, 1)
        desk.turn(1)
        desk.ask("b")
        assert desk.refused("a") == ("users", 1, 1)
        assert desk.free("nobody") == 0

    def test_who_was_freed_may_return_at_once(self) -> None:
        desk = Desk(model="named", users=1)
        desk.ask("a")
        desk.free("a")
        assert (desk.ledger.assigned(), desk.users()) == ({}, 1)
        desk.ask("a")
        assert (list(desk.ledger.assigned()), desk.users()) == (["a"], 1)
        desk.turn(REST)
        assert desk.refused("b") == ("users", 1, 1)

    def test_whoever_was_in_before_the_model_changed_is_counted_and_assigned_while_there_is_room(self) -> None:
        desk = Desk(users=3)
        for user in "abc":
            desk.ask(user)
        desk.allow(model="named", users=2)
        assert desk.users() == 3
        assert desk.refused("d") == ("users", 3, 2)
        for user in "abc":
            desk.ask(user, "pc-2")
        assert desk.ledger.assigned() == {"a": START, "b": START}
        assert desk.users() == 3

    def test_a_lowered_limit_lets_no_more_in_at_once(self) -> None:
        desk = Desk(model="named", users=2)
        for user in "ab":
            desk.ledger.release(desk.ask(user).seat.id)
        desk.allow(users=1)
        desk.ask("a")
        assert desk.refused("b") == ("users", 1, 1)

    def test_a_place_of_before_is_worth_nothing_where_anybody_may_come(self) -> None:
        desk = Desk(model="named", users=1)
        desk.ledger.release(desk.ask("a").seat.id)
        desk.allow(model="concurrent")
        desk.ask("b")
        assert desk.refused("a") == ("users", 1, 1)

    def test_a_user_beyond_the_places_is_counted_until_the_last_of_their_seats_is_given_back(self) -> None:
        desk = Desk(model="named", users=1, overdraft_users=1, overdraft_days=1)
        desk.ask("a")
        seats = [desk.ask("b", client).seat for client in ("pc-1", "pc-2")]
        counted = []
        for seat in seats:
            counted.append(desk.users())
            desk.ledger.release(seat.id)
        assert [*counted, desk.users()] == [2, 2, 1]

    def test_the_administrator_and_service_accounts_take_nobody_s_place(self) -> None:
        desk = Desk(model="named", users=1, administrator="root")
        desk.ask("a")
        seat = desk.ask("root").seat
        desk.ask("bot", kind="service")
        assert desk.ledger.assigned() == {"a": START}
        assert desk.users() == 1
        desk.ledger.release(seat.id)
        assert desk.users() == 1


class TestRestricted:
    """Only the administrator; seats already held end within 15 minutes."""

    def test_nobody_gets_in_but_the_administrator(self) -> None:
        desk = Desk(administrator="root", mode="restricted")
        with pytest.raises(LicenceRestrictedError, match="only the administrator"):
            desk.ask("a")
        assert desk.ask("root").ends_at == desk.now + 120

    def test_held_seats_are_renewed_for_fifteen_minutes_and_then_lost(self) -> None:
        desk = Desk(administrator="root")
        seat, roots = desk.ask("a").seat, desk.ask("root").seat
        desk.turn(100)
        desk.allow(mode="restricted")
        for _ in range(8):
            assert desk.beat(seat.id) == desk.now + 120
            assert desk.beat(roots.id)
            desk.turn(100)
        assert desk.ask("a").ends_at == desk.now + 100
        desk.beat(roots.id)
        desk.turn(99)
        assert desk.beat(seat.id) == desk.now + 1
        desk.beat(roots.id)
        desk.turn(1)
        assert desk.beat(seat.id) is None
        with pytest.raises(LicenceRestrictedError):
            desk.ask("a")
        assert desk.beat(roots.id) == desk.now + 120

    def test_who_is_administrator_no_longer_leaves_with_all_others(self) -> None:
        desk = Desk(administrator="root", mode="restricted")
        desk.ask("root")
        for _ in range(9):
            desk.turn(100)
            desk.ask("root")
        desk.allow(administrator=None)
        with pytest.raises(LicenceRestrictedError):
            desk.ask("root")

    def test_a_restart_gives_no_new_fifteen_minutes(self) -> None:
        before = Desk()
        seat = before.ask("a").seat
        after = Desk(Remembered((seat,), restricted_since=START), mode="restricted", now=START + 899)
        assert after.beat(seat.id) == after.now + 1
        after.turn(1)
        assert after.beat(seat.id) is None

    def test_a_seat_whose_time_was_up_while_the_agent_was_off_is_lost_at_its_heartbeat(self) -> None:
        seat = Desk().ask("a").seat
        after = Desk(Remembered((seat,), restricted_since=START), mode="restricted", now=START + 5000)
        assert after.beat(seat.id) is None
        assert not list(after.ledger.held())

    def test_once_the_licence_is_good_again_seats_live_on(self) -> None:
        desk = Desk()
        seat = desk.ask("a").seat
        desk.allow(mode="restricted")
        desk.beat(seat.id)
        desk.allow(mode="full")
        assert desk.beat(seat.id) == desk.now + 120
        assert [change for change in desk.ledger.changes if isinstance(change, Restricted)] == [
            Restricted(START, None),
            Restricted(None, START),
        ]


def test_blocked_lets_nobody_in_and_held_seats_are_lost_at_the_next_heartbeat() -> None:
    desk = Desk(administrator="root")
    seat, roots = desk.ask("a").seat, desk.ask("root").seat
    desk.allow(mode="blocked")
    for user in ("a", "root", "b"):
        with pytest.raises(LicenceBlockedError, match="nobody"):
            desk.ask(user)
    assert (desk.beat(seat.id), desk.beat(roots.id)) == (None, None)
    assert desk.users() == 0


def test_grace_is_as_good_as_full() -> None:
    assert Desk(mode="grace").ask("a").is_new
