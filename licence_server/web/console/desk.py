"""The first page after the way in: search, and what needs somebody today."""

from types import MappingProxyType

from flask import Blueprint, render_template

from keys.errors import NotFoundError
from licence_server.domain.attention import KINDS, MOST, Kind
from licence_server.web.console import vocabulary
from licence_server.web.console.language import marked
from licence_server.web.console.use_cases import UseCases
from licence_server.web.console.webhooks import state_of

_FIRST = 5
_STEPS: MappingProxyType[Kind, tuple[str, str]] = MappingProxyType({
    "clones": ("acknowledge", marked("Look at it")),
    "restores": ("acknowledge", marked("Look at it")),
    "recovered": ("confirm", marked("Compare and confirm")),
    "silent": ("licence", marked("Look at its server")),
    "refused": ("seats", marked("Change the seats")),
    "overdraft": ("seats", marked("Change the seats")),
    "ending": ("renew", marked("Renew")),
})  # fmt: skip
"""The button of a licence's page that is the next step, with what it is called."""


def register(bp: Blueprint, use_cases: UseCases) -> None:
    """Add it."""
    attending = use_cases.attending
    shown = {"most": MOST, "silence": attending.silence, "steps": _STEPS, "advice": vocabulary.ADVICE}

    @bp.get("/")
    @bp.get("")
    def desk() -> str:
        failing = [(each, state_of(each)) for each in use_cases.subscribing.all() if each.failing_since is not None]
        today = attending.today(_FIRST)
        return render_template("console/desk.html", today=today, webhooks=failing, first=_FIRST, **shown)

    @bp.get("/desk/<kind>")
    def pile(kind: str) -> str:
        if kind not in KINDS:
            raise NotFoundError(marked("There is no page at this address."))
        return render_template("console/pile.html", pile=attending.pile(kind), **shown)
