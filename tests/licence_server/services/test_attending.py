"""What needs somebody, on both databases: it appears when it happens, and leaves when somebody saw to it."""

import pytest
from sqlalchemy import insert, select, update

from keys.documents.requests import Usage
from keys.errors import ApprovalNeededError, InvalidInputError, StateConflictError
from licence_server.domain.approval import LIFETIME
from licence_server.domain.attention import KINDS, LATELY, MOST
from licence_server.services.approving import Wish
from licence_server.services.attending import Today
from licence_server.storage.tables import activations, customers, licences
from tests.licence_server.device import Device
from tests.licence_server.vendor import ME, Vendor

DAY = 86_400
INDEXES = {
    "ix_activations_finding", "ix_activations_overdraft_at", "ix_activations_refused_at", "ix_activations_seen_at",
    "ix_approvals_waiting", "ix_licences_cloned", "ix_licences_ends_at", "ix_licences_recovered",
}  # fmt: skip


def on_the_desk(vendor: Vendor) -> dict[str, list[str]]:
    """Codes of what needs somebody, by kind."""
    return {pile.kind: [sign.code for sign, _ in pile.first] for pile in vendor.attending.today(9).piles}


def roll_back(device: Device) -> None:
    """Bring an earlier state of the server back, and let it validate."""
    earlier = device.held
    device.validate()
    device.vendor.clock.advance(DAY)
    device.held = earlier
    device.reboot()
    device.validate()


def detect(device: Device) -> None:
    """Run a copy beside the server until they are told apart."""
    copy = device.copy()
    for _ in range(2):
        for each in (device, copy):
            each.validate()
            device.vendor.clock.advance(60)


def test_nothing_needs_anybody(vendor: Vendor, device: Device) -> None:
    device.validate()
    assert vendor.attending.today(9) == Today((), (), ())


def test_a_restored_server_until_somebody_says_that_all_is_well(vendor: Vendor, device: Device) -> None:
    roll_back(device)
    assert on_the_desk(vendor) == {"restores": ["state_rolled_back"]}
    licence_id = device.licence.licence_id
    for reason in ("", " ", "x" * 501):
        with pytest.raises(InvalidInputError):
            vendor.changing.acknowledge(licence_id, reason, ME)
    assert vendor.changing.acknowledge(licence_id, " they restored a backup ", ME).state == "active"
    assert on_the_desk(vendor) == {}
    event = vendor.reading.licence(licence_id).events[-1]
    assert (event.code, event.details["reason"]) == ("suspicion_acknowledged", "they restored a backup")
    assert vendor.auditing.verify().valid
    with pytest.raises(StateConflictError, match="Nothing that its server did"):
        vendor.changing.acknowledge(licence_id, "again", ME)


def test_a_suspicion_that_was_removed_behind_the_record_is_found(vendor: Vendor, device: Device) -> None:
    roll_back(device)
    with vendor.database.engine.begin() as connection:
        connection.execute(update(activations).values(finding=None, found_at=None))
    assert not vendor.auditing.verify().valid


@pytest.mark.parametrize("end", ["resume", "revoke"])
def test_a_copy_until_the_licence_is_resumed_or_revoked(vendor: Vendor, device: Device, end: str) -> None:
    detect(device)
    licence_id = device.licence.licence_id
    assert vendor.licence(licence_id).state == "suspended"
    assert on_the_desk(vendor) == {"clones": ["clone_detected"]}
    with pytest.raises(StateConflictError, match="resume or revoke"):
        vendor.changing.acknowledge(licence_id, "all is well", ME)
    (vendor.suspending.resume if end == "resume" else vendor.suspending.revoke)(licence_id, "mistake", ME)
    assert on_the_desk(vendor) == {}


def test_a_copy_that_was_found_before_it_was_kept_who_looked(vendor: Vendor, device: Device) -> None:
    vendor.suspending.suspend(device.licence.licence_id, "clone_detected", ME)
    assert on_the_desk(vendor) == {"clones": ["clone_detected"]}


def test_copies_that_go_on_are_suspected(vendor: Vendor) -> None:
    licence, code = vendor.sell(on_clone="report")
    device = Device(vendor)
    device.activate(code)
    vendor.clock.advance(DAY)
    detect(device)
    assert vendor.licence(licence.id).state == "active"
    assert on_the_desk(vendor)["clones"] == ["clone_detected"]
    vendor.changing.acknowledge(licence.id, "both are known to us", ME)
    assert on_the_desk(vendor) == {}


def test_a_server_that_is_silent_and_overdue(vendor: Vendor) -> None:
    for interval in (DAY, 5 * DAY):
        Device(vendor).activate(vendor.sell(interval=interval)[1])
    suspended, code = vendor.sell()
    Device(vendor).activate(code)
    vendor.suspending.suspend(suspended.id, "payment_overdue", ME)
    vendor.clock.advance(3 * DAY)
    assert on_the_desk(vendor) == {}
    vendor.clock.advance(1)
    assert on_the_desk(vendor) == {"silent": ["silent"]}
    vendor.clock.advance(7 * DAY)
    assert on_the_desk(vendor) == {"silent": ["silent"] * 2}


@pytest.mark.parametrize(("kind", "hour"), [("refused", Usage(0, 3, 3, refused=1)), ("overdraft", Usage(0, 4, 4))])
def test_seats_that_were_short_until_there_are_more_of_them(vendor: Vendor, kind: str, hour: Usage) -> None:
    licence, code = vendor.sell(overdraft_users=2, overdraft_days=5)
    device = Device(vendor)
    device.activate(code)
    vendor.clock.advance(DAY)
    told = Usage(vendor.clock.now() - 3600, hour.users, hour.clients, hour.refused)
    device.validate(usage=(told,))
    assert on_the_desk(vendor) == {kind: [kind]}
    ((sign, view),) = vendor.attending.today(9).piles[0].first
    assert (sign.at, view.licence.id) == (told.hour_at, licence.id)
    vendor.clock.advance(1)
    vendor.changing.renew(licence.id, None, ME)
    assert on_the_desk(vendor) == {}


def test_seats_that_were_short_long_ago_need_nobody(vendor: Vendor, device: Device) -> None:
    told = Usage(vendor.clock.now() - 3600, 3, 3, 1)
    device.validate(usage=(told,))
    vendor.clock.advance(LATELY - 3600 - 1)
    device.validate()
    assert on_the_desk(vendor) == {"refused": ["refused"]}
    vendor.clock.advance(1)
    assert on_the_desk(vendor) == {}


def test_licences_about_to_end_the_next_one_first(vendor: Vendor) -> None:
    now = vendor.clock.now()
    ends = {"in grace": now + DAY, "soon": now + 35 * DAY, "later": now + 39 * DAY}
    for site, ends_at in ends.items():
        licence, code = vendor.sell(site=site, ends_at=ends_at)
        Device(vendor).activate(code)
    vendor.clock.advance(7 * DAY)
    (pile,) = (pile for pile in vendor.attending.today(9).piles if pile.kind == "ending")
    assert [(view.licence.site, sign.at) for sign, view in pile.first] == [
        (site, ends[site]) for site in ("in grace", "soon")
    ]
    vendor.clock.advance(DAY)
    (pile,) = (pile for pile in vendor.attending.today(9).piles if pile.kind == "ending")
    assert [view.licence.site for _, view in pile.first] == ["soon"]
    vendor.changing.renew(licence.id, None, ME)
    assert vendor.attending.pile("recovered").count == 0


def test_a_licence_that_was_brought_back(vendor: Vendor, device: Device) -> None:
    with vendor.database.engine.begin() as connection:
        connection.execute(update(licences).values(state="recovered"))
    assert on_the_desk(vendor) == {"recovered": ["recovered"]}
    vendor.changing.confirm(device.licence.licence_id, ME)
    assert on_the_desk(vendor) == {}


def test_what_waits_for_a_second_person(vendor: Vendor, device: Device) -> None:
    wish = Wish("revoke", device.licence.licence_id, {"reason": "returned"})
    with pytest.raises(ApprovalNeededError):
        vendor.issuing.permits.require(wish, "operator:sara", lambda _unit: None)
    assert [each.deed for each in vendor.attending.today(1).approvals] == ["revoke"]
    vendor.clock.advance(LIFETIME - 1)
    assert vendor.attending.today(1).approvals
    vendor.clock.advance(1)
    assert not vendor.attending.today(1).approvals


@pytest.fixture
def many(vendor: Vendor, device: Device) -> int:
    """Far more licences than are counted, each with everything that can be."""
    with vendor.database.engine.begin() as connection:
        connection.execute(update(licences).values(ends_at=vendor.clock.now() + DAY, changed_at=0))
        connection.execute(update(activations).values(refused_at=vendor.clock.now(), overdraft_at=vendor.clock.now()))
        (customer, licence, server) = (
            dict(connection.execute(select(table)).mappings().one()) for table in (customers, licences, activations)
        )
        for number in range(2 * MOST + 50):
            state = "recovered" if number % 2 else "active"
            finding = {"finding": "clone_suspected" if number % 3 else "state_returned", "found_at": number}
            names = {"id": f"lic_{number}", "customer_id": customer["id"], "state": state}
            connection.execute(insert(licences).values({**licence, **names}))
            about = {"id": f"act_{number}", "licence_id": f"lic_{number}", "device_key": f"key_{number}", **finding}
            connection.execute(insert(activations).values({**server, **about, "seen_at": 0}))
    return 2 * MOST + 50


def test_however_many_there_are_the_questions_are_few_and_the_answers_short(
    vendor: Vendor, many: int, queries: list[str]
) -> None:
    queries.clear()
    today = vendor.attending.today(3)
    asked = len(queries)
    counts = {pile.kind: pile.count for pile in today.piles}
    assert set(counts) == set(KINDS)
    assert all(len(pile.first) == 3 for pile in today.piles)
    assert max(counts.values()) == MOST < many
    assert asked <= 18
    assert len(vendor.attending.pile("ending").first) == MOST


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
def test_no_question_goes_through_all_licences(vendor: Vendor, many: int, queries: list[str]) -> None:
    """SQLite says how it looks for each: by an index, and in its order."""
    queries.clear()
    vendor.attending.today(3)
    asked = [query for query in queries if query.startswith("SELECT")]
    with vendor.database.engine.connect() as connection:
        plans = [
            row.detail
            for query in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", (0,) * query.count("?"))
        ]
    assert {name for name in INDEXES if any(name in plan for plan in plans)} == INDEXES
    assert not {"SCAN licences", "SCAN activations"} & set(plans)
    sorted_first = [plan for plan in plans if "TEMP B-TREE" in plan]
    assert len(sorted_first) == 1, "but for the few silent ones that were picked"
