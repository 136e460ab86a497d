"""A message on its way to one webhook: when it is tried, and when nobody tries any more."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from keys.errors import StateConflictError
from keys.jws import to_json
from licence_server.domain.attempt import Attempt, Outcome

State = Literal["waiting", "delivered", "given_up"]

DELAYS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds after each failure until the next attempt, before jitter; after the last one it is given up: three days."""
JITTER = 0.2
"""How much longer a delay may be, so that many failures together are not many attempts together."""
LEASE = 120
"""Seconds for which whoever sends a message has it alone; if they die, somebody else sends it again then."""
KEPT = 30 * 86_400
"""Seconds for which the log is kept."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one webhook."""

    id: str
    webhook_id: str
    message_id: str
    """The same at every attempt and for every webhook that is told: receivers know by it what they had already."""
    type: str
    body: str
    created_at: int
    state: State = "waiting"
    due_at: int | None = None
    """The next attempt, at the earliest; None: there is none."""
    tries: int = 0
    """Attempts since it was made, or sent again by hand."""
    attempts: int = 0
    """Attempts in all."""

    @classmethod
    def of(cls, webhook_id: str, entry: str, name: str, body: str, now: int) -> "Delivery":
        """Return a message that is to be sent at once.

        Args:
            webhook_id: to whom.
            entry: digest of the audit entry that tells of the event; no two have the same, also after a restore.
            name: the event's type.
            body: the message.
            now: the server's time.
        """
        message_id = f"msg_{entry[:32]}"
        own = hashlib.sha256(f"{message_id}\n{webhook_id}".encode()).hexdigest()
        return cls(f"dlv_{own[:32]}", webhook_id, message_id, name, body, now, due_at=now)

    def attempted(self, outcome: Outcome, at: int, jitter: float) -> tuple["Delivery", Attempt]:
        """Return it after an attempt, and the attempt for the log.

        Args:
            outcome: what came of it.
            at: when it began.
            jitter: from 0 to 1: where in its span the next attempt lies.
        """
        tries, attempt = self.tries + 1, Attempt(self.id, self.attempts + 1, at, outcome)
        tried = replace(self, tries=tries, attempts=attempt.number)
        if outcome.is_good or self.state == "delivered":
            return replace(tried, state="delivered", due_at=None), attempt
        if tries > len(DELAYS):
            return replace(tried, state="given_up", due_at=None), attempt
        delay = DELAYS[tries - 1] * (1 + JITTER * jitter)
        return replace(tried, due_at=at + round(delay)), attempt

    def again(self, now: int) -> "Delivery":
        """Return it to be sent again, with all its attempts. Raises StateConflictError: it is under way."""
        if self.state == "waiting":
            raise StateConflictError(f"The delivery {self.id} is under way; its next attempt comes by itself.")
        return replace(self, state="waiting", due_at=now, tries=0)


def message(name: str, at: int, data: dict[str, object]) -> str:
    """Return a message as it is signed and sent."""
    moment = datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
    return to_json({"type": name, "timestamp": moment, "data": data}).decode()
