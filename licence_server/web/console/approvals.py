"""Pages: what one person asked for, and another has to allow (four eyes)."""

from flask import Blueprint, g, render_template, url_for
from werkzeug.wrappers import Response

from keys.clock import Clock
from licence_server.domain.approval import APPROVAL_STATES, OPEN
from licence_server.web.console import vocabulary
from licence_server.web.console.language import gettext
from licence_server.web.console.sending import after, by, done, text
from licence_server.web.console.terms import told
from licence_server.web.console.use_cases import UseCases

_ON_A_PAGE = 50
_LONGEST_REASON = 500


def register(bp: Blueprint, use_cases: UseCases, clock: Clock) -> None:
    """Add them."""
    approving = use_cases.approving

    @bp.get("/approvals")
    def approvals() -> str:
        wanted, now = text("state"), clock.now()
        page = approving.approvals([each for each in APPROVAL_STATES if each == wanted] or OPEN, after(), _ON_A_PAGE)
        wishes = [(each, each.state_at(now), told(each.terms, g.language)) for each in page.found]
        states = [
            ("", gettext("waiting or allowed")),
            *((code, gettext(each)) for code, each in vocabulary.APPROVAL_STATES.items()),
        ]
        return render_template("console/approvals.html", wishes=wishes, next=page.next, state=wanted, states=states)

    @bp.post("/approvals/<approval_id>/grant")
    def grant(approval_id: str) -> Response:
        approving.grant(approval_id, by())
        return done("granted", url_for("console.approvals"))

    @bp.post("/approvals/<approval_id>/refusal")
    def refuse(approval_id: str) -> Response:
        approving.refuse(approval_id, text("reason", _LONGEST_REASON), by())
        return done("refused", url_for("console.approvals"))
