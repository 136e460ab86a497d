"""Clients in other languages against a real agent: one that is generated, and those that docs/integration.md shows."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.contract.integration import examples
from tests.contract.typescript import build, run, told
from tests.stories.parties import Customer, customer, vendor

pytestmark = pytest.mark.long

EXAMPLES = Path(__file__).parent / "examples"


@dataclass
class Agent:
    """An agent's process with a licence for one user and two clients."""

    url: str
    customer: Customer

    def token(self, name: str = "application") -> str:
        return self.customer.token(name)


@pytest.fixture(scope="module")
def agent() -> Iterator[Agent]:
    with TemporaryDirectory(prefix="story-") as name, vendor(Path(name)) as seller, customer(Path(name)) as buyer:
        _, code = seller.issue(users=1, clients=2)
        buyer.activate(code, seller.start(), seller.home / "root.json")
        host, port = buyer.start()
        yield Agent(f"http://{host}:{port}", buyer)


def test_the_generated_client_in_typescript(agent: Agent, tmp_path: Path) -> None:
    """It compiles only if the document's types are what it takes them for."""
    program = build(tmp_path)
    said = told(run(["node", program, agent.url, agent.token(), agent.token("administrator")], tmp_path))
    assert said == {
        "users": {"used": 1, "limit": 1},
        "same": True,
        "refused": "urn:licence:problem:seats-exhausted",
        "dimension": "users",
        "beat": {"renewed": [said["beat"]["renewed"][0]], "lost": ["seat_gone"]},
        "mode": "full",
        "customer": "فولاد پارس",
        "authorized": 204,
        "holders": ["ali"],
        "after": {"used": 1, "limit": 1},
        "released": 1,
        "wrong": [401, "urn:licence:problem:token-invalid"],
    }


@pytest.mark.parametrize(
    ("example", "driver", "command"),
    [("seats.php", "driver.php", ("php", "-n")), ("seats.mjs", "driver.mjs", ("node",))],
)
def test_the_examples_of_the_page(
    agent: Agent, tmp_path: Path, example: str, driver: str, command: tuple[str, ...]
) -> None:
    """As they are printed, used by a CRM of a few lines."""
    (tmp_path / example).write_text(examples()[example])
    shutil.copy(EXAMPLES / driver, tmp_path)
    assert told(run([*command, driver, agent.url, agent.token()], tmp_path)) == {
        "same": True,
        "full": "seats-exhausted",
        "outside": "outside-network",
        "kept": [],
        "regained": [],
        "customer": "فولاد پارس",
        "screen": True,
        "free": None,
        "wrong": "token-invalid",
        "silent": "",
    }
