"""Every awkwardness by its name. docs/awkward.md says to authors of agents what each of them is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from keys.clock import Clock
from keys.keyfolder import KeyFolder
from licence_server.web.awkward import losing, refusing, strangers
from licence_server.web.awkward.exchange import Answer, Exchange
from licence_server.web.awkward.past import Past
from licence_server.web.awkward.turning import Turning

_DOCUMENTS = frozenset({"activations", "validations", "deactivations"})
_CHAIN = _DOCUMENTS - {"activations"}
_ALL = _DOCUMENTS | {"trust"}


def _always(_: Exchange) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Card:
    """One awkwardness."""

    play: Callable[[Exchange], Answer]
    endpoints: frozenset[str] = _ALL
    suits: Callable[[Exchange], bool] = _always

    def fits(self, exchange: Exchange) -> bool:
        """Tell whether the protocol allows it for this request."""
        return exchange.endpoint in self.endpoints and self.suits(exchange)


def cards(past: Past, folder: KeyFolder, clock: Clock) -> Mapping[str, Card]:
    """Return all that this home can do; without its roots it can't move trust on."""
    turning = Turning(folder, clock)
    return {
        **_network(past),
        **_refusals(past, clock),
        **_strangers(),
        **(_trust(turning) if turning.is_possible else {}),
    }


def _network(past: Past) -> Mapping[str, Card]:
    return {
        "late": Card(losing.late),
        "dripped": Card(losing.dripped),
        "chunked": Card(losing.chunked),
        "delivered-twice": Card(losing.twice),
        "request-dropped": Card(losing.request_lost),
        "reply-dropped": Card(losing.reply_lost),
        "reply-cut": Card(losing.reply_cut),
        "old-answer": Card(past.old, _DOCUMENTS, past.has_old),
    }


def _refusals(past: Past, clock: Clock) -> Mapping[str, Card]:
    return {
        "busy": Card(refusing.put_off(refusing.BUSY)),
        "busy-until": Card(refusing.put_off_until(refusing.BUSY, clock)),
        "limited": Card(refusing.put_off(refusing.LIMITED)),
        "limited-until": Card(refusing.put_off_until(refusing.LIMITED, clock)),
        "evidence-required": Card(
            refusing.EVIDENCE,
            _CHAIN,
            lambda exchange: past.is_new(exchange) and not exchange.brings_evidence,
        ),
        "request-replayed": Card(refusing.REPLAYED, _CHAIN, past.is_new),
    }


def _strangers() -> Mapping[str, Card]:
    elsewhere = ("Location", "http://portal.example/login")
    return {
        "portal": Card(strangers.page(HTTPStatus.OK, "Welcome to our network. Please sign in.")),
        "redirected": Card(strangers.page(HTTPStatus.FOUND, "Please sign in first.", elsewhere)),
        "not-there": Card(strangers.page(HTTPStatus.NOT_FOUND, "There is no such page.")),
        "forbidden": Card(strangers.page(HTTPStatus.FORBIDDEN, "The proxy does not allow this.")),
        "gateway": Card(strangers.page(HTTPStatus.BAD_GATEWAY, "The gateway got no answer.")),
        "crashed": Card(strangers.crash),
        "empty": Card(strangers.nothing),
        "noise": Card(strangers.noise),
        "unsigned": Card(strangers.unsigned, _DOCUMENTS),
        "forged": Card(strangers.forged, _DOCUMENTS),
    }


def _trust(turning: Turning) -> Mapping[str, Card]:
    return {
        "key-rotated": Card(turning.rotated, suits=turning.has_room),
        "trust-renewed": Card(turning.renewed),
    }
