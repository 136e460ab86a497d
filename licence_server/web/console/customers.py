"""Pages: customers."""

from collections.abc import Callable, Collection, Mapping
from typing import cast

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from keys.errors import ChangedMeanwhileError, InvalidInputError, StateConflictError
from licence_server.domain.customer import Changes, Customer, Language, NewCustomer
from licence_server.domain.licence import Picked
from licence_server.services.finding import Similar
from licence_server.services.reading import LicenceView
from licence_server.web.console.refusals import translated
from licence_server.web.console.sending import after, by, done, text, versions
from licence_server.web.console.use_cases import UseCases
from licence_server.web.problems import STATUS

_ON_A_PAGE = 50
_FIELDS = ("name", "national_id", "email", "mobile", "phone")
_LONG = ("address", "note")
_CHOICES = ("language", "by_email", "by_sms")
_USUAL = {"language": "fa", "by_email": "1", "by_sms": "1"}


def register(bp: Blueprint, use_cases: UseCases) -> None:
    """Add the pages."""
    _add_lists(bp, use_cases)
    _add_new(bp, use_cases)
    _add_change(bp, use_cases)


def _add_lists(bp: Blueprint, use_cases: UseCases) -> None:
    @bp.get("/customers")
    def customers() -> str:
        wanted = text("q")
        page = (
            use_cases.finding.find(wanted, after(), _ON_A_PAGE)
            if wanted
            else use_cases.reading.customers(after(), _ON_A_PAGE)
        )
        rows = [(each.customer, each) if isinstance(each, LicenceView) else (each, None) for each in page.found]
        return render_template("console/customers.html", rows=rows, next=page.next, q=wanted)

    @bp.get("/customers/<customer_id>")
    def customer(customer_id: str) -> str:
        found, events = use_cases.reading.customer(customer_id)
        licences = use_cases.reading.licences(Picked(customer_id=customer_id), after(), _ON_A_PAGE)
        return render_template(
            "console/customer.html", customer=found, events=events[::-1], views=licences.found, next=licences.next
        )


def _add_new(bp: Blueprint, use_cases: UseCases) -> None:
    @bp.get("/customers/new")
    def new_customer() -> str:
        return _form(None, {**_typed(), **_USUAL})

    @bp.post("/customers/new")
    def add_customer() -> Response:
        def add() -> Response | str:
            new = NewCustomer(**_changes(), representative=text("representative"))
            if similar := _asked_about(use_cases, new, None):
                return _form(None, _typed(), similar=similar)
            customer = use_cases.registering.add(new, by())
            return done("registered", url_for("console.customer", customer_id=customer.id))

        return _try(add, None)


def _add_change(bp: Blueprint, use_cases: UseCases) -> None:
    @bp.get("/customers/<customer_id>/change")
    def change_customer(customer_id: str) -> str:
        found = use_cases.registering.one(customer_id)
        return _form(found, {name: getattr(found, name) for name in (*_FIELDS, *_LONG, *_CHOICES, "version")})

    @bp.post("/customers/<customer_id>/change")
    def put_customer(customer_id: str) -> Response:
        before = use_cases.registering.one(customer_id)

        def put() -> Response | str:
            changes = _changes()
            if similar := _asked_about(use_cases, NewCustomer(**changes), before):
                return _form(before, _typed(), similar=similar)
            use_cases.registering.change(customer_id, changes, by(), versions())
            return done("saved", url_for("console.customer", customer_id=customer_id))

        try:
            return _try(put, before)
        except ChangedMeanwhileError:
            now = use_cases.registering.one(customer_id)
            page = _form(now, {**_typed(), "version": now.version}, is_late=True)
            return Response(page, STATUS[ChangedMeanwhileError], mimetype="text/html")


def _asked_about(use_cases: UseCases, new: NewCustomer, before: Customer | None) -> Collection[Similar]:
    """Return who may be the same, until somebody is sure that nobody is; the same national id is no question."""
    if text("sure") or use_cases.registering.is_taken(new.national_id, None if before is None else before.id):
        return ()
    return use_cases.finding.similar(new, before)


def _changes() -> Changes:
    typed = _typed()
    return Changes(
        name=typed["name"],
        national_id=typed["national_id"],
        email=typed["email"],
        mobile=typed["mobile"],
        phone=typed["phone"],
        address=typed["address"],
        language=cast("Language", typed["language"] or _USUAL["language"]),
        by_email=bool(typed["by_email"]),
        by_sms=bool(typed["by_sms"]),
        note=typed["note"],
    )


def _typed() -> dict[str, str]:
    short = {name: text(name) for name in (*_FIELDS, *_CHOICES, "representative", "version")}
    return {**short, **{name: text(name, 2000) for name in _LONG}}


def _form(customer: Customer | None, typed: Mapping[str, object], **more: object) -> str:
    shown = {"customer": customer, "typed": typed, "refusal": None, "similar": (), "is_late": False, **more}
    return render_template("console/customer-form.html", **shown)


def _try(go: Callable[[], Response | str], customer: Customer | None) -> Response:
    try:
        answer = go()
    except (InvalidInputError, StateConflictError) as error:
        page = _form(customer, _typed(), refusal=translated(str(error)))
        return Response(page, STATUS[type(error)], mimetype="text/html")
    return Response(answer, mimetype="text/html") if isinstance(answer, str) else answer
