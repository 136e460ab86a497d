"""The stock client with the patience that docs/protocol.md asks of an agent: one request, sent until it is answered."""

import http.client
from collections.abc import Callable
from dataclasses import dataclass, field

import jwt

from tests.contract.stock_client import Claims, RefusedError, StockAgent, UnbelievableError

FAULTS = (OSError, http.client.HTTPException, jwt.PyJWTError, UnbelievableError, ValueError)
NEW_REQUEST = frozenset({"request-replayed", "evidence-required"})
MOST_TRIES = 40


@dataclass
class PatientAgent(StockAgent):
    """Goes on after anything that is not a signed answer; waits are left to whoever wants to run for hours."""

    tries: list[str] = field(default_factory=list)
    """What came instead of an answer."""

    def persist(self, endpoint: str, ask: Callable[[], Claims]) -> Claims:
        """Make a request with ``ask`` and send it until it is answered; make another one where the server says so."""
        begin = True
        for _ in range(MOST_TRIES):
            try:
                return ask() if begin else self._repeated(endpoint)
            except RefusedError as refusal:
                self.tries.append(refusal.word)
                begin = refusal.word in NEW_REQUEST
            except FAULTS as fault:
                self.tries.append(type(fault).__name__)
                begin = False
        raise AssertionError(f"no answer after {MOST_TRIES} tries: {self.tries[-MOST_TRIES:]}")

    def _repeated(self, endpoint: str) -> Claims:
        request = jwt.decode(self.last_request, options={"verify_signature": False})
        answer = self.send_again(endpoint).decode()
        licence = self._verified(answer, request)
        if licence["status"] != "refused":
            self.licence, self.document = licence, answer
        return licence
