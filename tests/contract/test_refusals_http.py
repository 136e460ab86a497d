"""Every refusal, over a real socket, once: the protocol's words of both servers, each with its status and its sentence.

The tables are closed: a word that is added to keys/errors.py, or to docs/protocol.md, fails here until it has a case.
"""

import re
import socket
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request

from agent.server import REFUSALS
from agent.web.problems import STATUS as LOCAL_STATUS
from keys.errors import all_refusals
from licence_server.web.problems import STATUS as SERVER_STATUS
from tests.contract.local import Local, word
from tests.contract.serving import Counter
from tests.licence_server.web.test_refusals import CASES as SERVER

PAGE = (Path(__file__).parent.parent.parent / "docs" / "protocol.md").read_text(encoding="utf-8")


def full_of_users(local: Local) -> TestResponse:
    for user in ("sara", "reza", "mina"):
        local.check_out(user, f"the computer of {user}")
    return local.check_out("late", "another computer")


def suspended(local: Local) -> TestResponse:
    rig: Any = local.process
    rig.vendor.status = "suspended"
    rig.validate()
    return local.check_out("sara")


def without_licence(local: Local) -> TestResponse:
    local.process.home.licence.unlink()
    return local.check_out("sara")


def through_the_socket_of_others(local: Local) -> TestResponse:
    """As a user id that agent.toml does not name: none is named, not even this process's."""
    local.peers = frozenset()
    local.restart(local.process)
    connection = HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(local.process.home.folder / "agent.sock"))
    try:
        connection.request("GET", "/v1/licence")
        answer = connection.getresponse()
        head = Headers(answer.getheaders())
        return TestResponse(iter([answer.read()]), f"{answer.status} {answer.reason}", head, Request({}))
    finally:
        connection.close()


def with_a_disk_that_takes_nothing(local: Local) -> TestResponse:
    local.journal._connection.execute("PRAGMA query_only = ON")
    return local.check_out("sara")


LOCAL: dict[str, tuple[int, Callable[[Local], TestResponse]]] = {
    "seats-exhausted": (409, full_of_users),
    "outside-network": (403, lambda local: local.check_out("sara", address="8.8.8.8")),
    "licence-restricted": (403, suspended),
    "licence-blocked": (403, without_licence),
    "malformed": (400, lambda local: local.check_out("sara", role="boss")),
    "token-invalid": (401, lambda local: local.call("GET", "/v1/licence", token=None)),
    "origin-refused": (403, lambda local: local.call("GET", "/v1/licence", Origin="https://evil.example")),
    "not-allowed": (403, through_the_socket_of_others),
    "not-found": (404, lambda local: local.call("GET", "/v1/nothing")),
    "method-not-allowed": (405, lambda local: local.call("PUT", "/v1/seats", {})),
    "too-large": (413, lambda local: local.call("POST", "/v1/seats", b" " * 65_537)),
    "media-type": (415, lambda local: local.call("POST", "/v1/seats", b"{}", Content_Type="text/plain")),
    "unavailable": (503, with_a_disk_that_takes_nothing),
}

OFF_THE_WIRE = {
    "invalid-input": "a value typed at a command line or in a settings file",
    "approval-needed": "an operator's command that needs a second person; agents are served as before meanwhile",
    "changed-meanwhile": "an operator's change that was made from what somebody else has changed since",
    "state-conflict": "an operator's command that the state forbids; agents meet licence-not-activatable instead",
    "audit-broken": "the answer of the command audit verify",
    "key-unsafe": "a server does not start with such keys; later they are unavailable, and at the agent key_missing",
    "trust-refused": "whoever is offered a trust document refuses it: a command, or an agent, to which it is a fault",
    "not-signed-in": "the vendor's own people at the console; agents have no session",
    "not-activated": "the agent's commands; its local API answers licence-blocked",
    "state-damaged": "no word for agents, who must take it for a fault: only an operator can do something about it",
    "busy": "two processes of one home",
    "unreachable": "nobody answered",
    "agent-not-believed": "what a CRM makes of an agent that shows no licence",
    "seat-ended": "what a CRM makes of a heartbeat's lost seats",
}
"""Words that the protocol puts on no wire, and why."""


def test_every_word_has_a_case_or_a_reason_to_have_none() -> None:
    assert set(all_refusals()) == set(SERVER) | set(LOCAL) | set(OFF_THE_WIRE)
    assert not (set(SERVER) | set(LOCAL)) & set(OFF_THE_WIRE)
    assert all(" " in reason for reason in OFF_THE_WIRE.values())


def documented(section: str) -> dict[str, int]:
    """The words of a section's table of endpoints, with their status."""
    text = PAGE.partition(f"\n## {section}")[2].partition("\n## ")[0]
    rows = "".join(line for line in text.splitlines(keepends=True) if line.startswith("|"))
    found = re.findall(r"\b(\d{3}) (`[a-z-]+`(?:, `[a-z-]+`)*)", rows)
    return {name: int(status) for status, names in found for name in re.findall(r"[a-z-]+", names)}


def test_the_tables_are_those_of_the_protocol() -> None:
    assert documented("7 Endpoints") == {name: status for name, (status, _) in SERVER.items()}
    assert documented("11 Local API") == {name: status for name, (status, _) in LOCAL.items()}


def test_the_agent_knows_the_servers_words_and_no_others() -> None:
    known = {name: status for words in REFUSALS.values() for name, status in words.items()}
    addressing = {"not-found", "method-not-allowed"}
    assert known == {name: status for name, (status, _) in SERVER.items() if name not in addressing}


@pytest.mark.parametrize(("table", "status"), [(SERVER, SERVER_STATUS), (LOCAL, LOCAL_STATUS)], ids=["server", "local"])
def test_the_status_is_the_table_s(table: dict[str, tuple[int, object]], status: dict[type, int]) -> None:
    said = {refusal.word: int(number) for refusal, number in status.items()}  # type: ignore[attr-defined]
    assert {name: said[name] for name in table} == {name: number for name, (number, _) in table.items()}


def check(answer: TestResponse, expected: str, status: int) -> None:
    """One body for every refusal: RFC 9457, with a sentence for people and nothing of ours in it."""
    assert (answer.status_code, word(answer)) == (status, expected), answer.data
    problem: Any = answer.json
    assert (problem["status"], problem["title"]) == (status, all_refusals()[expected].title)
    assert re.fullmatch(r"[A-Z0-9].* .*\.", problem["detail"]), problem["detail"]
    assert not re.search(r"Traceback|Error\b|/work|\.py\b|<html", answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("Retry-After" in answer.headers) == (expected in {"rate-limited", "unavailable"})


@pytest.mark.parametrize("name", SERVER)
def test_the_server_refuses(counter: Counter, name: str) -> None:
    status, case = SERVER[name]
    check(case(counter), name, status)
    assert counter.server.auditing.verify().valid


@pytest.mark.parametrize("name", LOCAL)
def test_the_local_api_refuses(local: Local, name: str) -> None:
    status, case = LOCAL[name]
    answer = case(local)
    check(answer, name, status)
    assert ("WWW-Authenticate" in answer.headers) == (name == "token-invalid")
    assert ("Allow" in answer.headers) == (name == "method-not-allowed")


def test_a_refusal_says_which_seats_are_taken(local: Local) -> None:
    users: Any = full_of_users(local).json
    assert (users["dimension"], users["used"], users["limit"]) == ("users", 3, 3)
    assert local.check_out("sara", "laptop").status_code == 201
    clients: Any = local.check_out("sara", "phone").json
    assert (clients["dimension"], clients["used"], clients["limit"]) == ("clients", 4, 4)


@pytest.mark.parametrize("name", ["seats-exhausted", "outside-network", "licence-restricted", "licence-blocked"])
def test_authorize_says_every_no_in_a_header(local: Local, name: str) -> None:
    if name != "outside-network":
        LOCAL[name][1](local)
    address = "8.8.8.8" if name == "outside-network" else "10.0.0.9"
    answer = local.call("GET", "/v1/authorize", Licence_User="late", Licence_Client="pc", X_Real_IP=address)
    assert (answer.status_code, answer.headers["Licence-Problem"], word(answer)) == (403, name, name)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:1", "licence.example.com", ""])
def test_a_foreign_host_is_refused_as_a_web_page_is(local: Local, host: str) -> None:
    check(local.call("GET", "/v1/licence", Host=host), "origin-refused", 403)


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/seats"), ("DELETE", "/v1/users/sara")], ids=["list", "free"])
def test_the_crms_token_is_no_administrators(local: Local, method: str, path: str) -> None:
    check(local.call(method, path), "token-invalid", 401)
    assert local.call(method, path, token="administrator").status_code == 200
