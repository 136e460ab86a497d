"""The chain's last row (protocol, section 8), through HTTP: what agents bring back to a server that was restored."""

import pytest

from tests.contract.serving import DAY, Premises, turned_away
from tests.licence_server.device import Device
from tests.licence_server.office import ProblemError


@pytest.fixture
def premises(on_each_database: Premises) -> Premises:
    """A vendor's server over each database in turn."""
    return on_each_database


@pytest.mark.threat(6)
@pytest.mark.parametrize("endpoint", ["validations", "deactivations"])
def test_an_unknown_document_needs_evidence_which_moves_the_chain(
    premises: Premises, device: Device, endpoint: str
) -> None:
    backup = premises.back_up()
    for _ in range(3):
        device.validate()
    premises.restore(backup)
    turned_away(premises, device, "evidence-required", endpoint)
    answer = device.validate(evidence=True) if endpoint == "validations" else device.deactivate(evidence=True)
    assert (answer.status, answer.seq) == ("active" if endpoint == "validations" else "deactivated", 5)
    assert "evidence_accepted" in premises.told(device)
    assert "state_rolled_back" not in premises.told(device)


@pytest.mark.threat(6)
def test_an_unknown_activation_needs_evidence_which_rebuilds_it(premises: Premises) -> None:
    licence, code = premises.sell()
    backup = premises.back_up()
    device = premises.device()
    device.activate(code)
    device.validate()
    premises.restore(backup)
    turned_away(premises, device, "evidence-required")
    answer = device.validate(evidence=True)
    assert (answer.status, answer.seq) == ("active", 3)
    assert premises.show(licence.id)["activation"]["id"] == answer.activation_id
    assert "activation_rebuilt" in premises.events(licence.id)
    second = premises.device()
    with pytest.raises(ProblemError) as refusal:
        second.activate(code)
    assert refusal.value.response.status_code in {409, 410}, "a used code stays used"


@pytest.mark.threat(6)
def test_an_unknown_licence_is_recovered_for_a_person_to_confirm(premises: Premises) -> None:
    backup = premises.back_up()
    device = premises.active(clients=4, features=("reports",))
    first = device.licence
    premises.restore(backup)
    turned_away(premises, device, "evidence-required")
    answer = device.validate(evidence=True)
    assert (answer.status, answer.seq, answer.seats, answer.features) == ("active", 2, first.seats, first.features)
    shown = premises.show(first.licence_id)
    assert (shown["state"], shown["customer"]["name"]) == ("recovered", first.customer.name)
    assert [event["code"] for event in shown["events"]] == ["licence_recovered", "activation_rebuilt"]
    assert premises.home.ask("licence", "list", "--state", "recovered")[0]["id"] == first.licence_id
    assert device.validate().status == "active", "it goes on while it waits"
    premises.home.ask("licence", "confirm", first.licence_id)
    assert premises.show(first.licence_id)["state"] == "active"


@pytest.mark.threat(6)
def test_evidence_that_is_not_above_the_head_is_an_older_document(premises: Premises, device: Device) -> None:
    old = device.held
    device.validate()
    newest, device.held = device.held, old
    assert device.validate(evidence=True).seq == 3
    assert premises.told(device) == ["state_rolled_back"]
    device.held = newest
    assert device.validate(evidence=True).seq == 4
    assert premises.told(device) == ["state_rolled_back", "state_returned"]


@pytest.mark.threat(6)
def test_a_copy_with_evidence_of_the_lost_branch_does_not_set_the_chain_back(
    premises: Premises, device: Device
) -> None:
    """The backup lacks both branches: whoever comes with less than the head is not believed again."""
    backup = premises.back_up()
    device.validate()
    low = device.held
    device.validate()
    premises.restore(backup)
    assert device.validate(evidence=True).seq == 4
    device.held = low
    turned_away(premises, device, "evidence-required")
    assert device.validate(evidence=True).seq == 5
    assert premises.told(device)[-1] == "state_rolled_back"


@pytest.mark.threat(6)
@pytest.mark.parametrize("first_back", ["older", "younger"])
def test_of_two_activations_the_younger_one_wins(premises: Premises, first_back: str) -> None:
    licence, code = premises.sell()
    backup = premises.back_up()
    older, younger = premises.device(), premises.device()
    older.activate(code)
    premises.home.clock.advance(DAY)
    younger.activate(premises.server.moving.rehost(licence.id, "a new server", "operator:tests"))
    premises.restore(backup)
    devices = [older, younger] if first_back == "older" else [younger, older]
    for device in devices:
        device.validate(evidence=True)
    assert (older.validate().status, younger.validate().status) == ("superseded", "active")
    assert premises.show(licence.id)["activation"]["id"] == younger.licence.activation_id
    assert "activation_conflict" in premises.events(licence.id)
