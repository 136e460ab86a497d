"""The agent's time: the wall clock, but never behind what was signed and what the machine has run since (section 9)."""

from dataclasses import dataclass, replace

CLOCK_BEHIND = 600
"""Seconds that the wall clock may be behind the floor before anybody is told, or ahead before that is allowed for."""
AT_ONCE = 60
"""Seconds within which an answer belongs to the moment in which it was asked for."""


@dataclass(frozen=True, slots=True)
class Boot:
    """A moment on the boot clock: which start of the machine, and seconds since it, time asleep included."""

    id: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Ledger:
    """How long the machine has run since a licence document came, carried over reboots. All spans are in seconds."""

    document_id: str
    boot_id: str
    started: float
    """Where on the boot clock counting began in this boot."""
    before: float
    """Counted in earlier boots."""
    written: float
    """Counted in this boot when the ledger was last written."""
    ahead: int = 0
    """How far the wall clock was ahead when the document came: so far it is wrong, and does not count."""

    @classmethod
    def begin(cls, document_id: str, boot: Boot, late: float = 0.0, ahead: int = 0) -> "Ledger":
        """Start counting for a document that comes now, ``late`` seconds after it was signed."""
        return cls(document_id, boot.id, boot.seconds, late, 0.0, ahead)

    def elapsed(self, boot: Boot) -> float:
        """Return the seconds that the machine has run since the document came; never less than was written.

        After a reboot all of the new boot's uptime counts: the document came in an earlier boot. Boots in which the
        agent did not run are not seen, so this is a lower bound.
        """
        if boot.id != self.boot_id:
            return self.before + self.written + boot.seconds
        return self.before + max(self.written, boot.seconds - self.started)

    def carried(self, boot: Boot) -> "Ledger":
        """Return the ledger to write now.

        A boot clock that went back within a boot (a restored memory snapshot) starts a new count on top of the old.
        """
        if boot.id != self.boot_id:
            return Ledger(self.document_id, boot.id, 0.0, self.before + self.written, boot.seconds, self.ahead)
        if boot.seconds < self.started + self.written:
            return Ledger(self.document_id, boot.id, boot.seconds, self.before + self.written, 0.0, self.ahead)
        return replace(self, written=boot.seconds - self.started)


@dataclass(frozen=True, slots=True)
class AgentTime:
    """One moment as the agent sees it. NumericDates."""

    wall_at: int
    floor_at: int = 0
    """``iat`` of the licence in hand plus the time that the machine has run since; 0 without a licence."""
    ahead: int = 0
    """Seconds by which the wall clock was found to be wrong when that licence came."""

    @property
    def now(self) -> int:
        """The time that counts: a clock turned back gains nothing, one turned forward leaves no trace."""
        return max(self.wall_at - self.ahead, self.floor_at)

    @property
    def behind(self) -> int:
        """Seconds that the wall clock is behind the floor; 0 when it is not."""
        return max(0, self.floor_at - self.wall_at)

    @property
    def is_behind(self) -> bool:
        """Tell whether the wall clock is so far behind that people must be told (``clock_behind``)."""
        return self.behind > CLOCK_BEHIND


def agent_time(wall_at: int, issued_at: int, ledger: Ledger, boot: Boot) -> AgentTime:
    """Return the agent's time for a licence in hand.

    Args:
        wall_at: the wall clock.
        issued_at: ``iat`` of the licence in hand, the only trusted clock.
        ledger: the running time since that licence came.
        boot: now, on the boot clock.
    """
    return AgentTime(wall_at, issued_at + int(ledger.elapsed(boot)), ledger.ahead)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A licence document that comes now, and what it comes to."""

    document_id: str
    issued_at: int
    asked_at: int
    """When it was asked for, in the agent's time."""
    follows_at: int
    """``iat`` of the licence in hand until now; 0: there was none."""
    time: AgentTime
    """The agent's time until now."""

    def ledger(self, boot: Boot) -> Ledger:
        """Start counting.

        A document that was answered for long ago and comes only now is as old as the agent's time says, so a held-back
        answer stretches nothing. One that was asked for just now tells how far the wall clock is ahead: that much
        counts no more, since else a clock that is wrong would lock an honest customer out whom the server answers every
        day. Whoever sets it back after that has turned it back, which gains nothing.
        """
        in_order = self.issued_at >= self.follows_at  # else the server's clock was set right meanwhile
        late = max(0, self.time.floor_at - self.issued_at) if in_order else 0
        if self.time.now - self.asked_at > AT_ONCE:
            return Ledger.begin(self.document_id, boot, late, self.time.ahead)
        ahead = self.time.wall_at - self.issued_at - late
        return Ledger.begin(self.document_id, boot, late, ahead if ahead > CLOCK_BEHIND else 0)
