"""The local API is stopped whatever its loop does meanwhile."""

from pathlib import Path

from tests.agent.rig import Rig
from tests.agent.vendor import Vendor
from tests.contract.local import Local
from tests.fakes import TurnableClock


def test_a_loop_that_ended_by_itself_is_stopped_all_the_same(tmp_path: Path) -> None:
    """Else an agent whose loop broke could not end."""
    clock = TurnableClock()
    local = Local(Rig(tmp_path / "home", clock, Vendor(clock)))
    server = local.server._server
    assert server
    server.stop()
    assert local.server._thread
    local.server._thread.join(10)
    local.stop()
    assert not local.server._thread.is_alive()
