"""Pages: the audit record, to seek in, to take away and to verify."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from datetime import time as daytime
from operator import itemgetter

from flask import Blueprint, Response, render_template, stream_template

from keys.errors import InvalidInputError, LicensingError
from licence_server.domain.audit import Entry, Sought
from licence_server.services.auditing import AuditReport
from licence_server.web.console import vocabulary
from licence_server.web.console.language import gettext
from licence_server.web.console.occurrences import EVENTS
from licence_server.web.console.refusals import translated
from licence_server.web.console.sending import text, typed_day, whole
from licence_server.web.console.use_cases import UseCases
from licence_server.web.problems import STATUS
from licence_server.web.spreadsheet import csv_file

_ON_A_PAGE = 100
_COLUMNS = ("seq", "at", "actor", "event", "subject", "details")


def register(bp: Blueprint, use_cases: UseCases) -> None:
    """Add them."""
    auditing = use_cases.auditing

    @bp.get("/audit")
    def audit() -> str | tuple[str, int]:
        try:
            after = whole("after", gettext("Entry")) or 0
            entries, following = auditing.page(_sought(), after, _ON_A_PAGE, newest=True)
        except InvalidInputError as error:
            return _page((), None, translated(str(error))), STATUS[InvalidInputError]
        return _page(entries, following)

    @bp.get("/audit/entries.csv")
    def audit_file() -> Response:
        return csv_file(_rows(auditing.walk(_sought())), "audit")

    @bp.post("/audit/verify")
    def verify() -> Response:
        steps = _steps(auditing.verification())
        page = Response(stream_template("console/verified.html", steps=steps), mimetype="text/html")
        page.headers["X-Accel-Buffering"] = "no"  # a proxy that waits for the end gives up before it
        return page


def _page(entries: Iterable[Entry], following: int | None, refusal: str | None = None) -> str:
    said = {name: text(name) for name in ("by", "deed", "kind", "of", "since", "until")}
    return render_template(
        "console/audit.html",
        entries=entries,
        following=following,
        refusal=refusal,
        said={name: typed for name, typed in said.items() if typed},
        deeds=_choices(EVENTS),
        kinds=_choices(vocabulary.THINGS),
    )


def _choices(words: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        ("", gettext("anything")),
        *sorted(((code, gettext(word)) for code, word in words.items()), key=itemgetter(1)),
    ]


def _sought() -> Sought:
    """Read whom and what somebody looks for; both days count whole. Raises InvalidInputError."""
    first, last = typed_day("since", gettext("From")), typed_day("until", gettext("To"))
    since = None if first is None else int(datetime.combine(first, daytime.min, UTC).timestamp())
    until = None if last is None else int(datetime.combine(last, daytime.max, UTC).timestamp()) + 1
    return Sought(by=text("by"), deed=text("deed"), of=text("of") or text("kind"), since=since, until=until)


def _rows(entries: Iterable[Entry]) -> Iterator[Iterable[object]]:
    yield _COLUMNS
    for each in entries:
        at = datetime.fromtimestamp(each.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield each.seq, at, each.actor, each.event, each.subject, each.details


def _steps(reports: Iterator[AuditReport]) -> Iterator[tuple[AuditReport | None, str | None]]:
    """Return how far a check is and what is wrong. The page has begun: what else goes wrong is said on it, too."""
    try:
        for report in reports:
            yield report, None if report.problem is None else translated(report.problem)
    except LicensingError as error:
        yield None, translated(str(error))
