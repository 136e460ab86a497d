"""The chain of documents of one activation, and what a copy does to it (protocol, section 4)."""

from dataclasses import dataclass, replace
from typing import Literal

from keys.documents.requests import Boot

DAY = 86_400
WINDOW = 30 * DAY
"""Seconds for which boots and switches are remembered."""
REMEMBERED_INTERVALS = 3
"""For so many validation intervals a displaced head is remembered."""
MAX_SWITCHES = 4
MAX_BOOTS = 64
TOLERANCE = 60
"""Seconds between uptime gained and time passed that still count as running without a gap."""

How = Literal["rollback", "return"]
Finding = Literal["state_rolled_back", "state_returned", "clone_suspected", "clone_detected"]
"""What a person should know of, the gravest last."""


@dataclass(frozen=True, slots=True)
class Visit:
    """The latest request of one boot: how long it had run by then, and when that was."""

    boot: str
    uptime: int
    at: int


@dataclass(frozen=True, slots=True)
class Displaced:
    """A head that another branch took the place of."""

    document_id: str
    how: How
    at: int


@dataclass(frozen=True, slots=True)
class Surrounding:
    """A boot that ran without a gap from before another boot's visit to after it."""

    boot: str
    at: int


@dataclass(frozen=True, slots=True)
class Chain:
    """What the server remembers of an activation's documents."""

    head: str
    seq: int
    displaced: tuple[Displaced, ...] = ()
    switches: tuple[int, ...] = ()
    visits: tuple[Visit, ...] = ()
    """One for each boot, the latest last; no earlier ones are needed to see a boot run around another."""
    surroundings: tuple[Surrounding, ...] = ()
    anchored: bool = True
    """False after a person resumed a suspected clone: the next request counts as the normal case, whatever it holds."""

    def remembers(self, document_id: str) -> bool:
        """Tell whether a document is the head or a displaced one."""
        return document_id == self.head or any(entry.document_id == document_id for entry in self.displaced)

    def is_quiet(self, interval: int, now: int) -> bool:
        """Tell whether no head is remembered that another one displaced; see follow."""
        return not any(entry.at > now - REMEMBERED_INTERVALS * interval for entry in self.displaced)

    def follow(self, previous: str, boot: Boot, interval: int, now: int) -> tuple["Chain", tuple[Finding, ...]]:
        """Take in a request that holds a document of this activation; the successor is signed in any case.

        Args:
            previous: ``jti`` of the licence in hand.
            boot: the requester's boot and its uptime in seconds.
            interval: seconds between validations, by the licence.
            now: the server's time.

        Returns:
            The chain, whose head is unchanged until ``advance``, and what a person should know.
        """
        chain, detected = self._visited(boot, now)
        if not self.anchored:
            return replace(chain, anchored=True), detected
        if previous == self.head:
            return chain, detected
        chain, switched = _switched(chain, previous, interval, now)
        return chain, (*switched, *detected)

    def advance(self, document_id: str) -> "Chain":
        """Make a signed successor the head."""
        return replace(self, head=document_id, seq=self.seq + 1)

    def rebuilt(self, head: str, seq: int) -> "Chain":
        """Continue from a head that the agent proved by the licence in hand."""
        return replace(self, head=head, seq=seq)

    def released(self) -> "Chain":
        """Forget all suspicion: a person looked, and the next request anchors the chain anew."""
        return Chain(self.head, self.seq, anchored=False)

    def _visited(self, boot: Boot, now: int) -> tuple["Chain", tuple[Finding, ...]]:
        recent = tuple(visit for visit in self.visits if visit.at > now - WINDOW)
        around = tuple(entry for entry in self.surroundings if entry.at > now - WINDOW)
        before = next((visit for visit in recent if visit.boot == boot.id), None)
        findings: tuple[Finding, ...] = ()
        # The latest visit is the last one, so that copies which come within one second are told apart, too.
        if before is not None and recent[-1] is not before and _ran_on(before, boot, now):
            around = (*(entry for entry in around if entry.boot != boot.id), Surrounding(boot.id, now))
            if len(around) > 1:
                findings = ("clone_detected",)
        others = tuple(visit for visit in recent if visit.boot != boot.id)
        visits = (*others, Visit(boot.id, int(boot.uptime), now))[-MAX_BOOTS:]
        return replace(self, visits=visits, surroundings=around), findings


def _ran_on(before: Visit, boot: Boot, now: int) -> bool:
    """Tell whether the machine ran without a gap since that visit: a memory snapshot brought back has one."""
    return abs((boot.uptime - before.uptime) - (now - before.at)) <= TOLERANCE


def _switched(chain: Chain, previous: str, interval: int, now: int) -> tuple[Chain, tuple[Finding, ...]]:
    remembered = [entry for entry in chain.displaced if entry.at > now - REMEMBERED_INTERVALS * interval]
    left = next((entry for entry in remembered if entry.document_id == previous), None)
    how: How = "return" if left else "rollback"
    displaced = (*(entry for entry in remembered if entry is not left), Displaced(chain.head, how, now))
    switches = (*(at for at in chain.switches if at > now - WINDOW), now)
    findings: list[Finding] = ["state_returned" if left else "state_rolled_back"]
    if (left and left.how == "return") or len(switches) > MAX_SWITCHES:
        findings.append("clone_suspected")
    return replace(chain, displaced=displaced, switches=switches), tuple(findings)
