"""Pages: plans, from which licences are issued."""

from collections.abc import Callable

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from keys.errors import InvalidInputError, StateConflictError
from licence_server.domain.duration import Duration
from licence_server.domain.plan import Changes, Offer, Plan
from licence_server.web.console.language import gettext
from licence_server.web.console.refusals import translated
from licence_server.web.console.sending import by, done, text, whole
from licence_server.web.console.use_cases import UseCases
from licence_server.web.problems import STATUS

_FIELDS = (
    "name", "edition", "users", "clients", "model", "count", "unit", "features", "service", "overdraft_users",
    "overdraft_days", "interval", "grace", "network_policy", "on_clone",
)  # fmt: skip
_LONGEST = 5_000
"""Characters of all features that a licence may have, and more."""


def register(bp: Blueprint, use_cases: UseCases) -> None:
    """Add the pages."""
    planning = use_cases.planning

    @bp.get("/plans")
    def plans() -> str:
        found = planning.every_plan()
        retired = [each for each in found if each.retired_at is not None]
        return render_template(
            "console/plans.html", plans=[each for each in found if each.retired_at is None], retired=retired
        )

    @bp.get("/plans/new")
    def new_plan() -> str:
        return _form(None, _shown(Offer("", users=0)) | {"users": ""})

    @bp.post("/plans/new")
    def add_plan() -> Response:
        return _try(None, lambda: planning.add(Offer(**_typed()), by()))

    @bp.get("/plans/<plan_id>/change")
    def change_plan(plan_id: str) -> str:
        plan = planning.one(plan_id)
        plan.check_open()
        return _form(plan, _shown(plan.offer))

    @bp.post("/plans/<plan_id>/change")
    def put_plan(plan_id: str) -> Response:
        return _try(planning.one(plan_id), lambda: planning.change(plan_id, _typed(), by()))

    @bp.post("/plans/<plan_id>/retire")
    def retire_plan(plan_id: str) -> Response:
        planning.retire(plan_id, by())
        return done("saved", url_for("console.plans"))


def _form(plan: Plan | None, typed: dict[str, object], refusal: str | None = None) -> str:
    return render_template("console/plan-form.html", plan=plan, typed=typed, refusal=refusal)


def _try(plan: Plan | None, store: Callable[[], object]) -> Response:
    """Store what was typed; what is wrong with it is said above the form."""
    try:
        store()
    except (InvalidInputError, StateConflictError) as error:
        page = _form(plan, {name: text(name, _LONGEST) for name in _FIELDS}, translated(str(error)))
        return Response(page, STATUS[type(error)], mimetype="text/html")
    return done("saved", url_for("console.plans"))


def _shown(offer: Offer) -> dict[str, object]:
    """Return an offer as the form's fields have it."""
    values = {name: "" if value is None else value for name, value in offer.values.items()}
    lasting = offer.lasting
    return {
        **values,
        "name": offer.name,
        "features": " ".join(offer.features),
        "count": "" if lasting is None else lasting.count,
        "unit": "months" if lasting is None else lasting.unit,
    }


def _typed() -> Changes:
    """Return what the form says. Raises InvalidInputError."""
    count = whole("count", gettext("Lasts"))
    return Changes(
        name=text("name"),
        edition=text("edition") or None,
        users=whole("users", gettext("Users")) or 0,
        clients=whole("clients", gettext("Computers")),
        model="named" if text("model") == "named" else "concurrent",
        lasting=None if count is None else Duration(count, "days" if text("unit") == "days" else "months"),
        features=tuple(text("features", _LONGEST).replace(",", " ").split()),
        service=whole("service", gettext("Integration accounts")) or 0,
        overdraft_users=whole("overdraft_users", gettext("Overdraft users")) or 0,
        overdraft_days=whole("overdraft_days", gettext("Overdraft days")) or 0,
        interval=whole("interval", gettext("From one validation to the next")),
        grace=whole("grace", gettext("Without the server it goes on for")),
        network_policy="report" if text("network_policy") == "report" else "enforce",
        on_clone="report" if text("on_clone") == "report" else "suspend",
    )
