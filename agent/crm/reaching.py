"""Where the agent listens, and how a connection to it is opened: Unix socket, loopback, or TLS with a pinned key."""

import http.client
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from keys.addresses import is_loopback
from keys.errors import InvalidInputError

Connect = Callable[[], http.client.HTTPConnection]

_UNIX = "unix:"


def way_to(agent: str, certificate: Path | None, timeout: float) -> Connect:
    """Return what opens a connection to an agent.

    Args:
        agent: ``unix:/path/to/agent.sock``, ``http://127.0.0.1:7411`` or ``https://name:7412``.
        certificate: for ``https``: the agent's own certificate (``tls.crt``). Nobody else's is believed.
        timeout: seconds of silence after which a connection counts as dead.

    Raises:
        InvalidInputError: another form; plain HTTP to another machine; TLS without a certificate, or with a file that
            is none.
    """
    if agent.startswith(_UNIX):
        path = agent.removeprefix(_UNIX).removeprefix("//")
        return lambda: _UnixConnection(path, timeout)
    parts = urlsplit(agent)
    host, port = parts.hostname, parts.port
    if parts.scheme not in {"http", "https"} or not host or port is None or parts.path.strip("/"):
        raise InvalidInputError(f"{agent} is no agent's address: unix:/PATH, http://127.0.0.1:PORT, https://NAME:PORT.")
    if parts.scheme == "http":
        if not is_loopback(host):
            raise InvalidInputError(f"{host} is another machine: reach its agent by https, with its certificate.")
        return lambda: http.client.HTTPConnection(host, port, timeout=timeout)
    context = _pinned(certificate)
    return lambda: http.client.HTTPSConnection(host, port, timeout=timeout, context=context)


def _pinned(certificate: Path | None) -> ssl.SSLContext:
    if certificate is None:
        raise InvalidInputError("An agent is reached by https only with its certificate: the file tls.crt of its home.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_verify_locations(cafile=certificate)
    except OSError as error:
        raise InvalidInputError(f"{certificate} can't be read as a certificate: {error}") from error
    return context


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Open it."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
