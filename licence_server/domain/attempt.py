"""What came of sending a message once."""

from dataclasses import dataclass
from typing import Literal

Fault = Literal["unresolved", "forbidden", "unreachable", "tls", "silence", "broken"]
"""Why there is no status: the name has no address; none of its addresses may be called; nobody listens there; the
certificate is not right; it took too long; what came back is no HTTP."""

LONGEST_ANSWER = 500
"""Characters of an answer's body that are kept."""
_GOOD = range(200, 300)
_GONE = 410


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a receiver did."""

    status: int | None
    """Of HTTP; None: there was no whole answer, and ``fault`` says why."""
    fault: Fault | None
    duration: int
    """Milliseconds."""
    answer: str = ""
    """The beginning of the body, without control characters."""

    @property
    def is_good(self) -> bool:
        """Whether the message arrived."""
        return self.status in _GOOD

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants nothing any more (410)."""
        return self.status == _GONE


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt as the log has it."""

    delivery_id: str
    number: int
    at: int
    outcome: Outcome


def readable_answer(body: bytes) -> str:
    """Return what the log keeps of an answer's body."""
    text = body[: 4 * LONGEST_ANSWER].decode("utf-8", "replace")[:LONGEST_ANSWER]
    return "".join(letter if letter.isprintable() else " " for letter in text)
