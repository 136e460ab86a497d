"""Plans at the command line, and licences from them."""

import pytest

from tests.licence_server.office import Home

DAY = 86_400
NAME = "استاندارد، یک‌ساله"
TERMS = (
    *("--clients", 30, "--service", 2, "--overdraft-users", 3, "--overdraft-days", 5, "--model", "named"),
    *("--edition", "enterprise", "--duration", "12m", "--feature", "sms", "--feature", "reports"),
    *("--network-policy", "report", "--interval", 3600, "--grace", 7200, "--on-clone", "report"),
)
OFFERED = {
    "clients": 30, "service": 2, "overdraft_users": 3, "overdraft_days": 5, "model": "named", "edition": "enterprise",
    "duration": {"count": 12, "unit": "months"}, "features": ["sms", "reports"], "network_policy": "report",
    "interval": 3600, "grace": 7200, "on_clone": "report",
}  # fmt: skip
PLAIN: dict[str, object] = {
    "clients": None, "service": 0, "overdraft_users": 0, "overdraft_days": 0, "model": "concurrent", "edition": None,
    "duration": None, "features": [], "network_policy": "enforce", "interval": None, "grace": None,
    "on_clone": "suspend",
}  # fmt: skip


@pytest.fixture
def plan(home: Home) -> str:
    return str(home.ask("plan", "add", NAME, "--users", 25, *TERMS)["id"])


def customer(home: Home) -> str:
    return str(home.ask("customer", "add", "Pars")["id"])


def test_a_plan_from_its_beginning_to_its_end(home: Home, plan: str) -> None:
    shown = home.ask("plan", "show", plan)
    assert {name: shown[name] for name in OFFERED} == OFFERED
    assert (shown["name"], shown["users"], shown["retired_at"]) == (NAME, 25, None)
    assert home.ask("plan", "list") == [shown]
    changed = home.ask("plan", "change", plan, "--users", 40, "--clients", "any", "--name", "Standard")
    assert changed == {**shown, "users": 40, "clients": None, "name": "Standard"}
    plain = (
        *("--clients", "any", "--service", 0, "--overdraft-users", 0, "--overdraft-days", 0, "--edition", ""),
        *("--model", "concurrent", "--duration", "never", "--no-features", "--network-policy", "enforce"),
        *("--interval", "default", "--grace", "default", "--on-clone", "suspend"),
    )
    changed = home.ask("plan", "change", plan, *plain)
    assert {name: changed[name] for name in PLAIN} == PLAIN
    retired = home.ask("plan", "retire", plan)
    assert (home.ask("plan", "list"), home.ask("plan", "list", "--all")) == ([], [retired])
    assert home.type("plan", "retire", plan).exit_code == 1
    assert home.ask("audit", "verify")["valid"]


def test_a_plan_for_people(home: Home, plan: str) -> None:
    said = home.type("plan", "show", plan).stdout
    for words in (
        NAME, "25 users, 30 clients, named", "3 users more, on 5 of any 30 days", "12 months", "sms, reports",
        "every 3600 s, grace 7200 s", "let in, and reported", "enterprise",
    ):  # fmt: skip
        assert words in said
    assert f"{plan}  {NAME}  enterprise  25     30       12 months  -" in home.type("plan", "list").stdout
    plain = home.ask("plan", "add", "Plain", "--users", 1)
    assert {name: plain[name] for name in PLAIN} == PLAIN
    said = home.type("plan", "show", plain["id"]).stdout
    for words in ("any number of clients", "for ever", "the vendor's default", "Overdraft", "none"):
        assert words in said
    home.ask("plan", "retire", plain["id"])
    assert f"{plain['id']}  Plain" in home.type("plan", "list", "--all").stdout


def test_a_licence_is_as_its_plan(home: Home, plan: str) -> None:
    issued = home.ask("licence", "issue", "--customer", customer(home), "--plan", plan)
    assert (issued["plan"], issued["product"]["edition"], issued["site"]) == (plan, "enterprise", "main")
    assert issued["terms"]["ends_at"] == issued["terms"]["starts_at"] + 365 * DAY
    overdraft = {"users": 3, "days": 5}
    assert issued["seats"] == {"model": "named", "users": 25, "clients": 30, "service": 2, "overdraft": overdraft}
    assert {name: issued[name] for name in ("interval", "grace", "on_clone", "features", "network_policy")} == {
        name: OFFERED[name] for name in ("interval", "grace", "on_clone", "features", "network_policy")
    }
    assert f"Plan                  {plan}" in home.type("licence", "show", issued["id"]).stdout


def test_what_is_said_goes_before_the_plan(home: Home, plan: str) -> None:
    who = ("licence", "issue", "--customer", customer(home), "--plan", plan)
    said = ("--users", 7, "--clients", "any", "--service", 0, "--overdraft-users", 0, "--ends", "never")
    issued = home.ask(*who, *said, "--edition", "", "--interval", "default", "--no-features", "--site", "مشهد")
    assert (issued["seats"]["users"], issued["seats"]["clients"], issued["seats"]["service"]) == (7, None, 0)
    assert issued["seats"]["overdraft"] == {"users": 0, "days": 0}
    assert (issued["terms"]["ends_at"], issued["product"]["edition"], issued["interval"]) == (None, "standard", DAY)
    assert (issued["features"], issued["site"]) == ([], "مشهد")
    assert home.ask(*who, "--ends", "2027-03-21")["terms"]["ends_at"] == 1_805_587_200
    lasting = home.ask(*who, "--duration", "90d")["terms"]
    assert lasting["ends_at"] == lasting["starts_at"] + 90 * DAY


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ((), 2, "for how many users"),
        (("--users", 1, "--duration", "12m", "--ends", "2028-01-01"), 1, "not both"),
        (("--users", 1, "--duration", "0m"), 1, "lasts 1 to"),
        (("--users", 1, "--duration", "a year"), 2, "no duration such as 90d"),
        (("--users", 1, "--duration", "٣m"), 2, "no duration such as 90d"),
        (("--users", 1, "--clients", "some"), 2, "no number, nor any"),
        (("--users", 1, "--clients", "-1"), 1, "Clients are"),
        (("--users", 1, "--clients", "0"), 1, "Clients are"),
        (("--users", 1, "--feature", "sms", "--no-features"), 1, "not both"),
        (("--plan", "pln_none"), 1, "There is no plan pln_none"),
    ],
)
def test_what_can_not_be_is_refused(home: Home, words: tuple, status: int, said: str) -> None:
    refused = home.type("licence", "issue", "--customer", customer(home), *words)
    assert (refused.exit_code, said in refused.stderr) == (status, True), refused.output
    assert home.ask("licence", "list") == []


def test_without_a_plan_a_duration_will_do(home: Home) -> None:
    issued = home.ask("licence", "issue", "--customer", customer(home), "--users", 3, "--duration", "1m")
    assert issued["terms"]["ends_at"] == issued["terms"]["starts_at"] + 31 * DAY
    assert issued["plan"] is None
