"""The client against a real agent over its sockets."""

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.crm.client import Client
from agent.crm.places import Policy
from keys.errors import (
    LicenceBlockedError,
    LicenceRestrictedError,
    LicensingError,
    OutsideNetworkError,
    SeatEndedError,
    SeatsExhaustedError,
    TokenInvalidError,
)
from tests.agent.crm.stub import standing_in
from tests.agent.vendor import Vendor, a_licence
from tests.contract.local import ADMINISTRATOR, Site
from tests.fakes import TurnableClock

ROOT = Path(__file__).parents[3]


def test_a_seat_is_held_for_as_long_as_its_block_runs(site: Site, client: Client) -> None:
    with client.seats.hold("Sara", "pc-1") as seat:
        seat.check()
        assert (seat.user, seat.fence > 0, client.seats.held) == ("Sara", True, 1)
        assert site.local.seating.occupied().users.used == 1
        with client.seats.hold("SARA", "pc-1"):
            assert client.seats.held == 1
        seat.check()
    assert (site.local.seating.occupied().users.used, client.seats.held) == (0, 0)
    with pytest.raises(SeatEndedError):
        seat.check()


def test_a_seat_is_given_back_when_its_block_fails(site: Site, client: Client) -> None:
    with pytest.raises(ZeroDivisionError), client.seats.hold("Sara", "pc-1"):
        raise ZeroDivisionError
    assert site.local.seating.occupied().users.used == 0


def test_the_fourth_of_three_users_is_refused_in_words(site: Site, client: Client) -> None:
    for user in "abc":
        client.seats.take(user, "pc")
    with pytest.raises(SeatsExhaustedError) as refusal:
        client.seats.take("d", "pc")
    assert (refusal.value.dimension, refusal.value.used, refusal.value.limit) == ("users", 3, 3)
    assert str(refusal.value)


def test_whoever_waits_gets_the_seat_that_becomes_free(site: Site, client: Client) -> None:
    seats = [client.seats.take(user, "pc") for user in "abc"]
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(client.seats.take, "d", "pc", wait=20)
        for _ in range(200):
            if site.local.seating.waiting:
                break
            threading.Event().wait(0.05)
        assert not late.done()
        seats[0].release()
        late.result(20).touch()
    assert site.local.seating.occupied().users.used == 3


def test_every_refusal_of_the_agent_is_raised_as_its_own_error(site: Site, client: Client) -> None:
    with pytest.raises(OutsideNetworkError):
        client.seats.take("sara", "pc", address="8.8.8.8")
    with pytest.raises(SeatsExhaustedError) as refusal:
        client.seats.take("bot", "pc", kind="service")
    assert refusal.value.dimension == "service"
    site.answered("suspended", "payment_overdue")
    client.refresh()
    with pytest.raises(LicenceRestrictedError):
        client.seats.take("sara", "pc")
    client.seats.take(ADMINISTRATOR, "pc").touch()
    site.answered("revoked")
    client.refresh()
    with pytest.raises(LicenceBlockedError):
        client.seats.take("ali", "pc")


def test_the_unix_socket_needs_no_token(site: Site, connect: Callable[..., Client]) -> None:
    client = connect(f"unix:{site.rig.home.folder / 'agent.sock'}", token=None)
    with client.seats.hold("Sara", "pc-1"):
        assert client.licence().mode == "full"


def test_places_that_the_administrator_freed_count_no_more(site: Site, client: Client) -> None:
    """Even before the next heartbeat would have told."""
    for user in "abc":
        client.seats.take(user, "pc")
    for user in "ab":
        site.local.call("DELETE", f"/v1/users/{user}", token="administrator")
    for user in "de":
        client.seats.take(user, "pc").touch()
    assert client.seats.held == site.local.seating.occupied().users.used == 3


def test_a_wrong_token_is_refused_and_a_new_one_taken_without_a_restart(
    site: Site, connect: Callable[..., Client], tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("wrong\n")
    client = connect(token=token)
    with pytest.raises(TokenInvalidError):
        client.seats.take("sara", "pc")
    token.write_bytes((site.rig.home.folder / "application.token").read_bytes())
    client.seats.take("sara", "pc").touch()


def test_a_heartbeat_keeps_whoever_is_active_and_lets_the_others_go(
    site: Site, connect: Callable[..., Client], clock: TurnableClock
) -> None:
    client = connect(policy=Policy(interval=3_600, patience=0, active_for=300))
    active, idle = client.seats.take("sara", "pc"), client.seats.take("ali", "pc")
    with client.seats.hold("maryam", "pc"):
        for _ in range(8):
            clock.advance(60)
            active.touch()
            client.seats.beat()
        assert client.seats.held == 2
        with pytest.raises(LicensingError):
            idle.touch()
        assert site.local.seating.occupied().users.used == 2


def test_seats_are_kept_alive_in_the_background(vendor: Vendor, clock: TurnableClock) -> None:
    """One heartbeat for all of them, and the licence is asked for as well."""
    with standing_in() as stub:
        stub.shows(a_licence().sign(vendor.signer))
        client = Client(stub.url, root=vendor.trust_document, clock=clock, policy=Policy(interval=1))

        def beaten() -> list[int]:
            said = zip(list(stub.asked), list(stub.bodies), strict=False)
            return [len(body["seats"]) for path, body in said if "heartbeat" in path]

        with client.seats.hold("sara", "pc"), client.seats.hold("ali", "pc"):
            pause = threading.Event()
            for _ in range(200):
                if 2 in beaten() and stub.asked.count("GET /v1/licence") > 1:
                    break
                pause.wait(0.1)
        client.close()
        assert 2 in beaten()
        assert stub.asked.count("GET /v1/licence") > 1


def test_the_heartbeat_says_whose_people_did_something(vendor: Vendor, clock: TurnableClock) -> None:
    with standing_in() as stub:
        stub.shows(a_licence().sign(vendor.signer))
        client = Client(stub.url, root=vendor.trust_document, clock=clock, policy=Policy(interval=3_600))
        sara, _ = client.seats.take("sara", "pc"), client.seats.take("ali", "pc")
        with client.seats.hold("job", "pc") as job:
            clock.advance(1)
            client.seats.beat()
            clock.advance(1)
            sara.touch()
            client.seats.beat()
            beats = [body for path, body in zip(stub.asked, stub.bodies, strict=True) if "heartbeat" in path]
            assert ["active" in beat for beat in beats] == [False, True]
            assert set(beats[1]["active"]) == {sara.id, job.id}
        client.close()


def test_two_blocks_that_begin_at_once_hold_one_seat_until_the_last_ends(vendor: Vendor, clock: TurnableClock) -> None:
    with standing_in() as stub:
        stub.shows(a_licence().sign(vendor.signer))
        stub.gate = threading.Barrier(2)
        client = Client(stub.url, root=vendor.trust_document, clock=clock, policy=Policy(interval=3_600))
        with ThreadPoolExecutor(2) as pool:
            blocks = [client.seats.hold("sara", "pc") for _ in range(2)]
            seats = list(pool.map(lambda block: block.__enter__(), blocks))
        blocks[0].__exit__(None, None, None)
        seats[1].check()
        assert not [asked for asked in stub.asked if asked.startswith("DELETE")]
        blocks[1].__exit__(None, None, None)
        assert stub.asked[-1] == "DELETE /v1/seats/seat_sara_pc"
        client.close()


def test_many_threads_that_ask_for_one_pair_hold_one_seat(site: Site, client: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        seats = list(pool.map(lambda _: client.seats.take("sara", "pc"), range(32)))
    for seat in seats:
        seat.touch()
    assert len({seat.id for seat in seats}) == 1
    assert client.seats.held == 1


def test_the_client_brings_nothing_along_but_keys() -> None:
    """So that a CRM's environment needs nothing else."""
    program = "import sys, agent.crm.wsgi; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    found = set(said.split())
    assert not found & {"flask", "werkzeug", "requests", "psutil", "starlette", "uvicorn", "sqlalchemy", "waitress"}
    assert not {name for name in found if name.startswith("agent.") and not name.startswith("agent.crm")}
