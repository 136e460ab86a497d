"""How far one comes on the way to the licence server: name, connection, proxy, TLS, answer.

Nothing is sent but a request for the public list of the vendor's keys, also over a line whose certificate proves
nothing: what comes back is a hint for people, and is not believed.
"""

import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from email.utils import mktime_tz, parsedate_tz
from http.client import HTTPConnection, HTTPException
from threading import Timer
from typing import Literal
from urllib.parse import urlsplit

from agent.doctor.network import MOST_ADDRESSES, Network, Proxy, trusting, trusting_anybody
from agent.server import TRUST_PATH
from keys.jws import MAX_BYTES
from keys.shown import Shown, read_shown

DEADLINE = 30.0
"""Seconds for the whole answer, however slowly it comes."""
_LONGEST_HEAD = 16_384

End = Literal["proxy_kind", "proxy_name", "proxy_connection", "proxy", "name", "connection", "tls", "answer", "there"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP, from whomever."""

    status: int
    media_type: str
    date: int | None
    """The other side's clock, a NumericDate."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the other side shows for itself."""

    shown: Shown
    code: int = 0
    """What the agent's TLS has against it, as OpenSSL numbers it; 0: nothing."""
    said: str = ""
    in_store: bool = False
    """The machine's own store of authorities vouches for it, though the agent's does not."""
    public: bool = True
    """An authority that is known everywhere vouches for it."""


@dataclass(frozen=True, slots=True)
class Way:
    """How far one came."""

    host: str
    port: int
    is_tls: bool
    end: End = "name"
    """The last step, which failed; ``there``: none did."""
    proxy: Proxy | None = None
    addresses: tuple[str, ...] = ()
    """Of the host, or of the proxy."""
    error: OSError | None = None
    """Why it ended, as the system says."""
    status: int = 0
    """What the proxy answered, where that is where it ended."""
    certificate: Certificate | None = None
    answer: Answer | None = None

    @property
    def fact(self) -> str:
        """Why it ended, in the system's words."""
        error = self.error
        return "" if error is None else error.strerror or str(error) or type(error).__name__


class _TunnelError(OSError):
    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


def walk(url: str, network: Network) -> Way:
    """Go as far as one comes. Never raises for what the network does."""
    parts = urlsplit(url)
    is_tls = parts.scheme == "https"
    try:
        way = Way(parts.hostname or "", parts.port or (443 if is_tls else 80), is_tls)
    except ValueError:  # a port that is none
        return Way(parts.hostname or "", 0, is_tls)
    try:
        way = replace(way, proxy=network.proxy(url))
    except ValueError as error:
        return replace(way, end="proxy_kind", error=OSError(f"{type(error).__name__}"))
    if way.proxy is not None and way.proxy.scheme != "http":
        return replace(way, end="proxy_kind")
    way = _resolved(way, network)
    return _asked(url, way, network) if way.addresses else way


def _resolved(way: Way, network: Network) -> Way:
    host, way = (way.host, way) if way.proxy is None else (way.proxy.host, replace(way, end="proxy_name"))
    try:
        return replace(way, addresses=tuple(network.resolve(host)))
    except UnicodeError as error:  # no name that DNS could know
        return replace(way, error=OSError(str(error)))
    except OSError as error:
        return replace(way, error=error)


def _asked(url: str, way: Way, network: Network) -> Way:
    try:
        with _line(way, network) as line:
            if not way.is_tls:
                return _answered(way, line, url if way.proxy else "")
        return _by_tls(way, network)
    except _TunnelError as error:
        return replace(way, end="proxy", status=error.status)
    except OSError as error:
        return replace(way, end="connection" if way.proxy is None else "proxy_connection", error=error)


def _by_tls(way: Way, network: Network) -> Way:
    try:
        certificate = _look(way, network)
    except OSError as error:
        return replace(way, end="tls", error=error)
    way = replace(way, certificate=certificate, end="tls")
    context = trusting_anybody() if certificate.code else trusting(network.bundle)
    with suppress(OSError), _line(way, network) as line, context.wrap_socket(line, server_hostname=way.host) as safe:
        answered = _answered(way, safe, "")
        return replace(answered, end="tls") if certificate.code else answered
    return replace(way, end="answer")


def _look(way: Way, network: Network) -> Certificate:
    """Return the certificate that is shown, and who vouches for it. Raises OSError: there is no TLS."""
    with _line(way, network) as line, trusting_anybody().wrap_socket(line, server_hostname=way.host) as safe:
        shown = read_shown(safe.getpeercert(binary_form=True) or b"")
    flaw = _flaw(way, network, network.bundle)
    if flaw is not None:
        known = network.store and network.store != network.bundle and _flaw(way, network, network.store) is None
        return Certificate(shown, flaw.verify_code, flaw.verify_message, in_store=bool(known))
    is_public = network.bundle == network.public or _flaw(way, network, network.public) is None
    return Certificate(shown, public=is_public)


def _flaw(way: Way, network: Network, bundle: str) -> ssl.SSLCertVerificationError | None:
    """Return what somebody who trusts these authorities has against the certificate."""
    context = trusting(bundle)
    try:
        with _line(way, network) as line, context.wrap_socket(line, server_hostname=way.host):
            return None
    except ssl.SSLCertVerificationError as error:
        return error


@contextmanager
def _line(way: Way, network: Network) -> Iterator[socket.socket]:
    """Open a line to the server, through the proxy if there is one. Raises OSError, for the last address tried."""
    port = way.port if way.proxy is None else way.proxy.port
    addresses = way.addresses[:MOST_ADDRESSES]
    for address in addresses:
        try:
            line = network.connect(address, port)
            break
        except OSError:
            if address == addresses[-1]:
                raise
    with line:
        if way.proxy is not None and way.is_tls:
            _tunnel(line, way, way.proxy)
        yield line


def _tunnel(line: socket.socket, way: Way, proxy: Proxy) -> None:
    target = f"[{way.host}]:{way.port}" if ":" in way.host else f"{way.host}:{way.port}"
    head = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"
    for name, value in _account(proxy).items():
        head += f"{name}: {value}\r\n"
    line.sendall(f"{head}\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer and len(answer) < _LONGEST_HEAD:
        more = line.recv(1)  # what follows the head belongs to TLS
        if not more:
            break
        answer += more
    words = answer.split(b"\r\n")[0].split()
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() and len(words[1]) == 3 else 0
    if status != 200:
        raise _TunnelError(status)


def _account(proxy: Proxy | None) -> dict[str, str]:
    if proxy is None or proxy.account is None:
        return {}
    return {"Proxy-Authorization": f"Basic {b64encode(':'.join(proxy.account).encode()).decode()}"}


def _answered(way: Way, line: socket.socket, absolute: str) -> Way:
    """Ask for the list of keys; ``absolute``: the address as a proxy wants it."""
    asking = HTTPConnection(way.host, way.port)
    asking.sock = line
    headers = {"Accept": "application/json", **(_account(way.proxy) if absolute else {})}
    watchdog = Timer(DEADLINE, _cut, (line,))
    watchdog.daemon = True
    watchdog.start()
    try:
        asking.request("GET", absolute + TRUST_PATH, headers=headers)
        with asking.getresponse() as got:
            media_type = got.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            answer = Answer(got.status, media_type, _date(got.headers.get("Date", "")), got.read(MAX_BYTES + 1))
    except HTTPException as error:
        return replace(way, end="answer", error=OSError(f"{type(error).__name__}"))
    except OSError as error:
        return replace(way, end="answer", error=error)
    finally:
        watchdog.cancel()
    if absolute and answer.status == 407:
        return replace(way, end="proxy", status=407)
    return replace(way, end="there", answer=answer)


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _date(text: str) -> int | None:
    moment = parsedate_tz(text)
    with suppress(ValueError, OverflowError):  # a year that no calendar has
        return None if moment is None else int(mktime_tz(moment))
    return None
