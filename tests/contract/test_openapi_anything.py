"""Whatever is asked of the local API: the answer is documented, and a failure of the agent's own is never one."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys.documents.parts import Seats
from tests.agent.web.server import ADMINISTRATOR, Crm, serving
from tests.contract.openapi import Contract
from tests.threats.plugin import Figure, Rounds

TEXTS = st.text(max_size=300) | st.sampled_from(["ali", "pc", "10.0.0.1", "::1", "person", "service", "192.0.2.1", ""])
NUMBERS = st.integers(-(2**70), 2**70) | st.integers(-1, 31) | st.floats()
SIMPLE = TEXTS | NUMBERS | st.none() | st.booleans()
ANYTHING = st.recursive(SIMPLE, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4))
MEMBERS = st.sampled_from(["user", "client", "address", "kind", "wait", "seats", "active", "unknown"])
ALMOST_RIGHT = st.fixed_dictionaries({"user": TEXTS, "client": TEXTS}, optional={"address": TEXTS, "kind": TEXTS})
RIGHT = {"/v1/seats": {"user": "ali", "client": "pc"}, "/v1/seats/heartbeat": {"seats": ["seat_1"]}}
NAMED = {"Licence-User": "ali", "Licence-Client": "pc"}
BODIES = st.dictionaries(MEMBERS, ANYTHING, max_size=6) | ALMOST_RIGHT | ANYTHING
HEADERS = st.dictionaries(
    st.sampled_from(["Licence-User", "Licence-Client", "Licence-Kind", "X-Real-IP", "X-Forwarded-For", "Accept"]),
    TEXTS.map(lambda text: "".join(letter for letter in text if letter not in "\r\n\0").encode().decode("latin-1")),
)


@pytest.fixture(scope="module")
def desk() -> Iterator[tuple[Crm, Contract]]:
    bought = Seats("concurrent", 9, 20, service=2, overdraft_users=2, overdraft_days=3)
    with TemporaryDirectory() as name, serving(Path(name), seats=bought, networks=("10.0.0.0/8", "fd00::/8")) as crm:
        yield crm, Contract()


@pytest.mark.long
@pytest.mark.threat(28)
def test_whatever_is_asked_the_answer_is_documented(desk: tuple[Crm, Contract], rounds: Rounds, figure: Figure) -> None:
    crm, contract = desk
    operations = [(method, path) for method, path, _ in contract.operations()]
    examples = rounds(2_000, sample=200)

    def ask(operation: tuple[str, str], body: object, name: str, headers: dict[str, str]) -> None:
        method, path = operation
        segment = quote(name, safe="") or "x"
        target = path.replace("{seat}", segment).replace("{user}", segment)
        if isinstance(body, dict) and body.get("wait") in range(1, 31):
            del body["wait"]  # nobody has time for that
        sent = None if method == "GET" or body is None else body
        got = crm.call(method, target, sent, token=ADMINISTRATOR, headers=headers)
        assert got.status < 500
        contract.check_answer(method, target, got.status, got.headers, got.content)

    for operation in operations:
        ask(operation, RIGHT.get(operation[1]), "ali", NAMED)
    assert {name for name, status in contract.seen if status < "300"} == {
        operation["operationId"] for _, _, operation in contract.operations()
    }
    given(operation=st.sampled_from(operations), body=BODIES, name=TEXTS, headers=HEADERS)(
        settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))(ask)
    )()
    figure(f"{examples} requests of every kind: all answers as documented, none a failure")
