"""Device keys of a home: in a file, or in a TPM, where no copy of the home takes them along."""

import shutil
from pathlib import Path

import pytest

from agent.store.devicekeys import DeviceKeys, Wanted
from agent.store.home import Home
from agent.store.tpmkeys import TpmKeys
from keys.documents.requests import open_activation_request
from keys.errors import KeyUnsafeError
from keys.tpm import Tpm
from tests.agent.rig import Rig
from tests.agent.vendor import ISSUER, Vendor
from tests.fakes import TurnableClock
from tests.tpm import software_tpm


@pytest.fixture
def rig(tmp_path: Path, clock: TurnableClock, vendor: Vendor, tpm: Tpm) -> Rig:
    """An agent on a machine with a TPM."""
    return Rig(tmp_path / "home", clock, vendor, tpm=tpm)


def keys_of(home: Home, clock: TurnableClock, tpm: Tpm | None, wanted: Wanted = "auto") -> DeviceKeys:
    return DeviceKeys(home, None, TpmKeys(home, tpm, clock), wanted)


def copied(rig: Rig, tpm: Tpm | None) -> Rig:
    """The whole state on another machine, whose hardware looks the same but for the TPM."""
    folder = rig.home.folder.with_name("copy")
    shutil.copytree(rig.home.folder, folder)
    return Rig(folder, rig.clock, rig.vendor, rig.machine, tpm=tpm)


def test_an_agent_on_a_machine_with_a_tpm_keeps_its_key_there(rig: Rig, tpm: Tpm) -> None:
    first = rig.activate()
    request, key = open_activation_request(rig.server.sent[0], ISSUER)
    assert (request.host.key, key.kind) == ("vtpm", "ES256")
    assert [path.name for path in rig.home.keys.iterdir()] == [f"{key.kid}.tpm"]
    assert rig.home.keys.joinpath(f"{key.kid}.tpm").stat().st_mode & 0o777 == 0o600
    restarted = Rig(rig.home.folder, rig.clock, rig.vendor, rig.machine, tpm=tpm)
    assert (restarted.standing.mode, restarted.validate().seq) == ("full", first.seq + 1)


@pytest.mark.threat(1)
def test_a_copied_state_without_its_tpm_is_dead(rig: Rig, tmp_path: Path) -> None:
    rig.activate()
    with software_tpm(tmp_path / "another") as tcti:
        for other in (None, Tpm(f"device:{tmp_path}/none"), Tpm(tcti)):
            copy = copied(rig, other)
            standing = copy.standing
            assert (standing.mode, standing.reason) == ("blocked", "key_missing")
            with pytest.raises(KeyUnsafeError):
                copy.validate()
            shutil.rmtree(copy.home.folder)
    assert rig.standing.mode == "full"


@pytest.mark.threat(1, control=True)
def test_a_copied_state_with_its_key_in_a_file_lives(tmp_path: Path, clock: TurnableClock, vendor: Vendor) -> None:
    rig = Rig(tmp_path / "home", clock, vendor)
    rig.activate()
    assert copied(rig, None).standing.mode == "full"


def test_a_tpm_that_fails_for_a_while_is_asked_again(rig: Rig, tpm: Tpm, tmp_path: Path) -> None:
    """At a start of the machine it may be there later than the agent."""
    rig.activate()
    late = Rig(rig.home.folder, rig.clock, rig.vendor, rig.machine, tpm=Tpm("device:/none"))
    modes = [late.standing.mode]
    late.tpm._tpm = tpm
    modes.append(late.standing.mode)
    late.clock.advance(60)
    modes.append(late.standing.mode)
    assert modes == ["blocked", "blocked", "full"], "it is not asked with every request"


def test_a_tpm_that_fails_while_the_agent_works_turns_nobody_away(rig: Rig, tpm: Tpm) -> None:
    """A restart finds out whose machine it is; until then the licence goes on, as without a network."""
    rig.activate()
    assert rig.standing.mode == "full"
    rig.tpm._tpm = Tpm("device:/none")
    with pytest.raises(KeyUnsafeError):
        rig.validate()
    (record,) = rig.home.keys.iterdir()
    record.touch()
    assert rig.standing.mode == "full"
    rig.tpm._tpm = tpm
    assert rig.validate().seq == 2


def test_without_a_tpm_the_key_is_in_a_file_unless_only_a_tpm_will_do(rig: Rig, clock: TurnableClock) -> None:
    none = Tpm("device:/none")
    for wanted in ("auto", "file"):
        made = keys_of(rig.home, clock, none, wanted).make()
        assert made.key.kind == "Ed25519"
    with pytest.raises(KeyUnsafeError, match=r'no TPM 2.0.*device_key = "file"'):
        keys_of(rig.home, clock, none, "tpm").make()
    assert keys_of(rig.home, clock, Tpm("swtpm:port=1")).make().key.kind == "Ed25519", "it looks usable, and is not"


def test_why_the_next_key_will_be_in_a_file_is_said(rig: Rig, clock: TurnableClock, tpm: Tpm) -> None:
    for keys, word in (
        (keys_of(rig.home, clock, tpm), None),
        (keys_of(rig.home, clock, tpm, "file"), "unasked"),
        (keys_of(rig.home, clock, None), "aside"),
    ):
        assert [found and found.word for found in (keys.obstacle, keys.trial())] == [word, word]


def test_a_record_that_was_damaged_or_renamed_is_said_so(rig: Rig, clock: TurnableClock, tpm: Tpm) -> None:
    keys = keys_of(rig.home, clock, tpm)
    kid = keys.make().key.kid
    path = rig.home.keys / f"{kid}.tpm"
    content = path.read_bytes()
    path.write_bytes(content[:40])
    assert "is not what was stored" in keys.flaw(kid)
    path.rename(path.with_name("other.tpm")).write_bytes(content)
    assert "another key than the one that it is named for" in keys.flaw("other")
    path.with_name("other.tpm").chmod(0o644)
    assert "chmod 600" in keys.flaw("other")


def test_the_tpm_itself_is_a_component_where_the_key_lives_in_it(rig: Rig, clock: TurnableClock, tpm: Tpm) -> None:
    """Elsewhere it must not be: a TPM that is switched off would make another machine of this one."""
    keys = TpmKeys(rig.home, tpm, clock)
    assert keys.endorsement() is None
    keys.make()
    assert keys.endorsement() == tpm.endorsement()
    assert TpmKeys(rig.home, None, clock).endorsement() is None
    with pytest.raises(OSError, match="TPM"):
        TpmKeys(rig.home, Tpm("swtpm:port=1"), clock).endorsement()
