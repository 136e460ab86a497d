"""The endpoints that are called now and then: who holds what, free a user, the licence, metrics."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from math import ceil

from agent.domain.mode import Standing
from agent.domain.seats import Count, Held
from agent.domain.usage import Report
from agent.services.seating import Occupied, Seating
from agent.web import problems
from agent.web.access import Access
from agent.web.metrics import SeatMetrics
from agent.web.replies import Finish, Reply, to_json
from agent.web.requests import Request
from agent.web.screen import fragment
from agent.web.sentences import Language
from agent.web.usage import usage_page
from keys.errors import NotFoundError

_HTML_TYPE = "text/html; charset=utf-8"
_METRICS_TYPE = "text/plain; version=1.0.0; charset=utf-8"
_ONE_USER = "/v1/users/"
_SLICE = 256
"""Seats."""
Page = Callable[[Request], Reply]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the answers come from."""

    seating: Seating
    standing: Callable[[], Standing]
    document: Callable[[], bytes | None]
    """The licence in hand as it was signed, so that a CRM need not believe the agent."""
    upcoming: Callable[[], Report]
    """What the next validation tells of the seats."""
    trust: Callable[[], bytes | None]
    """The trust document as it was signed."""
    last_failure: Callable[[Standing], str | None]
    """Why the last validation failed, in a sentence; None: it did not."""
    outages: Callable[[], Sequence[bytes]]
    """The outage documents as they were signed, which stretch the licence."""


class Pages:
    """The pages by path and method."""

    def __init__(self, sources: Sources, access: Access) -> None:
        self._sources, self._access = sources, access
        self._metrics = SeatMetrics(sources.seating, sources.standing)
        self._paths: dict[str, dict[str, Page]] = {
            "/v1/seats": {"GET": self._seats},
            "/v1/usage": {"GET": self._usage},
            "/v1/licence": {"GET": self._licence},
            "/v1/licence.html": {"GET": self._screen},
            "/metrics": {"GET": self._figures},
        }

    def begin(self, request: Request) -> Finish:
        """Return what makes the answer, in any thread. Raises LicensingError: refused at once."""
        methods = self._methods(request.path)
        page = methods.get("GET" if request.method == "HEAD" else request.method)
        if page is not None:
            return partial(page, request)
        self._access.check_application(request)
        if not methods:
            raise NotFoundError("There is nothing here.")
        return partial(problems.wrong_method, request.method, allowed(methods))

    def _methods(self, path: str) -> Mapping[str, Page]:
        if path.startswith(_ONE_USER) and path != _ONE_USER:
            return {"DELETE": self._free}
        return self._paths.get(path, {})

    def _seats(self, request: Request) -> Reply:
        self._access.check_administrator(request)
        return Reply("200 OK", _occupation(self._sources.seating))

    def _usage(self, request: Request) -> Reply:
        self._access.check_administrator(request)
        sources = self._sources
        return _json(usage_page(sources.seating.usage(), sources.standing(), sources.upcoming))

    def _free(self, request: Request) -> Reply:
        self._access.check_administrator(request)
        return _json({"released": self._sources.seating.free(request.path.removeprefix(_ONE_USER))})

    def _licence(self, request: Request) -> Reply:
        self._access.check_application(request)
        return _json(_licence(self._sources))

    def _screen(self, request: Request) -> Reply:
        """Answer with the licence as a fragment of HTML."""
        self._access.check_application(request)
        language: Language = "fa" if b"lang=fa" in request.query.split(b"&") else "en"
        return Reply("200 OK", fragment(_licence(self._sources), language).encode(), media_type=_HTML_TYPE)

    def _figures(self, request: Request) -> Reply:
        self._access.check_application(request)
        return Reply("200 OK", self._metrics.expose(), media_type=_METRICS_TYPE)


def allowed(methods: Iterable[str]) -> tuple[str, ...]:
    """Return methods with what comes along with them."""
    return tuple(
        dict.fromkeys(each for method in methods for each in ((method, "HEAD") if method == "GET" else (method,)))
    )


def _json(value: Mapping[str, object]) -> Reply:
    return Reply("200 OK", to_json(value))


def _occupation(seating: Seating) -> bytes:
    """List who holds what, a slice at a time: to write all at once would hold every other thread up meanwhile."""
    occupation = seating.occupation()
    head = {
        "mode": occupation.occupied.mode,
        **_counts(occupation.occupied),
        "assigned": [{"user": user, "assigned_at": at} for user, at in occupation.assigned.items()],
        "resting": [{"user": user, "free_at": at} for user, at in occupation.resting.items()],
        "waiting": occupation.waiting,
    }
    slices = (occupation.held[first : first + _SLICE] for first in range(0, len(occupation.held), _SLICE))
    seats = [to_json([_seat(held, occupation.now) for held in some])[1:-1] for some in slices]
    return to_json(head)[:-1] + b',"seats":[' + b",".join(seats) + b"]}"


def _seat(held: Held, now: float) -> Mapping[str, object]:
    return {
        "seat": held.seat.id,
        "fence": held.seat.fence,
        "user": held.seat.user,
        "client": held.seat.client,
        "kind": held.seat.kind,
        "expires_in": ceil(held.ends_at - now),
    }


def _licence(sources: Sources) -> Mapping[str, object]:
    standing, document, trust = sources.standing(), sources.document(), sources.trust()
    return {
        "mode": standing.mode,
        "reason": standing.reason,
        "status": standing.status,
        "days_left": standing.days_left,
        "until_at": standing.until_at,
        "now": standing.now,
        **_terms(standing, sources.seating.occupied()),
        "notices": [notice.to_claims() for notice in standing.notices],
        "last_failure": sources.last_failure(standing),
        "document": None if document is None else document.decode("ascii", "replace"),
        "trust": None if trust is None else trust.decode("utf-8", "replace"),
        "outages": [each.decode("ascii", "replace") for each in sources.outages()],
    }


def _terms(standing: Standing, occupied: Occupied) -> Mapping[str, object]:
    licence = standing.licence
    if licence is None:
        names = ("licence", "customer", "product", "edition", "site", "features", "seats", "expires_at", "refresh_at")
        return dict.fromkeys((*names, "issued_at", "last_validated_at", "network_policy"))
    return {
        "licence": licence.licence_id,
        "customer": licence.customer.to_claims(),
        "product": licence.product.name,
        "edition": licence.product.edition,
        "site": licence.site,
        "features": list(licence.features),
        "seats": {"model": licence.seats.model, **_counts(occupied)},
        "expires_at": licence.expires_at,
        "refresh_at": licence.validation.refresh_at,
        "issued_at": licence.issued_at,
        "last_validated_at": licence.issued_at,
        "network_policy": licence.network_policy,
    }


def _counts(occupied: Occupied) -> Mapping[str, object]:
    return {
        "users": _count(occupied.users),
        "clients": _count(occupied.clients),
        "service": _count(occupied.services),
        "overdraft": None if occupied.overdraft is None else asdict(occupied.overdraft),
    }


def _count(count: Count) -> Mapping[str, int | None]:
    return {"used": count.used, "limit": count.limit}
