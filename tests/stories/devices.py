"""Customers' servers under load, who keep every answer and never accept that the vendor forgets one."""

import http.client
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import jwt

from tests.contract.stock_client import RefusedError, StockAgent, Trust
from tests.stories.parties import HARDWARE

LOST = (OSError, http.client.HTTPException, jwt.DecodeError)
"""No answer, or the first part of one: whether the request counted, nobody told."""
Endpoint = Literal["activations", "validations", "deactivations"]


class ForgottenError(Exception):
    """The server took back what it had answered."""


@dataclass
class Answered:
    """A request and the bytes that it was answered with."""

    endpoint: Endpoint
    request: str
    answer: str


@dataclass
class Device(StockAgent):
    """One server of a customer. It asks one thing at a time, and repeats it byte for byte until it is answered."""

    code: str = ""
    waiting: Endpoint | None = None
    """The endpoint of the request that was sent and not answered."""
    answers: list[Answered] = field(default_factory=list)

    def go_on(self) -> None:
        """Settle what is not answered yet; else validate, or activate in the first place."""
        if self.waiting is not None:
            self.settle()
        elif self.licence is None:
            self._ask("activations", lambda: self.activate(self.code))
        else:
            self._ask("validations", self.validate)

    def give_back(self) -> None:
        """Deactivate."""
        self._ask("deactivations", self.deactivate)

    def settle(self) -> None:
        """Send the stored request again, until it is answered."""
        if self.waiting is None:
            return
        request = jwt.decode(self.last_request, options={"verify_signature": False})
        answer = self._again(self.waiting, self.last_request)
        self.licence, self.document = self._verified(answer, request), answer
        self._keep(self.waiting)

    def check(self) -> None:
        """Ask again what was answered last: the same bytes must come."""
        if self.waiting is None and self.answers:
            last = self.answers[-1]
            if self._again(last.endpoint, last.request) != last.answer:
                raise ForgottenError(f"document {len(self.answers)} was answered, and another one is answered now")

    def _again(self, endpoint: Endpoint, request: str) -> str:
        try:
            return self._post(endpoint, request).decode()
        except RefusedError as refusal:
            raise ForgottenError(f"what was asked before is refused now: {refusal.word}") from refusal

    def _ask(self, endpoint: Endpoint, ask: Callable[[], object]) -> None:
        self.waiting = endpoint
        ask()
        self._keep(endpoint)

    def _keep(self, endpoint: Endpoint) -> None:
        assert self.licence is not None
        self.waiting = None
        self.answers.append(Answered(endpoint, self.last_request, self.document))
        expected = "deactivated" if endpoint == "deactivations" else "active"
        if (self.licence["seq"], self.licence["status"]) != (len(self.answers), expected):
            raise ForgottenError(f"answer {len(self.answers)} is document {self.licence['seq']}")


@dataclass
class Fleet:
    """What one thread drives: a device at a time, with now and then a new one."""

    trust: Trust
    codes: list[str]
    chance: random.Random
    counts: Counter[str]
    devices: list[Device] = field(default_factory=list)

    def prepare(self, url: str) -> None:
        """After a restart: everything that was answered is known, and what was not is answered now."""
        for device in self.devices:
            device.url = url
        for device in self.devices[-2:]:
            device.check()
            device.settle()

    def work(self, url: str) -> None:
        """Activate and validate until the server is gone."""
        try:
            while True:
                self._device(url).go_on()
                self.counts["answered"] += 1
        except LOST:
            self.counts["lost"] += 1

    def finish(self, url: str) -> None:
        """Every device validates once more, as if nothing had happened."""
        for device in self.devices:
            device.url = url
            device.settle()
            device.check()
            device.go_on()

    def _device(self, url: str) -> Device:
        is_due = not self.devices or (self.devices[-1].waiting is None and self.chance.random() < 0.1)
        if is_due and self.codes:
            self.devices.append(Device(url, self.trust, HARDWARE, code=self.codes.pop()))
        return self.devices[-1]
