"""A device key moves from its file into the TPM, with a validation and whenever the agent is stopped."""

from contextlib import suppress
from pathlib import Path

import pytest

from keys.errors import UnreachableError
from keys.tpm import Tpm
from tests.agent.rig import FailingDisk, PowerCutError, Rig
from tests.agent.vendor import Vendor
from tests.fakes import TurnableClock


@pytest.fixture
def moving(active: Rig, tpm: Tpm) -> Rig:
    """An agent that was activated with its key in a file, and then told that only a TPM will do."""
    return Rig(active.home.folder, active.clock, active.vendor, active.machine, tpm=tpm, wanted="tpm")


def kept(rig: Rig) -> list[str]:
    """The endings of what lies in the folder of keys."""
    return sorted(path.suffix for path in rig.home.keys.iterdir())


def test_the_key_moves_with_a_validation_and_its_file_goes(moving: Rig) -> None:
    before = moving.licence
    after = moving.validate()
    assert (after.activation_id, after.seq) == (before.activation_id, before.seq + 1)
    assert after.device_key != before.device_key
    assert (kept(moving), moving.standing.mode) == ([".tpm"], "full")
    assert moving.vendor.requests[-1].host.key == "file", "the one that asked lay in a file"
    moving.validate()
    assert (moving.vendor.requests[-1].host.key, moving.vendor.requests[-1].next_key) == ("vtpm", None)
    assert moving.again().standing.mode == "blocked", "an agent without the TPM"


@pytest.mark.parametrize("wanted", ["auto", "file"])
def test_it_stays_where_it_is_unless_somebody_wants_it_to_move(active: Rig, tpm: Tpm, wanted) -> None:
    rig = Rig(active.home.folder, active.clock, active.vendor, active.machine, tpm=tpm, wanted=wanted)
    rig.validate()
    assert kept(rig) == [".pem"]


def test_a_server_that_does_not_let_it_move_changes_nothing(moving: Rig) -> None:
    """One of an older release, or one that looks at this licence just now."""
    moving.vendor.moves = False
    before = moving.licence
    assert moving.validate().device_key == before.device_key
    assert (kept(moving), moving.standing.mode) == ([".pem"], "full")
    moving.vendor.moves = True
    assert moving.validate().device_key != before.device_key


def test_a_tpm_that_fails_keeps_nobody_from_validating(active: Rig) -> None:
    rig = Rig(active.home.folder, active.clock, active.vendor, active.machine, tpm=Tpm("device:/none"), wanted="tpm")
    assert rig.validate().device_key == active.licence.device_key
    assert kept(rig) == [".pem"]


def test_an_answer_that_was_lost_comes_again(moving: Rig) -> None:
    moving.server.lose_replies = True
    for _ in range(2):
        with pytest.raises(UnreachableError):
            moving.validate()
    assert (len(set(moving.server.sent)), kept(moving), moving.standing.mode) == (1, [".pem", ".tpm"], "full")
    moving.server.lose_replies = False
    assert moving.validate().device_key != moving.vendor.requests[0].device_key
    assert kept(moving) == [".tpm"]


def test_the_key_of_an_activation_that_waits_is_not_swept(moving: Rig) -> None:
    moving.server.refuse = UnreachableError("no line")
    with pytest.raises(UnreachableError):
        moving.activate(replace=True)
    moving.server.refuse = None
    moving.validate()
    pending = moving.papers.pending("activation")
    assert pending is not None
    assert moving.around.keys.flaw(pending.key) == ""
    moving.home.pending_activation.write_bytes(b"{")
    moving.validate()
    assert moving.around.keys.flaw(pending.key) == "", "nobody knows whose it is"


@pytest.mark.long
@pytest.mark.threat(41)
@pytest.mark.parametrize("after", [False, True])
def test_a_stop_at_any_change_loses_neither_licence_nor_key(
    tmp_path: Path, clock: TurnableClock, tpm: Tpm, after: bool, rounds, figure
) -> None:
    """As kill -9 or a power cut would: before or just after each change that a validation with a move makes."""
    for stop_at in range(1, 100, rounds(1, sample=4)):
        folder, vendor, disk = tmp_path / f"{stop_at}", Vendor(clock), FailingDisk()
        Rig(folder, clock, vendor).activate()
        first = Rig(folder, clock, vendor, disk=disk, tpm=tpm, wanted="tpm")
        disk.stop_at, disk.after = stop_at, after
        with suppress(PowerCutError):
            first.validate()
        second = Rig(folder, clock, vendor, tpm=tpm, wanted="tpm")
        assert second.standing.mode == "full", stop_at
        second.validate()
        assert second.standing.licence == vendor.head
        assert (kept(second), second.standing.mode) == ([".tpm"], "full"), stop_at
        asked = [request.previous for request in vendor.requests]
        assert len(set(asked)) == len(asked), "every request followed the head"
        if disk.changes < stop_at:
            break
    assert stop_at > 5
    figure(f"stopped at each of {stop_at} changes: licence and key were there")
