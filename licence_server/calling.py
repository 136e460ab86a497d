"""The one place from which the server calls others: webhooks, at addresses that were looked at, within limits."""

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from threading import Timer

from keys.addresses import read_address
from keys.clock import Clock
from keys.errors import InvalidInputError
from licence_server.domain.attempt import LONGEST_ANSWER, Fault, Outcome, readable_answer
from licence_server.domain.receiver import Receivers, Target

Names = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host. Raises OSError, UnicodeError."""

DEADLINE = 15.0
"""Seconds for everything at one address: connecting, TLS, sending, and the beginning of the answer."""
_CONNECT = 5.0
_MOST_ADDRESSES = 4
_MOST_BYTES = 4 * LONGEST_ANSWER


def addresses_of(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


class HttpCourier:
    """Calls endpoints (services.ports_webhooks.Courier).

    No redirect is followed and no proxy asked. A name is resolved once, its addresses are judged, and one of those
    very addresses is connected to, so that the name can't mean another machine a moment later. The certificate has to
    be the name's all the same.

    Args:
        receivers: which addresses may be called.
        clock: measures how long it takes.
        agent: how we call ourselves.
        tls: whose certificates are good; None: those that the system trusts.
        deadline: seconds.
        names: how names are resolved.
    """

    def __init__(
        self,
        receivers: Receivers,
        clock: Clock,
        agent: str,
        *,
        tls: ssl.SSLContext | None = None,
        deadline: float = DEADLINE,
        names: Names = addresses_of,
    ) -> None:
        self._receivers, self._clock, self._agent = receivers, clock, agent
        self._tls, self._deadline, self._names = tls, deadline, names

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """See Courier."""
        began = self._clock.boot()
        found = self._posted(url, {"User-Agent": self._agent, **headers}, body)
        duration = round(1000 * (self._clock.boot() - began))
        return Outcome(None, found, duration) if isinstance(found, str) else Outcome(found[0], None, duration, found[1])

    def _posted(self, url: str, headers: Mapping[str, str], body: bytes) -> Fault | tuple[int, str]:
        try:
            target = self._receivers.target(url)
            found = dict.fromkeys(self._names(target.host, target.port))
        except InvalidInputError:
            return "forbidden"
        except (OSError, UnicodeError):
            return "unresolved"
        admitted = [address for address in found if self._receivers.admits(read_address(address))]
        for address in admitted[:_MOST_ADDRESSES]:
            with suppress(OSError), socket.create_connection((address, target.port), _CONNECT) as connected:
                return self._exchanged(target, connected, headers, body)
        return "unreachable" if admitted else "forbidden"

    def _exchanged(
        self, target: Target, connected: socket.socket, headers: Mapping[str, str], body: bytes
    ) -> Fault | tuple[int, str]:
        """Return status and beginning of an answer, or why there is none; raises nothing."""
        ends = self._clock.boot() + self._deadline
        connected.settimeout(self._deadline)
        with _cut_after(self._deadline, connected):
            try:
                return self._asked(target, connected, headers, body, ends)
            except ssl.SSLCertVerificationError:
                return "tls"
            except (HTTPException, OSError, ValueError) as error:
                if isinstance(error, TimeoutError) or self._clock.boot() >= ends:
                    return "silence"
                return "tls" if isinstance(error, ssl.SSLError) else "broken"

    def _asked(
        self, target: Target, connected: socket.socket, headers: Mapping[str, str], body: bytes, ends: float
    ) -> tuple[int, str]:
        connection = HTTPConnection(target.host, target.port)
        connection.sock = connected
        if target.scheme == "https":
            context = self._tls or ssl.create_default_context()
            connection.sock = context.wrap_socket(connected, server_hostname=target.host)
        try:
            connection.request("POST", target.path, body, {"Host": target.authority, **headers})
            with connection.getresponse() as response:
                if self._clock.boot() >= ends:  # headers that were cut off look whole
                    raise TimeoutError
                answer = b""
                with suppress(HTTPException, OSError, ValueError):  # the status counts, whatever follows it
                    answer = response.read1(_MOST_BYTES)
                return response.status, readable_answer(answer)
        finally:
            connection.close()


@contextmanager
def _cut_after(seconds: float, connected: socket.socket) -> Iterator[None]:
    """Cut a connection when time is up: a peer that drips would never let a time-out for each read end.

    By a handle of our own, since TLS takes the socket over.
    """
    with connected.dup() as handle:

        def cut() -> None:
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)

        watchdog = Timer(seconds, cut)
        watchdog.daemon = True
        watchdog.start()
        try:
            yield
        finally:
            watchdog.cancel()
