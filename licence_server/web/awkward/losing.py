"""What a network does to an exchange: late, cut, lost, twice."""

from dataclasses import replace

from licence_server.web.awkward.exchange import Answer, Exchange, HungUpError

LATE = 1.5
"""Seconds that a late answer takes longer."""
_PIECES = 10
_PAUSE = 0.1


def late(exchange: Exchange) -> Answer:
    """Answer, and wait before the body is sent."""
    return replace(exchange.forward(), pause=LATE)


def dripped(exchange: Exchange) -> Answer:
    """Answer in small pieces, with pauses."""
    answer = exchange.forward()
    return replace(answer, piece=max(1, -(-len(answer.body) // _PIECES)), pause=_PAUSE)


def chunked(exchange: Exchange) -> Answer:
    """Answer without saying how long the body is (RFC 9112, section 7.1)."""
    return replace(exchange.forward(), length=None, piece=100)


def twice(exchange: Exchange) -> Answer:
    """Deliver the request twice, as a proxy that tries again by itself; the second answer is sent."""
    exchange.forward()
    return exchange.forward()


def request_lost(_: Exchange) -> Answer:
    """End the connection; the request never arrived."""
    raise HungUpError


def reply_lost(exchange: Exchange) -> Answer:
    """Do what was asked, and end the connection."""
    exchange.forward()
    raise HungUpError


def reply_cut(exchange: Exchange) -> Answer:
    """Do what was asked, and end the connection after half of the body."""
    answer = exchange.forward()
    return replace(answer, body=answer.body[: len(answer.body) // 2])
