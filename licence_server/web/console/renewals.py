"""Pages: licences that end soon or ended lately, several of them renewed at once."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from keys.errors import InvalidInputError
from licence_server.domain.duration import YEAR
from licence_server.domain.paging import Place
from licence_server.domain.renewal import MOST_AT_ONCE, Extension
from licence_server.services.renewing import chosen as chosen_by
from licence_server.web.console.language import gettext
from licence_server.web.console.refusals import translated
from licence_server.web.console.sending import after, by, end_of_day, text, whole
from licence_server.web.console.use_cases import UseCases
from licence_server.web.problems import STATUS

_ON_A_PAGE = 50
_USUAL_DAYS = 30


def register(bp: Blueprint, use_cases: UseCases) -> None:
    """Add them."""
    renewing = use_cases.renewing

    def page(refusal: str | None = None, ticked: tuple[str, ...] = ()) -> str:
        days = whole("within", gettext("Days"))
        within = _USUAL_DAYS if days is None else days
        due = renewing.due(within, after(), _ON_A_PAGE)
        rows = [(view, str(chosen_by(view.licence))) for view in due.found]
        shown = {"rows": rows, "next": due.next, "within": within, "refusal": refusal, "ticked": ticked}
        return render_template("console/renewals.html", how=_how(), ends=text("ends"), **shown)

    @bp.get("/renewals")
    def renewals() -> str:
        return page()

    @bp.get("/renewals/chosen")
    def chosen() -> Response | str:
        try:
            outlooks = renewing.outlook(_places(), _extension())
        except InvalidInputError as error:
            again = page(translated(str(error)), tuple(request.args.getlist("licence")[:MOST_AT_ONCE]))
            return Response(again, STATUS[InvalidInputError], mimetype="text/html")
        possible = [each for each in outlooks if not each.refusal]
        refused = [(each, translated(each.refusal)) for each in outlooks if each.refusal]
        shown = {"possible": possible, "refused": refused, "how": _how(), "ends": text("ends")}
        return render_template("console/renewals-chosen.html", **shown)

    @bp.post("/renewals")
    def extend() -> str:
        outcomes = renewing.extend(_places(), _extension(), by())
        done = [each for each in outcomes if each.licence is not None]
        refused = [(each, translated(each.refusal)) for each in outcomes if each.licence is None]
        return render_template("console/renewals-done.html", done=done, refused=refused)


def _how() -> str:
    return "day" if text("how") == "day" else "year"


def _extension() -> Extension:
    """Return what the form says: a year for each, or one day for all. Raises InvalidInputError."""
    return Extension(ends_at=end_of_day()) if _how() == "day" else Extension(lasting=YEAR)


def _places() -> tuple[Place, ...]:
    """Return the licences that were ticked. Raises InvalidInputError."""
    return tuple(Place.read(each) for each in request.values.getlist("licence")[: MOST_AT_ONCE + 1])
