"""The endpoints that a CRM calls all day, in two halves, so that many requests share one durable commit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from agent.domain.mode import Standing
from agent.domain.seats import Count, Overdraft, Wanted
from agent.domain.waiting import Place
from agent.services.seating import Answer, Seating
from agent.web import bodies, problems
from agent.web.access import Access
from agent.web.replies import NO_CONTENT, Finish, Headers, Later, Reply, to_json
from agent.web.requests import Request
from keys.addresses import Network
from keys.errors import LicensingError, SeatsExhaustedError

SEATS, HEARTBEAT, AUTHORIZE = "/v1/seats", "/v1/seats/heartbeat", "/v1/authorize"
_ONE_SEAT = "/v1/seats/"
_FORBIDDEN = "403 Forbidden"
_OUTSIDE = ',"outside_network":true'
_GRAVITY = {"info": 0, "warning": 1, "critical": 2}


@dataclass(frozen=True, slots=True)
class HotEndpoints:
    """Check-out, heartbeat, release and authorize."""

    seating: Seating
    access: Access
    standing: Callable[[], Standing]
    trusted_proxies: tuple[Network, ...] = ()

    def serves(self, method: str, path: str) -> bool:
        """Tell whether a request is of this kind; a wrong method is answered here too, save where there is a page."""
        if path == SEATS:
            return method not in {"GET", "HEAD"}
        return path.startswith(_ONE_SEAT) or path == AUTHORIZE

    def begin(self, request: Request) -> Finish:
        """Read a request, check it and begin the work; return what waits for the end of it and answers.

        Raises:
            LicensingError: refused before anything was begun.
        """
        method, path = request.method, request.path
        methods = self._methods(path)
        start = methods.get(method)
        if start is None:
            allowed = ("GET", "HEAD", *methods) if path == SEATS else tuple(methods)
            return partial(problems.wrong_method, method, allowed)
        return start(request)

    def _methods(self, path: str) -> Mapping[str, Callable[[Request], Finish]]:
        if path == SEATS:
            return {"POST": self._check_out}
        if path == HEARTBEAT:
            return {"POST": self._heartbeat}
        if path == AUTHORIZE:
            return {"GET": self._authorize, "HEAD": self._authorize}
        return {"DELETE": self._release}

    def _check_out(self, request: Request) -> Finish:
        self.access.check_application(request)
        wanted = bodies.read_wanted(request)
        finish = self.seating.begin_check_out(wanted)
        if wanted.wait:
            return partial(self._seat_or_place, wanted, finish)
        return lambda: _seat(finish())

    def _seat_or_place(self, wanted: Wanted, finish: Callable[[], Answer]) -> Reply | Later:
        """Answer a check-out that would wait: where there is no seat, with its place in the queue."""
        try:
            return _seat(finish())
        except SeatsExhaustedError as refusal:
            return _queued(self.seating, self.seating.join(wanted), refusal)

    def _heartbeat(self, request: Request) -> Finish:
        self.access.check_application(request)
        finish = self.seating.begin_heartbeat(*bodies.read_heartbeat(request))
        return lambda: _beats(*finish())

    def _release(self, request: Request) -> Finish:
        self.access.check_application(request)
        finish = self.seating.begin_release(request.path.removeprefix(_ONE_SEAT))

        def answer() -> Reply:
            finish()
            return NO_CONTENT

        return answer

    def _authorize(self, request: Request) -> Finish:
        """Begin a check-out for a proxy, which only asks whether: whatever the reason of a no, it is a 403."""
        self.access.check_application(request)
        try:
            finish = self.seating.begin_check_out(bodies.read_headers(request, self.trusted_proxies))
        except LicensingError as refusal:
            return _forbidden(refusal)

        def answer() -> Reply | Later:
            try:
                granted = finish()
            except LicensingError as refusal:
                return _forbidden(refusal)()
            return Reply("204 No Content", headers=self._told(granted), media_type=None)

        return answer

    def _told(self, granted: Answer) -> Headers:
        """Return what a proxy can use or pass on to the CRM: the mode, the seat, and the code of the gravest notice."""
        notices = self.standing().notices
        gravest = max(notices, key=lambda notice: _GRAVITY[notice.severity], default=None)
        headers = (("Licence-Mode", granted.mode), ("Licence-Seat", granted.seat_id))
        return headers if gravest is None else (*headers, ("Licence-Notice", gravest.code))


def _queued(seating: Seating, place: Place, refusal: LicensingError) -> Later:
    def attempt() -> Finish:
        finish = seating.begin_attempt(place)

        def answer() -> Reply | Later:
            found = finish()
            return later if found is None else _seat(found)

        return answer

    later = Later(attempt, partial(seating.leave, place), refusal)
    return later


def _seat(answer: Answer) -> Reply:
    body = (
        f'{{"seat":"{answer.seat_id}","fence":{answer.fence},"expires_in":{answer.expires_in},'
        f'"users":{_count(answer.users)},"clients":{_count(answer.clients)},"mode":"{answer.mode}",'
        f'"overdraft":{_overdraft(answer.overdraft)}{_OUTSIDE if answer.outside_network else ""}}}'
    )
    return Reply("201 Created" if answer.is_new else "200 OK", body.encode())


def _count(count: Count) -> str:
    return f'{{"used":{count.used},"limit":{"null" if count.limit is None else count.limit}}}'


def _overdraft(overdraft: Overdraft | None) -> str:
    if overdraft is None:
        return "null"
    return f'{{"users":{overdraft.users},"allowed":{overdraft.allowed},"days_left":{overdraft.days_left}}}'


def _beats(renewed: list[str], lost: list[str]) -> Reply:
    return Reply("200 OK", to_json({"renewed": renewed, "lost": lost}))


def _forbidden(refusal: LicensingError) -> Finish:
    """Say no to a proxy; a failure of the agent's own is none, so that who is in may stay in by the proxy's cache."""
    if problems.STATUS.get(type(refusal), HTTPStatus.INTERNAL_SERVER_ERROR) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise refusal

    def answer() -> Reply:
        problem = problems.refusal(refusal, (("Licence-Problem", refusal.word),))
        return Reply(_FORBIDDEN, problem.body, problem.headers, problem.media_type)

    return answer
