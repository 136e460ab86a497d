"""500 people log in within a minute; the licence server hangs, the disk takes a third of a second for everything."""

import socket
from pathlib import Path

import pytest

from tests.faults.clocks import WallClock
from tests.faults.strace import slow_disk
from tests.stories.callers import ask
from tests.stories.morning import Morning, live_through
from tests.stories.parties import customer, vendor
from tests.stories.processes import PATIENCE as WAIT
from tests.stories.processes import free_port
from tests.threats.plugin import Figure, Rounds

SYNC = 0.3
"""Seconds; one after the other, 500 of them would take two minutes and a half."""
PATIENCE = 6.0
"""Seconds after which people would ask what is wrong."""
DAY = 86_400


@pytest.mark.long
@pytest.mark.threat(43)
def test_a_slow_disk_and_a_server_that_hangs_keep_nobody_out(folder: Path, rounds: Rounds, figure: Figure) -> None:
    seconds = rounds(60, sample=8)
    people, port = 500 * seconds // 60, free_port()
    clock = WallClock(folder / "clock")
    with vendor(folder) as seller, customer(folder, **clock.environment) as buyer:
        _, code = seller.issue(users=people, clients=people)
        buyer.activate(code, seller.start(port=port), seller.home / "root.json")
        seller.cradle.kill()
        clock.turn(3 * DAY)
        with socket.create_server(("127.0.0.1", port)) as hanging:
            hanging.settimeout(WAIT)
            address = buyer.start()
            with (
                hanging.accept()[0],  # the agent's question, which nobody answers
                slow_disk(buyer.cradle.running, folder / "strace", SYNC) as syncs,
            ):
                told = live_through(
                    Morning(people, seconds, after=2, beat=2), address, buyer.token("application"), folder
                )
                count = syncs()
            status, licence = ask(address, buyer.token("application"), "GET", "/v1/licence")
    assert told.wrong == []
    assert len(told.seats) == people
    assert (status, licence["seats"]["users"]["used"]) == (200, people)
    assert licence["mode"] in {"full", "grace"}
    slowest = max(told.check_outs + told.heartbeats)
    figure(
        f"{people} people in {seconds} s, the licence server silent, {count} syncs of {SYNC * 1000:.0f} ms: "
        f"nobody refused, the slowest answer after {slowest:.1f} s; mode {licence['mode']}"
    )
    assert people > count > seconds, "many share what is slow"
    assert slowest < PATIENCE
