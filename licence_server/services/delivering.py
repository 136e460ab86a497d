"""Use case: send what webhooks are to be told of, as often as it takes, and log every attempt.

A message is claimed in one transaction, sent outside of any, and what came of it is stored in another one. Whoever
dies between the two has sent it for nothing: it is sent again under the same id, after its lease (at least once).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from keys.clock import Clock
from keys.identity import Randomness
from licence_server.domain.attempt import Outcome
from licence_server.domain.audit import Note
from licence_server.domain.delivery import KEPT, LEASE, Delivery
from licence_server.domain.webhook import Webhook, signature
from licence_server.services.ports import Units
from licence_server.services.ports_access import Seal
from licence_server.services.ports_webhooks import Courier
from licence_server.services.subscribing import secrets_of

BY = "server:webhooks"
"""Who switches a webhook off, in the record."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of an attempt."""

    webhook: Webhook
    """As it is after it."""
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivering:
    """Sends messages."""

    units: Units
    reading: Units
    clock: Clock
    randomness: Randomness
    seal: Seal
    courier: Courier

    def due(self) -> Sequence[str]:
        """Return the webhooks for which there is something to send now."""
        with self.reading() as unit:
            return unit.deliveries.due(self.clock.now())

    def send_next(self, webhook_id: str) -> Sent | None:
        """Send the message to a webhook that is due longest, and return what came of it; None: there is none.

        Raises:
            NotFoundError: the webhook was removed meanwhile.
            KeyUnsafeError: its secret can't be opened; the message waits until the lease ends.
        """
        now = self.clock.now()
        with self.units() as unit:
            webhook = unit.webhooks.get(webhook_id)
            delivery = unit.deliveries.claim(webhook_id, now, now + LEASE) if webhook.is_on else None
        if delivery is None:
            return None
        outcome = self.courier.post(webhook.url, self._headers(webhook, delivery, now), delivery.body.encode())
        return Sent(self._stored(delivery, outcome, now), outcome)

    def sweep(self) -> None:
        """Forget the log of more than thirty days ago."""
        with self.units() as unit:
            unit.deliveries.forget(self.clock.now() - KEPT)

    def _headers(self, webhook: Webhook, delivery: Delivery, now: int) -> dict[str, str]:
        secrets = secrets_of(webhook, self.seal, now)
        signatures = [signature(secret, delivery.message_id, now, delivery.body) for secret in secrets]
        return {
            "Content-Type": "application/json",
            "webhook-id": delivery.message_id,
            "webhook-timestamp": str(now),
            "webhook-signature": " ".join(signatures),
        }

    def _stored(self, delivery: Delivery, outcome: Outcome, at: int) -> Webhook:
        jitter = self.randomness(1)[0] / 255
        with self.units() as unit:
            before = unit.webhooks.lock(delivery.webhook_id)
            tried, attempt = unit.deliveries.lock(delivery.id).attempted(outcome, at, jitter)
            unit.deliveries.put(tried)
            unit.deliveries.log(attempt)
            after = before.after(outcome, at)
            if after != before:
                unit.webhooks.put(after)
            if before.is_on and not after.is_on:
                unit.deliveries.give_up(after.id)
                about = {"url": after.url, "why": after.why, "webhooks": after.recorded}
                unit.audit.note(Note(self.clock.now(), BY, "webhook_disabled", after.id, about))
        return after
