"""A cookie that says who had a seat just now, so that another worker of the CRM lets them go on without the agent."""

import hashlib
import hmac
import os
import re

from agent.crm.people import Environ, Visitor, cookie
from agent.crm.places import pair_of
from keys.clock import Clock

COOKIE = "licence-seat"
RENEW_AFTER = 60
"""Seconds after which a browser gets a new one."""
_FORM = re.compile(r"([0-9]{1,12})\.([0-9a-f]{64})")


class Tickets:
    """Writes and reads them; whoever does not know the secret can do neither."""

    def __init__(self, secret: bytes | None, clock: Clock) -> None:
        """Take a secret that all workers share; None: one that those share which are forked from this process."""
        self._key, self._clock = secret or os.urandom(32), clock

    def age(self, environ: Environ, visitor: Visitor) -> int | None:
        """Return how many seconds ago this visitor, at this computer, had a seat; None: nobody vouches for that."""
        found = _FORM.fullmatch(cookie(environ, COOKIE) or "")
        if found is None or visitor.user is None:
            return None
        written_at = int(found[1])
        if not hmac.compare_digest(found[2], self._mark(visitor, written_at)):
            return None
        return max(0, self._clock.now() - written_at)

    def header(self, visitor: Visitor) -> str:
        """Return a ``Set-Cookie`` header for somebody who has a seat."""
        written_at = self._clock.now()
        return f"{COOKIE}={written_at}.{self._mark(visitor, written_at)}; {_RULES}"

    def _mark(self, visitor: Visitor, written_at: int) -> str:
        user, client = pair_of(visitor.user or "", visitor.client)
        text = f"{written_at}\0{user}\0{client}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()


_RULES = "Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"
GONE = f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
"""A ``Set-Cookie`` header for somebody who signs out."""
