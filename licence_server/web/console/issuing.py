"""Pages and buttons: a licence from the order to the code, and what becomes of it."""

from collections.abc import Callable

from flask import Blueprint, g, render_template, url_for
from werkzeug.wrappers import Response

from keys.clock import Clock
from keys.documents.parts import NetworkPolicy
from keys.drawing import as_address
from keys.errors import ApprovalNeededError, InvalidInputError
from licence_server.domain.duration import Duration
from licence_server.domain.licence import Order
from licence_server.domain.plan import Given, Offer, Plan
from licence_server.domain.sizes import Sizes
from licence_server.web.console.formats import day
from licence_server.web.console.language import gettext
from licence_server.web.console.refusals import translated
from licence_server.web.console.sending import by, done, end_of_day, text, versions, whole
from licence_server.web.console.use_cases import UseCases
from licence_server.web.problems import STATUS

_USUAL_DAYS = 366
_NO_PLAN = "none"
"""Chosen in place of a plan's id."""
_BEYOND = ("service", "overdraft_users", "overdraft_days")
_TYPED = ("site", "users", "clients", *_BEYOND, "model", "ends", "networks", "shown")


def register(bp: Blueprint, use_cases: UseCases, clock: Clock) -> None:
    """Add them."""
    _add_issue(bp, use_cases, clock)
    _add_codes(bp, use_cases)
    _add_states(bp, use_cases)
    _add_sizes(bp, use_cases)


def _add_issue(bp: Blueprint, use_cases: UseCases, clock: Clock) -> None:
    def form(customer_id: str, plan: Plan | None, typed: dict[str, object], refusal: str | None = None) -> str:
        customer, are_plans = use_cases.registering.one(customer_id), bool(use_cases.planning.plans())
        shown = {"customer": customer, "plan": plan, "are_plans": are_plans, "typed": typed, "refusal": refusal}
        return render_template("console/issue.html", **shown)

    @bp.get("/customers/<customer_id>/licences/new")
    def new_licence(customer_id: str) -> str:
        chosen = text("plan")
        plans = () if chosen else use_cases.planning.plans()
        if plans:
            customer = use_cases.registering.one(customer_id)
            return render_template("console/issue-plans.html", customer=customer, plans=plans)
        plan = _plan(use_cases, chosen)
        return form(customer_id, plan, _usual(plan, clock.now()))

    @bp.post("/customers/<customer_id>/licences/new")
    def issue(customer_id: str) -> Response:
        plan = _plan(use_cases, text("plan"))
        try:
            if plan is None:
                licence, code = use_cases.issuing.issue(Order(customer_id, **_typed()), by())
            else:
                licence, code = use_cases.issuing.issue_from(plan.id, customer_id, _given(), by())
        except (InvalidInputError, ApprovalNeededError) as error:
            typed = {name: text(name, 4000) for name in _TYPED}
            page = form(customer_id, plan, dict(typed), translated(str(error)))
            return Response(page, STATUS[type(error)], mimetype="text/html")
        return _shown(licence.id, code)


def _plan(use_cases: UseCases, chosen: str) -> Plan | None:
    """Return the plan that was chosen. Raises NotFoundError; StateConflictError when it is retired."""
    if chosen in ("", _NO_PLAN):
        return None
    plan = use_cases.planning.one(chosen)
    plan.check_open()
    return plan


def _usual(plan: Plan | None, now: int) -> dict[str, object]:
    """Return what the form says before somebody types: as the plan has it; without one, a licence for a year."""
    offer = Offer("", users=0, lasting=Duration(_USUAL_DAYS, "days")) if plan is None else plan.offer
    ends = "" if offer.lasting is None else day(offer.lasting.after(now), g.language)
    clients = "" if offer.clients is None else offer.clients
    typed = {"users": offer.users or "", "clients": clients, "model": offer.model, "ends": ends, "shown": ends}
    beyond = {name: getattr(offer, name) or "" for name in _BEYOND}
    return {**typed, **beyond, "site": "main", "networks": ""}


def _add_codes(bp: Blueprint, use_cases: UseCases) -> None:
    @bp.post("/licences/<licence_id>/code")
    def new_code(licence_id: str) -> Response:
        return _shown(licence_id, use_cases.issuing.new_code(licence_id, by(), versions()))

    @bp.post("/licences/<licence_id>/rehost")
    def rehost(licence_id: str) -> Response:
        return _shown(licence_id, use_cases.moving.rehost(licence_id, text("reason", 500), by(), versions()))


def _add_states(bp: Blueprint, use_cases: UseCases) -> None:
    suspending, changing = use_cases.suspending, use_cases.changing

    def button(name: str, said: str, press: Callable[[str], object]) -> None:
        def view(licence_id: str) -> Response:
            press(licence_id)
            return done(said, url_for("console.licence", licence_id=licence_id))

        bp.add_url_rule(f"/licences/<licence_id>/{name}", name, view, methods=["POST"])

    button("suspend", "suspended", lambda licence_id: suspending.suspend(licence_id, text("reason"), by(), versions()))
    button("resume", "resumed", lambda licence_id: suspending.resume(licence_id, text("reason"), by(), versions()))
    button("revoke", "revoked", lambda licence_id: suspending.revoke(licence_id, text("reason"), by(), versions()))
    button("renew", "renewed", lambda licence_id: changing.renew(licence_id, end_of_day(), by(), versions()))
    button("confirm", "confirmed", lambda licence_id: changing.confirm(licence_id, by(), versions()))
    button(
        "acknowledge",
        "acknowledged",
        lambda licence_id: changing.acknowledge(licence_id, text("why", 500), by(), versions()),
    )


def _add_sizes(bp: Blueprint, use_cases: UseCases) -> None:
    @bp.post("/licences/<licence_id>/seats")
    def seats(licence_id: str) -> Response:
        use_cases.changing.seats(licence_id, _sizes(), by(), versions())
        return done("resized", url_for("console.licence", licence_id=licence_id))

    @bp.post("/licences/<licence_id>/networks")
    def networks(licence_id: str) -> Response:
        policy: NetworkPolicy = "report" if text("policy") == "report" else "enforce"
        use_cases.changing.networks(licence_id, _networks(), policy, by(), versions())
        return done("relocated", url_for("console.licence", licence_id=licence_id))


def _sizes() -> Sizes:
    return Sizes(
        users=whole("users", gettext("Users")) or 0,
        clients=whole("clients", gettext("Computers")),
        service=whole("service", gettext("Integration accounts")),
        overdraft_users=whole("overdraft_users", gettext("Users more than bought")),
        overdraft_days=whole("overdraft_days", gettext("On how many days of any 30")),
    )


def _typed() -> Given:
    """Return what is typed; what goes beyond users and clients only where it is."""
    sizes = _sizes()
    given = Given(
        users=sizes.users,
        clients=sizes.clients,
        model="named" if text("model") == "named" else "concurrent",
        site=text("site"),
        ends_at=end_of_day(),
        networks=_networks(),
    )
    beyond = {name: getattr(sizes, name) for name in _BEYOND}
    given.update({name: number for name, number in beyond.items() if number is not None})  # type: ignore[typeddict-item]
    return given


def _given() -> Given:
    """Return what is typed for one licence from a plan; an end that nobody touched is the plan's, on any day."""
    given = _typed()
    if text("ends") == text("shown"):
        del given["ends_at"]
    return given


def _networks() -> tuple[str, ...]:
    return tuple(text("networks", 4000).replace(",", " ").split())


def _shown(licence_id: str, code: str) -> Response:
    """Show an activation code, this once."""
    page = render_template("console/activation-code.html", licence_id=licence_id, code=code, picture=as_address(code))
    return Response(page, mimetype="text/html")
