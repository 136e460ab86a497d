"""The agent's loop: it asks when it is time, waits after a failure, and looks for trust daily."""

import pytest

from agent.services.judging import FRESH
from agent.services.renewing import LONGEST_SLEEP
from keys.errors import UnavailableError, UnreachableError
from tests.agent.rig import Rig
from tests.agent.vendor import DAY, HARDWARE


def test_an_empty_home_costs_nothing(rig: Rig) -> None:
    assert rig.renewing().step() == LONGEST_SLEEP
    assert not rig.server.sent


def test_it_validates_in_time_and_only_then(active: Rig) -> None:
    loop = active.renewing()
    loop.step()
    assert loop.step() == LONGEST_SLEEP
    assert len(active.server.sent) == 1
    active.clock.advance(DAY * 11 // 10)
    loop.step()
    loop.step()
    assert [active.licence.seq, len(active.server.sent)] == [2, 2]


def test_it_looks_for_trust_daily(active: Rig) -> None:
    loop = active.renewing()
    for _ in range(3):
        loop.step()
    assert active.server.trust_fetched == 1
    active.vendor.rotate()
    active.clock.advance(DAY * 12 // 10)
    loop.step()
    assert active.papers.trust() == active.vendor.trust_document


def test_a_revoked_key_makes_it_validate_at_once(active: Rig) -> None:
    active.vendor.rotate("revoked")
    loop = active.renewing()
    assert [loop.step(), loop.step()] == [1, 1]
    assert (active.licence.seq, active.standing.mode) == (2, "full")


def test_after_a_failure_it_waits_and_the_mode_stays(active: Rig) -> None:
    loop = active.renewing()
    loop.step()
    active.clock.advance(DAY * 12 // 10)
    active.server.refuse = UnreachableError("no")
    with pytest.raises(UnreachableError):
        loop.step()
    tries = len(active.server.sent)
    while True:  # trust has a back-off of its own
        try:
            loop.step()
        except UnreachableError:
            continue
        break
    assert len(active.server.sent) <= tries + 1
    assert active.standing.mode == "full"


def test_it_waits_as_long_as_the_server_asks(active: Rig) -> None:
    loop = active.renewing()
    loop.step()
    active.clock.advance(DAY * 12 // 10)
    loop.step()
    active.clock.advance(DAY * 12 // 10)
    active.server.refuse = UnavailableError("Later.", 7_200)
    with pytest.raises(UnavailableError):
        loop.step()
    tries, active.server.refuse = len(active.server.sent), None
    active.clock.advance(7_190)
    loop.step()
    assert len(active.server.sent) == tries
    active.clock.advance(3_700)
    loop.step()
    assert len(active.server.sent) == tries + 1


def test_while_another_process_validates_it_does_not(active: Rig) -> None:
    loop = active.renewing()
    active.clock.advance(DAY * 12 // 10)
    with active.around.lock():
        loop.step()
    assert len(active.server.sent) == 1
    assert active.tallies.progress()[0].failures == 0


def test_a_year_offline_ends_the_lease_on_time_whatever_the_clock_says(active: Rig) -> None:
    active.server.refuse = UnreachableError("no")
    modes = []
    for day in range(40):
        active.clock.advance(DAY)
        active.clock.turn(-DAY)
        active.judging.timekeeping.keep(active.judging.holding.hand())
        if day % 7 == 3:
            active.machine.reboot(f"boot-{day}")
        modes.append(active.again().standing.mode)
    assert modes.index("grace") == 1
    assert modes.index("restricted") in {30, 31}
    assert set(modes[modes.index("restricted") :]) == {"restricted"}


def test_a_lost_ledger_is_begun_anew(active: Rig) -> None:
    active.clock.advance(100)
    active.home.ledger.write_bytes(b"\0\0\0")
    again = active.again()
    assert again.standing.now == active.clock.now()
    again.judging.timekeeping.keep(again.judging.holding.hand())
    assert again.tallies.ledger() is not None


def test_hardware_is_read_once_an_hour(active: Rig) -> None:
    before = active.standing
    active.machine.values = {name: f"other {value}" for name, value in HARDWARE.items()}
    within = active.standing
    active.clock.advance(FRESH)
    assert [before.mode, within.mode, active.standing.mode] == ["full", "full", "blocked"]


def test_what_can_not_be_read_counts_as_before_even_after_a_restart(active: Rig) -> None:
    active.machine.unreadable = ("product_uuid", "machine_id")
    standing = active.again().standing
    assert standing.mode == "full"
    assert "component_unreadable" in {notice.code for notice in standing.notices}
    active.clock.advance(DAY + FRESH)
    assert active.again().standing.mode == "blocked"


def test_a_key_that_others_can_read_blocks_until_it_is_mended(active: Rig) -> None:
    path = next(active.home.keys.glob("*.pem"))
    path.chmod(0o644)
    assert (active.standing.reason, "chmod 600" in active.standing.notices[0].en) == ("key_missing", True)
    path.chmod(0o600)
    assert active.standing.mode == "full"
