"""Customers at the command line, and lists of what they bought."""

from typing import Any

import pytest

from tests.licence_server.cli.test_commands import activated, sold
from tests.licence_server.office import Home

DAY = 86_400


def test_a_customer(home: Home) -> None:
    more = ("--email", "it@example.com", "--mobile", "09151234567", "--representative", "سارا", "--phone", "051")
    most = ("--address", "مشهد", "--language", "en", "--no-sms-notices", "--note", "calls on Saturdays")
    added = home.ask("customer", "add", "Pars Steel", "--national-id", "۱۰۳۸۰۲۸۴۷۹۰", *more, *most)
    assert (added["national_id"], added["kind"], added["by_email"], added["by_sms"]) == (
        "10380284790", "legal", True, False,
    )  # fmt: skip
    shown = home.ask("customer", "show", added["id"])
    assert {name: shown[name] for name in added} == added
    assert home.ask("customer", "list") == [added]
    assert "Pars Steel" in home.type("customer", "list").stdout
    said = home.type("customer", "show", added["id"]).stdout
    for word in ("it@example.com", "09151234567", "سارا, since", "051", "مشهد", "in en, by e-mail; legal", "Saturdays"):
        assert word in said


def test_what_is_not_known_is_not_shown(home: Home) -> None:
    added = home.ask("customer", "add", "Pars", "--kind", "natural", "--no-email-notices", "--no-sms-notices")
    said = home.type("customer", "show", added["id"]).stdout
    assert "neither e-mail nor SMS" in said
    for word in ("National", "E-mail", "Representative", "Address", "Note ", "STATE"):
        assert word not in said


def test_a_customer_is_changed_and_the_history_says_so(home: Home) -> None:
    customer = home.ask("customer", "add", "Pars Steel", "--representative", "سارا")["id"]
    changed = home.ask("customer", "change", customer, "--name", "Pars", "--mobile", "09151234567", "--no-sms-notices")
    assert (changed["name"], changed["mobile"], changed["by_sms"]) == ("Pars", "09151234567", False)
    assert home.ask("customer", "change", customer, "--mobile", "", "--sms-notices")["by_sms"]
    home.clock.advance(DAY)
    person = ("--name", "رضا", "--national-id", "0499370899", "--mobile", "0935", "--email", "r@example.com")
    assert home.type("customer", "representative", customer, *person).exit_code == 1
    home.ask("customer", "representative", customer, *person[:4], "--mobile", "09351112233")
    shown = home.ask("customer", "show", customer)
    assert [each["name"] for each in shown["representatives"]] == ["سارا", "رضا"]
    codes = ["customer_added", "customer_changed", "customer_changed", "representative_appointed"]
    assert [event["code"] for event in shown["events"]] == codes
    assert shown["events"][1]["details"]["changes"][0] == {"field": "name", "before": "Pars Steel", "after": "Pars"}
    said = home.type("customer", "show", customer).stdout
    assert "رضا, 0499370899, 09351112233, since" in said
    assert "Formerly" in said
    assert "representative_appointed  by cli:" in said
    assert home.ask("audit", "verify")["valid"]


def test_who_may_be_registered_already_is_named(home: Home) -> None:
    first = home.ask("customer", "add", "فولاد پارس", "--mobile", "09151234567")
    result = home.type("customer", "add", "فولاد‌پارس", "--mobile", "+989151234567", "--json")
    assert result.exit_code == 0
    assert f"Perhaps the same: {first['id']} فولاد پارس, by name and mobile." in result.stderr
    assert "Perhaps" not in home.type("customer", "add", "Other").stderr


def test_customers_and_licences_are_found(home: Home) -> None:
    issued = sold(home, "--site", "كرمان")
    customer = home.ask("licence", "show", issued["id"])["customer"]["id"]
    for text, found in (("فولادپارس", ("customer", customer)), ("کرمان", ("licence", issued["id"]))):
        assert [(each["type"], each["id"]) for each in home.ask("customer", "find", text)] == [found]
    assert customer in home.type("customer", "find", "103802").stdout
    assert "issued, كرمان, standard" in home.type("customer", "find", "کرمان").stdout
    result = home.type("customer", "find", "s", "--most", 1)
    assert "There are more than 1" in result.stderr
    assert home.type("customer", "find", "‌").exit_code == 1
    shown = home.ask("customer", "show", customer)
    assert [each["id"] for each in shown["licences"]] == [issued["id"]]
    assert issued["id"] in home.type("customer", "show", customer).stdout


@pytest.mark.parametrize(
    ("words", "there"),
    [
        (("--ending", "2027-01-18"), True),
        (("--ending", "2027-01-17"), False),
        (("--silent", 0), True),
        (("--silent", 1), True),
        (("--silent", 2), False),
        (("--state", "active", "--silent", 1), True),
        (("--state", "expired"), False),
    ],
)
def test_licences_are_picked(home: Home, words: tuple[Any, ...], there: bool) -> None:
    licence_id = activated(home)
    home.ask("licence", "renew", licence_id, "--ends", "2027-01-17")
    home.clock.advance(DAY + 1)
    assert [each["id"] for each in home.ask("licence", "list", *words)] == [licence_id] * there


def test_renewals_that_are_due(home: Home) -> None:
    licence_id = activated(home)
    home.ask("licence", "renew", licence_id, "--ends", "2027-02-20")
    assert home.ask("licence", "renewals") == []
    assert [each["id"] for each in home.ask("licence", "renewals", "--within", 60)] == [licence_id]
    assert licence_id in home.type("licence", "renewals", "--within", 60).stdout
    assert home.type("licence", "renewals", "--within", 4000).exit_code == 1


def test_never_is_no_day_to_end_before(home: Home) -> None:
    assert home.type("licence", "list", "--ending", "never").exit_code == 1


def test_of_nobody_there_is_no_list(home: Home) -> None:
    refused = home.type("licence", "list", "--customer", "cus_never")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("not-found: ")
