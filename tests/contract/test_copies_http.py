"""Copies of a licence, a key or a whole machine: what each is worth, over the line and at the local API."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent.domain import mode
from agent.store.devicekeys import DeviceKeys
from keys.errors import KeyUnsafeError
from keys.fingerprint import compare
from licence_server.services.activating import Activating
from licence_server.storage.activations import SqlActivations
from tests.agent.vendor import HARDWARE
from tests.contract.installed import Installed
from tests.contract.local import ADMINISTRATOR, Local, word
from tests.contract.serving import DAY, Premises
from tests.faults.proxy import Wire
from tests.licence_server.office import ProblemError

HOUR = 3600
New = Callable[..., Installed]


def without_its_key(server: Installed, folder: Path) -> Installed:
    """The same hardware with all that lies in the home, but for the device key."""
    thief = Installed(folder, server.clock, server.url)
    shutil.copy(server.folder / "hardware.json", thief.folder)
    for name in ("licence.jws", "trust.json", "state.json", "ledger.json", "hardware.json"):
        shutil.copy(server.home.folder / name, thief.home.folder / name)
    return thief


@pytest.mark.threat(1)
def test_the_licence_file_alone_is_worth_nothing(premises: Premises, new: New, quick_path: Path) -> None:
    """Everything but the device key, on the very same hardware."""
    server = new()
    thief = without_its_key(server, quick_path / "thief")
    local = Local(thief)
    try:
        assert (local.licence["mode"], local.licence["reason"]) == ("blocked", "key_missing")
        assert [word(local.check_out(user)) for user in ("sara", ADMINISTRATOR)] == ["licence-blocked"] * 2
    finally:
        local.stop()
    with pytest.raises(KeyUnsafeError):
        thief.validate()
    shutil.copytree(server.home.keys, thief.home.keys)
    assert thief.standing.mode == "full", "the control: it was the key that was missing"


@pytest.mark.threat(8)
def test_a_device_key_serves_one_activation_for_ever(premises: Premises) -> None:
    """Nobody can register a key again, neither while it serves nor after."""
    device = premises.active()
    other, code = premises.sell()
    for _ in range(2):
        before = premises.show(device.licence.licence_id)["activation"]
        with pytest.raises(ProblemError) as refusal:
            premises.counter.send("activations", device.activation_request(code), 201)
        assert refusal.value.word == "licence-not-activatable"
        assert premises.show(device.licence.licence_id)["activation"] == before
        assert (premises.show(other.id)["activation"], premises.events(other.id)) == (None, ["licence_issued"])
        device.deactivate()
    assert premises.device().activate(code).status == "active", "the code was not used up"


@pytest.mark.threat(4)
def test_a_copy_that_stays_off_the_line_ends_with_its_lease(premises: Premises, wire: Wire, new: New) -> None:
    """And the original is not touched by it."""
    server = new()
    copy = server.copied("copy")
    wire.dead()
    lease = copy.licence.expires_at - server.clock.now()
    modes = copy.run(lease, every=HOUR)
    assert modes[-1] == "restricted"
    assert modes.index("restricted") == len(modes) - 1, "not an hour sooner"
    assert set(modes) == {"full", "grace", "restricted"}
    wire.mended()
    server.run(3 * HOUR)
    assert server.standing.mode == "full", "one validation, and everybody is in again"


@pytest.mark.threat(2)
def test_the_whole_state_on_other_hardware_is_blocked_and_harms_nobody(premises: Premises, new: New) -> None:
    server = new()
    copy = server.copied("thief", {name: f"another {name}" for name in HARDWARE})
    assert (copy.standing.mode, copy.standing.reason) == ("blocked", "hardware_changed")
    before = premises.show(server.licence.licence_id)["activation"]
    refused = copy.validate()
    assert (refused.status, refused.reason) == ("refused", "fingerprint_mismatch")
    assert copy.standing.mode == "blocked"
    assert premises.show(server.licence.licence_id)["activation"] == before
    assert set(server.run(3 * DAY)) == {"full"}


@pytest.mark.threat(3)
def test_a_clone_that_runs_beside_its_original_is_found_and_both_follow(premises: Premises, new: New) -> None:
    """Over the line: two machines from one image, on hardware that looks the same."""
    server = new()
    clone = server.copied("clone", boot="boot-of-the-clone")
    for _ in range(8):
        for machine in (server, clone):
            premises.home.clock.advance(DAY // 2)
            machine.step()
    found = premises.events(server.licence.licence_id)
    assert "clone_detected" in found
    assert (server.standing.mode, clone.standing.mode) == ("restricted", "restricted")
    premises.home.ask("licence", "resume", server.licence.licence_id, "--reason", "the clone is gone")
    server.run(2 * DAY)
    assert server.standing.mode == "full"


@pytest.mark.threat(1, control=True)
def test_an_agent_that_asks_for_no_key_lives_on_the_file_alone(
    new: New, quick_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DeviceKeys, "flaw", lambda *_: "")
    assert without_its_key(new(), quick_path / "thief").standing.mode == "full"


@pytest.mark.threat(2, control=True)
def test_an_agent_that_knows_no_machine_runs_on_any(new: New, monkeypatch: pytest.MonkeyPatch) -> None:
    server = new()
    monkeypatch.setattr(mode, "compare", lambda enrolled, _, threshold: compare(enrolled, enrolled, threshold))
    copy = server.copied("thief", {name: f"another {name}" for name in HARDWARE})
    assert copy.standing.mode == "full"


@pytest.mark.threat(4, control=True)
def test_an_agent_that_knows_no_end_runs_for_ever(wire: Wire, new: New, monkeypatch: pytest.MonkeyPatch) -> None:
    server = new()
    monkeypatch.setattr(mode, "_stopped", lambda *_: None)
    wire.dead()
    assert "restricted" not in server.run(server.licence.expires_at - server.clock.now() + 9 * DAY, every=DAY)


@pytest.mark.threat(8)
def test_the_table_knows_a_key_even_where_the_use_case_forgets_it(
    premises: Premises, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, (_, code) = premises.active(), premises.sell()
    monkeypatch.setattr(SqlActivations, "with_key", lambda *_: None)
    assert word(premises.counter.post("activations", device.activation_request(code))) == "licence-not-activatable"


@pytest.mark.threat(8, control=True)
def test_a_server_that_forgets_keys_lets_one_serve_twice(premises: Premises, monkeypatch: pytest.MonkeyPatch) -> None:
    device, (_, code) = premises.active(), premises.sell()
    draft = Activating._draft
    monkeypatch.setattr(SqlActivations, "with_key", lambda *_: None)
    monkeypatch.setattr(Activating, "_draft", lambda *case: replace(draft(*case), device_key="another"))
    assert premises.counter.post("activations", device.activation_request(code)).status_code == 201
