"""What agents tell of their hours: kept once, however often it is told, and shown as it was told."""

from dataclasses import astuple

import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text

from keys.documents.requests import Usage
from keys.errors import NotFoundError, StateDamagedError
from licence_server.storage.migrate import configuration
from licence_server.storage.usages import SqlUsages
from tests.licence_server.device import Device
from tests.licence_server.vendor import ME

HOUR = 1_800_000_000


def shown(device: Device) -> list[Usage]:
    """What the vendor sees of the licence."""
    licence, hours = device.vendor.reading.usage(device.licence.licence_id)
    assert licence.id == device.licence.licence_id
    return list(hours)


def test_an_hour_that_is_told_again_counts_once_and_keeps_the_higher(device: Device) -> None:
    device.validate(usage=(Usage(HOUR, 2, 3, 7), Usage(HOUR - 3600, 1, 1)))
    request = device.request(usage=(Usage(HOUR, 3, 1, 9, 4),))
    for _ in range(3):
        device.take(device.vendor.validating.validate(request))
    device.validate(usage=(Usage(HOUR, 3, 1, 9, 4),))
    device.validate(usage=(Usage(HOUR, 2, 2, 8, 3),))
    assert shown(device) == [Usage(HOUR - 3600, 1, 1), Usage(HOUR, 3, 3, 9, 4)]


def test_hours_follow_a_licence_to_its_next_server(device: Device) -> None:
    device.validate(usage=(Usage(HOUR, 5, 5), Usage(HOUR + 3600, 4, 4, 2)))
    code = device.vendor.moving.rehost(device.licence.licence_id, "the old server burnt", ME)
    other = Device(device.vendor)
    other.activate(code)
    other.validate(usage=(Usage(HOUR + 3600, 6, 3, 1), Usage(HOUR + 7200, 1, 1)))
    assert shown(other) == [Usage(HOUR, 5, 5), Usage(HOUR + 3600, 6, 4, 2), Usage(HOUR + 7200, 1, 1)]


def test_a_refused_server_tells_nothing(device: Device) -> None:
    device.components = {"machine_id": "x" * 43}
    assert device.validate(usage=(Usage(HOUR, 5, 5),)).status == "refused"
    assert shown(device) == []


def test_a_licence_that_is_not_there(device: Device) -> None:
    with pytest.raises(NotFoundError):
        device.vendor.reading.usage("lic_unknown")


def test_what_somebody_wrote_into_the_table_is_said_to_be_damage(device: Device) -> None:
    device.validate(usage=(Usage(HOUR, 2, 3),))
    with device.vendor.database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            return  # which lets nobody write a word among numbers
        connection.execute(text("UPDATE usages SET refused = 'many'"))
    with pytest.raises(StateDamagedError, match="usage"):
        shown(device)


def test_hours_of_an_earlier_release_have_no_refusals(device: Device) -> None:
    device.validate(usage=(Usage(HOUR, 2, 3, 4, 5),))
    database = device.vendor.database
    with database.engine.begin() as connection:
        command.downgrade(configuration(connection), "0002")
        assert "refused" not in {column["name"] for column in inspect(connection).get_columns("usages")}
        command.upgrade(configuration(connection), "head")
    assert shown(device) == [Usage(HOUR, 2, 3)]


NAMES = ("users", "clients", "refused", "waited")
COUNTS = st.integers(0, 2**53)
TOLD = st.lists(st.builds(Usage, st.sampled_from([HOUR, HOUR + 3600]), COUNTS, COUNTS, COUNTS, COUNTS), max_size=5)


@given(told=TOLD)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_whatever_order_hours_are_told_the_highest_counts_stay(device: Device, told: list[Usage]) -> None:
    with device.vendor.database.engine.connect() as connection:
        kept = SqlUsages(connection)
        for hours in (told, told[::-1]):
            kept.put(device.licence.activation_id, hours)
        assert {hour.hour_at: astuple(hour)[1:] for hour in kept.of(device.licence.licence_id)} == {
            at: tuple(max(getattr(hour, name) for hour in told if hour.hour_at == at) for name in NAMES)
            for at in {hour.hour_at for hour in told}
        }
        connection.rollback()
