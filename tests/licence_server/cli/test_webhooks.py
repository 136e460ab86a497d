"""Webhooks at the command line, sent by the job as the running server runs it, to a receiver by the convention."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Convention
from standardwebhooks import WebhookVerificationError

from keys.clock import SystemClock
from licence_server import jobs
from tests.fakes import TurnableClock
from tests.faults.oddserver import OddServer, odd_server, plain
from tests.licence_server.office import Home

pytestmark = pytest.mark.threat(54)
HOUR = 3_600


@pytest.fixture(scope="module")
def founded_today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that was made an hour ago, whose settings allow receivers on this machine."""
    home = Home(tmp_path_factory.mktemp("today") / "home", TurnableClock(SystemClock().now() - HOUR))
    home.complete()
    with (home.path / "config.toml").open("a") as file:
        file.write('\nwebhook_networks = ["127.0.0.0/8"]\n')
    return home.path


@pytest.fixture
def home(founded_today: Path, tmp_path: Path) -> Home:
    """A home by today's clock: receivers compare it with theirs."""
    return Home(tmp_path / "home", TurnableClock(SystemClock().now())).copied_from(founded_today)


def send(home: Home) -> None:
    server = home.server()
    jobs.deliver(server)
    server.database.close()


def verify(secret: str, request: tuple[str, str, dict[str, str], bytes]) -> Any:
    return Convention(secret).verify(request[3], request[2])


def test_a_message_is_verified_by_the_convention_and_nothing_else_is(home: Home, receiver: OddServer) -> None:
    hook = home.ask("webhook", "add", f"{receiver.url}/hooks", "--event", "customer.added")
    customer = home.ask("customer", "add", "Pars Steel")["id"]
    send(home)
    (request,) = receiver.asked
    event = verify(hook["secret"], request)
    assert (event["type"], event["data"]) == ("customer.added", {"customer_id": customer})
    method, path, headers, body = request
    for tampered in (
        (method, path, headers, body.replace(b"cus_", b"cuz_")),
        (method, path, {**headers, "webhook-id": "msg_other"}, body),
        (method, path, {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}, body),
        (method, path, {**headers, "webhook-signature": "v1,AAAA"}, body),
    ):
        with pytest.raises(WebhookVerificationError):
            verify(hook["secret"], tampered)
    with pytest.raises(WebhookVerificationError):
        verify(home.ask("webhook", "rotate", hook["id"])["secret"], request)


def test_a_message_of_ten_minutes_ago_is_refused(home: Home, receiver: OddServer) -> None:
    home.clock.turn(-600)
    hook = home.ask("webhook", "add", receiver.url)
    home.ask("webhook", "test", hook["id"])
    send(home)
    with pytest.raises(WebhookVerificationError, match="too old"):
        verify(hook["secret"], receiver.asked[0])


def test_during_a_rotation_a_receiver_of_either_secret_is_content(home: Home, receiver: OddServer) -> None:
    hook = home.ask("webhook", "add", receiver.url)
    rotated = home.ask("webhook", "rotate", hook["id"])
    home.ask("webhook", "test", hook["id"])
    send(home)
    for secret in (hook["secret"], rotated["secret"]):
        assert verify(secret, receiver.asked[0])["data"] == {"webhook_id": hook["id"]}


def test_what_came_of_it_is_told(home: Home, receiver: OddServer) -> None:
    hook = home.ask("webhook", "add", receiver.url, "--event", "customer.added")["id"]
    receiver.answer = plain(500, b"\x1b[31mout of order")
    home.ask("customer", "add", "Pars Steel")
    send(home)
    assert home.ask("webhook", "list")[0]["failing_since"] == home.clock.now()
    (told,) = home.ask("webhook", "deliveries", hook)
    assert (told["state"], told["attempts"][0]["status"], told["due_at"] > home.clock.now()) == ("waiting", 500, True)
    said = home.type("webhook", "deliveries", hook).output
    assert "500" in said
    assert "\x1b" not in said
    receiver.answer = plain(204)
    home.clock.advance(10)
    send(home)
    (told,) = home.ask("webhook", "deliveries", hook)
    assert (told["state"], [each["status"] for each in told["attempts"]]) == ("delivered", [500, 204])
    home.ask("webhook", "resend", hook, told["id"])
    send(home)
    assert len({request[2]["webhook-id"] for request in receiver.asked}) == 1
    assert len(receiver.asked) == 3


def test_who_is_gone_is_switched_off_with_an_alarm(home: Home, receiver: OddServer, log: StringIO) -> None:
    hook = home.ask("webhook", "add", receiver.url)["id"]
    receiver.answer = plain(410)
    home.ask("webhook", "test", hook)
    send(home)
    assert json.loads(log.getvalue())["why"] == "gone"
    assert "switched off (gone)" in home.type("webhook", "list").output
    assert home.type("webhook", "test", hook).exit_code == 1
    assert home.ask("webhook", "enable", hook)["disabled_at"] is None
    assert "ping" in home.type("webhook", "test", hook).output
    assert "Nothing is sent" in home.type("webhook", "remove", hook).output
    assert home.type("webhook", "show", hook).exit_code == 1
    assert home.ask("audit", "verify")["valid"]


def test_one_receiver_that_fails_keeps_nobody_waiting(home: Home, receiver: OddServer) -> None:
    with odd_server() as other:
        other.answer = plain(500)
        home.ask("webhook", "add", other.url)
        home.ask("webhook", "add", receiver.url)
        for number in range(5):
            home.ask("customer", "add", f"customer {number}")
        send(home)
        assert (len(other.asked), len(receiver.asked)) == (1, 5)


def test_without_the_setting_no_receiver_here_is_called(home: Home, receiver: OddServer) -> None:
    hook = home.ask("webhook", "add", receiver.url)["id"]
    config = home.path / "config.toml"
    config.write_text(config.read_text().replace("webhook_networks = [", "trusted_proxies = ["))
    home.ask("webhook", "test", hook)
    send(home)
    assert home.ask("webhook", "deliveries", hook)[0]["attempts"][0]["fault"] == "forbidden"
    assert receiver.asked == []
    refused = home.type("webhook", "add", receiver.url)
    assert refused.stderr.startswith("invalid-input: 127.0.0.1 is no public address.")


def test_no_secret_shows_but_once(home: Home, receiver: OddServer) -> None:
    hook = home.ask("webhook", "add", receiver.url)
    rotated = home.ask("webhook", "rotate", hook["id"])
    home.ask("webhook", "test", hook["id"])
    send(home)
    words = (
        ("webhook", "list"),
        ("webhook", "show", hook["id"]),
        ("webhook", "deliveries", hook["id"]),
        ("audit", "list"),
    )
    said = "".join(home.type(*each, *form).output for each in words for form in ((), ("--json",)))
    stored = b"".join(path.read_bytes() for path in home.path.glob("*.sqlite3*"))
    for secret in (hook["secret"], rotated["secret"]):
        assert secret not in said
        assert secret.encode() not in stored
        assert secret.removeprefix("whsec_").encode() not in stored
