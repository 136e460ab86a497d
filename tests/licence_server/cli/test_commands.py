"""Every command: what it does, what ``--json`` has, and what it says to wrong words."""

import json
import re
from typing import Any

import click
import pytest

from licence_server.cli.root import main
from licence_server.cli.text import plain, table
from tests.licence_server.office import Home, Office, device_at


def sold(home: Home, *more: object) -> Any:
    customer = home.ask("customer", "add", "فولاد پارس", "--national-id", "10380284790")
    return home.ask("licence", "issue", "--customer", customer["id"], "--users", 3, "--clients", 4, *more)


def activated(home: Home) -> str:
    issued = sold(home)
    office = Office.of(home)
    device_at(office).activate(issued["code"])
    office.close()
    return str(issued["id"])


def test_a_licence_and_its_code_which_is_shown_once(home: Home) -> None:
    issued = sold(home, "--ends", "2028-03-20", "--feature", "reports", "--network", "10.1.0.0/16", "--model", "named")
    assert issued["state"] == "issued"
    assert len(issued["code"]) == 29
    shown = home.ask("licence", "show", issued["id"])
    assert (shown["seats"]["users"], shown["seats"]["clients"]) == (3, 4)
    assert (shown["terms"]["ends_at"], shown["activation"]) == (1_837_123_200, None)
    assert (shown["features"], shown["networks"]) == (["reports"], ["10.1.0.0/16"])
    assert [event["code"] for event in shown["events"]] == ["licence_issued"]
    everything = "".join(home.type(*words).output for words in readings(issued["id"]))
    assert issued["code"] not in everything
    assert issued["code"].replace("-", "") not in everything


def test_integration_accounts_overdraft_and_networks(home: Home) -> None:
    more = ("--service", 2, "--overdraft-users", 3, "--overdraft-days", 10, "--network-policy", "report")
    licence_id = str(sold(home, *more)["id"])
    shown = home.ask("licence", "show", licence_id)
    assert (shown["seats"]["service"], shown["seats"]["overdraft"]) == (2, {"users": 3, "days": 10})
    assert (shown["networks"], shown["network_policy"], shown["reported"]) == ([], "report", [])
    said = home.type("licence", "show", licence_id).stdout
    assert "3 users more, on 10 of any 30 days" in said
    assert "let in, and reported" in said
    changed = home.ask("licence", "seats", licence_id, "--users", 9, "--service", 1, "--overdraft-users", 0)
    assert changed["seats"]["overdraft"] == {"users": 0, "days": 0}
    changed = home.ask("licence", "networks", licence_id, "--network", "10.1.0.0/16", "--network", "fd09::/64")
    assert (changed["networks"], changed["network_policy"]) == (["10.1.0.0/16", "fd09::/64"], "report")
    changed = home.ask("licence", "networks", licence_id, "--network-policy", "enforce")
    assert (changed["networks"], changed["network_policy"]) == (["10.1.0.0/16", "fd09::/64"], "enforce")
    assert home.ask("licence", "networks", licence_id, "--private")["networks"] == []
    said = home.type("licence", "show", licence_id).stdout
    assert re.search(r"Overdraft +none\n", said)
    assert re.search(r"Other networks +refused\n", said)
    for words in ((), ("--private", "--network", "10.1.0.0/16"), ("--network", "10.1.0.1/16")):
        refused = home.type("licence", "networks", licence_id, *words)
        assert (refused.exit_code, "invalid-input" in refused.stderr) == (1, True), refused.stderr
    assert home.ask("audit", "verify")["valid"]


def readings(licence_id: str) -> list[tuple[str, ...]]:
    return [
        ("licence", "list"),
        ("licence", "list", "--state", "issued", "--json"),
        ("licence", "show", licence_id),
        ("licence", "usage", licence_id),
        ("audit", "list"),
        ("audit", "list", "--json"),
        ("operator", "list"),
    ]


def test_the_life_of_a_licence(home: Home) -> None:
    licence_id = activated(home)
    assert home.ask("licence", "show", licence_id)["activation"]["seq"] == 1
    assert home.ask("licence", "suspend", licence_id, "--reason", "payment_overdue")["state"] == "suspended"
    assert home.ask("licence", "resume", licence_id, "--reason", "paid")["state"] == "active"
    assert home.ask("licence", "renew", licence_id, "--ends", "2030-01-01")["terms"]["ends_at"] == 1_893_456_000
    assert home.ask("licence", "renew", licence_id, "--ends", "never")["terms"]["ends_at"] is None
    assert home.ask("licence", "seats", licence_id, "--users", 9)["seats"]["clients"] is None
    assert len(home.ask("licence", "rehost", licence_id, "--reason", "the old server burnt")["code"]) == 29
    assert home.ask("licence", "revoke", licence_id, "--reason", "returned")["state"] == "revoked"
    events = [event["code"] for event in home.ask("licence", "show", licence_id)["events"]]
    assert events[:3] == ["licence_issued", "licence_activated", "licence_suspended"]
    assert events[-2:] == ["rehost_allowed", "licence_revoked"]
    assert "revoked (returned)" in home.type("licence", "show", licence_id).stdout


def test_a_new_code_takes_the_place_of_the_old(home: Home) -> None:
    issued = sold(home)
    fresh = home.ask("licence", "code", issued["id"])["code"]
    office = Office.of(home)
    old = device_at(office).activation_request(issued["code"])
    assert office.post("activations", old).status_code == 410
    assert device_at(office).activate(fresh).status == "active"
    office.close()


def test_the_record_and_its_proof(home: Home) -> None:
    sold(home)
    assert home.ask("audit", "verify")["valid"]
    assert [entry["seq"] for entry in home.ask("audit", "list", "--after", 1, "--most", 1)] == [2]
    server = home.server()
    with server.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE audit SET actor = 'cli:nobody' WHERE seq = 2")
    server.database.close()
    result = home.type("audit", "verify", "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert (found["valid"], found["events"]) == (False, 3)
    assert "audit-broken: Entry 2" in result.stderr


def test_the_clock_is_accepted_by_a_person(home: Home) -> None:
    licence_id = activated(home)
    home.clock.turn(-86_400)
    office = Office.of(home)
    document = device_at(office).activation_request("x")
    assert office.post("activations", document).status_code in (404, 503)
    office.close()
    assert home.ask("clock", "accept", "--reason", "it was a day ahead")["now"] == home.clock.now()
    assert home.ask("licence", "suspend", licence_id, "--reason", "x")["state"] == "suspended"


def test_making_a_home_by_command(home: Home) -> None:
    fresh = Home(home.path.parent / "fresh", home.clock)
    made = fresh.ask("init", "--issuer", "https://licence.example.com")
    assert (made["issuer"], made["admin"], made["home"]) == ("https://licence.example.com", "admin", str(fresh.path))
    assert (fresh.path / "root.json").samefile(made["root"])
    assert len(made["password"]) == 27
    again = fresh.type("init")
    assert "nothing was changed" in again.stderr
    assert made["password"] not in again.output
    assert [each["name"] for each in fresh.ask("operator", "list")] == ["admin"]


WRONG_USAGE: list[tuple[str, ...]] = [
    ("nonsense",),
    ("customer", "add"),
    ("licence", "issue"),
    ("licence", "issue", "--customer", "cus_x"),
    ("licence", "issue", "--customer", "cus_x", "--users", "many"),
    ("licence", "issue", "--customer", "cus_x", "--users", "3", "--ends", "tomorrow"),
    ("licence", "issue", "--customer", "cus_x", "--users", "3", "--ends", "2027-02-30"),
    ("licence", "issue", "--customer", "cus_x", "--users", "3", "--ends", "20270321"),
    ("licence", "issue", "--customer", "cus_x", "--users", "3", "--model", "floating"),
    ("licence", "issue", "--customer", "cus_x", "--users", "3", "--on-clone", "shout"),
    ("licence", "list", "--state", "happy"),
    ("licence", "suspend", "lic_x"),
    ("licence", "renew", "lic_x"),
    ("licence", "seats", "lic_x"),
    ("licence", "rehost", "lic_x"),
    ("audit", "list", "--after", "-1"),
    ("clock", "accept"),
    ("backup",),
    ("restore", "/nowhere/x"),
    ("init", "--roots", "/nowhere/x"),
    ("run", "--port", "70000"),
    ("run", "--workers", "0"),
    ("customer", "show", "a\udcff"),
    ("customer", "show", "a\0"),
]

REFUSED: dict[tuple[str, ...], str] = {
    ("customer", "add", ""): "invalid-input",
    ("customer", "add", "x\ny"): "invalid-input",
    ("customer", "add", "x", "--national-id", "10380284791"): "invalid-input",
    ("customer", "add", "x", "--national-id", "1"): "invalid-input",
    ("customer", "add", "x", "--email", "x"): "invalid-input",
    ("customer", "add", "x", "--mobile", "x"): "invalid-input",
    ("customer", "show", "cus_x"): "not-found",
    ("licence", "show", "lic_x"): "not-found",
    ("licence", "show", "'; DROP TABLE licences; --"): "not-found",
    ("licence", "suspend", "lic_x", "--reason", "x"): "not-found",
    ("licence", "resume", "lic_x", "--reason", "x"): "not-found",
    ("licence", "revoke", "lic_x", "--reason", "x"): "not-found",
    ("licence", "renew", "lic_x", "--ends", "2030-01-01"): "not-found",
    ("licence", "seats", "lic_x", "--users", "3"): "not-found",
    ("licence", "confirm", "lic_x"): "not-found",
    ("licence", "certificate", "lic_x", "-o", "lic_x.pdf"): "not-found",
    ("licence", "acknowledge", "lic_x", "--reason", "x"): "not-found",
    ("licence", "code", "lic_x"): "not-found",
    ("licence", "rehost", "lic_x", "--reason", "x"): "not-found",
    ("licence", "issue", "--customer", "cus_x", "--users", "3"): "not-found",
    ("licence", "issue", "--customer", "cus_x", "--users", "0"): "invalid-input",
    ("licence", "issue", "--customer", "cus_x", "--users", str(10**30)): "invalid-input",
    ("licence", "issue", "--customer", "cus_x", "--users", "3", "--clients", "0"): "invalid-input",
    ("licence", "issue", "--customer", "cus_x", "--users", "3", "--ends", "2001-01-01"): "invalid-input",
    ("licence", "issue", "--customer", "cus_x", "--users", "3", "--network", "10.0.0.1/8"): "invalid-input",
    ("licence", "issue", "--customer", "cus_x", "--users", "3", "--feature", "A B"): "invalid-input",
    ("licence", "issue", "--customer", "cus_x", "--users", "3", "--interval", "0"): "invalid-input",
    ("licence", "issue", "--customer", "cus_x", "--users", "3", "--interval", str(10**30)): "invalid-input",
    ("licence", "issue", "--customer", "cus_x", "--users", "3", "--grace", "-1"): "invalid-input",
    ("clock", "accept", "--reason", " "): "invalid-input",
    ("backup", "/nowhere/at/all.zip"): "invalid-input",
    ("init", "--issuer", "http://licence.example.com"): "state-conflict",
    ("run", "--host", "no.such.host.invalid", "--port", "0"): "invalid-input",
}


def untouched(home: Home) -> list[dict]:
    return [home.ask("customer", "list"), home.ask("licence", "list"), home.ask("audit", "list")]


@pytest.mark.parametrize("words", WRONG_USAGE, ids=" ".join)
def test_wrong_usage_is_exit_2_with_a_sentence(home: Home, words: tuple[str, ...]) -> None:
    result = home.type(*words)
    assert result.exit_code == 2, result.output
    assert "Error:" in result.stderr
    assert not result.stdout


def test_what_is_refused_is_exit_1_with_its_word_and_changes_nothing(home: Home) -> None:
    before = untouched(home)
    for words, word in REFUSED.items():
        for more in ((), ("--json",)):
            result = home.type(*words, *more)
            assert (words, result.exit_code, result.stdout) == (words, 1, "")
            assert result.stderr.startswith(f"{word}: ")
            assert result.stderr.count("\n") == 1
    assert untouched(home) == before


@pytest.mark.parametrize("name", ["config.toml", "keys/trust.json", "passphrase", "licences.sqlite3"])
@pytest.mark.parametrize("spoiled", [None, b"", b"\xff\xfe nonsense"])
def test_a_home_that_lacks_something_is_told_of_in_a_sentence(home: Home, name: str, spoiled: bytes | None) -> None:
    path = home.path / name
    if spoiled is None:
        path.unlink()
    else:
        path.write_bytes(spoiled)
    result = home.type("licence", "list")
    assert result.exit_code == 1, result.output
    assert "internal error" not in result.stderr
    assert not result.stdout


def commands(group: click.Group, words: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        found += commands(command, (*words, name)) if isinstance(command, click.Group) else [(*words, name)]
    return found


@pytest.mark.parametrize("words", commands(main), ids=" ".join)
def test_every_command_explains_itself_with_an_example(home: Home, words: tuple[str, ...]) -> None:
    result = home.type(*words, "--help")
    assert result.exit_code == 0
    assert "--json" in result.stdout
    assert f"Example: licence-server {' '.join(words)}" in " ".join(result.stdout.split())


def test_no_stored_text_commands_the_terminal() -> None:
    assert plain("a\x1b[31m\r\nb\u202e") == "a\ufffd[31m\ufffd\ufffdb\ufffd"
    assert plain("می\u200cخواهم") == "می\u200cخواهم"
    assert table(("A", "B"), [("1", "x\n2")]) == "A  B\n1  x\ufffd2"


@pytest.mark.parametrize("words", [("customer", "list"), ("run", "--port", "0"), ("backup", "there.zip")])
@pytest.mark.parametrize("left", [None, b""])
def test_a_lost_database_is_never_begun_anew_silently(home: Home, words: tuple[str, ...], left: bytes | None) -> None:
    file = home.path / "licences.sqlite3"
    for each in home.path.glob("licences.sqlite3*"):
        each.unlink()
    if left is not None:
        file.write_bytes(left)
    result = home.type(*words)
    assert result.exit_code == 1
    assert result.stderr.startswith("state-damaged: ")
    assert "licence-server restore" in result.stderr
    assert (file.read_bytes() if file.exists() else None) == left
