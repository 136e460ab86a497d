"""Pages: where events are sent, and what became of them."""

from collections.abc import Callable, Sequence

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from keys.errors import InvalidInputError, KeyUnsafeError, StateConflictError
from licence_server.domain.receiver import LONGEST_URL
from licence_server.domain.webhook import TYPES, Webhook
from licence_server.services.subscribing import Entrusted, Subscribing
from licence_server.web.console.refusals import translated
from licence_server.web.console.sending import after, by, done, text
from licence_server.web.console.use_cases import UseCases
from licence_server.web.problems import STATUS

_MOST = 25


def register(bp: Blueprint, use_cases: UseCases) -> None:
    """Add them."""
    _add_list(bp, use_cases.subscribing)
    _add_one(bp, use_cases.subscribing)


def _add_list(bp: Blueprint, subscribing: Subscribing) -> None:
    def page(chosen: Sequence[str], refusal: str | None = None) -> str:
        found = [(each, state_of(each)) for each in subscribing.all()]
        given = {"url": text("url", LONGEST_URL), "chosen": chosen, "refusal": refusal}
        return render_template("console/webhooks.html", webhooks=found, types=TYPES, longest=LONGEST_URL, **given)

    @bp.get("/webhooks")
    def webhooks() -> str:
        return page(TYPES)

    @bp.post("/webhooks")
    def add_webhook() -> Response:
        chosen = request.form.getlist("types")
        try:
            return _secret(subscribing.add(text("url", LONGEST_URL), chosen, by()))
        except (InvalidInputError, KeyUnsafeError, StateConflictError) as error:
            return Response(page(chosen, translated(str(error))), STATUS[type(error)], mimetype="text/html")


def _add_one(bp: Blueprint, subscribing: Subscribing) -> None:
    @bp.get("/webhooks/<webhook_id>")
    def webhook(webhook_id: str) -> str:
        found, told = subscribing.one(webhook_id), subscribing.deliveries(webhook_id, after(), _MOST)
        return render_template("console/webhook.html", webhook=found, state=state_of(found), told=told)

    @bp.post("/webhooks/<webhook_id>/rotate")
    def rotate_webhook(webhook_id: str) -> Response:
        return _secret(subscribing.rotate(webhook_id, by()))

    @bp.post("/webhooks/<webhook_id>/remove")
    def remove_webhook(webhook_id: str) -> Response:
        subscribing.remove(webhook_id, by())
        return done("removed", url_for("console.webhooks"))

    def button(path: str, endpoint: str, said: str, press: Callable[..., object]) -> None:
        def view(webhook_id: str, **more: str) -> Response:
            press(webhook_id, by=by(), **more)
            return done(said, url_for("console.webhook", webhook_id=webhook_id))

        bp.add_url_rule(f"/webhooks/<webhook_id>/{path}", endpoint, view, methods=["POST"])

    button("enable", "enable_webhook", "enabled", subscribing.enable)
    button("test", "test_webhook", "pinged", subscribing.test)
    button("deliveries/<delivery_id>/resend", "resend", "resent", subscribing.resend)


def state_of(webhook: Webhook) -> str:
    """Return the word for how it goes."""
    if webhook.why is not None:
        return f"off_{webhook.why}"
    return "on" if webhook.failing_since is None else "failing"


def _secret(entrusted: Entrusted) -> Response:
    """Show a secret, this once."""
    page = render_template("console/webhook-secret.html", webhook=entrusted.webhook, secret=entrusted.secret)
    return Response(page, mimetype="text/html")
