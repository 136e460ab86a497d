"""Receivers of webhooks, and a vendor who tells them: one in memory that says what it is told to, or real ones."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from keys.addresses import read_network
from licence_server.domain.attempt import Outcome
from licence_server.domain.receiver import Receivers
from licence_server.domain.webhook import TYPES
from licence_server.services.delivering import Delivering, Sent
from licence_server.services.ports_webhooks import Courier
from licence_server.services.subscribing import Entrusted, Subscribing, Told
from tests.licence_server.vendor import ME, SEALING, Vendor

URL = "https://crm.example.com/hooks"
LOOPBACK = Receivers((read_network("127.0.0.0/8"), read_network("::1/128")))
GOOD = Outcome(204, None, 7)
BAD = Outcome(500, None, 7, "no")
GONE = Outcome(410, None, 7)
SILENT = Outcome(None, "silence", 15_000)


@dataclass
class MemoryReceiver:
    """A courier (ports_webhooks.Courier) who keeps what was sent, and brings back one answer for all.

    ``meanwhile`` is what happens while it is under way.
    """

    outcome: Outcome = GOOD
    sent: list[tuple[dict[str, str], str]] = field(default_factory=list)
    meanwhile: Callable[[], object] = bool

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        assert url.startswith(("https://", "http://127.0.0.1"))
        self.sent.append((dict(headers), body.decode()))
        self.meanwhile()
        return self.outcome

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.sent]


@dataclass(frozen=True)
class Teller:
    """The vendor's webhooks over a database of either kind."""

    vendor: Vendor
    subscribing: Subscribing
    delivering: Delivering

    @classmethod
    def of(cls, vendor: Vendor, courier: Courier, receivers: Receivers = LOOPBACK) -> "Teller":
        units, reading, clock = vendor.database.unit, vendor.database.reading, vendor.clock
        parts: dict[str, Any] = {
            "units": units,
            "reading": reading,
            "clock": clock,
            "randomness": os.urandom,
            "seal": SEALING,
        }
        return cls(vendor, Subscribing(**parts, receivers=receivers), Delivering(**parts, courier=courier))

    def hook(self, *types: str, url: str = URL) -> Entrusted:
        """Subscribe to events, or to all of them."""
        return self.subscribing.add(url, types or TYPES, ME)

    def send(self) -> list[Sent]:
        """Send all that is due, once."""
        sent = []
        for webhook_id in self.delivering.due():
            found = self.delivering.send_next(webhook_id)
            while found is not None:
                sent.append(found)
                found = self.delivering.send_next(webhook_id)
        return sent

    def told(self, webhook_id: str) -> list[Told]:
        """What is in the log, oldest first."""
        return list(reversed(self.subscribing.deliveries(webhook_id, most=500).found))
