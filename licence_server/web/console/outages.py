"""Page: outages that were declared, and one to declare."""

from datetime import UTC, datetime, time

from flask import Blueprint, g, render_template, url_for
from werkzeug.wrappers import Response

from keys.carried import read_carried
from keys.drawing import as_addresses
from keys.errors import ApprovalNeededError, InvalidInputError, NotFoundError
from licence_server.domain.outage import Declaration
from licence_server.web.console.formats import read_day
from licence_server.web.console.language import gettext
from licence_server.web.console.refusals import translated
from licence_server.web.console.sending import by, done, text, whole
from licence_server.web.console.use_cases import UseCases
from licence_server.web.problems import STATUS

_LONGEST = 40_000
"""Characters of the names of a thousand licences."""


def register(bp: Blueprint, use_cases: UseCases) -> None:
    """Add it."""
    declaring = use_cases.declaring

    def page(refusal: str | None = None) -> str:
        names = ("from", "until", "days", "licences", "reason")
        typed = {name: text(name, _LONGEST) for name in names}
        return render_template("console/outages.html", outages=declaring.outages(), typed=typed, refusal=refusal)

    @bp.get("/outages")
    def outages() -> str:
        return page()

    @bp.post("/outages")
    def declare_outage() -> Response:
        try:
            declaring.declare(_wanted(), by())
        except (ApprovalNeededError, InvalidInputError, NotFoundError) as error:
            g.word = error.word
            return Response(page(translated(str(error))), STATUS[type(error)], mimetype="text/html")
        return done("declared", url_for("console.outages"))

    @bp.get("/outages/<outage_id>/file")
    def outage_file(outage_id: str) -> Response:
        declared = declaring.one(outage_id)
        headers = {"Content-Disposition": f"attachment; filename=outage-{declared.id}.lic"}
        return Response(declaring.content(declared), mimetype="application/octet-stream", headers=headers)

    @bp.get("/outages/<outage_id>/codes")
    def outage_codes(outage_id: str) -> str:
        declared = declaring.one(outage_id)
        codes = as_addresses(read_carried(declaring.content(declared)))
        return render_template("console/outage.html", outage=declared, codes=codes)


def _wanted() -> Declaration:
    licences = tuple(text("licences", _LONGEST).replace(",", " ").split())
    return Declaration(
        from_at=_moment("from", gettext("From"), time.min),
        until_at=_moment("until", gettext("Until the end of"), time.max),
        days=whole("days", gettext("Days longer")) or 0,
        licences=licences or None,
        reason=text("reason", _LONGEST),
    )


def _moment(name: str, label: str, of_the_day: time) -> int:
    """Return a moment of the day that was typed. Raises InvalidInputError."""
    try:
        found = read_day(text(name), g.language)
    except ValueError as error:
        said = gettext("%(field)s: type a day such as %(day)s.") % {"field": label, "day": gettext("2027-03-21")}
        raise InvalidInputError(said) from error
    return int(datetime.combine(found, of_the_day, UTC).timestamp())
