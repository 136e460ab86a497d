"""Outages at the command line."""

from pathlib import Path

import pytest

from keys.carried import read_carried
from keys.documents.outage import open_outage
from keys.trust import pin_trust
from tests.licence_server.office import Home

WORDS = ("outage", "declare", "--from", "2027-01-10", "--until", "2027-03-01", "--days", 14)
WHY = ("--reason", "no internet in the country")


def test_an_outage_from_its_declaration_to_its_file(home: Home, tmp_path: Path) -> None:
    first, again = tmp_path / "outage.lic", tmp_path / "again.lic"
    said = home.ask(*WORDS, "--all", *WHY, "-o", first)
    assert (said["licences"], said["days"], said["file"]) == ("all", 14, str(first))
    document, trust = read_carried(first.read_bytes())
    assert open_outage(document, pin_trust(trust)).document_id == said["id"]
    assert home.ask("outage", "show", said["id"], "-o", again)["content"] == first.read_text()
    assert again.read_bytes() == first.read_bytes()
    assert [each["id"] for each in home.ask("outage", "list")] == [said["id"]]
    assert "2027-01-10  2027-03-01  14    all       no internet" in home.type("outage", "list").stdout
    told = home.type("outage", "show", said["id"]).stdout
    for words in ("2027-01-10 00:00 UTC", "14 days", "no internet in the country"):
        assert words in told


def test_it_may_be_for_licences_by_name(home: Home) -> None:
    customer = home.ask("customer", "add", "Pars")["id"]
    licence = home.ask("licence", "issue", "--customer", customer, "--users", 3)["id"]
    assert home.ask(*WORDS, "--licence", licence, *WHY)["licences"] == [licence]
    assert "1 by name" in home.type("outage", "list").stdout


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ((*WORDS, *WHY), 2, "--licence, or say --all"),
        ((*WORDS, "--all", "--licence", "lic_1", *WHY), 2, "--licence, or say --all"),
        ((*WORDS, "--licence", "lic_1", *WHY), 1, "not-found"),
        ((*WORDS, "--all", "--reason", ""), 1, "reason of an outage"),
        ((*WORDS[:4], "--until", "never", "--days", 14, "--all", *WHY), 1, "a beginning and an end"),
        (("outage", "show", "out_none"), 1, "There is no outage out_none"),
    ],
)
def test_what_can_not_be_is_refused(home: Home, words: tuple, status: int, said: str) -> None:
    refused = home.type(*words)
    assert (refused.exit_code, said in refused.stderr, refused.stdout) == (status, True, "")


def test_a_second_person_has_to_agree_where_there_is_one(home: Home) -> None:
    with (home.path / "config.toml").open("a") as file:
        file.write("\nfour_eyes_revocations = true\n")
    refused = home.type(*WORDS, "--all", *WHY)
    assert (refused.exit_code, refused.stderr.startswith("approval-needed: ")) == (1, True)
    (waiting,) = home.ask("approval", "list")
    assert (waiting["deed"], waiting["subject"], waiting["terms"]["licences"]) == ("outage", "outages", "all")
