"""What exactly an approval is for, in people's words."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from licence_server.web.console import formats, vocabulary
from licence_server.web.console.language import Language, marked, ngettext

_NAMES = MappingProxyType({
    "users": marked("Users"),
    "clients": marked("Computers"),
    "service": marked("Integration accounts"),
    "overdraft_users": marked("Users more than bought"),
    "overdraft_days": marked("On how many days of any 30"),
    "model": marked("Users are counted"),
    "plan": marked("Plan"),
    "edition": marked("Edition"),
    "site": marked("Site"),
    "features": marked("Features"),
    "starts_at": marked("Begins"),
    "ends_at": marked("Ends"),
    "lasting": marked("Lasts"),
    "networks": marked("Networks of the site"),
    "network_policy": marked("Whoever is elsewhere is"),
    "interval": marked("From one validation to the next"),
    "grace": marked("Goes on without the server for"),
    "on_clone": marked("When a copy of the server is found"),
    "rehosts": marked("Moves in the last 365 days"),
    "from": marked("From"),
    "until": marked("Until the end of"),
    "days": marked("Days longer"),
    "licences": marked("Licences"),
    "reason": marked("Why"),
})  # fmt: skip
_WORDS = MappingProxyType({
    "concurrent": marked("at the same time"),
    "named": marked("by name"),
    "enforce": marked("refused"),
    "report": marked("let in, and reported"),
    "all": marked("all"),
})  # fmt: skip
_ON_CLONE = MappingProxyType({
    "suspend": marked("the licence is suspended"),
    "report": marked("it is reported"),
})  # fmt: skip


def _last_day(at: int, language: Language) -> str:
    return formats.day(at - 1, language)


_NUMBERS: Mapping[str, Callable[[int, Language], str]] = MappingProxyType({
    "starts_at": formats.day,
    "ends_at": formats.day,
    "from": formats.day,
    "until": _last_day,
    "interval": formats.span,
    "grace": formats.span,
})  # fmt: skip


def told(terms: Mapping[str, object], language: Language) -> list[tuple[str, str]]:
    """Return names and values of what is said, in the reader's language; what is not known here as it stands."""
    shown = {name: _value(name, value, language) for name, value in _flat(terms)}
    known = [name for name in _NAMES if name in shown]
    return [(vocabulary.word(_NAMES, name), shown[name]) for name in (*known, *(shown.keys() - _NAMES.keys()))]


def _flat(terms: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in terms.items():
        if isinstance(value, Mapping) and name != "lasting":
            yield from ((f"{name}_{part}", each) for part, each in value.items() if each)
        elif value:
            yield name, value


def _value(name: str, value: object, language: Language) -> str:
    if isinstance(value, list | tuple):
        return "، ".join(map(str, value)) if language == "fa" else ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return _lasting(value, language)
    if isinstance(value, int):
        return _NUMBERS.get(name, formats.number)(value, language)
    words = {"on_clone": _ON_CLONE, "reason": vocabulary.REASONS}.get(name, _WORDS)
    return vocabulary.word(words, str(value))


def _lasting(value: Mapping[str, object], language: Language) -> str:
    count = int(str(value["count"]))
    said = {
        "months": ngettext("%(count)s month", "%(count)s months", count),
        "days": ngettext("%(count)s day", "%(count)s days", count),
    }
    return said[str(value["unit"])] % {"count": formats.number(count, language)}
