"""The requests that a server on a tape got, and what it answered when: read from the bytes on its sockets."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.faults.calls import NEVER
from tests.faults.tape import Said

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(slots=True)
class Exchange:
    """One request."""

    heard: int
    """The moment from which the server may have acted on it."""
    method: str
    path: str
    body: bytes
    answered: int = NEVER
    """The moment from which the caller may have had the whole answer."""
    status: int = 0
    answer: bytes = b""


@dataclass(slots=True)
class _Channel:
    heard: bytes = b""
    said: bytes = b""
    exchanges: list[Exchange] = field(default_factory=list)
    answered: int = 0


def exchanges(said: Iterable[Said]) -> list[Exchange]:
    """Return what was asked, in the order in which it was heard. A connection's answers come in its requests' order."""
    channels = dict[str, _Channel]()
    for part in said:
        channel = channels.setdefault(part.channel, _Channel())
        if part.is_heard:
            channel.heard += part.data
            _hear(channel, part.began)
        elif channel.exchanges:
            channel.said += part.data
            _answer(channel, part.began)
    return sorted((each for channel in channels.values() for each in channel.exchanges), key=lambda each: each.heard)


def _hear(channel: _Channel, began: int) -> None:
    while (found := _message(channel.heard)) is not None:
        (head, body), channel.heard = found[:2], found[2]
        method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        channel.exchanges.append(Exchange(began, method, path, body))


def _answer(channel: _Channel, began: int) -> None:
    while (found := _message(channel.said)) is not None:
        (head, body), channel.said = found[:2], found[2]
        exchange = channel.exchanges[channel.answered]
        exchange.answered, exchange.status, exchange.answer = began, int(head.split(b" ", 2)[1]), body
        channel.answered += 1


def _message(data: bytes) -> tuple[bytes, bytes, bytes] | None:
    """Cut the first whole message off."""
    head, end, rest = data.partition(b"\r\n\r\n")
    if not end:
        return None
    found = _LENGTH.search(head)
    length = 0 if found is None else int(found[1])
    return None if len(rest) < length else (head, rest[:length], rest[length:])
