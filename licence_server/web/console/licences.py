"""Pages: licences, to look at."""

import json
from collections import Counter
from collections.abc import Sequence
from http import HTTPStatus
from typing import cast

from flask import Blueprint, Response, g, render_template

from keys.clock import Clock
from keys.documents.requests import Usage
from keys.errors import NotFoundError
from licence_server.domain.certificate import LANGUAGES
from licence_server.domain.days import DAY
from licence_server.domain.finding import dialled
from licence_server.domain.licence import STATES, Picked, State
from licence_server.services.reading import LicenceView, by_day
from licence_server.web.console import vocabulary
from licence_server.web.console.language import marked
from licence_server.web.console.sending import after, text
from licence_server.web.console.use_cases import UseCases

_ON_A_PAGE = 50
_DAYS = 30
_COMPARED = ("fingerprint_drifted", "validation_refused")
"""What tells which components of a server were not as they were enrolled."""


def register(bp: Blueprint, use_cases: UseCases, clock: Clock) -> None:
    """Add the pages."""

    @bp.get("/licences")
    def licences() -> str:
        state, wanted = text("state"), text("q")
        picked = Picked(state=cast("State", state) if state else None, text=dialled(wanted))
        page = use_cases.reading.licences(picked, after(), _ON_A_PAGE)
        return render_template(
            "console/licences.html", views=page.found, next=page.next, q=wanted, state=state, states=STATES
        )

    @bp.get("/licences/<licence_id>")
    def licence(licence_id: str) -> str:
        view = use_cases.reading.licence(licence_id)
        hours: Sequence[Usage] = ()
        if "usage.read" in g.signed_in.actor.rights:
            _, hours = use_cases.reading.usage(licence_id)
        lately = [hour for hour in hours if hour.hour_at > clock.now() - _DAYS * DAY]
        return render_template(
            "console/licence.html",
            plan=None if view.licence.plan is None else use_cases.planning.one(view.licence.plan),
            **_shown(view, clock.now()),
            events=view.events[::-1],
            exchanges=[event for event in view.events[::-1] if event.code in _COMPARED],
            fates=Counter(day.fate for day in view.days),
            hours=lately,
            usage=by_day(lately),
            points=json.dumps(_points(lately, view.licence.seats.users)),
            reasons=vocabulary.REASONS,
        )

    @bp.get("/licences/<licence_id>/certificate/<language>")
    def certificate(licence_id: str, language: str) -> Response:
        if language not in LANGUAGES:
            raise NotFoundError(marked("There is no page at this address."))
        page = use_cases.certifying.certificate(licence_id, language)
        response = Response(page, mimetype="application/pdf")
        response.headers.set("Content-Disposition", "attachment", filename=f"{licence_id}-{language}.pdf")
        return response

    @bp.get("/licences/<licence_id>/live")
    def live(licence_id: str) -> str | tuple[str, int]:
        view = use_cases.reading.licence(licence_id)
        if view.state == "issued":  # nothing new: the page stays as it is, and nobody is told the same again
            return "", HTTPStatus.NO_CONTENT
        return render_template("console/live.html", **_shown(view, clock.now()))


def _shown(view: LicenceView, now: int) -> dict[str, object]:
    """Return what both the page and its live part need: the licence, since when it is so, and when it is heard of."""
    due_at = view.due_at
    return {"view": view, "since": view.since, "due_at": due_at, "is_overdue": due_at is not None and due_at < now}


def _points(hours: Sequence[Usage], bought: int) -> list[list[int]]:
    """Return what the chart draws: moments, users, clients, and how many users were bought."""
    users, clients = [hour.users for hour in hours], [hour.clients for hour in hours]
    return [[hour.hour_at for hour in hours], users, clients, [bought] * len(hours)]
