"""The local API: the hot endpoints first, pages that are asked for now and then in threads beside them."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from agent.domain.mode import Standing
from agent.domain.usage import Report
from agent.services.seating import Seating
from agent.web import problems
from agent.web.access import Access
from agent.web.bodies import LARGEST_HEARTBEAT
from agent.web.hot import HotEndpoints
from agent.web.pages import Pages, Sources
from agent.web.replies import Reply
from agent.web.requests import Request, from_scope
from agent.web.turns import Deliver, Turns
from keys.addresses import Network

Message = MutableMapping[str, Any]
_HEALTHY = Reply("200 OK", b'{"status":"ok"}')
_ALIVE = "/healthz"


def create_app(
    seating: Seating,
    *,
    standing: Callable[[], Standing],
    document: Callable[[], bytes | None],
    access: Access,
    upcoming: Callable[[], Report] | None = None,
    trust: Callable[[], bytes | None] = lambda: None,
    last_failure: Callable[[Standing], str | None] = lambda _: None,
    outages: Callable[[], Sequence[bytes]] = tuple,
    trusted_proxies: Sequence[Network] = (),
) -> "LocalApi":
    """Build the local API.

    Args:
        seating: the seats of this home.
        standing: what the licence allows now; asked for ``GET /v1/licence`` and the metrics.
        document: the licence in hand as it was signed; None: there is none.
        access: tokens, user ids on the Unix socket, names in ``Host``.
        upcoming: what the next validation tells of the seats; what they have to tell now, unless there is more to it.
        trust: the trust document in hand, under which that licence was signed.
        last_failure: why the last validation failed, in a sentence; None: it did not.
        outages: the outage documents as they were signed.
        trusted_proxies: whose word on where a client came from counts for ``GET /v1/authorize``.
    """
    sources = Sources(seating, standing, document, upcoming or seating.report, trust, last_failure, outages)
    return LocalApi(HotEndpoints(seating, access, standing, tuple(trusted_proxies)), Pages(sources, access), access)


class LocalApi:
    """An ASGI application; our own listener hands it requests without ASGI's ceremony."""

    def __init__(self, hot: HotEndpoints, pages: Pages, access: Access) -> None:
        self._hot, self._pages, self._access = hot, pages, access
        self._gathered: tuple[asyncio.AbstractEventLoop, Turns] | None = None

    def take(self, request: Request, turns: Turns, deliver: Deliver) -> None:
        """Begin a request, and deliver the answer in a later turn of the loop; never raises."""
        path = request.path
        try:
            self._access.check_way_in(request)
            if path == _ALIVE:
                turns.add(lambda: _HEALTHY, deliver)
            elif self._hot.serves(request.method, path):
                turns.add(self._hot.begin(request), deliver)
            else:
                turns.aside(self._pages.begin(request), deliver)
        except Exception as error:  # noqa: BLE001 - every refusal and every mistake ends in a problem
            reply = problems.of(error)
            turns.add(lambda: reply, deliver)

    def turns(self, loop: asyncio.AbstractEventLoop) -> Turns:
        """Return what gathers a loop's requests."""
        if self._gathered is None or self._gathered[0] is not loop:
            figures = self._hot.seating.figures
            self._gathered = loop, Turns(loop, lambda: figures.released)
        return self._gathered[1]

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Any]
    ) -> None:
        """Answer a request under any ASGI server; the server keeps the limits of time and size then."""
        body, loop = bytearray(), asyncio.get_running_loop()
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if len(body) > 2 * LARGEST_HEARTBEAT or not message.get("more_body"):
                break
        answer: asyncio.Future[Reply] = loop.create_future()
        self.take(from_scope(scope, bytes(body)), self.turns(loop), answer.set_result)
        reply = await answer
        await send({"type": "http.response.start", "status": reply.code, "headers": reply.all_headers()})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else reply.body})
