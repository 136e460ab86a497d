"""Commands about the vendor's people and their tokens."""

from typing import Any, cast

import pytest

from keys.errors import NotSignedInError
from licence_server.domain.rights import RIGHTS_OF, Right
from licence_server.domain.session import Place
from tests.licence_server.authenticator import Authenticator
from tests.licence_server.office import Home
from tests.licence_server.people import Person

HERE = Place.of("203.0.113.7", "Firefox")
SCOPES: tuple[Right, ...] = ("licences.read", "licences.code")


def password_step(home: Home, name: str, password: str) -> str:
    """How far a name and a password lead."""
    server = home.server()
    try:
        return server.signing_in.begin(name, password, HERE).step
    except NotSignedInError as refusal:
        return refusal.word
    finally:
        server.database.close()


def test_an_operator_and_a_password_which_is_shown_once(home: Home) -> None:
    added = home.ask("operator", "add", "sara.karimi", "--role", "sales")
    assert (added["name"], added["role"], added["second_factor"]) == ("sara.karimi", "sales", False)
    assert password_step(home, "sara.karimi", added["password"]) == "password"
    home.clock.advance(1)
    said = home.type("operator", "add", "reza", "--role", "viewer").stdout
    assert "Password (shown this once)" in said
    everything = "".join(
        home.type(*words).output
        for words in (("operator", "list"), ("operator", "list", "--json"), ("operator", "show", "sara.karimi"),
                      ("operator", "show", "sara.karimi", "--json"), ("audit", "list", "--json"))
    )  # fmt: skip
    assert added["password"] not in everything
    assert "quick$" not in everything
    assert {each["name"] for each in home.ask("operator", "list")} == {"admin", "sara.karimi", "reza"}
    assert "to sign in first" in home.type("operator", "list").stdout
    assert home.ask("audit", "verify")["valid"]


def test_no_password_is_taken_from_the_command_line(home: Home) -> None:
    refused = home.type("operator", "add", "sara", "--role", "sales", "--password", "a long enough password")
    assert (refused.exit_code, "No such option" in refused.stderr) == (2, True)


def test_where_somebody_is_signed_in(home: Home) -> None:
    added = home.ask("operator", "add", "sara", "--role", "sales")
    server = home.server()
    now = home.clock.now()
    pending = server.signing_in.begin("sara", added["password"], HERE)
    pending = server.signing_in.set_password(pending.token, "lamps under a green boat", HERE)
    secret = server.signing_in.propose(pending.token).secret
    code = server.signing_in.proving.authenticator.code(secret, now // 30)
    signed_in = server.signing_in.complete(pending.token, code, HERE)
    shown = home.ask("operator", "show", "sara")
    assert (shown["second_factor"], shown["recovery_codes"], shown["password_once"]) == (True, 10, False)
    assert shown["sessions"] == [
        {
            "id": signed_in.session.id,
            "created_at": now,
            "seen_at": now,
            "address": "203.0.113.7",
            "agent": "Firefox",
        }
    ]
    said = home.type("operator", "show", "sara").stdout
    assert "10 recovery codes left" in said
    assert "203.0.113.7, Firefox" in said
    reset = home.ask("operator", "reset", "sara")
    assert (reset["second_factor"], reset["recovery_codes"], reset["password_once"]) == (False, 0, True)
    assert home.ask("operator", "show", "sara")["sessions"] == []
    assert password_step(home, "sara", reset["password"]) == "password"
    server.database.close()


def test_passkeys_are_listed_and_removed(home: Home) -> None:
    server = home.server()
    sara = Person.ready(cast("Any", server))
    passkey = sara.equip(Authenticator(), "تلفن همراه")
    listed = home.ask("operator", "passkey", "list", "sara")
    assert listed == [
        {"id": passkey.id, "name": "تلفن همراه", "counter": 0, "created_at": passkey.created_at, "last_used_at": None}
    ]
    assert "تلفن همراه" in home.type("operator", "passkey", "list", "sara").stdout
    assert home.ask("operator", "show", "sara")["passkeys"] == 1
    assert "opens nothing" in home.type("operator", "passkey", "remove", "sara", passkey.id).stdout
    assert home.ask("operator", "passkey", "list", "sara") == []
    assert home.ask("operator", "show", "sara")["sessions"] == []
    assert home.ask("audit", "verify")["valid"]
    server.database.close()


def test_an_account_at_the_provider(home: Home) -> None:
    assert home.ask("operator", "sso", "admin", "4711")["account"] == "4711"
    assert "4711" in home.type("operator", "show", "admin").stdout
    home.ask("operator", "add", "sara", "--role", "sales")
    refused = home.type("operator", "sso", "sara", "4711")
    assert (refused.exit_code, "linked to admin" in refused.stderr) == (1, True)
    assert home.ask("operator", "sso", "admin", "--none")["account"] is None
    assert "not linked" in home.type("operator", "show", "admin").stdout
    assert home.ask("audit", "verify")["valid"]


def test_roles_come_and_go(home: Home) -> None:
    password = home.ask("operator", "add", "sara", "--role", "sales")["password"]
    assert home.ask("operator", "role", "sara", "manager")["role"] == "manager"
    assert home.ask("operator", "disable", "sara")["disabled_at"] == home.clock.now()
    assert "disabled" in home.type("operator", "list").stdout
    assert password_step(home, "sara", password) == "not-signed-in"
    assert home.ask("operator", "enable", "sara")["disabled_at"] is None
    assert password_step(home, "sara", password) == "password"
    assert home.ask("audit", "verify")["valid"]
    actors = {entry["actor"] for entry in home.ask("audit", "list") if entry["event"] == "operator_role_changed"}
    assert {actor.partition(":")[0] for actor in actors} == {"cli"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("operator", "add", "Sara", "--role", "sales"), 1, "invalid-input"),
        (("operator", "add", "admin", "--role", "sales"), 1, "state-conflict"),
        (("operator", "add", "sara", "--role", "owner"), 1, "there are viewer, sales"),
        (("operator", "show", "nobody"), 1, "not-found"),
        (("operator", "role", "admin", "viewer"), 1, "last administrator"),
        (("operator", "disable", "admin"), 1, "last administrator"),
        (("operator", "enable", "admin"), 1, "not disabled"),
        (("operator", "reset", "nobody"), 1, "not-found"),
        (("operator", "sso", "nobody", "4711"), 1, "not-found"),
        (("operator", "sso", "admin"), 1, "--none"),
        (("operator", "sso", "admin", "4711", "--none"), 1, "--none"),
        (("operator", "sso", "admin", "x" * 300), 1, "255"),
        (("operator", "passkey", "list", "nobody"), 1, "not-found"),
        (("operator", "passkey", "remove", "admin", "pky_none"), 1, "not-found"),
        (("token", "add", "shop", "--operator", "admin", "--expires", "2027-03-01"), 2, "--scope"),
        (("token", "add", "shop", "--operator", "admin", "--scope", "x", "--expires", "2027-03-01"), 1, "no right"),
        (("token", "list", "--operator", "nobody"), 1, "not-found"),
        (("token", "revoke", "tok_nobody"), 1, "not-found"),
        (("token", "revoke", "\x1b[31m"), 1, "not-found"),
    ],
)
def test_wrong_words(home: Home, words: tuple[str, ...], code: int, said: str) -> None:
    refused = home.type(*words)
    assert (refused.exit_code, said in refused.stderr) == (code, True), refused.stderr


def test_a_token_which_is_shown_once(home: Home) -> None:
    home.ask("operator", "add", "sara", "--role", "sales")
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    made = home.ask("token", "add", "web shop", "--operator", "sara", *scopes, "--expires", "2027-03-01")
    assert (made["name"], made["operator"], made["scopes"]) == ("web shop", "sara", list(SCOPES))
    home.clock.advance(1)
    said = home.type("token", "add", "other", "--operator", "admin", *scopes, "--expires", "2027-03-02").stdout
    assert "Secret (shown this once)" in said
    server = home.server()
    actor = server.authenticating.bearer(made["token"])
    assert actor.rights == set(SCOPES) < RIGHTS_OF["sales"]
    listed = home.ask("token", "list", "--operator", "sara")
    assert listed == [{**{k: v for k, v in made.items() if k != "token"}, "last_used_at": home.clock.now()}]
    assert len(home.ask("token", "list")) == 2
    secret = made["token"].rpartition("_")[2]
    assert secret not in home.type("token", "list").stdout + home.type("token", "list", "--json").stdout
    assert home.ask("token", "revoke", made["id"])["revoked_at"] == home.clock.now()
    with pytest.raises(NotSignedInError):
        server.authenticating.bearer(made["token"])
    assert "revoked 2027-01-15" in home.type("token", "list").stdout
    other = next(each["id"] for each in home.ask("token", "list") if each["id"] != made["id"])
    assert "counts no more" in home.type("token", "revoke", other).stdout
    assert home.ask("audit", "verify")["valid"]
    server.database.close()


@pytest.mark.parametrize(
    ("expires", "said"), [("never", "takes a day"), ("2028-03-01", "366 days"), ("2027-01-15", "in the future")]
)
def test_a_token_ends(home: Home, expires: str, said: str) -> None:
    words = ("token", "add", "shop", "--operator", "admin", "--scope", "licences.read", "--expires", expires)
    refused = home.type(*words)
    assert (refused.exit_code, said in refused.stderr) == (1, True), refused.stderr
