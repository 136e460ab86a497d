"""Every row of the table of modes (protocol, section 10), through HTTP: what the CRM is told, and who gets a seat."""

from collections.abc import Callable
from pathlib import Path

import pytest

from keys.trust import LIFETIME, WARNING
from tests.agent.rig import Rig
from tests.agent.vendor import DAY, HARDWARE, Vendor
from tests.contract.local import ADMINISTRATOR, Local, Site, word
from tests.fakes import TurnableClock

MINUTE = 60


@pytest.fixture
def site(rig: Rig, local: Local) -> Site:
    return Site(rig, local)


def full(site: Site) -> None:
    site.rig.clock.advance(2 * DAY - 1)


def overdue(site: Site) -> None:
    site.rig.clock.advance(2 * DAY)


def on_the_last_second(site: Site) -> None:
    site.rig.clock.advance(31 * DAY - 1)


def ended(site: Site) -> None:
    site.rig.clock.advance(31 * DAY)


def suspended(site: Site) -> None:
    site.answered("suspended", "payment_overdue")


def expired(site: Site) -> None:
    site.answered("expired", "terms_ended")


def trust_ended(site: Site) -> None:
    site.rig.clock.advance(LIFETIME + WARNING)
    site.rig.validate()


def revoked(site: Site) -> None:
    site.answered("revoked", "fraud")


def superseded(site: Site) -> None:
    site.answered("superseded", "moved_to_another_server")


def deactivated(site: Site) -> None:
    site.rig.vendor.reason = "given_back"
    site.rig.deactivate()


def refused(site: Site) -> None:
    site.answered("refused", "fingerprint_mismatch")


def no_licence(site: Site) -> None:
    site.rig.home.licence.unlink()


def other_hardware(site: Site) -> None:
    site.rig.machine.values = {name: f"another {value}" for name, value in HARDWARE.items()}
    site.reboot_agent()


def forged(site: Site) -> None:
    document = bytearray(site.rig.home.licence.read_bytes())
    document[len(document) // 2] ^= 1
    site.rig.home.licence.write_bytes(document)


def no_trust(site: Site) -> None:
    site.rig.home.trust.unlink()


def no_device_key(site: Site) -> None:
    for key in site.rig.home.keys.glob("*.pem"):
        key.unlink()


def readable_device_key(site: Site) -> None:
    for key in site.rig.home.keys.glob("*.pem"):
        key.chmod(0o644)


ROWS: dict[str, tuple[Callable[[Site], None], str, str, str]] = {
    "full": (full, "full", "active", "active"),
    "grace": (overdue, "grace", "validation_overdue", "active"),
    "grace to the last second": (on_the_last_second, "grace", "validation_overdue", "active"),
    "restricted by exp": (ended, "restricted", "lease_ended", "active"),
    "restricted by suspended": (suspended, "restricted", "payment_overdue", "suspended"),
    "restricted by expired": (expired, "restricted", "terms_ended", "expired"),
    "restricted by trust": (trust_ended, "restricted", "trust_expired", "active"),
    "blocked by revoked": (revoked, "blocked", "fraud", "revoked"),
    "blocked by superseded": (superseded, "blocked", "moved_to_another_server", "superseded"),
    "blocked by deactivated": (deactivated, "blocked", "given_back", "deactivated"),
    "blocked by refused": (refused, "blocked", "fingerprint_mismatch", "refused"),
    "blocked by no licence": (no_licence, "blocked", "no_licence", "none"),
    "blocked by hardware": (other_hardware, "blocked", "hardware_changed", "active"),
    "blocked by signature": (forged, "blocked", "signature_invalid", "none"),
    "blocked by trust that is gone": (no_trust, "blocked", "signature_invalid", "none"),
    "blocked by device key": (no_device_key, "blocked", "key_missing", "active"),
    "blocked by a device key that others can read": (readable_device_key, "blocked", "key_missing", "active"),
}
OWN = {
    "validation_overdue", "lease_ended", "trust_expired", "no_licence", "hardware_changed", "signature_invalid",
    "key_missing",
}  # fmt: skip
"""Reasons that the agent finds by itself."""
AT_ONCE = [name for name in ROWS if name.startswith("blocked")]


@pytest.mark.parametrize("row", ROWS)
def test_the_crm_is_told_mode_and_reason_and_gets_seats_by_it(site: Site, row: str) -> None:
    happens, mode, reason, status = ROWS[row]
    happens(site)
    told = site.local.licence
    assert (told["mode"], told["reason"], told["status"]) == (mode, reason, status)
    answer = site.local.check_out("sara")
    boss = site.local.check_out(ADMINISTRATOR)
    if mode in {"full", "grace"}:
        assert (answer.status_code, (answer.json or {})["mode"]) == (201, mode)
        assert site.local.authorize("reza") == (204, None)
    else:
        assert (answer.status_code, word(answer)) == (403, f"licence-{mode}")
        assert site.local.authorize("reza") == (403, f"licence-{mode}")
        assert (answer.json or {})["detail"]
    assert boss.status_code == (403 if mode == "blocked" else 201)
    assert site.local.authorize(ADMINISTRATOR)[0] == (403 if mode == "blocked" else 204)


@pytest.mark.parametrize("row", ROWS)
def test_people_are_told_why_in_both_languages(site: Site, row: str) -> None:
    happens, _, reason, _ = ROWS[row]
    happens(site)
    notices = {notice["code"]: notice["text"] for notice in site.local.licence["notices"]}
    assert (reason in notices) == (reason in OWN), "what the vendor decided, the vendor's notice explains"
    assert all(text["en"] and text["fa"] and text["en"] != text["fa"] for text in notices.values())


def test_grace_counts_down(site: Site) -> None:
    overdue(site)
    left = []
    for _ in range(29):
        told = site.local.licence
        (notice,) = (notice for notice in told["notices"] if notice["code"] == "validation_overdue")
        assert str(told["days_left"]) in notice["text"]["en"]
        assert notice["severity"] == ("critical" if told["days_left"] <= 3 else "warning")
        assert told["until_at"] == told["expires_at"]
        left.append(told["days_left"])
        site.rig.clock.advance(DAY)
    assert left == list(range(29, 0, -1))
    assert site.local.licence["mode"] == "restricted"


def test_what_ends_a_grace_is_a_validation(site: Site) -> None:
    overdue(site)
    assert site.local.licence["mode"] == "grace"
    site.rig.validate()
    told = site.local.licence
    assert (told["mode"], told["days_left"], told["notices"]) == ("full", None, [])


def almost_ended(site: Site) -> None:
    site.rig.clock.advance(31 * DAY - 30)


def trust_almost_ended(site: Site) -> None:
    site.rig.clock.advance(LIFETIME + WARNING - 30)
    site.rig.validate()


def half_a_minute(site: Site) -> None:
    site.rig.clock.advance(30)


RESTRICTIONS: dict[str, tuple[Callable[[Site], None], Callable[[Site], None]]] = {
    "exp": (almost_ended, half_a_minute),
    "suspended": (full, suspended),
    "expired": (full, expired),
    "trust": (trust_almost_ended, half_a_minute),
}


@pytest.mark.parametrize("restart_after", [None, 7], ids=["running on", "restarted meanwhile"])
@pytest.mark.parametrize("why", RESTRICTIONS)
def test_seats_held_when_it_becomes_restricted_end_within_fifteen_minutes(
    site: Site, why: str, restart_after: int | None
) -> None:
    comes_close, happens = RESTRICTIONS[why]
    comes_close(site)
    held, boss = site.seat("sara"), site.seat(ADMINISTRATOR)
    happens(site)
    assert site.local.licence["mode"] == "restricted"
    assert site.local.beat(held, boss) == {"renewed": [held, boss], "lost": []}, "work can be saved"
    for minute in range(1, 15):
        site.rig.clock.advance(MINUTE)
        if minute == restart_after:
            site.reboot_agent()
        assert site.local.beat(held, boss)["lost"] == [], minute
        again = site.local.check_out("sara")
        assert again.status_code == 200
        assert (again.json or {})["expires_in"] <= (15 - minute) * MINUTE
        assert word(site.local.check_out("sara", "another-pc")) == "licence-restricted"
        assert word(site.local.check_out("late")) == "licence-restricted"
    site.rig.clock.advance(MINUTE)
    assert site.local.beat(held, boss) == {"renewed": [boss], "lost": [held]}
    assert word(site.local.check_out("sara")) == "licence-restricted"
    in_now = site.local.call("GET", "/v1/seats", token="administrator").json or {}
    assert [seat["user"] for seat in in_now["seats"]] == [ADMINISTRATOR]


def test_a_restriction_that_ends_in_time_costs_nobody_the_seat(site: Site) -> None:
    held = site.seat("sara")
    suspended(site)
    site.rig.clock.advance(MINUTE)
    assert site.local.beat(held)["renewed"] == [held]
    site.answered("active")
    for _ in range(20):
        site.rig.clock.advance(MINUTE)
        assert site.local.beat(held)["renewed"] == [held]
    assert site.local.check_out("reza").status_code == 201


@pytest.mark.parametrize("row", AT_ONCE)
def test_seats_held_when_it_becomes_blocked_end_at_once(site: Site, row: str) -> None:
    held, boss = site.seat("sara"), site.seat(ADMINISTRATOR)
    ROWS[row][0](site)
    assert word(site.local.check_out("sara")) == "licence-blocked"
    assert site.local.beat(held, boss) == {"renewed": [], "lost": [held, boss]}
    assert site.local.call("DELETE", f"/v1/seats/{held}").status_code == 204
    in_now = site.local.call("GET", "/v1/seats", token="administrator").json or {}
    assert in_now["seats"] == []


def test_an_agent_that_was_never_activated_says_so_and_lets_nobody_in(quick_path: Path) -> None:
    clock = TurnableClock()
    local = Local(Rig(quick_path / "home", clock, Vendor(clock)))
    try:
        told = local.licence
        assert (told["mode"], told["reason"], told["licence"]) == ("blocked", "no_licence", None)
        assert "activate" in told["notices"][0]["text"]["en"]
        assert [word(local.check_out(user)) for user in ("sara", ADMINISTRATOR)] == ["licence-blocked"] * 2
        assert local.call("GET", "/healthz").status_code == 200
    finally:
        local.stop()


def test_the_mode_is_never_stored(site: Site) -> None:
    """A clock that jumped to where everything has ended and came back leaves no trace, in the home neither."""
    held = site.seat("sara")
    files = {path: path.read_bytes() for path in sorted(site.rig.home.folder.glob("*.j*"))}
    site.rig.clock.turn(20 * 365 * DAY)
    assert site.local.licence["mode"] == "restricted"
    site.rig.clock.turn(-20 * 365 * DAY)
    assert site.local.licence["mode"] == "full"
    assert site.local.beat(held)["renewed"] == [held]
    assert {path: path.read_bytes() for path in files} == files


@pytest.mark.parametrize("how", ["once", "every minute"])
def test_a_clock_that_is_turned_gives_no_more_than_the_fifteen_minutes(site: Site, how: str) -> None:
    """Whoever sets the clock ahead before a suspension arrives, and back after it, gains nothing."""
    site.rig.vendor.clock = TurnableClock()
    held = site.seat("sara")
    site.rig.clock.turn(300 * DAY)
    suspended(site)
    assert site.local.beat(held)["renewed"] == [held]
    if how == "once":
        site.rig.clock.turn(-100 * DAY)
    for _ in range(15):
        site.rig.clock.advance(MINUTE)
        if how == "every minute":
            site.rig.clock.turn(-MINUTE)
        site.local.beat(held)
    assert site.local.beat(held)["lost"] == [held]
