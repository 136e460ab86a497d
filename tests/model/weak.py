"""Variants of the product with one fault each, which the model has to find."""

from collections.abc import Callable
from functools import partial

from agent.domain.occupancy import Occupancy
from agent.domain.seats import Wanted
from agent.domain.time import AgentTime, Arrival, Boot, Ledger
from agent.services.seating import Answer, Seating
from keys.errors import LicensingError


class HastySeating(Seating):
    """Looks whether there is room when somebody asks, and takes the seat later: two ledgers, as it were."""

    def begin_check_out(self, wanted: Wanted) -> Callable[[], Answer]:
        books = self.books
        try:
            needs = books.ledger._occupancy.needs(wanted, books.allowance)
            books.ledger._occupancy.check(needs, books.allowance, books.ledger._overdraft)
        except LicensingError as refusal:
            return partial(_refuse, refusal)
        return super().begin_check_out(wanted)

    def _check_out(self, wanted: Wanted):
        self.books.ledger._occupancy.__class__ = _Blind
        try:
            return super()._check_out(wanted)
        finally:
            self.books.ledger._occupancy.__class__ = Occupancy


class _Blind(Occupancy):
    def check(self, needs, allowance, days) -> bool:
        """Let everybody in."""
        return False


def _refuse(refusal: LicensingError) -> Answer:
    raise refusal


def without_floor(wall_at: int, issued_at: int, ledger: Ledger, boot: Boot) -> AgentTime:
    """Believe the wall clock alone (agent.domain.time.agent_time)."""
    return AgentTime(wall_at, 0, ledger.ahead)


def without_allowance(arrival: Arrival, boot: Boot) -> Ledger:
    """Begin at each licence, whatever the clock says (agent.domain.time.Arrival.ledger)."""
    return Ledger.begin(arrival.document_id, boot)
