"""Pages: licences, to look at."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import cast

from flask import Blueprint, g, render_template

from keys.clock import Clock
from keys.documents.requests import Usage
from licence_server.domain.finding import dialled
from licence_server.domain.licence import STATES, Picked, State
from licence_server.web.console import vocabulary
from licence_server.web.console.sending import after, text
from licence_server.web.console.use_cases import UseCases

_ON_A_PAGE = 50
_DAYS = 30


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
        lately = [hour for hour in hours if hour.hour_at > clock.now() - _DAYS * 86_400]
        return render_template(
            "console/licence.html",
            view=view,
            plan=None if view.licence.plan is None else use_cases.planning.one(view.licence.plan),
            events=view.events[::-1],
            hours=lately,
            points=json.dumps(_points(lately)),
            reasons=vocabulary.REASONS,
        )

    @bp.get("/licences/<licence_id>/live")
    def live(licence_id: str) -> str | tuple[str, int]:
        view = use_cases.reading.licence(licence_id)
        if view.state == "issued":  # nothing new: the page stays as it is, and nobody is told the same again
            return "", HTTPStatus.NO_CONTENT
        return render_template("console/live.html", view=view)


def _points(hours: Sequence[Usage]) -> list[list[int]]:
    """Return what the chart draws: moments, users, clients."""
    return [[hour.hour_at for hour in hours], [hour.users for hour in hours], [hour.clients for hour in hours]]
