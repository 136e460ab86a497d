"""What the awkward server remembers of earlier exchanges."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field

from licence_server.web.awkward.exchange import Answer, Exchange
from licence_server.web.awkward.refusing import REPLAYED

_MOST = 10_000


@dataclass(slots=True)
class Past:
    """The requests that were delivered, and the documents that were sent last."""

    answers: dict[str, Answer] = field(default_factory=dict)
    delivered: OrderedDict[bytes, None] = field(default_factory=OrderedDict)
    denied: OrderedDict[bytes, None] = field(default_factory=OrderedDict)

    def note(self, body: bytes) -> None:
        """Remember that the ordinary application saw a request."""
        self.delivered[hashlib.sha256(body).digest()] = None
        if len(self.delivered) > _MOST:
            self.delivered.popitem(last=False)

    def deny(self, exchange: Exchange) -> Answer:
        """Say that a request was answered before, and go on saying so of it."""
        self.denied[hashlib.sha256(exchange.body).digest()] = None
        if len(self.denied) > _MOST:
            self.denied.popitem(last=False)
        return REPLAYED(exchange)

    def is_denied(self, exchange: Exchange) -> bool:
        """Tell whether that was said of a request."""
        return hashlib.sha256(exchange.body).digest() in self.denied

    def is_new(self, exchange: Exchange) -> bool:
        """Tell whether a request was never delivered: an answer to it that was lost must be given again."""
        return hashlib.sha256(exchange.body).digest() not in self.delivered

    def has_old(self, exchange: Exchange) -> bool:
        """Tell whether there is an old answer of this kind."""
        return exchange.endpoint in self.answers

    def old(self, exchange: Exchange) -> Answer:
        """Do what was asked, and send an earlier answer, to this agent or to another."""
        old = self.answers[exchange.endpoint]
        exchange.forward()
        return old

    def keep(self, exchange: Exchange, answer: Answer) -> None:
        """Remember an answer that went out whole."""
        if answer.is_document:
            self.answers[exchange.endpoint] = answer
