"""Use cases: where events are sent, and what became of what was sent there."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from keys.clock import Clock
from keys.errors import NotFoundError, StateConflictError
from keys.identity import Randomness, new_id
from licence_server.domain.attempt import Attempt
from licence_server.domain.audit import Note
from licence_server.domain.delivery import Delivery
from licence_server.domain.paging import Page, Place, check_most, page_of
from licence_server.domain.receiver import Receivers
from licence_server.domain.webhook import MOST_WEBHOOKS, Webhook, check_types, new_webhook_secret
from licence_server.services.ports import Unit, Units
from licence_server.services.ports_access import Seal


@dataclass(frozen=True, slots=True)
class Entrusted:
    """A webhook, and its secret, which is shown this once."""

    webhook: Webhook
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery with its attempts, oldest first."""

    delivery: Delivery
    attempts: Sequence[Attempt]

    @property
    def id(self) -> str:
        """Of the delivery."""
        return self.delivery.id

    @property
    def created_at(self) -> int:
        """Of the delivery."""
        return self.delivery.created_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribing:
    """Looks after webhooks.

    Whatever names a webhook raises NotFoundError where there is none. What makes a secret raises KeyUnsafeError where
    the keys have no passphrase to seal it under.
    """

    units: Units
    reading: Units
    clock: Clock
    randomness: Randomness
    seal: Seal
    receivers: Receivers

    def add(self, url: str, types: Collection[str], by: str) -> Entrusted:
        """Tell an endpoint of events from now on.

        Raises:
            InvalidInputError: an address that may not be called (domain.receiver), or an event that there is none of.
            StateConflictError: there are as many as there may be.
        """
        self.receivers.target(url)
        now, secret, webhook_id = self.clock.now(), new_webhook_secret(self.randomness), new_id("whk", self.randomness)
        webhook = Webhook(webhook_id, url, check_types(types), now, self.seal.seal(secret, _place(webhook_id)))
        with self.units() as unit:
            if sum(each.removed_at is None for each in unit.webhooks.all()) >= MOST_WEBHOOKS:
                raise StateConflictError(f"There are {MOST_WEBHOOKS} webhooks, and no more may be: remove one first.")
            unit.webhooks.add(webhook)
            _note(unit, "webhook_added", webhook, by, now)
        return Entrusted(webhook, secret)

    def all(self) -> Sequence[Webhook]:
        """Return every webhook that was not removed, oldest first."""
        with self.reading() as unit:
            return [webhook for webhook in unit.webhooks.all() if webhook.removed_at is None]

    def one(self, webhook_id: str) -> Webhook:
        """Return a webhook."""
        with self.reading() as unit:
            return unit.webhooks.get(webhook_id)

    def remove(self, webhook_id: str, by: str) -> Webhook:
        """Send nothing there any more; its log stays for thirty days."""
        now = self.clock.now()
        with self.units() as unit:
            removed = unit.webhooks.lock(webhook_id).removed(now)
            unit.deliveries.give_up(webhook_id)
            unit.webhooks.put(removed)
            _note(unit, "webhook_removed", removed, by, now)
        return removed

    def rotate(self, webhook_id: str, by: str) -> Entrusted:
        """Make another secret; for a day messages are signed with the present one, too."""
        now, secret = self.clock.now(), new_webhook_secret(self.randomness)
        sealed = self.seal.seal(secret, _place(webhook_id))
        rotated = self._change(webhook_id, "webhook_rotated", by, lambda webhook: webhook.rotated(sealed, now))
        return Entrusted(rotated, secret)

    def enable(self, webhook_id: str, by: str) -> Webhook:
        """Switch one on again that was switched off. Raises StateConflictError: it is on."""
        return self._change(webhook_id, "webhook_enabled", by, Webhook.enabled)

    def test(self, webhook_id: str, by: str) -> Webhook:
        """Send a ping, as everything is sent. Raises StateConflictError: the webhook is switched off."""
        return self._change(webhook_id, "webhook_tested", by, _on)

    def deliveries(self, webhook_id: str, after: Place | None = None, most: int = 50) -> Page[Told]:
        """Return what was sent there within thirty days, newest first. Raises InvalidInputError: no such page."""
        check_most(most)
        with self.reading() as unit:
            unit.webhooks.get(webhook_id)
            found = unit.deliveries.page(webhook_id, after, most + 1)
            attempts = unit.deliveries.attempts([each.id for each in found])
        return page_of([Told(each, attempts.get(each.id, ())) for each in found], most, lambda told: told)

    def resend(self, webhook_id: str, delivery_id: str, by: str) -> Delivery:
        """Send a message again under the id that it has.

        Raises StateConflictError: it is under way anyhow, or the webhook is switched off.
        """
        now = self.clock.now()
        with self.units() as unit:
            webhook, delivery = _on(unit.webhooks.lock(webhook_id)), unit.deliveries.lock(delivery_id)
            if delivery.webhook_id != webhook_id:
                raise NotFoundError(f"The webhook {webhook_id} has no delivery {delivery_id}.")
            again = delivery.again(now)
            unit.deliveries.put(again)
            _note(unit, "webhook_resent", webhook, by, now, delivery=delivery_id)
        return again

    def _change(self, webhook_id: str, event: str, by: str, change: Callable[[Webhook], Webhook]) -> Webhook:
        with self.units() as unit:
            changed = change(unit.webhooks.lock(webhook_id))
            unit.webhooks.put(changed)
            _note(unit, event, changed, by, self.clock.now())
        return changed


def secrets_of(webhook: Webhook, seal: Seal, now: int) -> list[str]:
    """Return what signs for a webhook at a moment, the newest first. Raises KeyUnsafeError."""
    return [seal.open(sealed, _place(webhook.id)) for sealed in webhook.sealed_at(now)]


def _place(webhook_id: str) -> str:
    return f"webhook:{webhook_id}"


def _on(webhook: Webhook) -> Webhook:
    if not webhook.is_on:
        raise StateConflictError(f"The webhook {webhook.id} is switched off: enable it first.")
    return webhook


def _note(unit: Unit, event: str, webhook: Webhook, by: str, now: int, **details: object) -> None:
    about = {"url": webhook.url, "types": list(webhook.types), "webhooks": webhook.recorded}
    unit.audit.note(Note(now, by, event, webhook.id, {**about, **details}))
