"""The first page after the way in: search, and the licences that somebody should look at."""

from flask import Blueprint, render_template

from keys.clock import Clock
from licence_server.domain.licence import Picked
from licence_server.web.console.language import gettext
from licence_server.web.console.use_cases import UseCases

_MOST = 10
_SOON = 30 * 86_400
_LONG = 3 * 86_400


def register(bp: Blueprint, use_cases: UseCases, clock: Clock) -> None:
    """Add it."""

    @bp.get("/")
    @bp.get("")
    def desk() -> str:
        now = clock.now()
        worries = (
            (gettext("To be confirmed"), Picked(state="recovered")),
            (gettext("Active, and ends within 30 days"), Picked(state="active", ends_before=now + _SOON)),
            (gettext("Active, and not heard of for three days"), Picked(state="active", silent_since=now - _LONG)),
            (gettext("Suspended licences"), Picked(state="suspended")),
        )
        lists = [(title, use_cases.reading.licences(picked, most=_MOST).found) for title, picked in worries]
        return render_template("console/desk.html", lists=[each for each in lists if each[1]])
