"""Whose guesses are counted, through a real listener: a forged ``X-Forwarded-For`` buys none."""

import os
from collections.abc import Callable

import pytest
from werkzeug.datastructures import Headers

from keys.identity import new_code
from licence_server.domain.limits import normalised
from licence_server.web import observing
from tests.contract.serving import Premises, ask

BY_PROXY = ("127.0.0.0/8", "10.0.0.0/8")


def trusting(premises: Premises, *proxies: str) -> None:
    """Start the server again, with proxies that it believes."""
    port = int(premises.counter.url.rpartition(":")[2])
    premises.close()
    named = ", ".join(f'"{proxy}"' for proxy in proxies)
    settings = premises.home.path / "config.toml"
    settings.write_text(f"{settings.read_text()}\ntrusted_proxies = [{named}]\n")
    premises.open(port)


def guess(premises: Premises, *forwarded: str) -> int:
    """Guess a code, with these lines of X-Forwarded-For; return the status."""
    document = premises.device().activation_request(new_code(os.urandom))
    headers = Headers([("Content-Type", "application/jwt"), *(("X-Forwarded-For", line) for line in forwarded)])
    return ask(premises.counter.url, "POST", "/agent/v1/activations", document, headers).status_code


def statuses(premises: Premises, line: Callable[[int], str]) -> list[int]:
    return [guess(premises, line(number)) for number in range(12)]


LIMITED = [404] * 10 + [429] * 2


@pytest.mark.threat(34)
def test_a_header_of_a_stranger_counts_nothing(premises: Premises) -> None:
    assert statuses(premises, lambda number: f"198.51.100.{number}") == LIMITED


@pytest.mark.threat(34)
def test_behind_a_proxy_each_client_is_counted_by_itself(premises: Premises) -> None:
    trusting(premises, *BY_PROXY)
    assert statuses(premises, lambda number: f"198.51.100.{number}") == [404] * 12


@pytest.mark.threat(34)
@pytest.mark.parametrize(
    "line",
    [
        lambda number: f"192.0.2.{number}, 198.51.100.1",
        lambda number: f"192.0.2.{number}, 198.51.100.1, 10.0.0.9",
        lambda number: f"192.0.2.{number}, nonsense, 198.51.100.1",
        lambda number: f"10.0.0.{number}, 198.51.100.1",
        lambda number: ", ".join([*(f"192.0.2.{number}" for _ in range(40)), "198.51.100.1"]),
    ],
)
def test_what_a_client_wrote_before_the_proxy_counts_nothing(premises: Premises, line: Callable[[int], str]) -> None:
    trusting(premises, *BY_PROXY)
    assert statuses(premises, line) == LIMITED


@pytest.mark.threat(34, control=True)
def test_a_server_that_believes_the_first_name_can_be_guessed_at_for_ever(
    premises: Premises, monkeypatch: pytest.MonkeyPatch
) -> None:
    def naive(peer: str | None, forwarded: str, _: object):
        return normalised(forwarded.partition(",")[0] or peer or "")

    monkeypatch.setattr(observing, "client_address", naive)
    trusting(premises, *BY_PROXY)
    assert statuses(premises, lambda number: f"192.0.2.{number}, 198.51.100.1") == [404] * 12
