"""What a licence lived through, on both databases: days, components and a history of bounded length."""

from collections import Counter

import pytest
from sqlalchemy import insert, select, update

from keys.errors import StateDamagedError
from licence_server.domain.days import DAY
from licence_server.storage.tables import activations, audit
from tests.licence_server.device import Device, hardware
from tests.licence_server.vendor import ME, Vendor


def fates(vendor: Vendor, device: Device) -> list[str]:
    """What became of the days since the activation."""
    days = vendor.reading.licence(device.licence.licence_id).days
    return [day.fate for day in days if day.fate != "apart"]


def test_each_day_is_validated_missed_or_refused(vendor: Vendor, device: Device) -> None:
    own = device.components
    for place, what in enumerate(("validated", "missed", "refused", "both", "validated")):
        if place:
            vendor.clock.advance(DAY)
        if what in {"refused", "both"}:
            device.components = hardware(vendor.desk.issuer, product_uuid="x", machine_id="x", board_serial="x")
            assert device.validate().status == "refused"
        device.components = own
        if what in {"validated", "both"}:
            device.validate()
    assert fates(vendor, device) == ["validated", "validated", "missed", "refused", "both", "validated"]
    assert vendor.auditing.verify().valid
    vendor.clock.advance(DAY)
    assert fates(vendor, device)[-1] == "today"


def test_the_days_of_all_servers_are_one_strip(vendor: Vendor, device: Device) -> None:
    licence_id = device.licence.licence_id
    device.validate()
    vendor.clock.advance(DAY)
    other = Device(vendor)
    other.activate(vendor.moving.rehost(licence_id, "server exchanged", ME))
    vendor.clock.advance(DAY)
    other.validate()
    assert Counter(fates(vendor, other)) == {"validated": 4}
    other.deactivate()
    vendor.clock.advance(3 * DAY)
    assert Counter(fates(vendor, other)) == {"validated": 4}


def test_a_licence_that_was_never_activated_has_no_days(vendor: Vendor) -> None:
    licence, _ = vendor.sell()
    assert {day.fate for day in vendor.reading.licence(licence.id).days} == {"apart"}


def test_which_components_changed_is_kept_by_name(vendor: Vendor, device: Device) -> None:
    device.components = {**hardware(vendor.desk.issuer, mac="another card"), "tpm_ek": "x" * 43}
    del device.components["cpu"]
    device.validate()
    (event,) = (
        each for each in vendor.reading.licence(device.licence.licence_id).events if each.code == "fingerprint_drifted"
    )
    found = {name: event.details[name] for name in ("changed", "missing", "added", "enrolled")}
    assert found == {"changed": ["mac"], "missing": ["cpu"], "added": ["tpm_ek"], "enrolled": False}
    device.components = hardware(vendor.desk.issuer, product_uuid="x", machine_id="x", mac="another card")
    vendor.clock.advance(DAY)
    assert device.validate().status == "refused"
    refused = vendor.reading.licence(device.licence.licence_id).events[-1]
    assert refused.details["changed"] == ["product_uuid", "machine_id", "mac"]


def test_days_that_somebody_changed_by_hand_are_told_of(vendor: Vendor, device: Device) -> None:
    with vendor.database.engine.begin() as connection:
        connection.execute(update(activations).values(days="nonsense"))
    with pytest.raises(StateDamagedError):
        vendor.reading.licence(device.licence.licence_id)


def test_a_history_has_an_end_however_much_happened(vendor: Vendor, device: Device) -> None:
    device.validate()
    licence_id = device.licence.licence_id
    with vendor.database.engine.begin() as connection:
        entry = dict(connection.execute(select(audit).where(audit.c.event == "licence_validated")).mappings().one())
        for event in ("licence_validated", "network_refused"):
            many = [
                {**entry, "event": event, "at": entry["at"] + number, "seq": 10_000 + number + 5_000 * (event > "m")}
                for number in range(1_100)
            ]
            connection.execute(insert(audit), many)
    vendor.clock.advance(2_000)
    view = vendor.reading.licence(licence_id)
    assert len(view.events) == 500
    assert [event.at for event in view.events] == sorted(event.at for event in view.events)
    assert view.events[-1].at == entry["at"] + 1_099
