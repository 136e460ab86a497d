"""One worker process: waitress reads requests in a thread of its own, so half-sent ones block nobody."""

import logging
import resource
import signal
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.server import TcpWSGIServer, create_server
from waitress.task import ErrorTask

from keys.clock import Clock
from licence_server.web import problems
from licence_server.wsgi.parsing import Parser

Application = Callable[..., Iterable[bytes]]

HANG_UP: type[Exception] = ClientDisconnected
"""An application that raises it ends its connection without another byte."""
LARGEST_BODY = 1_048_576
"""Bytes that are read before a request is refused without being looked at."""
LARGEST_HEADER = 32_768
PATIENCE = 20.0
"""Seconds that a request may take to arrive as a whole, and that a connection may lie idle."""
DRAIN = 25.0
"""Seconds that running requests get to end after SIGTERM."""
_HALF_SENT = 1.0
"""Seconds after SIGTERM that a request which is still arriving gets."""
_TICK = 1.0
_RESERVED_FILES = 96


class _ProblemTask(ErrorTask):  # type: ignore[misc]  # waitress carries no types
    """Answers what is not even HTTP in the one form that refusals have."""

    def execute(self) -> None:
        status = HTTPStatus(self.request.error.code)
        word = "too-large" if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else "malformed"
        title = "The request is too large" if word == "too-large" else "The request is not valid HTTP"
        body = problems.body(f"urn:licence:problem:{word}", title, status, None)
        self.status = f"{status.value} {status.phrase}"
        self.response_headers.append(("Content-Type", problems.MEDIA_TYPE))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Channel(HTTPChannel):  # type: ignore[misc]  # as above
    """A connection that knows since when the request that it is reading has been arriving."""

    error_task_class = _ProblemTask
    parser_class = Parser
    clock: Clock
    arriving_since: float | None = None

    def received(self, data: bytes) -> bool:
        """See HTTPChannel."""
        began = self.arriving_since
        done = bool(super().received(data))
        if self.request is None:
            self.arriving_since = None
        elif began is None:
            self.arriving_since = self.clock.boot()
        return done

    @property
    def is_idle(self) -> bool:
        """Tell whether nothing is being answered here."""
        return not self.requests and not self.total_outbufs_len


@dataclass(slots=True)
class Worker:
    """Answers requests until it is told to stop.

    Args:
        app: the WSGI application.
        listener: a bound socket, which other processes may share.
        threads: how many requests are answered at once.
        clock: measures patience.
    """

    app: Application
    listener: socket.socket
    threads: int
    clock: Clock

    def run(self, ready: Callable[[], None]) -> None:
        """Serve until SIGTERM; then stop accepting, let running requests end, and return.

        Args:
            ready: called once requests are being accepted.
        """
        stop, sockets = threading.Event(), dict[int, Any]()
        server = self._server(sockets)

        def on_signal(_number: int, _frame: object) -> None:
            stop.set()
            server.pull_trigger()

        signal.signal(signal.SIGTERM, on_signal)
        ready()
        while not stop.is_set():
            server.asyncore.loop(timeout=_TICK, map=sockets, use_poll=True, count=1)
            self._hurry(server)
        self._drain(server, sockets)

    def _server(self, sockets: dict[int, Any]) -> TcpWSGIServer:
        server = create_server(
            self.app,
            map=sockets,
            sockets=[self.listener],
            threads=self.threads,
            ident=None,
            asyncore_use_poll=True,
            channel_timeout=PATIENCE,
            cleanup_interval=5,
            connection_limit=_connection_limit(),
            backlog=1024,
            max_request_header_size=LARGEST_HEADER,
            max_request_body_size=LARGEST_BODY,
            clear_untrusted_proxy_headers=False,  # who is trusted is our own question: web/addresses.py
            log_socket_errors=False,
        )
        server.channel_class = type("Channel", (_Channel,), {"clock": self.clock})
        return server

    def _hurry(self, server: TcpWSGIServer) -> None:
        """Close connections whose request drips in: each byte would count as activity for waitress."""
        now = self.clock.boot()
        for channel in list(server.active_channels.values()):
            if channel.arriving_since is not None and now - channel.arriving_since > PATIENCE:
                channel.will_close = True

    def _drain(self, server: TcpWSGIServer, sockets: dict[int, Any]) -> None:
        server.del_channel(sockets)
        server.socket.close()
        began = self.clock.boot()
        while server.active_channels and self.clock.boot() - began < DRAIN:
            for channel in list(server.active_channels.values()):
                is_arriving = channel.request is not None and self.clock.boot() - began < _HALF_SENT
                if channel.is_idle and not is_arriving:
                    channel.handle_close()
            server.asyncore.loop(timeout=0.05, map=sockets, use_poll=True, count=1)
        if server.active_channels:
            logging.getLogger(__name__).warning("%d requests were cut off", len(server.active_channels))
        server.task_dispatcher.shutdown(timeout=1)


def _connection_limit() -> int:
    """Return how many connections the files that this process may open are enough for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8192 if hard == resource.RLIM_INFINITY else min(hard, 8192)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(100, max(soft, wanted) - _RESERVED_FILES)
