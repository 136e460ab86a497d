"""The licence screen that a CRM shows to people: an HTML fragment in English or Persian, ready to embed in a page.

It brings no script, no style and no address of anything, so that it suits every page and every Content-Security-Policy;
its classes begin with ``licence-``. Whatever comes from outside is escaped, and set apart from the text around it so
that no name changes the order of its neighbours (Unicode's bidirectional controls are left out).
"""

from collections.abc import Iterator, Mapping
from html import escape

from agent.web import sentences
from agent.web.sentences import Language

_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F)], " ")
_CONTROLS |= dict.fromkeys(range(0x2066, 0x206A), " ")
_SEVERITIES = frozenset({"info", "warning", "critical"})
_MODES = frozenset({"full", "grace", "restricted", "blocked"})


def fragment(licence: Mapping[str, object], language: Language) -> str:
    """Return the licence screen as HTML.

    Args:
        licence: the object that ``GET /v1/licence`` answers with.
        language: of the text; Persian has Persian digits and dates, and runs from right to left.
    """
    direction = "rtl" if language == "fa" else "ltr"
    mode = str(licence.get("mode"))
    shown = mode if mode in _MODES else "blocked"
    title = sentences.word("title", language)
    lines = [
        f'<section class="licence-screen licence-{shown}" lang="{language}" dir="{direction}" aria-label="{title}">',
        *_head(licence, shown, language),
        *_seats(licence, language),
        *_facts(licence, shown, language),
        *_notices(licence, language),
        "</section>",
    ]
    return "\n".join(lines) + "\n"


def _head(licence: Mapping[str, object], mode: str, language: Language) -> Iterator[str]:
    customer = _inner(licence, "customer").get("name")
    yield f'<h2 class="licence-title">{_said(customer or sentences.word("title", language))}</h2>'
    yield f'<p class="licence-mode">{escape(sentences.mode(mode, language))}</p>'
    remedy = sentences.remedy(mode, str(licence.get("reason")), str(licence.get("status")), language)
    if remedy:
        yield f'<p class="licence-remedy">{escape(remedy)}</p>'


def _seats(licence: Mapping[str, object], language: Language) -> Iterator[str]:
    """One bar of those who are in against those who may be, for each kind of which any number was bought."""
    seats = _inner(licence, "seats")
    for name in ("users", "clients", "service"):
        count = _inner(seats, name)
        used, limit = _whole(count, "used"), _whole(count, "limit")
        if used is None or (name == "service" and not limit and not used):
            continue
        told = escape(sentences.used(name, used, limit, language))
        full = "" if limit is None or used < limit else " licence-full"
        bar = "" if not limit else f'<meter min="0" max="{limit}" value="{min(used, limit)}">{told}</meter>'
        yield f'<p class="licence-seats licence-{name}{full}"><span>{told}</span>{bar}</p>'
    yield from _overdraft(_inner(seats, "overdraft"), language)


def _overdraft(overdraft: Mapping[str, object], language: Language) -> Iterator[str]:
    users, allowed, days = (_whole(overdraft, name) for name in ("users", "allowed", "days_left"))
    if users and allowed is not None and days is not None:
        told = escape(sentences.overdrawn(users, allowed, days, language))
        yield f'<p class="licence-seats licence-overdraft">{told}</p>'


def _facts(licence: Mapping[str, object], mode: str, language: Language) -> Iterator[str]:
    facts = {
        "product": _said(licence.get("product")),
        "edition": _said(licence.get("edition")),
        "site": _said(licence.get("site")),
        "number": _said(licence.get("licence")),
        "until": _until(licence, mode, language),
        "validated": _validated(licence, language),
        "failure": _said(licence.get("last_failure"), "en"),
    }
    yield '<dl class="licence-facts">'
    for name, value in facts.items():
        if value:
            yield f'<dt>{sentences.word(name, language)}</dt><dd class="licence-{name}">{value}</dd>'
    yield "</dl>"


def _until(licence: Mapping[str, object], mode: str, language: Language) -> str:
    until_at, days = _whole(licence, "until_at"), _whole(licence, "days_left")
    if until_at is None:
        return escape(sentences.word("for good", language)) if mode == "full" else ""
    left = "" if days is None else f" ({sentences.days_left(days, language)})"
    return escape(sentences.date(until_at, language) + left)


def _validated(licence: Mapping[str, object], language: Language) -> str:
    at, now = _whole(licence, "last_validated_at"), _whole(licence, "now")
    if at is None:
        return ""
    return escape(sentences.date(at, language) if now is None else sentences.ago(now - at, language))


def _notices(licence: Mapping[str, object], language: Language) -> Iterator[str]:
    given = licence.get("notices")
    notices = [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []
    if not notices:
        return
    yield '<ul class="licence-notices">'
    for notice in notices:
        severity = notice.get("severity")
        kind = severity if severity in _SEVERITIES else "info"
        text = str(_inner(notice, "text").get(language) or "")
        yield f'<li class="licence-notice licence-{kind}">{_said(sentences.digits(text, language))}</li>'
    yield "</ul>"


def _said(value: object, language: str = "") -> str:
    """Return a text of somebody else's as HTML that its neighbours can't be disturbed by; of what is none, nothing."""
    if not isinstance(value, str) or not value.strip():
        return ""
    tongue = f' lang="{language}" dir="ltr"' if language else ""
    return f"<bdi{tongue}>{escape(value.translate(_CONTROLS))}</bdi>"


def _inner(value: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}


def _whole(value: Mapping[str, object], name: str) -> int | None:
    found = value.get(name)
    return found if type(found) is int and found >= 0 else None
