"""A real CRM's people meet their licence: once behind nginx, once with the middleware in the CRM's own process."""

import http.client
import json
from collections.abc import Callable, Iterator

import pytest

from keys.clock import SystemClock
from tests.crm.fronts import FRONTS
from tests.crm.house import COMPUTERS, USERS, House, working
from tests.crm.installing import ADMINISTRATOR, PEOPLE
from tests.crm.people import SESSION, Answer, DesktopPerson, Person
from tests.stories.processes import PATIENCE, pause
from tests.threats.plugin import Figure, Rounds

pytestmark = pytest.mark.long
SHORT = 4
"""Seconds that a seat lives past its last sign of life where a story waits for that."""


@pytest.fixture(scope="module", params=FRONTS)
def shared(request: pytest.FixtureRequest) -> Iterator[House]:
    with FRONTS[request.param]() as house:
        yield house


@pytest.fixture
def house(shared: House) -> House:
    """A house where everything runs, and nobody is in."""
    shared.send_everybody_out()
    return shared


def at_work(house: House, names: tuple[str, ...] = PEOPLE[:USERS]) -> list[Person]:
    """As many people as were bought, each of whom has written something and read it again."""
    people = [house.person(name) for name in names]
    for person in people:
        party = person.add_party(f"Customer of {person.name}").result[0]
        assert party in {found["id"] for found in person.work().result}
    return people


def seconds_until(what: str, look: Callable[[], bool]) -> float:
    """Wait for something, without hurry, and return how long it took."""
    clock = SystemClock()
    began = clock.boot()
    while not look():
        assert clock.boot() < began + PATIENCE, f"{what} took too long"
        pause(0.1)
    return clock.boot() - began


def assert_refused(answer: Answer, word: str) -> None:
    """A program gets the reason as a problem."""
    assert (answer.status, answer.headers.get("licence-problem")) == (http.client.FORBIDDEN, word)
    assert json.loads(answer.body)["type"] == f"urn:licence:problem:{word}"


def assert_told(person: Person) -> None:
    """Somebody for whom there is no seat: the program gets the reason, and in the browser there is a page."""
    assert_refused(person.work(), "seats-exhausted")
    page = person.open_page()
    assert page.status == http.client.FORBIDDEN
    assert page.headers["content-type"].startswith("text/html")
    said = page.body.decode()
    assert 'dir="rtl"' in said
    assert "All seats are taken" in said
    assert "همهٔ جایگاه‌ها پر است" in said


def statuses(answers: list[Answer]) -> dict[int, int]:
    """How many answers there were of each status."""
    return {status: sum(answer.status == status for answer in answers) for status in {each.status for each in answers}}


def test_the_sixth_is_told_why_and_gets_in_when_somebody_logs_out(house: House, figure: Figure) -> None:
    people = at_work(house)
    sixth = house.person(PEOPLE[USERS])
    assert_told(sixth)
    assert house.users() == set(PEOPLE[:USERS])
    assert {person.work().status for person in people} == {200}
    assert people[0].log_out().status == 200
    took = seconds_until("the seat's freedom", lambda: people[0].name not in house.users())
    seconds_until("the sixth's way in", lambda: sixth.work().status == 200)
    pause(house.remembers)
    assert_told(house.person(PEOPLE[0]))
    figure(f"{USERS} of {USERS} in, the 6th told why; a seat free {took:.2f} s after its person's logout")


def test_one_user_on_two_computers_is_one_user(house: House) -> None:
    people = at_work(house)
    again = house.person(people[0].name, "127.0.2.2")
    assert again.work().status == 200
    held = house.seats()
    assert len(held) == USERS + 1
    assert house.users() == set(PEOPLE[:USERS])
    assert again.log_out().status == 200
    seconds_until("the second computer's leaving", lambda: len(house.seats()) == USERS)
    assert people[0].work().status == 200


def test_the_desktop_client_is_counted_too(house: House) -> None:
    people = [house.person(name, kind=DesktopPerson) for name in PEOPLE[:USERS]]
    assert [person.work().status for person in people] == [200] * USERS
    assert len(house.users()) == USERS
    sixth = house.person(PEOPLE[USERS], kind=DesktopPerson)
    assert sixth.work().status == http.client.FORBIDDEN
    assert house.person(PEOPLE[0], "127.0.2.2", DesktopPerson).work().status == 200
    assert people[1].log_out().status == 200
    seconds_until("the sixth's way in", lambda: sixth.work().status == 200)


def test_a_made_up_session_gets_nothing_and_takes_a_seat_behind_nginx_alone(house: House) -> None:
    forged = Person(house.door, PEOPLE[0], COMPUTERS[PEOPLE[0]], {SESSION: f"{PEOPLE[0]}:2:{'0' * 64}"})
    assert forged.work().status == http.client.UNAUTHORIZED
    assert house.users() == ({PEOPLE[0]} if house.believes_anybody else set())


@pytest.mark.threat(40)
def test_a_crm_that_is_killed_holds_nobodys_seat_for_longer_than_a_seat_lives(house: House, figure: Figure) -> None:
    house.restart_agent(SHORT)
    people = at_work(house)
    house.crm.kill()
    assert house.users() == set(PEOPLE[:USERS])
    took = seconds_until("the seats' end", lambda: not house.seats())
    house.crm.start()
    newcomer = house.person(PEOPLE[USERS])
    assert newcomer.work().status == 200
    assert [person.work().status for person in people] == [200] * (USERS - 1) + [403]
    house.restart_agent()
    figure(f"CRM killed with {USERS} people in: their seats were free after {took:.1f} s (ttl {SHORT} s)")


@pytest.mark.threat(41)
def test_nobody_who_is_in_notices_that_the_agent_restarts(house: House, rounds: Rounds, figure: Figure) -> None:
    people, times = at_work(house), rounds(10, sample=2)
    before = house.seats()
    with working(people) as answers:
        for _ in range(times):
            pause(0.7)
            house.restart_agent()
        pause(1)
    assert statuses(answers) == {200: len(answers)}
    assert house.seats() == before
    figure(f"agent killed and started {times} times, {len(answers)} requests of {USERS} people: none noticed")


def test_nobody_who_is_in_is_thrown_out_while_the_agent_is_down(house: House, rounds: Rounds, figure: Figure) -> None:
    people, seconds = at_work(house), rounds(10, sample=3)
    house.customer.cradle.kill()
    with working(people) as answers:
        pause(seconds)
        newcomer = house.person(PEOPLE[USERS])
        newcomer.work()
        house.start_agent()
        pause(1.5)
    assert statuses(answers) == {200: len(answers)}
    assert_told(newcomer)
    assert house.users() == set(PEOPLE[:USERS])
    figure(f"agent down for {seconds} s: {len(answers)} requests of {USERS} people answered, none thrown out")


def test_a_suspended_licence_lets_nobody_new_in_and_touches_nothing(house: House) -> None:
    people = at_work(house, PEOPLE[: USERS - 1])
    newcomer = house.person(PEOPLE[USERS])
    house.vendor.run("licence", "suspend", house.licence, "--reason", "payment_overdue")
    try:
        assert house.customer.run("validate")["mode"] == "restricted"
        assert_refused(newcomer.work(), "licence-restricted")
        assert house.person(ADMINISTRATOR).work().status == 200
        assert [person.work().status for person in people] == [200] * len(people), "who is in has 15 minutes"
    finally:
        house.vendor.run("licence", "resume", house.licence, "--reason", "paid")
        assert house.customer.run("validate")["mode"] == "full"
    seconds_until("the newcomer's way in", lambda: newcomer.work().status == 200)
    before = newcomer.call("model.party.party.search_count", []).result
    newcomer.add_party("As before")
    assert newcomer.call("model.party.party.search_count", []).result == before + 1


def test_nobody_notices_that_the_licence_server_is_out(house: House) -> None:
    at_work(house, PEOPLE[: USERS - 1])
    house.vendor.cradle.kill()
    try:
        house.customer.refused("validate")
        assert house.customer.run("status")["mode"] == "full"
        people = at_work(house)
        house.restart_agent()
        assert [person.work().status for person in people] == [200] * USERS
    finally:
        house.vendor.start(port=house.server_port, workers=1)
    house.customer.run("validate")
