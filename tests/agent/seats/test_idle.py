"""Seats of people who do nothing end, though their sessions go on."""

from typing import Any

import pytest

from agent.domain.seats import Remembered
from tests.agent.seats.desk import Desk
from tests.agent.seats.fakes import MemoryJournal, Office

IDLE = 600


def desk(**changes: Any) -> Desk:
    return Desk(idle=IDLE, **changes)


def pass_by(office: Desk, seat_id: str, seconds: int, *, active: bool = False) -> float | None:
    """Let time pass with a heartbeat each minute."""
    ends_at: float | None = None
    for _ in range(seconds // 60):
        office.turn(60)
        ends_at = office.beat(seat_id, is_active=active)
    return ends_at


def test_a_seat_ends_so_long_after_the_last_activity() -> None:
    office = desk(users=1)
    seat = office.ask("a").seat
    assert pass_by(office, seat.id, 540) == office.now + 60
    office.turn(59)
    assert office.refused("b") == ("users", 1, 1)
    office.turn(1)
    assert office.beat(seat.id, is_active=True) is None
    office.ask("b")


def test_whoever_is_active_stays() -> None:
    office = desk()
    seat = office.ask("a").seat
    assert pass_by(office, seat.id, 6000, active=True) == office.now + 120
    assert pass_by(office, seat.id, 540) == office.now + 60


def test_where_a_heartbeat_names_nobody_active_all_of_its_seats_are() -> None:
    office = Office(MemoryJournal(), idle=IDLE)
    seat_id = office.ask("a")
    for _ in range(20):
        office.clock.advance(60)
        assert office.seating.heartbeat([seat_id]) == ([seat_id], [])


def test_a_check_out_is_activity() -> None:
    office = desk()
    seat = office.ask("a").seat
    pass_by(office, seat.id, 540)
    assert office.ask("a").ends_at == office.now + 120
    assert pass_by(office, seat.id, 540) == office.now + 60


def test_a_session_without_heartbeats_ends_after_its_ttl_however_active() -> None:
    office = desk()
    seat = office.ask("a").seat
    office.turn(120)
    assert office.beat(seat.id, is_active=True) is None


def test_each_seat_of_a_user_is_idle_by_itself() -> None:
    office = desk()
    first, second = office.ask("a").seat, office.ask("a", "pc-2").seat
    for _ in range(10):
        office.turn(60)
        office.beat(first.id, is_active=True)
        office.beat(second.id, is_active=False)
    assert [held.seat for held in office.ledger.held()] == [first]


def test_service_accounts_are_never_idle() -> None:
    office = desk()
    seat = office.ask("bot", kind="service").seat
    assert pass_by(office, seat.id, 6000) == office.now + 120


def test_without_the_setting_nobody_is_idle() -> None:
    office = Desk()
    seat = office.ask("a").seat
    assert pass_by(office, seat.id, 6000) == office.now + 120


def test_after_a_restart_idleness_begins_anew_whoever_was_idle_before() -> None:
    before = desk()
    seat = before.ask("a").seat
    after = Desk(Remembered((seat,)), idle=IDLE)
    assert pass_by(after, seat.id, 600) == after.now + 60
    after.turn(60)
    assert after.beat(seat.id) is None


def test_what_is_undone_is_idle_as_before() -> None:
    office = desk()
    seat = office.ask("a").seat
    pass_by(office, seat.id, 540)
    office.ledger.changes.clear()
    office.ledger.release(seat.id)
    office.ledger.undo()
    assert office.beat(seat.id, is_active=False) == office.now + 60
    office.ledger.changes.clear()
    again = office.ask("b").seat
    office.ledger.undo()
    assert not office.ledger._seats._idle_ends.keys() - {seat.id}
    assert office.beat(again.id) is None


@pytest.mark.threat(40)
def test_nothing_is_kept_of_seats_that_are_gone() -> None:
    office = desk()
    for _ in range(100):
        office.ledger.release(office.ask("a").seat.id)
    assert not office.ledger._seats._idle_ends
