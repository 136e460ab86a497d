"""One connection to the local API: uvicorn's protocol over llhttp, with the limits and the strictness that it lacks.

A request goes on when it has come in whole, so that a half-sent one holds nothing but its connection. Hot requests skip
ASGI: they are begun in the parser's callback and answered at the end of the loop's turn.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from agent.web import problems
from agent.web.app import LocalApi
from agent.web.bodies import LARGEST_HEARTBEAT
from agent.web.replies import Reply
from agent.web.requests import Request, Way, joined
from agent.web.turns import Turns

LARGEST_HEAD = 16_384
LARGEST_REQUEST = 2 * LARGEST_HEARTBEAT
"""Bytes after the head. Up to here what is too large is read, and refused politely."""
MOST_CONNECTIONS = 800
IDLE, ARRIVING, LINGERING = 180.0, 30.0, 2.0
"""Seconds that a connection may be silent, that a request may take to arrive, and that a refused one may go on."""
_SLICE = 4096
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class _RefusedError(Exception):
    """Ends the parsing of what was refused already."""


@dataclass(frozen=True, slots=True)
class Door:
    """What all connections of a server share."""

    app: LocalApi
    turns: Turns
    way: Callable[[asyncio.Transport], Way]


class Connection(HttpToolsProtocol):
    """A caller's connection."""

    def __init__(self, door: Door, config: Config, state: ServerState, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(config, state, {}, loop)
        self._door, self._time = door, loop.time
        self._way: Way
        self._in_head = self._in_message = self._is_busy = self._is_deaf = self._is_ending = False
        self._size, self._kept = 0, b""
        self._path, self._fields, self._body = b"", dict[bytes, bytes](), bytearray()
        self._waiting: deque[Request] = deque()
        self._current: Request | None = None
        self._flaw: Reply | None = None
        self.has_asked = False
        """Whether a whole request ever came from here."""
        self.deadline = math.inf
        """On the loop's clock; past it the connection ends. Infinite while an answer is being made."""

    # What happens to the connection.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Greet a caller; at the limit, somebody who only holds a connection has to go."""
        super().connection_made(transport)
        self._way = self._door.way(transport)
        self.deadline = self._time() + IDLE
        if len(self.connections) > MOST_CONNECTIONS:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a caller; what was begun is done, and told to nobody."""
        super().connection_lost(exc)
        self._is_deaf = True
        self._waiting.clear()
        self._door.turns.forsake(self._answer)

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn's closes at once
        """Answer what was asked before the caller finished sending, then close; who waits for a seat has gone away."""
        self._is_ending = True
        return self._is_busy and not self._door.turns.forsake(self._answer)

    def expire(self) -> None:
        """End the connection: its time is over, or its place is needed."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()

    def shutdown(self) -> None:
        """Answer what was begun, and close."""
        self._is_deaf = self._is_ending = True
        self._waiting.clear()
        self._kept = b""
        if not self._is_busy:
            self.transport.close()

    def resume_writing(self) -> None:
        """Go on once the caller has read."""
        super().resume_writing()
        if not self._is_busy:
            self._go_on()

    def _make_room(self) -> None:
        others = [one for one in self.connections if isinstance(one, Connection) and one.deadline < math.inf]
        first = min(others, key=lambda one: (one is self, one.has_asked, one.deadline))
        if first is self:
            self._refuse(problems.plain(503, "There are too many connections."))
        else:
            self.connections.discard(first)
            first.expire()

    # What comes in.

    def data_received(self, data: bytes) -> None:
        """Take bytes; no more than a slice of them is parsed ahead of the answers."""
        if self._kept or self._waiting:
            self._kept += data
        elif len(data) <= _SLICE:
            self._parse(data)
        else:
            self._take(data)

    def _take(self, data: bytes) -> None:
        at = 0
        while at < len(data) and not self._is_deaf:
            if self._waiting:
                self._kept = data[at:]
                self.flow.pause_reading()
                return
            self._parse(data[at : at + _SLICE])
            at += _SLICE

    def _parse(self, data: bytes) -> None:
        if self._is_deaf:
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._is_deaf = self._is_ending = True  # nothing else is spoken here, and what follows is no HTTP
        except httptools.HttpParserError as error:
            self._refuse(self._flaw or problems.plain(400, f"This is no HTTP that is read here: {error}."))
        if self._in_message:
            self._measure(len(data))

    def _measure(self, size: int) -> None:
        self._size += size
        if self._in_head and self._size >= LARGEST_HEAD:
            self._refuse(problems.plain(431, f"The head has more than {LARGEST_HEAD} bytes."))
        elif self._size >= LARGEST_REQUEST + LARGEST_HEAD:
            self._refuse(problems.plain(413, f"The body has more than {LARGEST_REQUEST} bytes."))

    def _refuse(self, reply: Reply) -> None:
        """Hear nothing more, and say so after the answers that are due."""
        self._flaw, self._is_deaf, self._in_message = reply, True, False
        if not self._is_busy:
            self._say_flaw(reply)

    def _say_flaw(self, reply: Reply) -> None:
        self._flaw = None
        self._write(reply, is_last=True)
        if self.transport.can_write_eof():  # closed at once, the caller might never see why
            self.transport.write_eof()
            self.deadline = self._time() + LINGERING
        else:
            self.transport.close()

    # The parser's callbacks.

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._in_head = self._in_message = True
        self._size, self._path, self._fields, self._body = 0, b"", {}, bytearray()
        if not self._is_busy:
            self.deadline = self._time() + ARRIVING

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what follows a body in chunks is none."""
        if self._in_head:
            joined(self._fields, name.lower(), value)

    def on_headers_complete(self) -> None:
        """Refuse a length that two readers could understand differently (RFC 9112, section 6.1)."""
        self._in_head = False
        self._size = 0
        version, fields = self.parser.get_http_version(), self._fields
        if version not in {"1.1", "1.0"}:
            self._stumble(505, "HTTP/1.1 is spoken here.")
        if b"transfer-encoding" in fields and (version != "1.1" or b"content-length" in fields):
            self._stumble(400, "The length of the body is ambiguous.")
        if int(fields.get(b"content-length", b"0")) > LARGEST_REQUEST:
            self._stumble(413, f"The body has more than {LARGEST_REQUEST} bytes.")
        expectation = fields.get(b"expect")
        if expectation is not None:
            if expectation.lower() != b"100-continue":
                self._stumble(417, "What is expected can't be had.")
            if not self._is_busy:
                self.transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """Begin to answer, in turn."""
        self._in_message = False
        path, query = self._target()
        method = self.parser.get_method().decode("ascii")
        request = Request(method, path, self._fields, self._way, self._body, query)
        request.is_last = self.parser.get_http_version() == "1.0" or not self.parser.should_keep_alive()
        if self._is_busy:
            self._waiting.append(request)
        else:
            self._begin(request)

    def _target(self) -> tuple[str, bytes]:
        target = self._path
        if not target.startswith(b"/") or b"#" in target:
            self._stumble(400, "The target must be a path.")
        path, _, query = target.partition(b"?")
        if not path.isascii():
            self._stumble(400, "The target must be ASCII.")
        return unquote(path.decode("ascii")) if b"%" in path else path.decode("ascii"), query

    def _stumble(self, code: int, detail: str) -> None:
        self._flaw = problems.plain(code, detail)
        raise _RefusedError

    # What goes out.

    def _begin(self, request: Request) -> None:
        self._is_busy, self._current, self.has_asked = True, request, True
        self.deadline = math.inf
        self._door.app.take(request, self._door.turns, self._answer)

    def _answer(self, reply: Reply) -> None:
        request, self._current = self._current, None
        self._is_busy = False
        if self.transport.is_closing() or request is None:
            return
        is_last = request.is_last or (self._is_ending and not self._waiting and not self._kept)
        self._write(reply, is_last=is_last, has_body=request.method != "HEAD")
        if is_last:
            self._is_deaf = True
            self._waiting.clear()
            self.transport.close()
            return
        self.deadline = self._time() + (ARRIVING if self._in_message else IDLE)
        if not self.flow.write_paused:
            self._go_on()

    def _go_on(self) -> None:
        """Begin the next request that came in meanwhile; else parse what was kept, and read again."""
        if self._waiting:
            self._begin(self._waiting.popleft())
        elif self._flaw is not None:
            self._say_flaw(self._flaw)
        elif self._kept:
            kept, self._kept = self._kept, b""
            self._take(kept)
            if not self._kept:
                self.flow.resume_reading()
            if self._is_ending and not self._is_busy:
                self.transport.close()
        else:
            self.flow.resume_reading()

    def _write(self, reply: Reply, *, is_last: bool, has_body: bool = True) -> None:
        head = bytearray(reply.head)
        for name, value in self.server_state.default_headers:
            head += name + b": " + value + b"\r\n"
        if is_last:
            head += b"connection: close\r\n"
        head += b"\r\n"
        self.transport.write(head + reply.body if has_body else head)
