"""Use case: say what the licence allows now."""

from contextlib import suppress
from dataclasses import replace

from agent.domain.components import Hardware, Memory, Sighting, recall
from agent.domain.mode import Hand, Standing, judge
from agent.domain.time import AgentTime, Arrival, Boot, Ledger, agent_time
from agent.services.holding import Holding
from agent.services.ports import Machine, Tallies
from keys.clock import Clock

FRESH = 3600
"""Seconds on the boot clock for which a reading of the hardware is good."""
_BETWEEN_WRITES = 120
"""Seconds that the two copies of the ledger may differ by when nobody did anything to them."""


class Timekeeping:
    """Tells the agent's time, and keeps the ledger of running time."""

    def __init__(self, tallies: Tallies, machine: Machine, clock: Clock) -> None:
        self._tallies, self._machine, self._clock = tallies, machine, clock
        self._ledger: Ledger | None = None

    def time(self, hand: Hand) -> AgentTime:
        """Return the agent's time for the licence in hand."""
        if hand.licence is None:
            return AgentTime(self._clock.now())
        boot = self._machine.boot()
        ledger = self._ledger_of(hand.licence.document_id, boot)
        return agent_time(self._clock.now(), hand.licence.issued_at, ledger, boot)

    def begin(self, arrival: Arrival) -> None:
        """Start counting for a licence that comes now."""
        self._ledger = arrival.ledger(self._machine.boot())
        self._tallies.keep_ledger(self._ledger)

    def keep(self, hand: Hand) -> Ledger | None:
        """Write the ledger, so that a power cut costs at most what has passed since, and return it. Raises OSError."""
        if hand.licence is None:
            return None
        boot = self._machine.boot()
        self._ledger = self._ledger_of(hand.licence.document_id, boot).carried(boot)
        self._tallies.keep_ledger(self._ledger)
        return self._ledger

    def take_up(self, copy: Ledger | None, hand: Hand) -> bool:
        """Go on from a second copy of the ledger where the first lost time, and tell whether it had."""
        if hand.licence is None or copy is None or copy.document_id != hand.licence.document_id:
            return False
        boot = self._machine.boot()
        first = self._ledger_of(copy.document_id, boot)
        lost = int(copy.elapsed(boot) - first.elapsed(boot))
        if lost > 0:
            self._ledger = replace(copy, ahead=first.ahead)
        return lost > _BETWEEN_WRITES

    def _ledger_of(self, document_id: str, boot: Boot) -> Ledger:
        """Return the document's ledger; where none was written, or it was damaged, counting begins now."""
        known = self._ledger
        if known is None or known.document_id != document_id:
            known = self._tallies.ledger()
        if known is None or known.document_id != document_id:
            known = Ledger.begin(document_id, boot)
        self._ledger = known
        return known


class Recognising:
    """Tells which components count now; reads the hardware at most once an hour unless asked to look."""

    def __init__(self, machine: Machine, tallies: Tallies) -> None:
        self._machine, self._tallies = machine, tallies
        self._known: tuple[str, Boot, Hardware] | None = None

    def hardware(self, issuer: str) -> Hardware:
        """Return the components that count now."""
        known, boot = self._known, self._machine.boot()
        if known is not None and known[0] == issuer and boot.seconds - known[1].seconds < FRESH:
            return known[2]
        return self._look(issuer, boot)[1]

    def look(self, issuer: str) -> Sighting:
        """Read the hardware now, and return what can be read."""
        return self._look(issuer, self._machine.boot())[0]

    def _look(self, issuer: str, boot: Boot) -> tuple[Sighting, Hardware]:
        """Read the hardware; what can't be read keeps counting for a while, and is remembered across restarts."""
        seen = self._machine.sight(issuer)
        memory, counted = recall(self._tallies.memory() or Memory(boot), seen, boot)
        hardware = Hardware(counted.digests, counted.lenient, self._machine.stand_in)
        self._known = (issuer, boot, hardware)
        with suppress(OSError):
            self._tallies.keep_memory(memory)
        return seen, hardware


class Judging:
    """Puts together what lies in the home, the time and the hardware."""

    def __init__(self, holding: Holding, timekeeping: Timekeeping, recognising: Recognising) -> None:
        self.holding, self.timekeeping, self.recognising = holding, timekeeping, recognising

    def standing(self) -> Standing:
        """Return what the licence allows now, and why. Cheap enough for every request of the CRM."""
        hand = self.holding.hand()
        hardware = Hardware({}) if hand.licence is None else self.recognising.hardware(hand.licence.issuer)
        return judge(hand, self.timekeeping.time(hand), hardware)
