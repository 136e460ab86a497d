"""Pages: what one person asked for, and another has to allow (four eyes)."""

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from keys.clock import Clock
from licence_server.web.console.sending import by, done, text
from licence_server.web.console.use_cases import UseCases

_LONGEST_REASON = 500


def register(bp: Blueprint, use_cases: UseCases, clock: Clock) -> None:
    """Add them."""
    approving = use_cases.approving

    @bp.get("/approvals")
    def approvals() -> str:
        now = clock.now()
        found = [(each, each.state_at(now)) for each in approving.approvals()]
        waiting = [each for each, state in found if state == "waiting"]
        granted = [each for each, state in found if state == "granted"]
        return render_template("console/approvals.html", waiting=waiting, granted=granted)

    @bp.post("/approvals/<approval_id>/grant")
    def grant(approval_id: str) -> Response:
        approving.grant(approval_id, by())
        return done("granted", url_for("console.approvals"))

    @bp.post("/approvals/<approval_id>/refusal")
    def refuse(approval_id: str) -> Response:
        approving.refuse(approval_id, text("reason", _LONGEST_REASON), by())
        return done("refused", url_for("console.approvals"))
