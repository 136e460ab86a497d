"""What every template of the console can use: sentences, formats, addresses of files, and who is looking."""

from typing import Any

from flask import g, request
from jinja2 import Environment, StrictUndefined

from keys.clock import Clock
from licence_server.domain.session import csrf_of
from licence_server.web.console import browsers, formats, language, vocabulary
from licence_server.web.console.access import NAVIGATION, is_open
from licence_server.web.console.linking import linked
from licence_server.web.console.occurrences import EVENTS
from licence_server.web.console.refusals import translated
from licence_server.web.console.static import address_of
from licence_server.web.console.visitor import THEMES, theme_of

HTMX = '{"includeIndicatorStyles":false,"allowEval":false,"selfRequestsOnly":true,"allowScriptTags":false}'
"""htmx without what the content security policy forbids."""


def dress(environment: Environment, clock: Clock) -> None:
    """Prepare the templates' environment."""
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension brings it
        language.gettext, language.ngettext, newstyle=True
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.filters.update(
        number=lambda value: formats.number(value, g.language),
        digits=lambda text: formats.digits(str(text), g.language),
        day=lambda at: formats.day(at, g.language),
        moment=lambda at: formats.moment(at, g.language),
        span=lambda seconds: formats.span(seconds, g.language),
        lasting=lambda found: formats.lasting(found, g.language),
        ago=lambda at: formats.ago(at, clock.now(), g.language),
        apart=formats.apart,
        state=lambda code: vocabulary.word(vocabulary.STATES, code),
        meaning=lambda code: vocabulary.word(vocabulary.MEANINGS, code),
        reason=lambda code: vocabulary.word(vocabulary.REASONS, code),
        role=lambda code: vocabulary.word(vocabulary.ROLES, code),
        event=lambda code: vocabulary.word(EVENTS, code),
        pile=lambda kind: vocabulary.word(vocabulary.PILES, kind),
        fate=lambda code: vocabulary.word(vocabulary.FATES, code),
        component=lambda code: vocabulary.word(vocabulary.COMPONENTS, code),
        key_place=lambda code: vocabulary.word(vocabulary.KEY_PLACES, code),
        told=lambda code: vocabulary.word(vocabulary.TOLD, code),
        deed=lambda code: vocabulary.word(vocabulary.DEEDS, code),
        errand=lambda code: vocabulary.word(vocabulary.ERRANDS, code),
        status=lambda code: vocabulary.word(vocabulary.STATUSES, code),
        approval=lambda code: vocabulary.word(vocabulary.APPROVAL_STATES, code),
        kind=lambda code: vocabulary.word(vocabulary.KINDS, code),
        column=lambda code: vocabulary.word(vocabulary.COLUMNS, code),
        imported=lambda code: vocabulary.word(vocabulary.IMPORTED, code),
        import_state=lambda code: vocabulary.word(vocabulary.IMPORT_STATES, code),
        refusal=translated,
        delivery=lambda code: vocabulary.word(vocabulary.DELIVERIES, code),
        fault=lambda code: vocabulary.word(vocabulary.FAULTS, code),
        webhook_state=lambda code: vocabulary.word(vocabulary.WEBHOOK_STATES, code),
        latin=formats.latin,
        browser=browsers.spoken,
        linked=linked,
    )


def surroundings() -> dict[str, Any]:
    """Return what the frame of a page needs."""
    actor = None if g.signed_in is None else g.signed_in.actor
    return {
        "actor": actor,
        "navigation": () if actor is None else [each for each in NAVIGATION if is_open(each[0], actor)],
        "may": lambda endpoint: actor is not None and is_open(endpoint, actor),
        "language": g.language,
        "languages": language.NAMES,
        "is_rtl": language.is_rtl(g.language),
        "theme": theme_of(request),
        "themes": THEMES,
        "csrf": csrf_of(g.secret),
        "file": address_of,
        "said": language.gettext(vocabulary.SAID[g.said]) if g.said in vocabulary.SAID else None,
        "htmx": HTMX,
        "here": request.full_path.rstrip("?") if request.method == "GET" else request.path,
    }
