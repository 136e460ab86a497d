"""A program brings the request of an agent without a network."""

import pytest

from keys.carried import read_carried
from keys.jws import MAX_BYTES
from licence_server.domain.audit import Sought
from licence_server.domain.operator import ROLES, Role
from tests.licence_server.device import Device
from tests.licence_server.office import Office, device_at
from tests.licence_server.web.api.program import Program


@pytest.fixture
def device(office: Office) -> Device:
    return device_at(office)


def test_a_program_carries_an_activation(office: Office, device: Device) -> None:
    program = Program.of(office, "support")
    licence, code = office.sell()
    request = device.activation_request(code).decode()
    said = program.do("/exchanges", {"request": f"{request}\n"})
    assert (said["errand"], said["licence"], said["status"]) == ("activation", licence.id, "active")
    assert device.take(read_carried(said["file"].encode())[0]).activation_id == said["activation"]
    assert program.do("/exchanges", {"request": request}) == said
    entry, *_ = office.server.auditing.entries(Sought(of=licence.id, deed="request_exchanged"))
    assert entry.actor.startswith("operator:support/tok_")


@pytest.mark.parametrize("role", ROLES)
def test_only_who_helps_customers_may(office: Office, device: Device, role: Role) -> None:
    request = device.activation_request(office.sell()[1]).decode()
    answer = Program.of(office, role).ask("POST", "/exchanges", {"request": request})
    assert answer.status_code == (200 if role in ("sales", "support", "manager", "administrator") else 403)


def test_what_is_refused_is_refused_with_the_agents_words(office: Office, device: Device) -> None:
    program = Program.of(office, "sales")
    unknown = device.activation_request("00000-00000-00000-00000-00000").decode()
    assert program.refused("POST", "/exchanges", {"request": unknown}) == (404, "code-unknown")
    assert program.refused("POST", "/exchanges", {"request": "x"}) == (400, "malformed")
    assert program.refused("POST", "/exchanges", {"request": "x" * (MAX_BYTES + 1)})[0] in (413, 422)
