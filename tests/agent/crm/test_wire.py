"""Connections to the agent: kept, opened again, one's own after a fork; and what is no agent at all."""

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.crm.client import Client
from agent.crm.places import Policy
from keys.errors import InvalidInputError, LicensingError, NotAllowedError, UnavailableError, UnreachableError
from tests.agent.crm.stub import standing_in
from tests.agent.vendor import Vendor, a_licence
from tests.fakes import TurnableClock


def test_one_connection_serves_one_request_after_the_other(vendor: Vendor, clock: TurnableClock) -> None:
    with standing_in() as stub:
        stub.shows(a_licence().sign(vendor.signer))
        client = Client(stub.url, root=vendor.trust_document, clock=clock, policy=Policy(interval=3_600))
        for _ in range(20):
            client.licence()
        assert stub.connections == 1
        with ThreadPoolExecutor(8) as pool:
            assert len(list(pool.map(lambda _: client.licence(), range(64)))) == 64
        assert stub.connections <= 9
        client.close()


def test_a_connection_that_was_closed_in_between_is_opened_again(vendor: Vendor, clock: TurnableClock) -> None:
    with standing_in() as stub:
        stub.shows(a_licence().sign(vendor.signer))
        stub.hangs_up = True
        client = Client(stub.url, root=vendor.trust_document, clock=clock, policy=Policy(interval=3_600))
        for _ in range(5):
            assert client.licence().mode == "full"
            threading.Event().wait(0.02)
        assert stub.connections == 5
        client.close()


def test_a_forked_process_opens_connections_of_its_own(vendor: Vendor, clock: TurnableClock) -> None:
    with standing_in() as stub:
        stub.shows(a_licence().sign(vendor.signer))
        client = Client(stub.url, root=vendor.trust_document, clock=clock, policy=Policy(interval=3_600))
        client.licence()
        child = os.fork()
        if child == 0:
            try:
                client.licence()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        client.licence()
        assert (stub.connections, stub.asked.count("GET /v1/licence")) == (2, 3)
        client.close()


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, b"<html>It works</html>"),
        (200, b"[]"),
        (200, b""),
        (302, b"{}"),
        (403, b"{}"),
        (500, b"no"),
        (409, json.dumps({"type": "urn:licence:problem:nobody-knows", "detail": "x"}).encode()),
        (409, json.dumps({"type": "urn:licence:problem:seats-exhausted", "detail": "x"}).encode()),
    ],
)
def test_whatever_is_no_agent_is_not_taken_for_one(
    vendor: Vendor, clock: TurnableClock, status: int, answer: bytes
) -> None:
    with standing_in() as stub:
        stub.status, stub.answer = status, answer
        client = Client(stub.url, root=vendor.trust_document, clock=clock)
        with pytest.raises(UnreachableError, match="is not the agent"):
            client.licence()
        with pytest.raises(UnreachableError):
            client.seats.take("sara", "pc")
        client.close()


@pytest.mark.parametrize(("word", "error"), [("unavailable", UnavailableError), ("not-allowed", NotAllowedError)])
def test_a_refusal_keeps_its_sentence(
    vendor: Vendor, clock: TurnableClock, word: str, error: type[LicensingError]
) -> None:
    with standing_in() as stub:
        stub.status = 503
        stub.answer = json.dumps({"type": f"urn:licence:problem:{word}", "detail": "A sentence."}).encode()
        client = Client(stub.url, root=vendor.trust_document, clock=clock)
        with pytest.raises(error, match="A sentence"):
            client.licence()
        client.close()


def test_an_agent_that_is_silent_is_away(vendor: Vendor, tmp_path: Path) -> None:
    client = Client(f"unix:{tmp_path / 'none.sock'}", root=vendor.trust_document, policy=Policy(patience=0))
    with pytest.raises(UnreachableError, match="does not answer"):
        client.licence()


@pytest.mark.parametrize(
    ("agent", "why"),
    [
        ("ftp://127.0.0.1:1", "no agent's address"),
        ("http://127.0.0.1", "no agent's address"),
        ("http://10.0.0.1:7411", "reach its agent by https"),
        ("https://crm:7412", "only with its certificate"),
    ],
)
def test_an_address_that_can_not_be_right_is_refused(vendor: Vendor, agent: str, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why):
        Client(agent, root=vendor.trust_document)


def test_files_that_can_not_be_read_are_named(vendor: Vendor, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="token"):
        Client("http://127.0.0.1:1", root=vendor.trust_document, token=tmp_path / "none")
    (tmp_path / "tls.crt").write_text("no certificate")
    with pytest.raises(InvalidInputError, match="certificate"):
        Client("https://crm:7412", root=vendor.trust_document, certificate=tmp_path / "tls.crt")
