"""A ledger without a journal: its changes are taken for written."""

from dataclasses import fields
from typing import Any

import pytest

from agent.domain.ledger import Ledger
from agent.domain.seats import Allowance, Held, Remembered, Wanted
from keys.documents.parts import Seats
from keys.errors import SeatsExhaustedError
from tests.agent.seats.factories import an_allowance


class Desk:
    """A ledger with what it is told of the world, which a test may change."""

    def __init__(self, remembered: Remembered | None = None, **changes: Any) -> None:
        self.now = 1000.0
        self.allowance = an_allowance(**changes)
        self.ledger = Ledger(remembered or Remembered(), self.now, self.allowance.ttl)
        self._ids = iter(range(10**6))

    def turn(self, seconds: float) -> None:
        self.now += seconds
        self.allow(now=self.allowance.now + int(seconds))

    def allow(self, **changes: Any) -> None:
        """Change the licence; what is not named stays."""
        limits = {field.name: getattr(self.allowance.limits, field.name) for field in fields(Seats)}
        rest = {
            field.name: getattr(self.allowance, field.name) for field in fields(Allowance) if field.name != "limits"
        }
        self.allowance = an_allowance(**(limits | rest | changes))

    def ask(self, user: str, client: str = "pc", **more: Any) -> Held:
        self.ledger.begin(self.allowance, self.now)
        wanted = Wanted(user, client, **more)
        return self.ledger.check_out(wanted, self.allowance, self.now, lambda: f"seat_{next(self._ids)}")

    def beat(self, seat_id: str, *, is_active: bool = True) -> float | None:
        self.ledger.begin(self.allowance, self.now)
        return self.ledger.renew(seat_id, self.allowance, self.now, is_active=is_active)

    def free(self, user: str) -> int:
        self.ledger.begin(self.allowance, self.now)
        return self.ledger.free(user, self.allowance.now)

    def refused(self, user: str, client: str = "pc", **more: Any) -> tuple[str, int, int]:
        with pytest.raises(SeatsExhaustedError) as refusal:
            self.ask(user, client, **more)
        return refusal.value.dimension, refusal.value.used, refusal.value.limit

    def users(self) -> int:
        self.ledger.begin(self.allowance, self.now)
        return self.ledger.counts(self.allowance)[0].used
