"""The server that is inconvenient on purpose, as a layer around the ordinary application.

Whoever follows the protocol gets a licence here, too; whoever does not is found out before a customer finds him out.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from keys.clock import Clock
from keys.keyfolder import KeyFolder
from licence_server.web.awkward.cards import Card, cards
from licence_server.web.awkward.deck import PLAIN, Deck
from licence_server.web.awkward.exchange import PREFIX, Application, Exchange, HungUpError
from licence_server.web.awkward.past import Past

DENIED = "request-replayed"


@dataclass(slots=True)
class Awkward:
    """A WSGI application around another one.

    Args:
        app: the ordinary application.
        deck: says which request meets what.
        cards: the awkwardnesses by name.
        past: what was sent before.
        hang_up: raised to end a connection without another byte; the listener knows it.
    """

    app: Application
    deck: Deck
    cards: Mapping[str, Card]
    past: Past
    hang_up: type[Exception]
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _count: int = 0

    @classmethod
    def around(
        cls, app: Application, *, seed: int, folder: KeyFolder, clock: Clock, hang_up: type[Exception]
    ) -> "Awkward":
        """Build the layer with all that this home can do.

        Args:
            app: the ordinary application.
            seed: repeats a run with the same requests.
            folder: the home's keys; with its roots there, trust moves on, too.
            clock: for dates in answers.
            hang_up: see above.
        """
        past = Past()
        found = cards(past, folder, clock)
        return cls(app, Deck(list(found), seed), found, past, hang_up)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401 - as WSGI has it
        """Answer one request; the operators' addresses are answered as always."""
        if not str(environ.get("PATH_INFO", "")).startswith(PREFIX):
            return self.app(environ, start)
        exchange = Exchange.of(self.app, environ)
        name = self._drawn(exchange)
        try:
            answer = exchange.forward() if name == PLAIN else self.cards[name].play(exchange)
        except HungUpError as end:
            raise self.hang_up from end
        if name == PLAIN:
            self.past.keep(exchange, answer)
        return answer.sent(name, start)

    def _drawn(self, exchange: Exchange) -> str:
        with self._turn:
            self._count += 1
            number, denied = self._count, self.past.is_denied(exchange)
            name = DENIED if denied else self.deck.draw(lambda name: self.cards[name].fits(exchange))
            self.past.note(exchange, denied=name == DENIED)
        structlog.get_logger().info("awkward", number=number, awkward=name, endpoint=exchange.endpoint)
        return name
