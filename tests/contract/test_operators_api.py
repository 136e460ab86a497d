"""The operators' API as schemathesis sees it: by its document alone, at a real server, as an administrator."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from keys.clock import SystemClock
from licence_server.domain.customer import NewCustomer
from licence_server.domain.licence import Order
from licence_server.domain.rights import RIGHTS
from tests.licence_server.office import ME, Home
from tests.licence_server.shell.test_wsgi import run
from tests.threats.plugin import Figure, Rounds

pytestmark = pytest.mark.threat(28)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


@dataclass(frozen=True)
class Desk:
    """A server that runs, and what its document says."""

    schema: Any
    headers: dict[str, str]

    def operations(self) -> list[Any]:
        return [found.ok() for found in self.schema.get_all_operations()]

    def try_out(self, examples: int) -> int:
        """Ask every operation, as its document allows and as it does not; return how often."""
        asked = 0
        for operation in self.operations():

            @settings(
                max_examples=examples,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.explicit, Phase.generate, Phase.target],
                database=None,
            )
            @given(case=operation.as_strategy())
            def ask(case: Any) -> None:
                nonlocal asked
                asked += 1
                case.call_and_validate(headers=self.headers, checks=CHECKS)

            ask()
        return asked


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("schemathesis")
    home = Home(folder / "home", SystemClock())  # type: ignore[arg-type]
    home.complete()
    server = home.server()
    customer = server.registering.add(NewCustomer("Pars"), ME)
    server.issuing.issue(Order(customer.id, users=3), ME)
    operator = server.enrolling.add("everybody", "administrator", ME).operator
    lent = server.delegating.add("tests", operator.id, RIGHTS, home.clock.now() + 86_400, ME)
    server.database.close()
    with run(home.path, folder, workers=1) as running:
        url = running.address.geturl()
        schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json")
        yield Desk(schema, {"Authorization": f"Bearer {lent.text}"})


def test_every_operation_answers_as_its_document_says(desk: Desk, figure: Figure) -> None:
    asked = desk.try_out(5)
    figure(f"{asked} requests that schemathesis made of the document: all answers as documented, none a failure")


@pytest.mark.long
@pytest.mark.timeout(900)
def test_every_operation_answers_so_very_often(desk: Desk, rounds: Rounds, figure: Figure) -> None:
    asked = desk.try_out(rounds(60, sample=5))
    figure(f"{asked} requests that schemathesis made of the document: all answers as documented, none a failure")
