"""What lies in the home survives power cuts, and is never taken for more than it is when it is damaged."""

from contextlib import suppress

import pytest

from tests.agent.rig import FailingDisk, PowerCutError, Rig
from tests.agent.vendor import Vendor


@pytest.mark.parametrize("name", ["licence.jws", "trust.json"])
def test_a_damaged_document_is_never_full_by_mistake(active: Rig, name: str) -> None:
    path = active.home.folder / name
    content = path.read_bytes()
    for position in range(0, len(content), max(1, len(content) // 40)):
        path.write_bytes(content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :])
        assert active.again().standing.mode == "blocked", position
    path.write_bytes(content[: len(content) // 2])
    assert (active.again().standing.mode, active.again().standing.reason) == ("blocked", "signature_invalid")
    path.unlink()
    assert active.again().standing.mode == "blocked"
    path.write_bytes(content)
    assert active.again().standing.mode == "full"


def _changes_of_a_validation(rig: Rig) -> int:
    disk = FailingDisk()
    probe = Rig(rig.home.folder.parent / "probe", rig.clock, Vendor(rig.clock), disk=disk)
    probe.activate()
    disk.changes = 0
    probe.validate()
    return disk.changes


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("status", ["active", "suspended", "refused"])
def test_a_power_cut_at_any_change_leaves_one_chain(rig: Rig, after: bool, status: str) -> None:
    for stop_at in range(1, _changes_of_a_validation(rig) + 1):
        vendor = Vendor(rig.clock)
        folder = rig.home.folder.parent / f"{stop_at}-{after}"
        disk = FailingDisk()
        first = Rig(folder, rig.clock, vendor, disk=disk)
        first.activate()
        vendor.status = status
        disk.stop_at, disk.after, disk.changes = stop_at, after, 0
        with suppress(PowerCutError):
            first.validate()
        second = Rig(folder, rig.clock, vendor)
        assert second.standing.mode != "blocked" or status == "refused"
        vendor.status = "active"
        second.validate()
        documents = [request.previous for request in vendor.requests if status != "refused"]
        assert len(set(documents)) == len(documents), "every request followed the head: nothing looked like a clone"
        assert second.standing.licence == vendor.head
