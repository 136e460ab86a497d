"""A stub that always says yes gains nothing: the client believes signed licences, its own clock, and nothing else."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from agent.crm.client import Client
from keys.documents.licence import Licence
from keys.documents.parts import Seats, Validation
from keys.errors import AgentNotBelievedError, MalformedError, TrustRefusedError
from keys.signing import SoftwareSigner
from keys.trust import LIFETIME, WARNING, Envelope
from tests.agent.crm.conftest import QUIET
from tests.agent.crm.stub import Stub, standing_in
from tests.agent.vendor import DAY, Vendor, a_licence
from tests.fakes import START, TurnableClock


@pytest.fixture
def stub() -> Iterator[Stub]:
    with standing_in() as stub:
        yield stub


@pytest.fixture
def asking(stub: Stub, vendor: Vendor, clock: TurnableClock) -> Iterator[Callable[..., Client]]:
    made = []

    def ask(**more: Any) -> Client:
        usual: dict[str, Any] = {"root": vendor.trust_document, "clock": clock, "policy": QUIET}
        client = Client(stub.url, **(usual | more))
        made.append(client)
        return client

    yield ask
    for client in made:
        client.close()


@pytest.fixture
def client(asking: Callable[..., Client]) -> Client:
    return asking()


def signed(vendor: Vendor, **changes: Any) -> bytes:
    return a_licence(**changes).sign(vendor.signer)


def unsigned(vendor: Vendor) -> bytes:
    head, claims, signature = signed(vendor).split(b".")
    return b".".join((head, claims, signature[::-1]))


LIES: dict[str, tuple[Callable[[Vendor], bytes | None], str, str]] = {
    "nothing": (lambda vendor: None, "blocked", "it shows no licence"),
    "garbage": (lambda vendor: b"yes", "blocked", "does not count"),
    "unsigned": (unsigned, "blocked", "does not count"),
    "of another vendor": (lambda vendor: signed(Vendor(vendor.clock)), "blocked", "unknown or revoked"),
    "of another issuer": (
        lambda vendor: signed(vendor, issuer="https://other.example"),
        "blocked",
        "is of https://other",
    ),
    "stale": (
        lambda vendor: signed(vendor, issued_at=START - 40 * DAY, expires_at=START),
        "restricted",
        "lease_ended",
    ),
    "suspended": (lambda vendor: signed(vendor, status="suspended"), "restricted", "suspended"),
    "expired": (lambda vendor: signed(vendor, status="expired"), "restricted", "expired"),
    "revoked": (lambda vendor: signed(vendor, status="revoked", reason="refunded"), "blocked", "refunded"),
    "moved": (lambda vendor: signed(vendor, status="superseded"), "blocked", "superseded"),
    "given back": (lambda vendor: signed(vendor, status="deactivated"), "blocked", "deactivated"),
}


@pytest.mark.threat(48)
@pytest.mark.parametrize("lie", LIES)
def test_a_stub_that_says_yes_is_refused_by_name(stub: Stub, client: Client, vendor: Vendor, lie: str) -> None:
    made, mode, why = LIES[lie]
    stub.shows(made(vendor))
    with pytest.raises(AgentNotBelievedError, match=why) as refusal:
        client.licence()
    assert refusal.value.mode == mode
    with pytest.raises(AgentNotBelievedError):
        client.seats.take("sara", "pc")
    assert client.seats.held == 0
    assert "POST /v1/seats" not in stub.asked


@pytest.mark.threat(48, control=True)
@pytest.mark.parametrize("lie", LIES)
def test_a_client_that_believes_the_word_of_the_agent_lets_everybody_in(
    stub: Stub, client: Client, vendor: Vendor, lie: str
) -> None:
    stub.shows(LIES[lie][0](vendor))
    assert client._wire.call("GET", "/v1/licence", read=lambda answer: answer.raw("mode")) == "full"
    assert client._wire.call(
        "POST", "/v1/seats", {"user": "a", "client": "b"}, read=lambda answer: answer.ident("seat")
    )


@pytest.mark.threat(48)
def test_a_genuine_document_gives_no_more_seats_than_were_bought(stub: Stub, client: Client, vendor: Vendor) -> None:
    """Three users, two in overdraft, and one administrator, whose name the client does not know."""
    stub.shows(signed(vendor, seats=Seats("concurrent", 3, None, 1, 2, 5)))
    for number in range(6):
        client.seats.take(f"user-{number}", "pc")
    client.seats.take("user-0", "laptop")
    with pytest.raises(AgentNotBelievedError, match="more seats than the 6 that can be right"):
        client.seats.take("user-6", "pc")
    client.seats.take("bot", "server", kind="service")
    with pytest.raises(AgentNotBelievedError, match="more seats than the 1 "):
        client.seats.take("bot-2", "server", kind="service")
    assert client.seats.held == 8


def test_the_agent_is_believed_when_it_allows_less(stub: Stub, client: Client, vendor: Vendor) -> None:
    stub.shows(signed(vendor), mode="blocked", reason="hardware_changed")
    found = client.licence()
    assert (found.mode, found.reason) == ("blocked", "hardware_changed")
    stub.shows(None, mode="blocked", reason="no_licence")
    assert (client.licence().licence, client.licence().is_open) == (None, False)


def test_grace_is_seen_by_the_clients_own_clock(stub: Stub, client: Client, vendor: Vendor) -> None:
    stub.shows(signed(vendor, issued_at=START - 3 * DAY, validation=Validation(DAY, START - 2 * DAY, 30 * DAY)))
    assert (client.licence().mode, client.licence().reason) == ("grace", "validation_overdue")


def test_a_document_that_was_shown_once_can_not_be_taken_back(stub: Stub, client: Client, vendor: Vendor) -> None:
    """An older one that comes after it, from a restored backup or a store of old ones, changes nothing."""
    stub.shows(signed(vendor, seq=8, status="suspended"), mode="restricted", reason="suspended")
    assert client.licence().mode == "restricted"
    stub.shows(signed(vendor, seq=7))
    with pytest.raises(AgentNotBelievedError, match="suspended"):
        client.licence()
    stub.shows(signed(vendor, seq=9))
    assert client.licence().mode == "full"
    stub.shows(signed(vendor, seq=1, activated_at=START + 60))  # moved to another server, activated there
    assert client.licence().mode == "full"


def test_a_wall_clock_that_is_turned_back_stretches_nothing(
    stub: Stub, client: Client, vendor: Vendor, clock: TurnableClock
) -> None:
    stub.shows(signed(vendor))
    assert client.licence().mode == "full"
    clock.advance(31 * DAY)
    clock.turn(-30 * DAY)
    with pytest.raises(AgentNotBelievedError, match="lease_ended"):
        client.licence()


@pytest.mark.parametrize("form", [bytes.decode, json.loads])
def test_a_newer_trust_document_is_taken_if_it_follows(
    stub: Stub, client: Client, vendor: Vendor, form: Callable[[bytes], object]
) -> None:
    vendor.rotate()
    stub.shows(signed(vendor))
    with pytest.raises(AgentNotBelievedError, match="unknown or revoked"):
        client.licence()
    stub.shows(signed(vendor), form(vendor.trust_document))
    assert client.licence().mode == "full"


def test_a_foreign_trust_document_is_not_taken(stub: Stub, client: Client, vendor: Vendor) -> None:
    stranger = Vendor(vendor.clock, version=9)
    stub.shows(signed(stranger), stranger.trust_document.decode())
    with pytest.raises(AgentNotBelievedError, match="unknown or revoked"):
        client.licence()


def test_an_honest_agent_goes_on_after_its_signing_key_was_revoked(
    stub: Stub, asking: Callable[..., Client], vendor: Vendor
) -> None:
    """Also for a CRM that starts just then; but nothing that comes later counts under that key."""
    old, shipped, document = vendor.signer, vendor.trust_document, signed(vendor)
    running = asking(root=shipped)
    stub.shows(document, vendor.trust_document.decode())
    running.licence()
    vendor.rotate("revoked")
    stub.shows(document, vendor.trust_document.decode())
    for client in (running, asking(root=shipped)):
        assert client.licence().mode == "full"
        stub.shows(a_licence(seq=2).sign(old), vendor.trust_document.decode())
        with pytest.raises(AgentNotBelievedError, match="unknown or revoked"):
            client.licence()
        stub.shows(document, vendor.trust_document.decode())


def test_a_trust_document_that_nobody_renews_ends_the_licence(
    stub: Stub, client: Client, vendor: Vendor, clock: TurnableClock
) -> None:
    clock.advance(LIFETIME + WARNING)
    stub.shows(signed(vendor, issued_at=clock.now(), expires_at=clock.now() + DAY))
    with pytest.raises(AgentNotBelievedError, match="trust_expired"):
        client.licence()


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ({"product": "Another CRM"}, "is for Owj CRM, not for Another CRM"),
        ({"licence": "lic_2"}, "is lic_1, not lic_2"),
    ],
)
def test_a_crm_can_name_the_product_and_the_licence_that_count(
    stub: Stub, asking: Callable[..., Client], vendor: Vendor, pin: dict[str, str], why: str
) -> None:
    stub.shows(signed(vendor))
    with pytest.raises(AgentNotBelievedError, match=why):
        asking(**pin).licence()
    assert asking(product="Owj CRM", licence="lic_1").licence().mode == "full"


def test_only_a_trust_document_of_its_own_roots_can_be_pinned(stub: Stub, vendor: Vendor) -> None:
    with pytest.raises(MalformedError):
        Client(stub.url, root=b"{}")
    with pytest.raises(TrustRefusedError):
        Client(stub.url, root=Envelope.of(vendor.trust).signed_by(SoftwareSigner.generate()).to_bytes())


def test_whoever_was_in_when_the_licence_stopped_is_out_a_quarter_of_an_hour_later(
    stub: Stub, client: Client, vendor: Vendor, clock: TurnableClock
) -> None:
    """Even if a stub goes on to renew the seat."""
    stub.shows(signed(vendor))
    seat = client.seats.take("sara", "pc")
    stub.shows(signed(vendor, seq=2, status="suspended"))
    for _ in range(15):
        clock.advance(60)
        client.refresh()
        seat.touch()
    clock.advance(61)
    client.refresh()
    with pytest.raises(Exception, match="The licence has stopped"):
        seat.touch()


def test_the_administrator_gets_in_beside_those_who_are_leaving(
    stub: Stub, client: Client, vendor: Vendor, clock: TurnableClock
) -> None:
    """An honest agent lets them in: whoever was in has a quarter of an hour, and may come by another process."""
    stub.shows(signed(vendor))
    client.seats.take("sara", "pc")
    stub.shows(signed(vendor, seq=2, status="suspended"), mode="restricted", reason="suspended")
    client.refresh()
    client.seats.take("ali", "pc")
    client.seats.take("the administrator", "pc").check()
    clock.advance(901)
    client.refresh()
    client.seats.take("the administrator", "pc")
    with pytest.raises(AgentNotBelievedError, match="more seats than the 1 "):
        client.seats.take("maryam", "pc")


def test_an_agent_that_was_not_believed_is_asked_again(
    stub: Stub, client: Client, vendor: Vendor, clock: TurnableClock
) -> None:
    stub.shows(None)
    with pytest.raises(AgentNotBelievedError):
        client.known_licence()
    stub.shows(signed(vendor))
    clock.advance(5)
    assert client.known_licence().mode == "full"


def test_what_is_believed_is_the_signed_licence(stub: Stub, client: Client, vendor: Vendor) -> None:
    licence: Licence = replace(a_licence(), site="Tabriz")
    stub.shows(licence.sign(vendor.signer), site="Mashhad", seats={"users": {"used": 1, "limit": 900}})
    assert client.licence().licence == licence
