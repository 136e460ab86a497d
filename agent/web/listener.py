"""The local API on its sockets: loopback TCP, a Unix socket, TLS for other machines; in one event loop (uvicorn)."""

import asyncio
import contextlib
import errno
import os
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn

from agent.web.app import LocalApi
from agent.web.connection import Connection, Door
from agent.web.requests import Way
from agent.web.turns import Turns
from agent.web.unixsocket import listen_unix
from keys.addresses import is_loopback
from keys.errors import InvalidInputError
from keys.sentences import marked, phrase

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 7411
_BACKLOG = 1024
_LOOK_EVERY = 1.0
_HANDSHAKE = 10.0
"""Seconds that a caller over TLS has to prove nothing yet."""
_FAREWELL = 0.5
"""Seconds that a caller over TLS has to answer the last word: who only keeps a connection does not, and a restart waits
for nobody."""
_PATIENCE = 5.0
"""Seconds that the last answers have when it stops."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the API can be reached."""

    host: str
    port: int
    unix_socket: Path | None
    tls_port: int | None = None


@dataclass(frozen=True, slots=True)
class Tls:
    """Where to listen for other machines, and by what to be known."""

    host: str
    port: int
    context: ssl.SSLContext


class LocalServer:
    """Serves the local API from a thread of its own."""

    def __init__(
        self,
        app: LocalApi,
        *,
        host: str = DEFAULT_HOST,
        port: int = DEFAULT_PORT,
        unix_socket: Path | None = None,
        socket_users: Collection[int] = (),
        tls: Tls | None = None,
    ) -> None:
        """Take where to listen: a loopback address, a port (0: a free one), the path of a socket, and TLS (None: none).

        ``socket_users``: ids of those who may open the socket, beside root, its owner and its group.

        Raises:
            InvalidInputError: an address that other machines can reach.
        """
        if not is_loopback(host):
            raise InvalidInputError(
                phrase("The local API is for this machine alone and can't listen on {host}.", host=host)
            )
        self._app, self._host, self._port, self._tls = app, host, port, tls
        self._unix_socket, self._socket_users = unix_socket, socket_users
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._addresses: Addresses | None = None

    @property
    def addresses(self) -> Addresses:
        """Where it listens, once it was started."""
        if self._addresses is None:
            raise RuntimeError("The local API was not started.")
        return self._addresses

    def start(self) -> None:
        """Listen, and serve from now on.

        Raises:
            InvalidInputError: the port or the path is taken, or can't be.
        """
        listening: list[_Listening] = []
        try:
            self._listen(listening)
        except BaseException:
            for each in listening:
                each.socket.close()
            raise
        tls_port = listening[1].port if self._tls is not None else None
        self._addresses = Addresses(self._host, listening[0].port, self._unix_socket, tls_port)
        self._server = Server(self._app, listening)
        self._thread = threading.Thread(target=self._server.run, name="local-api", daemon=True)
        self._thread.start()
        self._server.is_ready.wait()
        if not self._server.started:
            raise RuntimeError("The local API could not be started; the log says why.")

    def stop(self) -> None:
        """Take no more connections, answer what was begun, and close. To stop twice is fine."""
        server, self._server = self._server, None
        if server is None or self._thread is None:
            return
        server.stop()
        self._thread.join()
        if self._unix_socket is not None:
            self._unix_socket.unlink(missing_ok=True)

    def _listen(self, listening: list["_Listening"]) -> None:
        with _explained(_place(self._host, self._port), phrase("choose another port")):
            listening.append(_Listening(_tcp(self._host, self._port)))
        if self._tls is not None:
            with _explained(_place(self._tls.host, self._tls.port), phrase("choose another tls_host or tls_port")):
                listening.append(_Listening(_tcp(self._tls.host, self._tls.port), self._tls.context))
        if self._unix_socket is not None:
            with _explained(str(self._unix_socket), phrase("remove what lies there, or choose another path")):
                listening.append(_Listening(listen_unix(self._unix_socket, _BACKLOG, self._socket_users)))


@dataclass(frozen=True, slots=True)
class _Listening:
    """A socket that is bound already, so that a taken port is known before anything begins."""

    socket: socket.socket
    tls: ssl.SSLContext | None = None

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    def way(self) -> Callable[[asyncio.Transport], Way]:
        """Return what tells how a caller came in."""
        if self.socket.family == getattr(socket, "AF_UNIX", None):
            return _unix_way
        return partial(_tcp_way, self.port, self.tls is not None)


class Server(uvicorn.Server):
    """uvicorn without its signal handlers, its log and its ten looks a second, and with an eye on who dawdles."""

    def __init__(self, app: LocalApi, listening: list[_Listening]) -> None:
        """Take where it listens."""
        super().__init__(
            uvicorn.Config(
                app, http="httptools", loop=_loop_kind(), lifespan="off", ws="none", interface="asgi3",
                log_config=None, access_log=False, proxy_headers=False, server_header=False, backlog=_BACKLOG,
            )
        )  # fmt: skip
        self._app, self._listening = app, listening
        self.is_ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._turns: Turns
        self._is_over: asyncio.Event

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until it is stopped."""
        try:
            super().run(sockets)
        finally:
            self.is_ready.set()  # else whoever started it would wait for ever

    def stop(self) -> None:
        """End soon; from another thread, once it is ready."""
        with contextlib.suppress(RuntimeError):  # it ended by itself
            self._loop.call_soon_threadsafe(self._is_over.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 - uvicorn's way
        """Listen."""
        self._loop, self._is_over = asyncio.get_running_loop(), asyncio.Event()
        turns = self._turns = self._app.turns(self._loop)
        self.servers = []
        for each in self._listening:
            door = Door(self._app, turns, each.way())
            connect = partial(Connection, door, self.config, self.server_state, self._loop)
            patience, farewell = (None, None) if each.tls is None else (_HANDSHAKE, _FAREWELL)
            self.servers.append(
                await self._loop.create_server(
                    connect,
                    sock=each.socket,
                    backlog=_BACKLOG,
                    ssl=each.tls,
                    ssl_handshake_timeout=patience,
                    ssl_shutdown_timeout=farewell,
                )
            )
        await self.on_tick(0)
        self.started = True
        self.is_ready.set()

    async def main_loop(self) -> None:
        """Serve until it is over; once a second, close what dawdles."""
        while not self._is_over.is_set():
            await self.on_tick(0)  # the date
            self._sweep()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_over.wait(), _LOOK_EVERY)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 - uvicorn's way
        """Take no more connections, answer what was begun, and close."""
        for server in self.servers:
            server.close()
        await asyncio.sleep(0)
        self._turns.dismiss()
        connections = self.server_state.connections
        for connection in list(connections):
            connection.shutdown()
        over_at = self._loop.time() + _PATIENCE
        while connections and self._loop.time() < over_at:  # noqa: ASYNC110 - they leave uvicorn's set by themselves
            await asyncio.sleep(0.01)
        for connection in list(connections):
            connection.transport.abort()
        await asyncio.sleep(0)

    def _sweep(self) -> None:
        now = self._loop.time()
        for connection in list(self.server_state.connections):
            if isinstance(connection, Connection) and connection.deadline < now:
                connection.expire()


def _loop_kind() -> str:
    """Prefer uvloop; Windows has none."""
    return "auto" if sys.platform != "win32" else "asyncio"


def _tcp(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # on Windows it would let another program listen there, too
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
        listening.setblocking(False)
    except BaseException:
        listening.close()
        raise
    return listening


def _tcp_way(port: int, is_tls: bool, transport: asyncio.Transport) -> Way:
    peer = transport.get_extra_info("peername") or ("",)
    return Way(port, is_tls=is_tls, address=str(peer[0]))


def _unix_way(transport: asyncio.Transport) -> Way:
    """Find who is at the other end, as the kernel says; -1, which nobody is, where it does not say."""
    try:
        sock = transport.get_extra_info("socket")
        credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return Way(0, int(struct.unpack("3i", credentials)[1]))
    except (OSError, AttributeError):
        return Way(0, -1)


@contextlib.contextmanager
def _explained(place: str, remedy: str) -> Iterator[None]:
    """Turn what the system says about a place into a sentence that helps."""
    try:
        yield
    except (OSError, ValueError) as error:
        is_taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        why = phrase("it is taken by another program") if is_taken else str(error)
        said = marked("The local API can't listen on {place}: {reason}; {remedy}.")
        raise InvalidInputError(phrase(said, place=place, reason=why, remedy=remedy)) from error


def _place(host: str, port: int) -> str:
    return phrase("port {port} of {host}", port=str(port), host=host)
