"""The audit record: a chain of hashes, so that nothing in it can be changed, removed or put in another order unseen."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from keys.errors import AuditBrokenError, UnavailableError

TOLERANCE = 60
"""Seconds that the clock may be behind the last signature."""
_RETRY_AFTER = 600
ROUTINE = "licence_validated"
"""The one event that is told apart from the others: there is one of it every day."""
NOTHING = "0" * 64
"""What the first entry follows."""
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "licence": "lic_",
        "customer": "cus_",
        "operator": "opr_",
        "plan": "pln_",
        "token": "tok_",
        "webhook": "whk_",
        "import": "imp_",
        "server": "server",
    }
)
"""Kinds of things that entries are about, each with the first letters of its subjects."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what to which thing, and when."""

    seq: int
    at: int
    actor: str
    event: str
    subject: str
    details: str
    """Canonical JSON."""
    previous: str
    digest: str

    @classmethod
    def after(cls, seq: int, previous: str, note: "Note") -> "Entry":
        """Chain a note to the record whose last entry is ``seq`` with the digest ``previous``."""
        details = json.dumps(note.details, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        fields = (seq + 1, note.at, note.actor, note.event, note.subject, details, previous)
        return cls(*fields, digest=_digest(*fields))

    def check(self, seq: int, previous: str) -> None:
        """Check that the entry stands where it was written, and as it was written. Raises AuditBrokenError."""
        if self.seq != seq + 1:
            raise AuditBrokenError(f"Entry {seq + 1} is missing: the next one that is there is {self.seq}.")
        fields = (self.seq, self.at, self.actor, self.event, self.subject, self.details, self.previous)
        if self.previous != previous or self.digest != _digest(*fields):
            raise AuditBrokenError(f"Entry {self.seq} was changed, or stands in another entry's place.")


@dataclass(frozen=True, slots=True)
class Note:
    """An entry before it has its place in the chain."""

    at: int
    actor: str
    event: str
    subject: str
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which entries somebody looks for: those that meet all that is said. Empty text: whatever it is."""

    by: str = ""
    """A person's name, whatever door they came by and with whichever token; with a colon in it: just this actor."""
    deed: str = ""
    """The event's word."""
    of: str = ""
    """The id of a thing, or a kind out of ``KINDS``."""
    since: int | None = None
    """A NumericDate, as the one below."""
    until: int | None = None
    """Before then."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the record, and the time of the last signature."""

    seq: int
    digest: str
    at: int
    seal: str
    """Signature over the head; without it the record could be cut at its end."""


def chain(notes: Iterable[Note], seq: int, digest: str) -> list[Entry]:
    """Chain notes to a record."""
    entries: list[Entry] = []
    for note in notes:
        entries.append(Entry.after(seq, digest, note))
        seq, digest = entries[-1].seq, entries[-1].digest
    return entries


def _digest(*fields: object) -> str:
    return hashlib.sha256(json.dumps(fields, separators=(",", ":"), ensure_ascii=True).encode()).hexdigest()


def check_clock(last_at: int, now: int) -> None:
    """Refuse to record, and so to sign, anything that is older than what was signed before.

    Raises:
        UnavailableError: the server's clock went back by more than a minute. Documents with an older date than their
            forerunners' would harm customers, so a person decides (``licence-server clock accept``).
    """
    if now < last_at - TOLERANCE:
        detail = f"The licence server's clock is {last_at - now} seconds behind its last signature; a person must look."
        raise UnavailableError(detail, _RETRY_AFTER)


def seal_message(issuer: str, seq: int, digest: str) -> bytes:
    """Return what the seal of a head signs; no other document of ours begins like it."""
    return f"licence-server audit head\n{issuer}\n{seq}\n{digest}".encode()
