"""The clock of a real licence server is wrong: it signs nothing that would harm, says so, and goes on by itself."""

import json
from pathlib import Path

import pytest

from keys.clock import SystemClock
from tests.contract.stock_client import RefusedError, StockAgent, Trust
from tests.faults.clocks import WallClock
from tests.stories.parties import HARDWARE, Vendor, vendor
from tests.stories.processes import wait_for
from tests.threats.plugin import Figure

DAY, YEAR = 86_400, 365 * 86_400


def put_off(agent: StockAgent) -> bool:
    """Tell whether the agent is asked to come again."""
    try:
        agent.validate()
    except RefusedError as refusal:
        return (refusal.word, refusal.status) == ("unavailable", 503)
    return False


def alarm(seller: Vendor) -> bool | None:
    lines = [json.loads(line) for line in seller.cradle.log.read_text().splitlines() if line.startswith("{")]
    return any((line["level"], line["event"]) == ("error", "nothing is signed") for line in lines) or None


@pytest.mark.long
@pytest.mark.threat(13)
def test_a_server_whose_clock_is_wrong_waits_until_it_is_right(folder: Path, figure: Figure) -> None:
    clock = WallClock(folder / "clock")
    with vendor(folder, **clock.environment) as seller:
        _, code = seller.issue()
        agent = StockAgent(seller.start(), Trust.pin((seller.home / "root.json").read_bytes()), HARDWARE)
        issued = [agent.activate(code)["iat"]]
        for wrong in (-DAY, 5 * YEAR):
            clock.turn(wrong)
            assert put_off(agent)
            clock.turn(-wrong)
            issued.append(agent.validate()["iat"])
        assert issued == sorted(issued)
        clock.turn(YEAR)
        assert agent.validate()["iat"] >= issued[-1] + YEAR - 1, "the control: the clock is the server's own"
        clock.turn(-YEAR)
        assert put_off(agent)
        seller.cradle.kill()
        agent.url = seller.start()
        assert wait_for("the alarm", lambda: alarm(seller))
        assert put_off(agent)
        seller.run("clock", "accept", "--reason", "the time server was a year ahead")
        last = agent.validate()
        assert last["seq"] == 5
        assert abs(last["iat"] - SystemClock().now()) < 60
        assert seller.run("audit", "verify")["valid"]
    figure("a day behind and 5 years ahead: 503, no document; a year ahead and back: 503 and an alarm until accepted")
