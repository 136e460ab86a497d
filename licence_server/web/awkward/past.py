"""What the awkward server remembers of earlier exchanges."""

from collections import OrderedDict
from dataclasses import dataclass, field

from licence_server.web.awkward.exchange import Answer, Exchange

_MOST = 10_000


@dataclass(slots=True)
class Past:
    """The requests that came, by what tells them apart, and the documents that were sent last."""

    answers: dict[str, Answer] = field(default_factory=dict)
    came: OrderedDict[str, bool] = field(default_factory=OrderedDict)
    """Whether it was said of a request that it was answered before."""

    def note(self, exchange: Exchange, *, denied: bool) -> None:
        """Remember that a request came, and whether it is denied, now and each time that it comes again."""
        self.came[exchange.request_id] = denied
        if len(self.came) > _MOST:
            self.came.popitem(last=False)

    def is_denied(self, exchange: Exchange) -> bool:
        """Tell whether a request was denied before."""
        return self.came.get(exchange.request_id, False)

    def is_new(self, exchange: Exchange) -> bool:
        """Tell whether a request comes for the first time: an answer to it that was lost must be given again."""
        return exchange.request_id not in self.came

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
