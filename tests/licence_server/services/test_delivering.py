"""Messages on their way, over both databases: sent again by schedule, at least once, by one sender at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook as Convention

from keys.errors import KeyUnsafeError, NotFoundError
from keys.sealing import Sealing
from licence_server.domain.audit import Sought
from licence_server.domain.delivery import DELAYS, KEPT, LEASE
from licence_server.domain.webhook import OVERLAP, PATIENCE
from licence_server.services.delivering import BY
from tests.licence_server.receivers import BAD, GONE, GOOD, SILENT, MemoryReceiver, Teller
from tests.licence_server.vendor import ME, Vendor

DAY = 86_400


@pytest.fixture
def receiver() -> MemoryReceiver:
    return MemoryReceiver()


@pytest.fixture
def teller(vendor: Vendor, receiver: MemoryReceiver) -> Teller:
    return Teller.of(vendor, receiver)


def signed(secret: str, headers: dict[str, str], body: str) -> str:
    """What the convention's own library says."""
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    return Convention(secret).sign(headers["webhook-id"], at, body)


def test_what_happens_is_sent_at_once_and_once(teller: Teller, receiver: MemoryReceiver) -> None:
    hook = teller.hook()
    teller.vendor.customer()
    assert [sent.outcome for sent in teller.send()] == [GOOD]
    ((headers, body),) = receiver.sent
    assert headers["webhook-signature"] == signed(hook.secret, headers, body)
    assert (headers["Content-Type"], headers["webhook-timestamp"]) == (
        "application/json",
        str(teller.vendor.clock.now()),
    )
    (told,) = teller.told(hook.webhook.id)
    assert (told.delivery.state, told.attempts[0].outcome) == ("delivered", GOOD)
    teller.vendor.clock.advance(4 * DAY)
    assert teller.send() == []


def test_a_receiver_that_is_down_is_tried_for_three_days(teller: Teller, receiver: MemoryReceiver) -> None:
    hook, receiver.outcome, clock = teller.hook().webhook, BAD, teller.vendor.clock
    teller.vendor.customer()
    began, times = clock.now(), []
    while teller.told(hook.id)[0].delivery.state == "waiting":
        due = teller.told(hook.id)[0].delivery.due_at or 0
        clock.advance(due - clock.now() - 1)
        assert teller.delivering.due() == [] or due == began
        clock.advance(1)
        times.append(clock.now() - began)
        assert len(teller.send()) == 1
    assert len(times) == len(DELAYS) + 1
    assert 3 * DAY < times[-1] < 4 * DAY
    (told,) = teller.told(hook.id)
    assert (told.delivery.state, [each.number for each in told.attempts]) == ("given_up", list(range(1, 11)))
    assert len(set(receiver.ids)) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in receiver.sent}) == 10, "each attempt is signed anew"


def test_what_was_given_up_is_sent_again_by_hand(teller: Teller, receiver: MemoryReceiver) -> None:
    hook, other, receiver.outcome = teller.hook().webhook, teller.hook("licence.issued").webhook, SILENT
    teller.vendor.customer()
    while (due := teller.told(hook.id)[0].delivery.due_at) is not None:
        teller.vendor.clock.advance(due - teller.vendor.clock.now())
        teller.send()
    delivery, receiver.outcome = teller.told(hook.id)[0].delivery, GOOD
    with pytest.raises(NotFoundError):
        teller.subscribing.resend(other.id, delivery.id, ME)
    teller.subscribing.resend(hook.id, delivery.id, ME)
    teller.send()
    (told,) = teller.told(hook.id)
    assert (told.delivery.state, len(receiver.ids), len(set(receiver.ids))) == ("delivered", 11, 1)
    assert teller.vendor.auditing.verify().valid


@pytest.mark.parametrize(("outcome", "why"), [(GONE, "gone"), (BAD, "failing")])
def test_a_receiver_that_is_gone_or_fails_for_days_is_switched_off(
    teller: Teller, receiver: MemoryReceiver, outcome, why: str
) -> None:
    hook, receiver.outcome = teller.hook().webhook, outcome
    for _ in range(8):
        teller.vendor.customer()
        if teller.send()[-1].webhook.why is not None:
            break
        teller.vendor.clock.advance(DAY)
    off = teller.subscribing.one(hook.id)
    assert off.why == why
    assert (off.disabled_at or 0) - (off.failing_since or 0) == (0 if why == "gone" else PATIENCE)
    assert {told.delivery.state for told in teller.told(hook.id)} == {"given_up"}
    (entry,) = teller.vendor.auditing.entries(Sought(of=hook.id, deed="webhook_disabled"))
    assert entry.actor == BY
    teller.vendor.customer()
    assert teller.delivering.due() == []
    assert teller.delivering.send_next(hook.id) is None
    receiver.outcome = GOOD
    teller.subscribing.enable(hook.id, ME)
    teller.vendor.clock.advance(1)
    teller.vendor.customer()
    teller.send()
    assert teller.told(hook.id)[-1].delivery.state == "delivered"
    assert teller.vendor.auditing.verify().valid


def test_a_secret_is_exchanged_without_a_gap(teller: Teller, receiver: MemoryReceiver) -> None:
    before = teller.hook()
    after = teller.subscribing.rotate(before.webhook.id, ME)
    for wait, secrets in ((OVERLAP - 1, [after.secret, before.secret]), (1, [after.secret])):
        teller.vendor.clock.advance(wait)
        teller.vendor.customer()
        teller.send()
        headers, body = receiver.sent[-1]
        assert headers["webhook-signature"].split(" ") == [signed(secret, headers, body) for secret in secrets]


def test_who_dies_while_sending_has_it_sent_again_under_the_same_id(teller: Teller, receiver: MemoryReceiver) -> None:
    hook = teller.hook().webhook
    teller.vendor.customer()

    def die() -> None:
        raise KeyboardInterrupt

    receiver.meanwhile = die
    with pytest.raises(KeyboardInterrupt):
        teller.send()
    receiver.meanwhile = bool
    assert teller.delivering.due() == [], "its lease goes on"
    teller.vendor.clock.advance(LEASE)
    teller.send()
    assert (len(receiver.ids), len(set(receiver.ids))) == (2, 1)
    assert len(teller.told(hook.id)[0].attempts) == 1, "of the first nobody knows"


def test_several_machines_send_each_message_once(teller: Teller, receiver: MemoryReceiver) -> None:
    hook = teller.hook().webhook
    for number in range(12):
        teller.vendor.customer(f"customer {number}")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: teller.send(), range(4)))
    assert (len(receiver.ids), len(set(receiver.ids))) == (12, 12)
    assert [len(told.attempts) for told in teller.told(hook.id)] == [1] * 12


def test_what_is_told_while_a_webhook_is_changed_waits_for_nobody(teller: Teller) -> None:
    """A deed refers to the webhook's row, and whoever changes that row writes in the record at its end."""
    if teller.vendor.database.engine.dialect.name == "sqlite":
        assert teller.hook().webhook.is_on, "writers take turns there"
        return
    hook = teller.hook().webhook
    with teller.vendor.database.unit() as unit:
        unit.webhooks.lock(hook.id)
        with ThreadPoolExecutor(1) as other:
            other.submit(teller.vendor.customer).result(timeout=20)
    assert len(teller.told(hook.id)) == 1


def test_a_webhook_that_was_removed_meanwhile(teller: Teller, receiver: MemoryReceiver) -> None:
    hook = teller.hook().webhook
    teller.vendor.customer()
    receiver.meanwhile = lambda: teller.subscribing.remove(hook.id, ME)
    with pytest.raises(NotFoundError):
        teller.send()
    assert teller.delivering.due() == []
    assert teller.vendor.auditing.verify().valid


def test_with_another_passphrase_nothing_is_sent_and_nothing_lost(vendor: Vendor, receiver: MemoryReceiver) -> None:
    teller, other = Teller.of(vendor, receiver), Sealing(b"another", "https://licence.example.com", bytes)
    hook = teller.hook().webhook
    vendor.customer()
    object.__setattr__(teller.delivering, "seal", other)
    with pytest.raises(KeyUnsafeError):
        teller.send()
    assert (receiver.sent, teller.told(hook.id)[0].delivery.state) == ([], "waiting")


def test_the_log_is_kept_for_thirty_days_and_what_waits_longer(teller: Teller, receiver: MemoryReceiver) -> None:
    hook = teller.hook().webhook
    teller.vendor.customer()
    teller.send()
    teller.vendor.clock.advance(KEPT - 1)
    teller.delivering.sweep()
    assert len(teller.told(hook.id)) == 1
    receiver.outcome = BAD
    teller.vendor.customer()
    teller.send()
    teller.vendor.clock.advance(1)
    teller.delivering.sweep()
    (told,) = teller.told(hook.id)
    assert told.delivery.state == "waiting"
    teller.vendor.clock.advance(KEPT)
    teller.delivering.sweep()
    assert len(teller.told(hook.id)) == 1
