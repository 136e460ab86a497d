"""The one socket that all workers accept from."""

import socket
import threading

from keys.errors import InvalidInputError, StateConflictError

_BACKLOG = 1024
_TRIES = 8
_PAUSE = 0.25
"""Seconds between tries: workers of a server that was killed a moment ago still let go of the port."""
_IN_USE = {98, 48}
"""EADDRINUSE on Linux and elsewhere."""


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one.

    Raises:
        InvalidInputError: the host is no address of this machine, or the port needs rights that we lack.
        StateConflictError: another program has the port.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise InvalidInputError(f"{host!r} is no address to listen on: give one of this machine.") from error
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        _bind(listener, address)
    except OSError as error:
        listener.close()
        if error.errno in _IN_USE:
            raise StateConflictError(f"Another program has {host} port {port}. Choose another --port.") from error
        raise InvalidInputError(f"{host} port {port} can't be listened on: {error.strerror}.") from error
    listener.listen(_BACKLOG)
    listener.setblocking(False)
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the address that a listener has, as a URL."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _bind(listener: socket.socket, address: object) -> None:
    pause = threading.Event()
    for left in range(_TRIES, -1, -1):
        try:
            listener.bind(address)  # type: ignore[arg-type]  # as getaddrinfo gave it
        except OSError as error:
            if error.errno not in _IN_USE or not left:
                raise
            pause.wait(_PAUSE)
        else:
            return
