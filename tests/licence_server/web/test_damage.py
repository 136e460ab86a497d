"""A damaged database is for agents a server that can't answer, which they come back to."""

from sqlalchemy import text

from tests.licence_server.device import Device
from tests.licence_server.office import Office, problem


def test_damage_is_unavailable_on_the_wire(office: Office, device: Device) -> None:
    with office.server.database.engine.begin() as connection:
        connection.execute(text("UPDATE activations SET chain = '{}'"))
    answer = office.post("validations", device.request())
    assert (answer.status_code, problem(answer)["type"]) == (503, "urn:licence:problem:unavailable")
    assert int(answer.headers["Retry-After"]) > 0
