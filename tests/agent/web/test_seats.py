"""Seats over the local API, from the CRM's side (protocol, section 7)."""

from pathlib import Path

from agent.domain.mode import Standing
from keys.documents.parts import Seats
from tests.agent.seats.factories import a_standing
from tests.agent.web.server import ADMINISTRATOR, Crm, serving
from tests.fakes import START


def test_a_new_seat_is_created_with_all_that_the_protocol_names(crm: Crm) -> None:
    got = crm.check_out("Sara", "pc-1")
    assert got.status == 201
    answer = got.json
    assert answer.pop("seat").startswith("seat_")
    assert answer.pop("fence") > START
    assert answer == {
        "expires_in": 120,
        "users": {"used": 1, "limit": 3},
        "clients": {"used": 1, "limit": 4},
        "mode": "full",
        "overdraft": None,
    }


def test_asking_again_renews_the_same_seat(crm: Crm) -> None:
    first = crm.check_out("sara", "pc-1").json
    crm.office.clock.advance(100)
    again = crm.check_out("ＳＡＲＡ", "pc-1")
    assert again.status == 200
    assert again.json == first


def test_one_user_on_two_computers_takes_one_user(crm: Crm) -> None:
    crm.check_out("sara", "pc-1")
    got = crm.check_out("sara", "laptop").json
    assert (got["users"]["used"], got["clients"]["used"]) == (1, 2)


def test_the_fourth_of_three_users_is_told_which_dimension_is_full(crm: Crm) -> None:
    for user in "abc":
        crm.check_out(user)
    got = crm.check_out("d")
    assert (got.status, got.problem) == (409, "seats-exhausted")
    assert {name: got.json[name] for name in ("dimension", "used", "limit")} == {
        "dimension": "users",
        "used": 3,
        "limit": 3,
    }


def test_the_fifth_of_four_clients_is_refused(crm: Crm) -> None:
    for number in range(4):
        crm.check_out("sara", f"pc-{number}")
    got = crm.check_out("sara", "pc-4")
    assert (got.problem, got.json["dimension"]) == ("seats-exhausted", "clients")


def test_a_seat_is_free_at_the_very_moment_it_ends(crm: Crm) -> None:
    for user in "abc":
        crm.check_out(user)
    crm.office.clock.advance(119)
    assert crm.check_out("late").status == 409
    crm.office.clock.advance(1)
    assert crm.check_out("late").status == 201


def test_one_heartbeat_for_many_seats_says_which_live_on_and_which_are_lost(crm: Crm) -> None:
    seats = [crm.check_out(user).json["seat"] for user in "ab"]
    crm.office.clock.advance(60)
    got = crm.call("POST", "/v1/seats/heartbeat", {"seats": [*seats, "seat_unknown"]})
    assert (got.status, got.json) == (200, {"renewed": seats, "lost": ["seat_unknown"]})
    crm.office.clock.advance(119)
    assert crm.call("POST", "/v1/seats/heartbeat", {"seats": seats}).json["lost"] == []
    assert crm.call("POST", "/v1/seats/heartbeat", {"seats": []}).json == {"renewed": [], "lost": []}


def test_ten_thousand_seats_go_into_one_heartbeat(tmp_path: Path) -> None:
    with serving(tmp_path, seats=Seats("concurrent", 10_000, None)) as crm:
        seats = [f"seat_{number:020}" for number in range(10_000)]
        got = crm.call("POST", "/v1/seats/heartbeat", {"seats": seats})
        assert (got.status, len(got.json["lost"])) == (200, 10_000)


def test_a_released_seat_is_free_at_once_and_releasing_it_again_is_fine(crm: Crm) -> None:
    seat = crm.check_out("a").json["seat"]
    for _ in range(2):
        got = crm.call("DELETE", f"/v1/seats/{seat}")
        assert (got.status, got.content) == (204, b"")
    assert crm.call("POST", "/v1/seats/heartbeat", {"seats": [seat]}).json["lost"] == [seat]


def test_service_accounts_cost_no_user(tmp_path: Path) -> None:
    with serving(tmp_path, seats=Seats("concurrent", 1, 9, service=1)) as crm:
        crm.check_out("sara")
        assert crm.check_out("bot", "server", kind="service").json["users"] == {"used": 1, "limit": 1}
        got = crm.check_out("bot-2", "server", kind="service")
        assert (got.problem, got.json["dimension"]) == ("seats-exhausted", "service")


def test_an_address_outside_the_site_is_refused(crm: Crm) -> None:
    assert crm.check_out("a", address="192.168.1.7").status == 201
    got = crm.check_out("b", address="8.8.8.8")
    assert (got.status, got.problem) == (403, "outside-network")


def test_a_named_user_keeps_the_place_until_it_is_freed(tmp_path: Path) -> None:
    with serving(tmp_path, seats=Seats("named", 1, None)) as crm:
        seat = crm.check_out("sara").json["seat"]
        crm.call("DELETE", f"/v1/seats/{seat}")
        assert crm.check_out("ali").problem == "seats-exhausted"
        listed = crm.call("GET", "/v1/seats", token=ADMINISTRATOR).json
        assert listed["assigned"] == [{"user": "sara", "assigned_at": START}]
        got = crm.call("DELETE", "/v1/users/SARA", token=ADMINISTRATOR)
        assert (got.status, got.json) == (200, {"released": 0})
        assert crm.check_out("ali").problem == "seats-exhausted"
        crm.office.clock.advance(86_400)
        assert crm.check_out("ali").status == 201


def test_the_administrator_sees_who_holds_what_and_frees_a_user(crm: Crm) -> None:
    crm.check_out("sara", "pc-1")
    seat = crm.check_out("علی/a b", "pc-2").json["seat"]
    listed = crm.call("GET", "/v1/seats", token=ADMINISTRATOR).json
    assert listed["users"] == {"used": 2, "limit": 3}
    assert [entry["user"] for entry in listed["seats"]] == ["sara", "علی/a b"]
    assert listed["seats"][1].items() >= {"seat": seat, "client": "pc-2", "kind": "person", "expires_in": 120}.items()
    path = "/v1/users/%D8%B9%D9%84%DB%8C/a%20b"
    assert crm.call("DELETE", path, token=ADMINISTRATOR).json == {"released": 1}
    assert crm.call("GET", "/v1/seats", token=ADMINISTRATOR).json["users"]["used"] == 1


def test_restricted_lets_the_administrator_in_alone_and_the_others_out_within_fifteen_minutes(crm: Crm) -> None:
    seat = crm.check_out("sara").json["seat"]
    crm.office.standing = lambda: a_standing("restricted", crm.office.clock.now())
    got = crm.check_out("ali")
    assert (got.status, got.problem) == (403, "licence-restricted")
    assert crm.check_out("ROOT").json["mode"] == "restricted"
    for _ in range(9):
        assert crm.call("POST", "/v1/seats/heartbeat", {"seats": [seat]}).json["lost"] == []
        crm.office.clock.advance(100)
    assert crm.call("POST", "/v1/seats/heartbeat", {"seats": [seat]}).json["lost"] == [seat]


def test_blocked_lets_nobody_in(crm: Crm) -> None:
    seat = crm.check_out("sara").json["seat"]
    crm.office.standing = lambda: Standing("blocked", "revoked", None, crm.office.clock.now())
    for user in ("sara", "root"):
        got = crm.check_out(user)
        assert (got.status, got.problem) == (403, "licence-blocked")
    assert crm.call("POST", "/v1/seats/heartbeat", {"seats": [seat]}).json["lost"] == [seat]


def test_users_beyond_the_limit_are_told_of(tmp_path: Path) -> None:
    seats = Seats("concurrent", 1, None, overdraft_users=2, overdraft_days=3)
    with serving(tmp_path, seats=seats) as crm:
        assert crm.check_out("a").json["overdraft"] is None
        overdraft = {"users": 1, "allowed": 2, "days_left": 2}
        assert crm.check_out("b").json["overdraft"] == overdraft
        assert crm.call("GET", "/v1/licence").json["seats"]["overdraft"] == overdraft
        assert crm.call("GET", "/v1/seats", token=ADMINISTRATOR).json["overdraft"] == overdraft


def test_who_is_outside_the_site_gets_in_and_is_told_where_that_is_only_reported(tmp_path: Path) -> None:
    with serving(tmp_path, networks=("10.0.0.0/8",), network_policy="report") as crm:
        assert crm.check_out("a", address="8.8.8.8").json["outside_network"] is True
        assert "outside_network" not in crm.check_out("b", address="10.0.0.1").json
        assert crm.call("GET", "/v1/licence").json["network_policy"] == "report"


def test_a_heartbeat_may_say_whose_people_did_something(tmp_path: Path) -> None:
    with serving(tmp_path, idle=300) as crm:
        busy, still = (crm.check_out(user).json["seat"] for user in "ab")
        for _ in range(4):
            crm.office.clock.advance(70)
            got = crm.call("POST", "/v1/seats/heartbeat", {"seats": [busy, still], "active": [busy]})
            assert got.json["lost"] == []
        crm.office.clock.advance(70)
        got = crm.call("POST", "/v1/seats/heartbeat", {"seats": [busy, still], "active": [busy]})
        assert got.json == {"renewed": [busy], "lost": [still]}
