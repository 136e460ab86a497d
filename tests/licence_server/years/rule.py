"""The rule alone: the chain of one activation, with what the services add: a repeated request gets its answer again."""

import itertools
from collections import Counter
from dataclasses import dataclass, field

from keys.documents.requests import Boot
from licence_server.domain.chain import DAY, Chain
from tests.licence_server.years.machines import Paper


@dataclass(frozen=True, slots=True)
class Request:
    """What a machine sends."""

    id: int
    previous: Paper
    boot: Boot


@dataclass
class Rule:
    """A Server of histories."""

    chain: Chain = field(default_factory=lambda: Chain("doc-1", 1))
    made_by: int = 0
    seen: set[int] = field(default_factory=set)
    found: Counter[str] = field(default_factory=Counter)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def head(self) -> Paper:
        return Paper(self.chain.head, self.chain.seq)

    def compose(self, previous: Paper, boot: Boot, now: int) -> Request:
        return Request(next(self.numbers), previous, boot)

    def answer(self, request: Request, now: int) -> Paper | None:
        if request.id == self.made_by:
            return self.head
        if request.id in self.seen:
            return None
        self.seen.add(request.id)
        chain, findings = self.chain.follow(request.previous.id, request.boot, DAY, now)
        self.found.update(findings)
        self.chain, self.made_by = chain.advance(f"doc-{chain.seq + 1}"), request.id
        return self.head
