"""Middleware that holds a Python CRM to its licence: Flask, Django, or whatever else speaks WSGI (PEP 3333)."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any
from wsgiref.types import StartResponse

from agent.crm.answers import refuse
from agent.crm.banner import with_banner
from agent.crm.believing import Believed
from agent.crm.client import Client
from agent.crm.people import Paths, People, Source, Visitor, matcher
from agent.crm.places import Kind
from agent.crm.seats import Seat
from agent.crm.sentences import explained, read_only
from agent.crm.tickets import GONE, RENEW_AFTER, Tickets
from keys.documents.parts import Notice
from keys.errors import (
    AgentNotBelievedError,
    LicenceBlockedError,
    LicenceRestrictedError,
    LicensingError,
    OutsideNetworkError,
    SeatsExhaustedError,
)

Environ = dict[str, Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_log = logging.getLogger(__name__)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110, section 9.2.1)."""

_USUAL = (SeatsExhaustedError, OutsideNetworkError, LicenceRestrictedError, LicenceBlockedError)
"""Refusals that are the agent's everyday work."""


class LicenceMiddleware:
    """A WSGI application around the CRM's.

    The CRM finds in the environ: ``licence.mode`` (None: not known), ``licence.read_only``, ``licence.notices`` (a
    list of ``{"code", "severity", "text": {"en", "fa"}}``), ``licence.seat`` (agent.crm.seats.Seat or None) and
    ``licence.release``, which frees this person's seat at once.
    """

    def __init__(
        self,
        app: Application,
        client: Client,
        *,
        user: Source,
        login: Paths,
        logout: Paths = (),
        exempt: Paths = (),
        workstation: Source = "cookie",
        kind: Callable[[Environ], Kind] | None = None,
        trusted_proxies: Sequence[str] = (),
        wait: int = 0,
        banner: bool = False,
        contact: str = "",
        secret: bytes | None = None,
    ) -> None:
        """Wrap an application.

        Args:
            app: the CRM.
            client: one for the process, or for all processes that are forked from it.
            user: who is signed in: ``environ:REMOTE_USER``, ``header:X-User`` (only from trusted proxies),
                ``cookie:NAME``, or a callable that gets the environ and returns a name or None.
            login: paths that must work for whoever has no seat; ``/login`` exactly, ``/accounts/*`` and all below it.
            logout: paths, or a callable; once the CRM has answered them without an error, the seat is free.
            exempt: paths that have nothing to do with people, such as ``/static/*`` and a health check.
            workstation: what tells computers apart: ``cookie`` (one that the middleware sets), ``address``, or as user.
            kind: tells ``service`` for accounts of integrations; None: all are persons.
            trusted_proxies: networks, or ``unix``, whose ``X-Forwarded-For`` is believed.
            wait: seconds, at most 30, that a newcomer's request may wait for a seat; it holds a thread meanwhile.
            banner: put the licence's notices into the CRM's pages.
            contact: whom to call, for the pages; plain text.
            secret: one that all processes of the CRM share, for the cookie that lets one of them know whom another one
                has let in; None: processes share it that are forked from this one.

        Raises:
            InvalidInputError: a source, path or network that can't be one.
        """
        self._app, self._client, self._wait, self._banner, self._contact = app, client, wait, banner, contact
        self._tickets = Tickets(secret, client.clock)
        self._people = People(user, workstation, kind, trusted_proxies)
        self._login, self._logout, self._exempt = matcher(login), matcher(logout), matcher(exempt)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if self._exempt(environ):
            return self._app(environ, start_response)
        visitor = self._people.visitor(environ)
        start = _with_cookie(start_response, visitor.new_cookie)
        is_logout = self._logout(environ)
        try:
            notices = self._enter(environ, visitor, is_entrance=is_logout or self._login(environ))
        except LicensingError as refusal:
            return self._refused(environ, start, refusal)
        if is_logout and visitor.user is not None:
            return self._leaving(environ, _with_cookie(start, GONE), visitor)
        start = _with_cookie(start, self._ticket(environ, visitor))
        return (
            with_banner(self._app, environ, start, notices) if self._banner and notices else self._app(environ, start)
        )

    def _enter(self, environ: Environ, visitor: Visitor, *, is_entrance: bool) -> Sequence[Notice]:
        """Let a visitor in, with a seat or to read, and return the notices; raise the refusal."""
        known = self._known()
        mode = known.mode if known is not None else None
        seat = None
        is_stopped = mode == "restricted"
        if visitor.user is not None and not is_entrance:
            try:
                seat = self._seat(visitor, self._tickets.age(environ, visitor))
            except (LicenceRestrictedError, AgentNotBelievedError) as refusal:
                if getattr(refusal, "mode", "restricted") != "restricted":
                    raise
                is_stopped, mode = True, "restricted"
        is_read_only = is_stopped and seat is None and not is_entrance
        if is_read_only and environ["REQUEST_METHOD"] not in _SAFE:
            raise LicenceRestrictedError("The licence is restricted: nothing can be changed.")
        notices = known.notices if isinstance(known, Believed) else ()
        environ["licence.mode"], environ["licence.read_only"], environ["licence.seat"] = mode, is_read_only, seat
        environ["licence.notices"] = [notice.to_claims() for notice in notices]
        environ["licence.release"] = lambda: self._release(visitor)
        return notices

    def _known(self) -> Believed | AgentNotBelievedError | None:
        """Return what is known of the licence; None: nothing, since the agent has not answered yet."""
        try:
            return self._client.known_licence()
        except AgentNotBelievedError as error:
            return error
        except LicensingError:
            return None

    def _seat(self, visitor: Visitor, seen: int | None) -> Seat:
        user, client = visitor.user or "", visitor.client
        return self._client.seats.take(
            user, client, address=visitor.address, kind=visitor.kind, wait=self._wait, seen=seen
        )

    def _ticket(self, environ: Environ, visitor: Visitor) -> str | None:
        """Return a new ticket for somebody whose seat the agent has confirmed; None: the old one is good enough."""
        seat: Seat | None = environ["licence.seat"]
        if seat is None or seat.id is None or self._client.is_away:
            return None
        age = self._tickets.age(environ, visitor)
        return self._tickets.header(visitor) if age is None or age >= RENEW_AFTER else None

    def _release(self, visitor: Visitor) -> None:
        if visitor.user is not None:
            self._client.seats.free(visitor.user, visitor.client, address=visitor.address, kind=visitor.kind)

    def _refused(self, environ: Environ, start: StartResponse, refusal: LicensingError) -> Iterable[bytes]:
        is_change = isinstance(refusal, LicenceRestrictedError) and environ["REQUEST_METHOD"] not in _SAFE
        if not isinstance(refusal, _USUAL):
            _log.warning("The licence agent could not be used: %s", refusal)
        answer = refuse(environ, refusal, read_only() if is_change else explained(refusal), self._contact)
        start(answer.status, answer.headers)
        return [answer.body]

    def _leaving(self, environ: Environ, start: StartResponse, visitor: Visitor) -> Iterator[bytes]:
        """Answer a logout, and free the seat when the CRM has done it."""
        status = "500"

        def noted(said: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:  # noqa: ANN401
            nonlocal status
            status = said
            return start(said, headers, exc_info)

        answer = self._app(environ, noted)
        try:
            yield from answer
        finally:
            with suppress(AttributeError):
                answer.close()  # type: ignore[attr-defined]
            if status < "400":
                self._release(visitor)


def _with_cookie(start_response: StartResponse, cookie: str | None) -> StartResponse:
    """Give a browser a cookie with the next page or redirect; programs that ask for other things need none."""
    if cookie is None:
        return start_response

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[[bytes], object]:  # noqa: ANN401
        kind = next((value for name, value in headers if name.lower() == "content-type"), "")
        if status.startswith("3") or kind.lower().startswith("text/html"):
            headers = [*headers, ("Set-Cookie", cookie)]
        return start_response(status, headers, exc_info)

    return start
