"""Who may call the local API: no web page, no other user of this machine, nobody without the token."""

import hmac
import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agent.web.requests import Request, Way
from keys.errors import NotAllowedError, OriginRefusedError, TokenInvalidError


@dataclass(frozen=True, slots=True)
class Access:
    """The rules, and the secrets that they compare with.

    The application token opens what a CRM needs; a peer on the Unix socket needs none for that, because the kernel says
    who it is. The administrator token opens everything.
    """

    application_token: str
    administrator_token: str
    peers: frozenset[int]
    """User ids that may use the Unix socket."""
    more_tokens: Callable[[], Iterable[bytes]] = tuple
    """The tokens of further applications, as they are now."""
    tls_names: frozenset[str] = frozenset()
    """By which names and addresses, in lower case, the local API is reached over TLS."""

    def check_way_in(self, request: Request) -> None:
        """Refuse foreign users on the Unix socket, and on TCP whatever a web page could send (DNS rebinding included).

        Raises:
            NotAllowedError: a user id that is not configured.
            OriginRefusedError: an ``Origin`` header, or a ``Host`` that is not ours.
        """
        peer = request.way.peer_uid
        if peer is not None:
            if peer not in self.peers:
                raise NotAllowedError(
                    f"User id {peer} may not use the agent's socket; agent.toml lists who may, and "
                    "`licence-agent install --crm-user NAME` lets one in."
                )
            return
        if b"origin" in request.headers:
            raise OriginRefusedError("The agent answers no web page: the request has an Origin header.")
        if not self._is_ours(request.text(b"host"), request.way):
            raise OriginRefusedError("The Host header names neither this machine nor what the agent is known by.")

    def check_application(self, request: Request) -> None:
        """Demand the application token or the administrator's. Raises TokenInvalidError."""
        if request.way.peer_uid is not None:
            return
        token = _token(request)
        if hmac.compare_digest(token, self.application_token.encode()):
            return
        known = (self.administrator_token.encode(), *self.more_tokens())
        if not any(hmac.compare_digest(token, each) for each in known):
            raise TokenInvalidError("Send the token of the file application.token as Authorization: Bearer.")

    def check_administrator(self, request: Request) -> None:
        """Demand the administrator token. Raises TokenInvalidError."""
        if not hmac.compare_digest(_token(request), self.administrator_token.encode()):
            raise TokenInvalidError("Send the token of the file administrator.token as Authorization: Bearer.")

    def _is_ours(self, host: str, way: Way) -> bool:
        name, colon, given = host.rpartition(":")
        if not colon or host.endswith("]"):
            name, given = host, "443" if way.is_tls else "80"
        if given != str(way.port):
            return False
        name = name.lower().removeprefix("[").removesuffix("]")
        if way.is_tls:
            return name in self.tls_names
        return name in {"localhost", "127.0.0.1", "::1"} or _is_loop(name)


def _is_loop(name: str) -> bool:
    """Tell whether a name is an address of this machine alone, such as 127.1.2.3."""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _token(request: Request) -> bytes:
    scheme, _, token = request.headers.get(b"authorization", b"").partition(b" ")
    return token.strip() if scheme.lower() == b"bearer" else b""
