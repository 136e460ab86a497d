"""How often a page of the console and a list of the API asks the database: as often for 30 rows as for 3."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import event

from keys.errors import ApprovalNeededError
from licence_server.app import api_endpoints
from licence_server.domain.customer import NewCustomer
from licence_server.domain.licence import Order
from licence_server.domain.plan import Offer
from licence_server.domain.representative import NewRepresentative
from licence_server.services.approving import Wish
from licence_server.web.console.access import NEEDS
from tests.licence_server.office import ME, Home, Office, device_at
from tests.licence_server.web.api.program import Program
from tests.licence_server.web.console.reader import Reader
from tests.licence_server.web.console.test_rights import doors

FEW, MANY = 3, 30
MOST = 20
"""Statements that a page may take, whoever signs in among them."""
ASKED = {"find": "?text=Pars", "customers": "?q=Pars", "chosen": "?licence=<licence_id>"}
"""What a page needs to be told before it shows a list."""


NO_LISTS = {"proveAudit", "showRelease"}
"""What reads all there is, and what reads no database."""


@pytest.fixture
def office(home: Home, migrated_url: str) -> Iterator[Office]:
    """The web application over an empty database of each kind."""
    home.environment["LICENCE_SERVER_DATABASE"] = migrated_url
    office = Office.of(home)
    yield office
    office.close()


class Filled:
    """A vendor with so many of everything, the most of them of one customer."""

    def __init__(self, office: Office) -> None:
        self.office, self.rows = office, 0
        self.customer = office.server.registering.add(NewCustomer("Pars"), ME).id
        self.licence = office.server.issuing.issue(Order(self.customer, 3), ME)[0].id
        self.plan = office.server.planning.add(Offer("Gold", users=3), ME).id

    def up_to(self, rows: int) -> None:
        server = self.office.server
        for number in range(self.rows, rows):
            server.registering.add(NewCustomer(f"Pars {number}"), ME)
            server.registering.appoint(self.customer, NewRepresentative(f"Sara {number}"), ME)
            server.planning.add(Offer(f"Plan {number}", users=3), ME)
            server.enrolling.add(f"person.{number}", "viewer", ME)
            licence, code = server.issuing.issue(Order(self.customer, 3, site=f"Pars {number}"), ME)
            device_at(self.office).activate(code)
            server.suspending.suspend(self.licence, "mistake", ME)
            server.suspending.resume(self.licence, "mistake", ME)
            with suppress(ApprovalNeededError):
                server.issuing.permits.require(Wish("rehost", licence.id, {"rehosts": 1}), ME, lambda _unit: None)
        self.rows = rows

    def path(self, path: str) -> str:
        for name, value in (("customer", self.customer), ("licence", self.licence), ("plan", self.plan)):
            path = path.replace(f"<{name}_id>", value)
        return path


@contextmanager
def counted(office: Office) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(office.server.database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(office.server.database.engine, "before_cursor_execute", note)


def of_pages(filled: Filled, reader: Reader) -> dict[str, int]:
    found = {}
    for name, rule in sorted(doors(filled.office).items()):
        path = filled.path(rule.rule)
        if "GET" in (rule.methods or ()) and name in NEEDS and "<" not in path:
            with counted(filled.office) as asked:
                assert reader.get(path + filled.path(ASKED.get(name, ""))).status_code in {200, 204, 303, 422}, path
            found[name] = len(asked)
    return found


def of_lists(filled: Filled, program: Program) -> dict[str, int]:
    found = {}
    for endpoint in api_endpoints(filled.office.server):
        path = filled.path(endpoint.path)
        if endpoint.method == "GET" and "<" not in path and endpoint.name not in NO_LISTS:
            with counted(filled.office) as asked:
                program.get(path + ASKED.get(endpoint.name, ""))
            found[endpoint.name] = len(asked)
    return found


def check_steady(filled: Filled, ask: Callable[[], dict[str, int]]) -> None:
    filled.up_to(FEW)
    ask()
    few = ask()
    filled.up_to(MANY)
    many = ask()
    assert {name: (few[name], many[name]) for name in few if few[name] != many[name]} == {}
    assert {name: number for name, number in many.items() if number > MOST} == {}


def test_pages_ask_as_often_for_many_rows_as_for_few(office: Office) -> None:
    filled, reader = Filled(office), Reader.of(office)
    reader.enter("administrator")
    check_steady(filled, lambda: of_pages(filled, reader))


def test_lists_ask_as_often_for_many_rows_as_for_few(office: Office) -> None:
    filled, program = Filled(office), Program.of(office, "administrator")
    check_steady(filled, lambda: of_lists(filled, program))
