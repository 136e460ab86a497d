"""A device key moves from a file into a TPM: over the line, without a new activation, and of no use to a copy."""

import copy
from dataclasses import dataclass, field
from typing import Any

import pytest

from keys.fingerprint import digest
from keys.signing import SoftwareSigner
from tests.contract.serving import DAY, Premises
from tests.licence_server.device import Device, hardware
from tests.licence_server.office import ProblemError


@dataclass
class Moving:
    """A device, and the key in its TPM. To the server a TPM's key is as any other P-256 key."""

    premises: Premises
    device: Device
    tpm: SoftwareSigner = field(default_factory=lambda: SoftwareSigner.generate("ES256"))

    def request(self, **spoilt: Any) -> bytes:
        """A validation that asks for the move."""
        return self.device.moving_request(self.tpm, **spoilt)

    def move(self) -> str:
        """Ask for it; return the thumbprint of the key that the answer is bound to."""
        return self.device.take(self.send(self.request())).device_key

    def send(self, request: bytes) -> bytes:
        return self.premises.counter.send("validations", request)

    def validate(self) -> str:
        self.device.vendor.clock.advance(DAY)
        return self.device.take(self.send(self.device.request())).device_key

    def settle(self) -> None:
        """Sign by the TPM from now on, as an agent does that holds the answer."""
        self.device.signer = self.tpm

    @property
    def events(self) -> list[str]:
        return self.premises.events(self.device.licence.licence_id)

    def copied(self) -> "Moving":
        """A copy of the machine as it is now, on a boot of its own, with another TPM."""
        return Moving(self.premises, self.device.copy())


@pytest.fixture
def moving(on_each_database: Premises) -> Moving:
    return Moving(on_each_database, on_each_database.active())


def refused(moving: Moving, request: bytes) -> str:
    with pytest.raises(ProblemError) as refusal:
        moving.send(request)
    return str(refusal.value.word)


def test_a_key_moves_once_and_the_chain_goes_on(moving: Moving) -> None:
    before = moving.device.licence
    assert moving.move() == moving.tpm.key.kid
    after = moving.device.licence
    assert (after.activation_id, after.seq, after.status) == (before.activation_id, before.seq + 1, "active")
    moving.settle()
    assert [moving.validate() for _ in range(3)] == [moving.tpm.key.kid] * 3
    assert moving.events.count("device_key_moved") == 1
    assert {"state_rolled_back", "clone_suspected", "clone_detected"}.isdisjoint(moving.events)
    another = Moving(moving.premises, moving.device)
    assert another.move() == moving.tpm.key.kid, "out of a TPM nothing leads"
    shown = moving.premises.show(after.licence_id)["activation"]
    assert (shown["device_key"], shown["moved_key"]) == (before.device_key, after.device_key)


def test_the_same_request_gets_the_same_bytes_however_often(moving: Moving) -> None:
    """The answer may be lost, and the agent killed, at any moment: it sends what it stored."""
    request = moving.request()
    assert moving.send(request) == moving.send(request)
    assert moving.events.count("device_key_moved") == 1
    moving.device.take(moving.send(request))
    moving.settle()
    moving.validate()
    assert refused(moving, request) == "request-replayed"


@pytest.mark.threat(1)
def test_what_was_bound_to_the_tpm_is_followed_by_its_key_alone(moving: Moving) -> None:
    """A copy with the old key can't be kept in step with the newest document."""
    old = moving.device.signer
    moving.move()
    moving.settle()
    thief = moving.copied()
    thief.device.signer = old
    assert refused(moving, thief.device.request()) == "signature-invalid"
    stranger = SoftwareSigner.generate("ES256")
    thief.device.signer = stranger
    with_evidence = thief.device.request(evidence=True, device_key=stranger.key.kid)
    assert refused(moving, with_evidence) == "signature-invalid"
    assert moving.validate() == moving.tpm.key.kid, "and the rightful server has not noticed"


@pytest.mark.threat(5)
def test_a_backup_from_before_the_move_is_followed_as_any_other(moving: Moving) -> None:
    moving.validate()
    backup = copy.copy(moving.device)
    moving.move()
    moving.settle()
    moving.validate()
    moving.device = backup
    moving.device.reboot()
    assert moving.validate() == backup.signer.key.kid
    assert "state_rolled_back" in moving.events
    assert {"clone_suspected", "clone_detected"}.isdisjoint(moving.events)
    assert moving.move() == backup.signer.key.kid, "an activation moves once"
    assert moving.validate() == backup.signer.key.kid


@pytest.mark.threat(7)
def test_the_tpm_counts_from_the_move_on_and_costs_none_of_the_years_changes(moving: Moving) -> None:
    device, issuer = moving.device, moving.device.vendor.desk.issuer
    moving.move()
    moving.settle()
    device.components = {**device.components, "tpm_ek": digest("the TPM", issuer)}
    moving.validate()
    assert device.licence.fingerprint.components == device.components
    assert "fingerprint_drifted" not in moving.events
    device.components |= hardware(issuer, product_uuid="another", mac="another")
    moving.validate()
    assert device.licence.fingerprint.components == device.components, "all of the budget was left"
    device.components |= {"tpm_ek": digest("another TPM", issuer)}
    moving.validate()
    assert device.licence.fingerprint.components != device.components
    assert moving.events.count("fingerprint_drifted") == 2


@pytest.mark.threat(5)
def test_a_backup_of_a_machine_with_little_hardware_is_recognised_without_the_tpm(premises: Premises) -> None:
    device = premises.device()
    device.components = {name: device.components[name] for name in ("machine_id", "disk_serial", "mac", "cpu")}
    device.activate(premises.sell()[1])
    backup, moving = copy.copy(device), Moving(premises, device)
    moving.move()
    moving.settle()
    device.components = {**device.components, "tpm_ek": digest("the TPM", device.vendor.desk.issuer)}
    moving.validate()
    assert "tpm_ek" in device.licence.fingerprint.components
    assert Moving(premises, backup).validate() == backup.signer.key.kid
    assert (backup.licence.status, backup.licence.fingerprint.components) == ("active", backup.components)


@pytest.mark.threat(3)
@pytest.mark.parametrize("first", ["original", "clone"])
def test_a_clone_gains_nothing_by_moving_first_and_locks_nobody_out(moving: Moving, first: str) -> None:
    """Whoever moves: both are followed and found by their boots as if nobody had."""
    clone = moving.copied()
    mover, other = (moving, clone) if first == "original" else (clone, moving)
    mover.device.vendor.clock.advance(DAY)
    assert mover.move() == mover.tpm.key.kid
    mover.settle()
    for _ in range(4):
        for each in (other, mover):
            bound = each.validate()
            assert bound == each.device.signer.key.kid
            each.device.vendor.clock.advance(3600)
    assert "clone_detected" in moving.events
    assert (moving.device.licence.status, clone.device.licence.status) == ("suspended", "suspended")


def test_while_anything_looks_like_two_no_key_moves(moving: Moving) -> None:
    backup = copy.copy(moving.device)
    moving.validate()
    moving.device = backup
    assert moving.move() == backup.signer.key.kid, "it follows an older document"
    assert moving.move() == backup.signer.key.kid, "a head was displaced just now"
    assert "device_key_moved" not in moving.events


def test_a_proof_counts_for_its_request_alone(moving: Moving) -> None:
    for name in ("audience", "activation_id", "nonce", "device_key"):
        assert refused(moving, moving.request(**{name: "another"})) == "signature-invalid", name
    assert moving.move() == moving.tpm.key.kid, "nothing else was wrong with it"


def test_a_key_that_is_no_tpm_s_or_serves_another_activation_moves_nothing(moving: Moving) -> None:
    other = Moving(moving.premises, moving.premises.active())
    other.move()
    taken = Moving(moving.premises, moving.device, other.tpm)
    assert refused(moving, taken.request()) == "signature-invalid"
    ed25519 = Moving(moving.premises, moving.device, SoftwareSigner.generate())
    assert refused(moving, ed25519.request()) == "malformed"
    settled = Moving(other.premises, other.device, other.tpm)
    settled.settle()
    assert refused(settled, settled.request()) == "signature-invalid", "its own place"
    assert moving.validate() == moving.device.signer.key.kid


@pytest.mark.threat(1)
def test_a_key_that_began_in_a_tpm_stays_there(premises: Premises) -> None:
    """Who can have it sign for a while can't take the licence away with it."""
    device = premises.device()
    device.signer = SoftwareSigner.generate("ES256")
    device.activate(premises.sell()[1])
    assert Moving(premises, device).move() == device.signer.key.kid
    assert "device_key_moved" not in premises.events(device.licence.licence_id)


@pytest.mark.threat(6)
def test_a_server_that_was_restored_from_before_the_move_learns_of_it(moving: Moving) -> None:
    """By the licence in hand, as of everything else that came after the backup."""
    old, backup = moving.device.signer, moving.premises.back_up()
    moving.validate()
    moving.move()
    moving.settle()
    moving.premises.restore(backup)
    assert refused(moving, moving.device.request()) == "evidence-required"
    answer = moving.device.take(moving.send(moving.device.request(evidence=True)))
    assert (answer.status, answer.device_key) == ("active", moving.tpm.key.kid)
    assert moving.validate() == moving.tpm.key.kid
    assert "device_key_moved" in moving.events
    moving.device.signer = old
    assert refused(moving, moving.device.request(evidence=True)) == "signature-invalid"


def test_an_answer_whose_signing_key_was_revoked_is_signed_anew_for_the_same_key(moving: Moving) -> None:
    request = moving.request()
    first = moving.send(request)
    moving.premises.keys().revoke(moving.premises.signing_key)
    again = moving.send(request)
    assert again != first
    assert moving.device.take(again).device_key == moving.tpm.key.kid
