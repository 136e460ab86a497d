"""The vendor's web console under /console: what surrounds every page of it."""

from pathlib import Path

from flask import Blueprint, Response

from keys.clock import Clock
from keys.errors import NotFoundError
from keys.identity import Randomness
from licence_server.web.console import (
    account,
    approvals,
    audit,
    customers,
    desk,
    exchanging,
    exporting,
    importing,
    issuing,
    licences,
    operators,
    outages,
    packages,
    passkeys,
    plans,
    preferences,
    problems,
    renewals,
    representatives,
    signing_in,
    sso,
    static,
    webhooks,
)
from licence_server.web.console.dress import dress, surroundings
from licence_server.web.console.entrance import Entrance
from licence_server.web.console.language import marked
from licence_server.web.console.use_cases import UseCases
from licence_server.web.console.visitor import Cookies

NAME = "console"
_CHANGING = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_PAGES = (
    desk, customers, representatives, renewals, plans, importing, exporting, exchanging, outages, packages,
    audit, operators, webhooks, account,
)  # fmt: skip
_TEMPLATES = Path(__file__).parent / "templates"


def blueprint(use_cases: UseCases, *, issuer: str, clock: Clock, randomness: Randomness) -> Blueprint:
    """Build the console.

    Args:
        use_cases: what the pages call.
        issuer: the server's public URL; under no other host there is a console.
        clock: tells how long ago something was.
        randomness: makes secrets.
    """
    bp = Blueprint(NAME, __name__, url_prefix="/console", template_folder=_TEMPLATES)
    cookies = Cookies(issuer)
    bp.record_once(lambda state: dress(state.app.jinja_env, clock))

    entrance = Entrance(use_cases.authenticating, cookies, randomness)
    bp.before_request(entrance.enter)
    bp.after_request(entrance.leave)
    bp.context_processor(surroundings)
    problems.register(bp)
    static.register(bp)
    preferences.register(bp, cookies)
    signing_in.register(bp, use_cases.signing_in, use_cases.authenticating, cookies)
    passkeys.register(bp, use_cases, cookies)
    sso.register(bp, use_cases, cookies)
    for pages in _PAGES:
        pages.register(bp, use_cases)
    for pages in (licences, issuing, approvals):
        pages.register(bp, use_cases, clock)

    @bp.route("", methods=_CHANGING, defaults={"_rest": ""})
    @bp.route("/<path:_rest>", methods=("GET", *_CHANGING))
    def nowhere(_rest: str) -> Response:
        """Give unknown addresses this console's page rather than the API's problem."""
        raise NotFoundError(marked("There is no page at this address."))

    return bp
