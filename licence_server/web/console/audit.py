"""Pages: the audit record, to read and to verify."""

from flask import Blueprint, render_template

from licence_server.web.console.language import gettext
from licence_server.web.console.refusals import translated
from licence_server.web.console.sending import text, whole
from licence_server.web.console.use_cases import UseCases

_ON_A_PAGE = 100


def register(bp: Blueprint, use_cases: UseCases) -> None:
    """Add them."""

    @bp.get("/audit")
    def audit() -> str:
        subject, begins = text("q"), whole("from", gettext("From entry"))
        found = use_cases.auditing.entries(subject or None, max(0, (begins or 1) - 1), _ON_A_PAGE + 1)
        following = found[_ON_A_PAGE].seq if len(found) > _ON_A_PAGE else None
        return render_template("console/audit.html", entries=found[:_ON_A_PAGE], q=subject, following=following)

    @bp.post("/audit/verify")
    def verify() -> str:
        report = use_cases.auditing.verify()
        problem = None if report.problem is None else translated(report.problem)
        return render_template("console/verified.html", report=report, problem=problem)
