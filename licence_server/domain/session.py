"""Sessions of people at the console: how long they last, and what is stored of them."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Literal

from keys.identity import Randomness

Step = Literal["password", "enrolment", "code", "open"]
"""What a sign-in waits for: another password, a second factor set up, a code; or nothing: it is open."""
SIGNING_IN = 600
"""Seconds that a sign-in may take from the password to its end."""
SEEN_EVERY = 60
"""Seconds after which a session's use is written down again."""
LONGEST_TOKEN = 128
_LONGEST_ADDRESS = 64
_LONGEST_AGENT = 200
_TOKEN = 32


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody sits, for the list of sessions: plain text, cut to a length, and never believed."""

    address: str
    agent: str
    """What the browser says it is."""

    @classmethod
    def of(cls, address: str, agent: str) -> "Place":
        """Take the words of a request: printable, and not longer than they can be shown."""
        return cls(_plain(address, _LONGEST_ADDRESS), _plain(agent, _LONGEST_AGENT))


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session lasts, in seconds; ``idle`` is exact to a minute."""

    idle: int = 1_800
    """Without a request."""
    absolute: int = 43_200
    """In all."""


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in, or on its way."""

    id: str
    digest: str
    """Of the token, which nobody but the browser has."""
    operator_id: str
    step: Step
    created_at: int
    seen_at: int
    place: Place
    proposal: str | None = None
    """The sealed secret of a second factor that is being set up."""

    def is_over(self, now: int, lifetimes: Lifetimes) -> bool:
        """Tell whether its time has passed."""
        if self.step != "open":
            return now >= self.created_at + SIGNING_IN
        return now >= min(self.seen_at + lifetimes.idle, self.created_at + lifetimes.absolute)

    def is_stale(self, now: int) -> bool:
        """Tell whether its use has to be written down again."""
        return now >= self.seen_at + SEEN_EVERY


def new_token(randomness: Randomness) -> str:
    """Return the token of a session: 256 random bits, base64url."""
    return base64.urlsafe_b64encode(randomness(_TOKEN)).decode().rstrip("=")


def token_digest(token: str) -> str:
    """Return what is stored of a session's token. A plain hash is enough: nobody can try 256 random bits."""
    return hashlib.sha256(b"licence server session\0" + token[: LONGEST_TOKEN + 1].encode(errors="replace")).hexdigest()


def csrf_of(token: str) -> str:
    """Return what forms of a session carry: who reads a page's source has no session by it."""
    return hmac.new(token.encode(), b"licence server form", hashlib.sha256).hexdigest()


def is_csrf_of(token: str, sent: str) -> bool:
    """Tell in constant time whether a form is of this session."""
    return hmac.compare_digest(csrf_of(token).encode(), sent[:LONGEST_TOKEN].encode(errors="replace"))


def _plain(text: str, longest: int) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text[:longest])
