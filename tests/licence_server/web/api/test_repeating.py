"""A program that does not know whether it was heard asks again, and nothing is done twice."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from keys.errors import StateConflictError, UnavailableError
from licence_server.domain.rights import Actor
from licence_server.services.repeating import KEPT, Asked, Kept
from tests.licence_server.office import Office
from tests.licence_server.vendor import Vendor
from tests.licence_server.web.api.program import Program

SARA = Actor("opr_1", "sara", "sales")


@pytest.fixture
def program(office: Office) -> Program:
    return Program.of(office, "manager")


def test_an_order_is_taken_once_and_answered_the_same(program: Program) -> None:
    customer = program.do("/customers", {"name": "Pars"})["id"]
    order = {"customer": customer, "users": 3}
    first = program.do("/licences", order, Idempotency_Key="order-1")
    assert program.do("/licences", order, Idempotency_Key="order-1") == first
    assert len(program.get("/licences")["found"]) == 1
    assert program.do("/licences", order, Idempotency_Key="order-2")["id"] != first["id"]
    assert program.do("/licences", order)["id"] != first["id"]


def test_a_key_is_for_one_request_of_one_person(program: Program, office: Office) -> None:
    program.do("/customers", {"name": "Pars"}, Idempotency_Key="k")
    assert program.refused("POST", "/customers", {"name": "Kian"}, Idempotency_Key="k") == (409, "state-conflict")
    other = Program.of(office, "sales")
    assert other.do("/customers", {"name": "Kian"}, Idempotency_Key="k")["name"] == "Kian"


@pytest.mark.parametrize("key", ["x" * 256, "\u00a0"])
def test_a_key_has_a_length(program: Program, key: str) -> None:
    assert program.refused("POST", "/customers", {"name": "Pars"}, Idempotency_Key=key) == (422, "invalid-input")


def test_a_refusal_is_judged_anew(program: Program) -> None:
    order = {"customer": "cus_none", "users": 3}
    assert program.refused("POST", "/licences", order, Idempotency_Key="k") == (404, "not-found")
    assert program.refused("POST", "/licences", order, Idempotency_Key="k") == (404, "not-found")


def test_a_day_later_a_key_is_forgotten(program: Program, office: Office) -> None:
    first = program.do("/customers", {"name": "Pars"}, Idempotency_Key="k")
    office.clock.advance(KEPT)
    assert program.do("/customers", {"name": "Pars"}, Idempotency_Key="k")["id"] != first["id"]


@pytest.mark.threat(26)
def test_no_code_lies_in_the_database(program: Program, office: Office) -> None:
    customer = program.do("/customers", {"name": "Pars"})["id"]
    code = program.do("/licences", {"customer": customer, "users": 3}, Idempotency_Key="secret-key-canary")["code"]
    with sqlite3.connect(office.server.config.database.removeprefix("sqlite:///")) as connection:
        everything = "\n".join(connection.iterdump())
    connection.close()
    assert "repeats" in everything
    assert code not in everything
    assert "secret-key-canary" not in everything


def test_what_was_begun_and_never_ended_is_not_done_again(vendor: Vendor) -> None:
    """As after a power cut in the midst of it."""
    asked = Asked(SARA, "k", "POST /licences")
    place = _place(vendor, asked)
    with vendor.database.unit() as unit:
        assert unit.repeats.begin(*place, vendor.clock.now()) is None
    with pytest.raises(StateConflictError, match="its end is not known"):
        vendor.repeating.once(asked, lambda: pytest.fail("done twice"))


@pytest.mark.parametrize("failure", [UnavailableError("The database does not answer.", 5), ValueError("a crash")])
def test_what_failed_after_it_may_have_been_done_is_not_done_again(vendor: Vendor, failure: Exception) -> None:
    asked, done = Asked(SARA, "k", "POST /licences"), list[int]()

    def work() -> Kept:
        done.append(1)
        raise failure

    with pytest.raises(type(failure)):
        vendor.repeating.once(asked, work)
    with pytest.raises(StateConflictError, match="its end is not known"):
        vendor.repeating.once(asked, work)
    assert len(done) == 1


def test_of_many_at_once_one_is_done(vendor: Vendor) -> None:
    done = list[int]()

    def work() -> Kept:
        done.append(1)
        return Kept(201, b"{}")

    def ask(_number: int) -> str:
        try:
            return str(vendor.repeating.once(Asked(SARA, "k", "POST /licences"), work).status)
        except StateConflictError:
            return "busy"

    with ThreadPoolExecutor(16) as pool:
        said = list(pool.map(ask, range(32)))
    assert len(done) == 1
    assert set(said) <= {"201", "busy"}
    assert vendor.repeating.once(Asked(SARA, "k", "POST /licences"), work) == Kept(201, b"{}")


def _place(vendor: Vendor, asked: Asked) -> tuple[str, str]:
    """The digests under which a request is remembered, as a first one leaves them."""
    seen = list[tuple[str, str]]()

    def spying() -> Kept:
        with vendor.database.reading() as unit:
            connection = unit.repeats._connection
            row = connection.exec_driver_sql("SELECT place, content FROM repeats").one()
            seen.append((row[0], row[1]))
        raise StateConflictError("not now")

    with pytest.raises(StateConflictError, match="not now"):
        vendor.repeating.once(asked, spying)
    return seen[0]
