"""Four eyes at the command line."""

import json
import os
import pwd

import pytest
from click.testing import CliRunner

from licence_server.cli.root import main
from licence_server.cli.session import Session
from tests.licence_server.office import Home

pytestmark = pytest.mark.threat(31)


@pytest.fixture
def strict(home: Home) -> Home:
    """A home whose vendor wants two people for licences of more than 5 users and for revocations."""
    with (home.path / "config.toml").open("a") as file:
        file.write("\nfour_eyes_users = 5\nfour_eyes_revocations = true\n")
    return home


def by_another(home: Home, *words: object) -> tuple[int, str]:
    """Run a command as somebody else of the vendor's."""
    session = Session({"LICENCE_SERVER_HOME": str(home.path)}, home.clock)
    session.by = "cli:another"
    result = CliRunner().invoke(main, [str(word) for word in words], obj=session)
    return result.exit_code, result.output


def test_a_large_licence_waits_for_a_second_person(strict: Home) -> None:
    customer = strict.ask("customer", "add", "Pars")["id"]
    order = ("licence", "issue", "--customer", customer, "--users", 50)
    refused = strict.type(*order)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("approval-needed: This needs a second person")
    assert strict.ask("licence", "list") == []
    (waiting,) = strict.ask("approval", "list")
    assert (waiting["state"], waiting["deed"], waiting["subject"]) == ("waiting", "issue", customer)
    assert waiting["id"] in refused.stderr
    assert waiting["terms"]["users"] == 50
    me = pwd.getpwuid(os.getuid()).pw_name
    assert waiting["asked_by"] == f"cli:{me}"
    alone = strict.type("approval", "grant", waiting["id"])
    assert (alone.exit_code, "another person" in alone.stderr) == (1, True)
    code, said = by_another(strict, "approval", "grant", waiting["id"])
    assert (code, f"{waiting['id']} is granted: issue for {customer}, asked for by cli:{me}." in said) == (0, True)
    assert strict.ask(*order)["seats"]["users"] == 50
    assert strict.ask("approval", "list") == []
    (used,) = strict.ask("approval", "list", "--all")
    assert (used["state"], used["decided_by"]) == ("used", "cli:another")
    assert "cli:another" not in strict.type("approval", "list", "--all").stdout.splitlines()[0]
    assert strict.ask("audit", "verify")["valid"]


def test_a_no_says_why(strict: Home) -> None:
    issued = strict.ask("licence", "issue", "--customer", strict.ask("customer", "add", "Pars")["id"], "--users", 5)
    assert strict.type("licence", "revoke", issued["id"], "--reason", "returned").exit_code == 1
    (waiting,) = strict.ask("approval", "list")
    code, said = by_another(strict, "approval", "refuse", waiting["id"], "--reason", "it was paid", "--json")
    assert (code, json.loads(said)["reason"]) == (0, "it was paid")
    assert strict.ask("licence", "show", issued["id"])["state"] == "issued"
    assert strict.type("approval", "refuse", waiting["id"]).exit_code == 2
    assert strict.type("approval", "grant", "apr_none").stderr.startswith("not-found: ")
