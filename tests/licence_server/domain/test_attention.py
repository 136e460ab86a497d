"""What needs somebody: what a chain showed, seats that were short, and alarms of the server itself."""

from dataclasses import replace

import pytest

from keys.documents.parts import Seats
from keys.documents.requests import Usage
from keys.trust import WARNING, Trust
from licence_server.domain.activation import Suspicion, binding_digest
from licence_server.domain.attention import Alarm, alarms_of
from licence_server.domain.audit import NOTHING, TOLERANCE, Head
from tests.fakes import MemoryDesk
from tests.licence_server.samples import NOW, activation

SEATS = Seats("concurrent", 3, None, 0, 2, 5)


@pytest.mark.parametrize(
    ("known", "found", "after"),
    [
        (None, (), None),
        (None, ("state_rolled_back",), "state_rolled_back"),
        (None, ("state_returned", "clone_suspected"), "clone_suspected"),
        ("clone_suspected", ("state_returned",), "clone_suspected"),
        ("clone_suspected", ("clone_detected",), "clone_detected"),
        ("state_returned", (), "state_returned"),
    ],
)
def test_the_gravest_that_nobody_looked_at_stays(known, found, after: str | None) -> None:
    before = activation(suspicion=known and Suspicion(known, NOW))
    suspicion = before.suspected(found, NOW + 1).suspicion
    assert (suspicion and suspicion.finding) == after
    assert suspicion is None or suspicion.at == (NOW if known == after else NOW + 1)


def test_what_nobody_looked_at_is_recorded() -> None:
    found = {binding_digest(activation(suspicion=each)) for each in (None, Suspicion("state_returned", NOW))}
    assert len(found) == 2
    assert binding_digest(activation(suspicion=Suspicion("state_returned", NOW + 1))) not in found


def test_a_person_who_looked_clears_it() -> None:
    cleared = activation(suspicion=Suspicion("clone_suspected", NOW)).cleared()
    assert cleared.suspicion is None
    assert not cleared.chain.anchored


@pytest.mark.parametrize(
    ("hours", "refused_at", "overdraft_at"),
    [
        ((), None, None),
        ((Usage(NOW - 7200, 3, 3),), None, None),
        ((Usage(NOW - 7200, 3, 3, refused=1), Usage(NOW - 3600, 4, 4)), NOW - 7200, NOW - 3600),
        ((Usage(NOW - 3600, 4, 4, refused=1), Usage(NOW - 7200, 5, 5, refused=9)), NOW - 3600, NOW - 3600),
        ((Usage(NOW, 4, 4, refused=1),), NOW, NOW),
        ((Usage(NOW + 1, 4, 4, refused=1),), None, None),
    ],
)
def test_when_seats_were_short(hours, refused_at: int | None, overdraft_at: int | None) -> None:
    told = activation().told(hours, SEATS, NOW)
    assert (told.refused_at, told.overdraft_at) == (refused_at, overdraft_at)
    later = activation(refused_at=NOW - 60, overdraft_at=NOW - 60).told(hours, SEATS, NOW)
    assert later.refused_at == max(NOW - 60, refused_at or 0)
    assert later.overdraft_at == max(NOW - 60, overdraft_at or 0)


def test_without_overdraft_nobody_uses_it() -> None:
    """More than are bought now: they were fewer then."""
    assert activation().told((Usage(NOW, 9, 9),), replace(SEATS, overdraft_users=0), NOW).overdraft_at is None


def trust_until(expires_at: int) -> Trust:
    return replace(MemoryDesk().trust, expires_at=expires_at)


def test_a_clock_that_is_behind_and_a_trust_that_ends() -> None:
    head = Head(1, NOTHING, NOW, "")
    good = trust_until(NOW + WARNING)
    assert alarms_of(good, None, NOW) == ()
    assert alarms_of(good, head, NOW - TOLERANCE) == ()
    assert alarms_of(good, head, NOW - TOLERANCE - 1) == (Alarm("clock_behind", NOW),)
    ending = trust_until(NOW + WARNING - 1)
    assert alarms_of(ending, head, NOW) == (Alarm("trust_ends", NOW + WARNING - 1),)
