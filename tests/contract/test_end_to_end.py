"""The agent's own parts against the real server, over a line that can break; years pass in seconds."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from keys.errors import LicenceNotActivatableError, LicensingError, UnreachableError
from licence_server.domain.audit import Sought
from tests.contract.installed import Installed
from tests.contract.local import Local, word
from tests.contract.serving import DAY, Premises
from tests.faults.proxy import Fate, Wire

HOUR = 3600
New = Callable[..., Installed]


def accused(premises: Premises, server: Installed) -> set[str]:
    """What a person was told of an agent that did nothing wrong; must be nothing."""
    told = set(premises.events(server.licence.licence_id))
    return told & {"state_rolled_back", "state_returned", "clone_suspected", "clone_detected", "validation_refused"}


def test_a_licence_from_its_sale_to_a_seat(premises: Premises, new: New) -> None:
    server = new(clients=4)
    local = Local(server)
    try:
        told = local.licence
        assert (told["mode"], told["customer"]["name"]) == ("full", "فولاد پارس")
        assert local.check_out("سارا").status_code == 201
        assert premises.opened(told["document"].encode()) == server.licence
    finally:
        local.stop()


@pytest.mark.threat(20)
@pytest.mark.parametrize("seed", range(2))
def test_a_month_on_a_bad_line_is_one_unbroken_chain(premises: Premises, wire: Wire, new: New, seed: int) -> None:
    """A third of the requests and a third of the replies are lost; the agent's process is killed now and then."""
    chance, server = random.Random(seed), new()
    fates: list[Fate] = ["pass", "lose request", "lose reply"]
    wire.fate = lambda _: chance.choice(fates)
    for _ in range(30):
        assert set(server.run(DAY, every=HOUR)) == {"full"}
        server.begin()
    wire.mended()
    server.run(2 * DAY)
    assert server.said, "the line was bad indeed"
    assert set(server.said) == {"unreachable"}
    assert 28 <= server.licence.seq <= 37, "a lost reply costs no document, a lost request no more than an hour"
    assert premises.show(server.licence.licence_id)["activation"]["seq"] == server.licence.seq
    assert accused(premises, server) == set()
    assert premises.home.ask("audit", "verify")["valid"]


@pytest.mark.threat(20)
def test_an_activation_on_a_bad_line_uses_its_code_once(premises: Premises, wire: Wire, new: New) -> None:
    licence, code = premises.sell()
    server = new("")
    for fate in ("lose request", "lose reply", 20, "lose reply"):
        wire.cut(fate)
        with pytest.raises(UnreachableError):
            server.activate(code, premises.root)
        server.begin()
    first = server.activate(code, premises.root)
    assert (first.licence_id, first.seq, server.standing.mode) == (licence.id, 1, "full")
    assert premises.events(licence.id).count("licence_activated") == 1


@pytest.mark.threat(6)
def test_all_agents_go_on_after_the_server_was_restored_from_a_backup(premises: Premises, new: New) -> None:
    """Threat 6: a backup, 100 validations, two activations, the restore."""
    waiting, code = premises.sell()
    servers = [new() for _ in range(4)]
    backup = premises.back_up()
    for _ in range(25):
        premises.home.clock.advance(DAY)
        for server in servers:
            server.validate()
    servers += [new(code), new()]
    premises.restore(backup)
    seen = [server.licence.seq for server in servers]
    assert seen == [26] * 4 + [1] * 2
    for server in servers:
        assert set(server.run(2 * DAY)) == {"full"}
        assert server.said == []
        assert accused(premises, server) == set()
    assert all(server.licence.seq > before for server, before in zip(servers, seen, strict=True))
    states = [premises.show(server.licence.licence_id)["state"] for server in servers]
    assert states == ["active"] * 5 + ["recovered"]
    with pytest.raises(LicensingError) as refusal:
        new(code)
    assert refusal.value.word in {"code-used", "code-expired", "licence-not-activatable"}, "a used code stays used"
    assert premises.show(waiting.id)["activation"]["id"] == servers[4].licence.activation_id
    assert premises.home.ask("audit", "verify")["valid"]


def test_a_rehost_supersedes_the_old_server(premises: Premises, new: New) -> None:
    old = new()
    licence_id = old.licence.licence_id
    code = premises.home.ask("licence", "rehost", licence_id, "--reason", "a new server")["code"]
    old.run(2 * DAY)
    assert old.standing.mode == "full", "until the code is used the old server works on"
    fresh = new(code)
    assert (fresh.licence.licence_id, fresh.standing.mode) == (licence_id, "full")
    old.run(2 * DAY)
    assert (old.standing.mode, old.licence.status) == ("blocked", "superseded")
    assert set(fresh.run(3 * DAY)) == {"full"}
    before = fresh.licence.seq
    old.said.clear()
    old.run(3 * DAY)
    assert old.said == []
    assert (fresh.licence.seq, accused(premises, fresh)) == (before, set())


def test_a_licence_that_was_given_back_can_be_activated_again(premises: Premises, new: New) -> None:
    server = new()
    licence_id, key = server.licence.licence_id, server.licence.device_key
    assert server.deactivate().status == "deactivated"
    assert (server.standing.mode, server.standing.reason) == ("blocked", "given_back")
    assert premises.show(licence_id)["state"] == "issued"
    code = premises.home.ask("licence", "code", licence_id)["code"]
    again = server.activate(code, premises.root)
    assert (again.seq, server.standing.mode) == (1, "full")
    assert again.device_key != key, "a device key serves one activation"
    assert set(server.run(3 * DAY)) == {"full"}


def test_a_suspension_and_its_end_are_followed(premises: Premises, new: New) -> None:
    server = new(clients=4)
    licence_id = server.licence.licence_id
    local = Local(server)
    try:
        server.reports = local.seating
        assert local.check_out("sara").status_code == 201
        premises.home.ask("licence", "suspend", licence_id, "--reason", "payment_overdue")
        assert server.standing.mode == "full", "the agent follows at its next validation"
        server.run(DAY + 3 * HOUR)
        told = local.licence
        assert (told["mode"], told["reason"], told["status"]) == ("restricted", "payment_overdue", "suspended")
        assert "payment_overdue" in {notice["code"] for notice in told["notices"]}
        assert word(local.check_out("reza")) == "licence-restricted"
        premises.home.ask("licence", "resume", licence_id, "--reason", "paid")
        server.run(DAY + 3 * HOUR)
        assert local.licence["mode"] == "full"
        assert local.check_out("reza").status_code == 201
    finally:
        local.stop()
    assert accused(premises, server) == set()


def other_hardware(server: Installed) -> None:
    (server.folder / "hardware.json").write_text('{"product_uuid": "another", "machine_id": "another", "cpu": "same"}')
    server.validate()


DECISIONS: dict[str, tuple[tuple[object, ...], str, str]] = {
    "suspended": (("suspend", "--reason", "payment_overdue"), "restricted", "payment_overdue"),
    "revoked": (("revoke", "--reason", "fraud"), "blocked", "fraud"),
    "expired": ((), "restricted", "terms_ended"),
    "superseded": (("rehost", "--reason", "a new server"), "blocked", "moved_to_another_server"),
    "deactivated": ((), "blocked", "given_back"),
    "refused": ((), "blocked", "hardware_changed"),  # which the agent finds first
}


@pytest.mark.parametrize("status", DECISIONS)
def test_whatever_the_server_decides_the_crm_reads_with_its_reason(premises: Premises, new: New, status: str) -> None:
    words, mode, reason = DECISIONS[status]
    server = new(ends_at=premises.home.clock.now() + 10 * DAY)
    answer = premises.home.ask("licence", words[0], server.licence.licence_id, *words[1:]) if words else {}
    if status == "superseded":
        new(answer["code"])
    elif status == "expired":
        server.clock.advance(17 * DAY)
    elif status == "refused":
        other_hardware(server)
    (server.deactivate if status == "deactivated" else server.validate)()
    server.begin()
    local = Local(server)
    try:
        told = local.licence
        assert (told["mode"], told["reason"], told["status"]) == (mode, reason, status)
        notice = next(notice for notice in told["notices"] if notice["code"] == reason)
        assert notice["severity"] == "critical"
        assert word(local.check_out("sara")) == f"licence-{mode}"
    finally:
        local.stop()


def test_a_change_of_seats_is_followed_and_drains(premises: Premises, new: New) -> None:
    server = new(clients=4)
    licence_id = server.licence.licence_id
    local = Local(server)

    def buy(users: int, clients: int) -> None:
        premises.home.ask("licence", "seats", licence_id, "--users", users, "--clients", clients)
        server.validate()

    try:
        seats = [(local.check_out(user, user).json or {})["seat"] for user in ("a", "b", "c")]
        assert word(local.check_out("d", "d")) == "seats-exhausted"
        buy(5, 5)
        assert local.check_out("d", "d").status_code == 201
        buy(2, 5)
        assert local.beat(*seats)["lost"] == [], "whoever is in stays"
        refusal: Any = local.check_out("e", "e").json
        assert (refusal["dimension"], refusal["used"], refusal["limit"]) == ("users", 4, 2)
        server.clock.advance(121)
        assert local.check_out("e", "e").status_code == 201
    finally:
        local.stop()


def test_what_the_agent_reports_arrives_once(premises: Premises, wire: Wire, new: New) -> None:
    server = new(clients=4)
    local = Local(server)
    try:
        server.reports = local.seating
        for user in ("a", "b", "c", "d"):
            local.check_out(user, user)
        wire.cut("lose reply")
        with pytest.raises(UnreachableError):
            server.validate()
        server.validate()
        entries = premises.server.auditing.entries(Sought(of=server.licence.licence_id))
        reported = [entry.details for entry in entries if "seats_refused" in entry.details]
        assert len(reported) == 1
        assert local.seating.report().events == ()
    finally:
        local.stop()


def test_a_server_that_refuses_an_activation_says_why(premises: Premises, new: New) -> None:
    licence, code = premises.sell()
    premises.home.ask("licence", "suspend", licence.id, "--reason", "payment_overdue")
    server = new("")
    with pytest.raises(LicenceNotActivatableError, match="suspended"):
        server.activate(code, premises.root)
    assert server.standing.reason == "no_licence"
    premises.home.ask("licence", "resume", licence.id, "--reason", "paid")
    assert server.activate(code, premises.root).status == "active", "the code was not used up"
