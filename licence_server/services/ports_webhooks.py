"""What webhooks need from the outside: endpoints and deliveries at rest, and somebody who calls an endpoint."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from licence_server.domain.attempt import Attempt, Outcome
from licence_server.domain.delivery import Delivery
from licence_server.domain.paging import Place
from licence_server.domain.webhook import Webhook


class Webhooks(Protocol):
    """Endpoints at rest."""

    def add(self, webhook: Webhook) -> None:
        """Store an endpoint."""

    def all(self) -> Sequence[Webhook]:
        """Return every one that ever was, oldest first."""

    def get(self, webhook_id: str) -> Webhook:
        """Return an endpoint to look at. Raises NotFoundError: there is none, or it was removed."""

    def lock(self, webhook_id: str) -> Webhook:
        """As get; nobody else changes it until the unit ends."""

    def put(self, webhook: Webhook) -> None:
        """Store a changed endpoint."""


class Deliveries(Protocol):
    """Messages on their way, and the log of attempts."""

    def add(self, delivery: Delivery) -> None:
        """Store a message."""

    def due(self, now: int) -> Sequence[str]:
        """Return the endpoints, as far as they are on, for which there is something to send."""

    def claim(self, webhook_id: str, now: int, until: int) -> Delivery | None:
        """Take the message to an endpoint that is due longest; nobody else does until then. None: there is none."""

    def lock(self, delivery_id: str) -> Delivery:
        """Return a message, which nobody else changes until the unit ends. Raises NotFoundError."""

    def put(self, delivery: Delivery) -> None:
        """Store what has become of a message."""

    def log(self, attempt: Attempt) -> None:
        """Store an attempt."""

    def give_up(self, webhook_id: str) -> None:
        """Try no more to send anything to an endpoint."""

    def page(self, webhook_id: str, after: Place | None, most: int) -> Sequence[Delivery]:
        """Return messages to an endpoint, newest first, beginning after a place."""

    def attempts(self, delivery_ids: Collection[str]) -> Mapping[str, Sequence[Attempt]]:
        """Return the attempts of some messages, oldest first."""

    def forget(self, before: int) -> None:
        """Remove from the log what was made before and waits no more."""


class Courier(Protocol):
    """Calls endpoints."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Send a message once, and return what came of it, within a limit of time and of what is read."""
