"""``GET /v1/authorize``, for nginx auth_request, which knows 2xx, 401 and 403 only."""

from dataclasses import replace
from pathlib import Path

import pytest

from keys.documents.parts import Notice, Seats
from tests.agent.seats.factories import a_standing
from tests.agent.web.server import Crm, serving


def test_a_user_who_is_in_or_gets_in_may_pass(crm: Crm) -> None:
    headers = {"Licence-User": "سارا", "Licence-Client": "pc", "X-Real-IP": "::ffff:10.9.0.2"}
    encoded = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    for _ in range(2):
        got = crm.call("GET", "/v1/authorize", headers=encoded)
        assert (got.status, got.content) == (204, b"")
    assert crm.office.users() == ["سارا"]


def test_every_no_is_a_403_with_its_word(crm: Crm) -> None:
    for user in "abc":
        crm.check_out(user)
    cases: list[tuple[dict[str, str], str]] = [
        ({"Licence-User": "d", "Licence-Client": "pc"}, "seats-exhausted"),
        ({"Licence-User": "a", "Licence-Client": "pc", "X-Real-IP": "8.8.8.8"}, "outside-network"),
        ({"Licence-User": "a"}, "malformed"),
        ({"Licence-Client": "pc"}, "malformed"),
        ({"Licence-User": "\xff", "Licence-Client": "pc"}, "malformed"),
    ]
    for headers, word in cases:
        got = crm.call("GET", "/v1/authorize", headers=headers)
        assert (got.status, got.headers["Licence-Problem"]) == (403, word)
    assert crm.call("GET", "/v1/authorize", token=None).status == 401


def test_it_names_the_mode_the_seat_and_the_gravest_notice(crm: Crm) -> None:
    notices = (
        Notice("late", "warning", "a", "b"),
        Notice("stop", "critical", "a", "b"),
        Notice("x", "info", "a", "b"),
    )
    headers = {"Licence-User": "sara", "Licence-Client": "pc"}
    got = crm.call("GET", "/v1/authorize", headers=headers)
    assert (got.headers["Licence-Mode"], got.headers["Licence-Notice"]) == ("full", None)
    assert got.headers["Licence-Seat"].startswith("seat_")
    crm.office.standing = lambda: replace(a_standing(now=crm.office.clock.now()), notices=notices)
    assert crm.call("GET", "/v1/authorize", headers=headers).headers["Licence-Notice"] == "stop"


def test_a_service_account_names_itself(tmp_path: Path) -> None:
    with serving(tmp_path, seats=Seats("concurrent", 1, 9, service=1)) as crm:
        headers = {"Licence-User": "bot", "Licence-Client": "server", "Licence-Kind": "service"}
        assert crm.call("GET", "/v1/authorize", headers=headers).status == 204
        assert crm.check_out("sara").json["users"] == {"used": 1, "limit": 1}
        got = crm.call("GET", "/v1/authorize", headers=headers | {"Licence-Kind": "robot"})
        assert (got.status, got.headers["Licence-Problem"]) == (403, "malformed")


@pytest.mark.threat(47)
@pytest.mark.parametrize(
    ("nearest", "forwarded", "status"),
    [
        ("10.0.0.5", None, 204),
        ("10.0.0.5", "8.8.8.8", 403),
        ("10.0.0.5", "8.8.8.8, 10.0.0.9", 204),
        ("10.0.0.5", "10.0.0.9, 8.8.8.8", 403),
        ("10.0.0.6", "8.8.8.8", 204),
        ("8.8.8.8", "10.0.0.9", 403),
        ("nowhere", "10.0.0.9", 403),
    ],
)
def test_an_address_that_a_proxy_passes_on_counts_only_from_a_trusted_one(
    tmp_path: Path, nearest: str, forwarded: str | None, status: int
) -> None:
    with serving(tmp_path, trusted_proxies=["10.0.0.5/32"], networks=("10.0.0.0/8",)) as crm:
        headers = {
            "Licence-User": "a",
            "Licence-Client": "b",
            "X-Real-IP": nearest,
            "X-Forwarded-For": forwarded or "",
        }
        assert crm.call("GET", "/v1/authorize", headers=headers).status == status
