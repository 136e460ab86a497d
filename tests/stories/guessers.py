"""Whoever guesses activation codes, over as many connections and from as many addresses of this machine as told."""

import json
import os
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from typing import BinaryIO
from urllib.parse import urlsplit

from keys.documents.requests import ActivationRequest, Host
from keys.identity import new_code, new_id
from keys.signing import SoftwareSigner
from tests.contract.stock_client import JWT, RefusedError, StockAgent
from tests.licence_server.device import hardware

PATIENCE = 30
HOST = Host("guess", "any", "0", "none", "file")


@dataclass
class Tally:
    """What guesses were answered with: HTTP status to number; ``endless`` are refusals for a time without that time."""

    statuses: Counter[int] = field(default_factory=Counter)
    endless: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.statuses + other.statuses, self.endless + other.endless)

    @property
    def hits(self) -> int:
        """Guesses that were not refused as guesses are."""
        return self.statuses.total() - self.statuses[404] - self.statuses[429]


@dataclass
class Guesser:
    """One connection that guesses."""

    issuer: str
    server: tuple[str, int]
    address: str
    signer: SoftwareSigner = field(default_factory=SoftwareSigner.generate)

    def guess(self, number: int) -> Tally:
        """Make so many guesses, each a whole request of its own that is wrong in nothing but its code."""
        tally = Tally()
        with (
            socket.create_connection(self.server, PATIENCE, (self.address, 0)) as line,
            line.makefile("rb") as answers,
        ):
            for document in self._requests(number):
                head = f"POST /agent/v1/activations HTTP/1.1\r\nHost: x\r\nContent-Type: {JWT}\r\n"
                line.sendall(f"{head}Content-Length: {len(document)}\r\n\r\n".encode() + document)
                status, has_time = _answer(answers)
                tally.statuses[status] += 1
                tally.endless += status == 429 and not has_time
        return tally

    def _requests(self, number: int) -> Iterator[bytes]:
        request = ActivationRequest(
            device_key=self.signer.key.kid,
            audience=self.issuer,
            request_id="",
            issued_at=0,
            nonce="",
            code="",
            components=hardware(self.issuer),
            host=HOST,
            terms_version="1",
        )
        for _ in range(number):
            once, nonce = new_id("req", os.urandom), new_id("non", os.urandom)
            yield replace(request, code=new_code(os.urandom), request_id=once, nonce=nonce).sign(self.signer)


def _answer(answers: BinaryIO) -> tuple[int, bool]:
    """Read one answer: its status, and whether it says for how long it refuses."""
    status, length, has_time = int(answers.readline().split()[1]), 0, False
    while (line := answers.readline()) != b"\r\n":
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
        has_time = has_time or (name.lower() == b"retry-after" and int(value) > 0)
    answers.read(length)
    return status, has_time


def guess_at_once(guessers: list[Guesser], number: int) -> Tally:
    """Let each guess its part of so many, all at the same time."""
    with ThreadPoolExecutor(len(guessers)) as threads:
        parts = threads.map(lambda guesser: guesser.guess(number // len(guessers)), guessers)
        return sum(parts, Tally())


@dataclass
class Neighbour(StockAgent):
    """An honest customer at another address of this machine."""

    address: str = "127.0.0.2"

    def _post(self, endpoint: str, document: str) -> bytes:
        parts = urlsplit(self.url)
        line = HTTPConnection(parts.hostname or "", parts.port, PATIENCE, source_address=(self.address, 0))
        try:
            line.request("POST", f"/agent/v1/{endpoint}", document, {"Content-Type": JWT})
            answer = line.getresponse()
            body = answer.read()
        finally:
            line.close()
        if answer.status >= 400:
            raise RefusedError(json.loads(body)["type"].rpartition(":")[2], answer.status)
        return body

    def mistypes(self) -> str:
        """Send a code that nobody was given, and return the word of the refusal."""
        try:
            self.activate(new_code(os.urandom))
        except RefusedError as refusal:
            return refusal.word
        raise AssertionError("a code that nobody was given was taken")
