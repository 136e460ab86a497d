"""The agent is restarted, is away for a while, comes back: whoever is in stays in and notices nothing."""

import os
import threading
from collections.abc import Callable
from typing import Any

import pytest

from agent.crm.client import Client
from agent.crm.places import Policy
from keys.errors import InvalidInputError, LicensingError, SeatEndedError, SeatsExhaustedError, UnreachableError
from tests.contract.local import Site
from tests.fakes import TurnableClock


@pytest.fixture
def over_the_socket(site: Site, connect: Callable[..., Client]) -> Callable[..., Client]:
    """Its path outlives a restart."""

    def make(**policy: Any) -> Client:
        usual: dict[str, Any] = {"interval": 3_600, "patience": 0}
        address = f"unix:{site.rig.home.folder / 'agent.sock'}"
        return connect(address, Policy(**(usual | policy)), token=None)

    return make


@pytest.fixture
def client(over_the_socket: Callable[..., Client]) -> Client:
    return over_the_socket()


def counted(site: Site) -> int:
    return site.local.seating.occupied().users.used


def test_a_restart_of_the_agent_is_not_noticed(site: Site, client: Client, clock: TurnableClock) -> None:
    seats = [client.seats.take(user, "pc") for user in "abc"]
    before = [seat.id for seat in seats]
    for _ in range(3):
        site.reboot_agent()
        clock.advance(100)
        client.seats.beat()
        for seat in seats:
            seat.touch()
    assert [seat.id for seat in seats] == before
    assert counted(site) == 3
    assert client.licence().mode == "full"


def test_an_agent_that_lost_its_memory_gets_the_seats_asked_for_again(
    site: Site, client: Client, clock: TurnableClock
) -> None:
    seat = client.seats.take("sara", "pc")
    before, fence = seat.id, seat.fence
    site.local.stop()
    client.seats.beat()
    (site.rig.home.folder / "seats.sqlite3").unlink()
    clock.advance(30)
    site.local.start(site.rig)
    client.seats.beat()
    seat.touch()
    assert seat.id != before
    assert seat.fence > fence
    assert counted(site) == 1


def test_nobody_is_thrown_out_while_the_agent_is_away_for_minutes(
    site: Site, client: Client, clock: TurnableClock
) -> None:
    seat = client.seats.take("sara", "pc")
    site.local.stop()
    for _ in range(29):
        clock.advance(10)
        client.seats.beat()
        seat.touch()
        client.seats.take("Sara", "pc").touch()
    clock.advance(10)
    with pytest.raises(UnreachableError, match="too long"):
        seat.touch()
    site.local.start(site.rig)


def test_seats_that_ran_out_during_an_outage_are_taken_up_again(
    site: Site, client: Client, clock: TurnableClock
) -> None:
    seat = client.seats.take("sara", "pc")
    site.local.stop()
    clock.advance(60)
    client.seats.beat()
    site.local.start(site.rig)
    clock.advance(130)  # the agent was back for longer than a seat lives
    assert counted(site) == 0
    client.seats.beat()
    seat.touch()
    assert counted(site) == 1


@pytest.mark.threat(46)
def test_a_process_that_was_paused_asks_again_and_may_come_too_late(
    site: Site, client: Client, clock: TurnableClock
) -> None:
    seat = client.seats.take("sara", "pc")
    late = client.seats.take("ali", "pc")
    clock.advance(121)
    site.local.check_out("maryam")
    site.local.check_out("reza")
    fence = seat.fence
    seat.touch()
    assert seat.fence > fence
    with pytest.raises(SeatsExhaustedError):
        late.touch()
    assert counted(site) == 3


def test_what_the_administrator_freed_is_not_taken_up_again(site: Site, client: Client, clock: TurnableClock) -> None:
    seat = client.seats.take("sara", "pc")
    site.local.call("DELETE", "/v1/users/sara", token="administrator")
    clock.advance(30)
    client.seats.beat()
    with pytest.raises(SeatEndedError, match="freed by the administrator"):
        seat.touch()
    assert counted(site) == 0
    client.seats.take("sara", "pc").touch()
    assert counted(site) == 1


def test_newcomers_are_refused_in_words_while_the_agent_is_away(site: Site, client: Client) -> None:
    client.seats.take("sara", "pc")
    site.local.stop()
    with pytest.raises(UnreachableError, match="nobody new can come in"):
        client.seats.take("ali", "pc")
    site.local.start(site.rig)
    client.seats.take("ali", "pc")


def test_an_agent_that_has_been_away_is_tried_once_a_second(site: Site, client: Client, clock: TurnableClock) -> None:
    """If it hangs, it must not hold up every newcomer."""
    client.seats.take("sara", "pc")
    site.local.stop()
    for _ in range(2):
        clock.advance(5)
        client.seats.beat()
    site.local.start(site.rig)
    with pytest.raises(UnreachableError):
        client.seats.take("ali", "pc")
    clock.advance(1)
    client.seats.take("ali", "pc").touch()


def test_newcomers_can_be_let_in_up_to_the_signed_limit(
    site: Site, over_the_socket: Callable[..., Client], clock: TurnableClock
) -> None:
    client = over_the_socket(newcomers="admit")
    client.seats.take("sara", "pc")
    site.local.stop()
    new = [client.seats.take(user, "pc") for user in ("ali", "maryam")]
    client.seats.take("ali", "laptop")
    assert [(seat.id, seat.fence) for seat in new] == [(None, 0), (None, 0)]
    with pytest.raises(UnreachableError):
        client.seats.take("reza", "pc")
    with pytest.raises(UnreachableError):
        client.seats.take("bot", "pc", kind="service")
    clock.advance(100)
    for seat in new:
        seat.touch()
    site.local.start(site.rig)
    client.seats.beat()
    assert all(seat.id and seat.fence for seat in new)
    assert counted(site) == 3


def test_newcomers_are_let_in_for_a_short_time_only(
    site: Site, over_the_socket: Callable[..., Client], clock: TurnableClock
) -> None:
    client = over_the_socket(newcomers="admit")
    client.seats.take("sara", "pc")
    site.local.stop()
    seat = client.seats.take("ali", "pc")
    clock.advance(300)
    with pytest.raises(UnreachableError):
        seat.touch()
    with pytest.raises(UnreachableError):
        client.seats.take("maryam", "pc")
    site.local.start(site.rig)


def test_nobody_is_let_in_by_a_client_that_never_saw_a_licence(
    site: Site, over_the_socket: Callable[..., Client]
) -> None:
    client = over_the_socket(newcomers="admit")
    site.local.stop()
    with pytest.raises(UnreachableError):
        client.seats.take("ali", "pc")
    with pytest.raises(UnreachableError):
        client.known_licence()
    site.local.start(site.rig)


def test_what_came_in_too_many_during_an_outage_is_told(
    site: Site, over_the_socket: Callable[..., Client], clock: TurnableClock
) -> None:
    """Two workers let one each in beyond what is free; the agent decides when it is back."""
    workers = [over_the_socket(newcomers="admit") for _ in range(2)]
    for number, worker in enumerate(workers):
        worker.seats.take(f"user-{number}", "pc")
    site.local.stop()
    seats = [worker.seats.take(f"late-{number}", "pc") for number, worker in enumerate(workers)]
    site.local.start(site.rig)
    for worker in workers:
        worker.seats.beat()
    seats[0].touch()
    with pytest.raises(SeatsExhaustedError):
        seats[1].touch()
    assert counted(site) == 3


def test_a_seat_that_is_given_back_during_an_outage_is_free_afterwards(site: Site, client: Client) -> None:
    with client.seats.hold("sara", "pc"):
        site.local.stop()
    site.local.start(site.rig)
    assert counted(site) == 1
    client.seats.beat()
    assert counted(site) == 0


def test_a_newcomer_waits_for_an_agent_that_is_being_restarted(
    site: Site, over_the_socket: Callable[..., Client]
) -> None:
    client = over_the_socket(patience=20)
    client.licence()
    site.local.stop()
    again = threading.Timer(0.3, site.local.start, (site.rig,))
    again.start()
    client.seats.take("sara", "pc").touch()
    again.join()
    assert counted(site) == 1


def test_the_licence_goes_on_as_it_was_signed_while_the_agent_is_away(
    site: Site, client: Client, clock: TurnableClock
) -> None:
    assert client.known_licence().mode == "full"
    site.local.stop()
    clock.advance(7_200)
    assert client.known_licence().mode == "full"
    clock.advance(3 * 86_400)
    assert client.known_licence().mode == "grace"
    clock.advance(40 * 86_400)
    assert (client.known_licence().mode, client.known_licence().reason) == ("restricted", "lease_ended")
    site.local.start(site.rig)


def test_a_forked_process_goes_on_with_connections_of_its_own(site: Site, client: Client) -> None:
    client.seats.take("sara", "pc")
    child = os.fork()
    if child == 0:
        try:
            client.seats.take("ali", "pc")
        except LicensingError:
            os._exit(1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    client.seats.take("maryam", "pc")
    assert counted(site) == 3


@pytest.mark.parametrize("policy", [{"newcomers": "maybe"}, {"interval": 0}])
def test_a_policy_that_can_not_be_is_refused(policy: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        Policy(**policy)
