"""Numbers, moments and spans of time as the reader's language writes them; all moments are shown in UTC."""

from datetime import UTC, date, datetime, timedelta

from babel.dates import format_timedelta
from babel.numbers import format_decimal
from babel.units import format_unit
from markupsafe import Markup
from persiantools.digits import en_to_fa
from persiantools.jdatetime import JalaliDate

from licence_server.domain.duration import Duration
from licence_server.web.console.language import Language, gettext

_LATEST = 32_503_680_000
"""The year 3000: what is said to last longer, lasts until then."""


def digits(text: str, language: Language) -> str:
    """Return a text with the digits of its language."""
    return en_to_fa(text) if language == "fa" else text


def number(value: float, language: Language) -> str:
    """Return a number with its digits grouped."""
    return digits(format_decimal(value, locale=language, numbering_system="default"), language)


def day(at: int, language: Language) -> str:
    """Return a moment's day, in the calendar of the language: 2027-01-15 or ۱۴۰۵/۱۰/۲۵."""
    found = _at(at).date()
    return en_to_fa(jalali(found).strftime("%Y/%m/%d")) if language == "fa" else found.isoformat()


def moment(at: int, language: Language) -> str:
    """Return a moment to the minute."""
    return f"{day(at, language)} {digits(_at(at).strftime('%H:%M'), language)}"


def span(seconds: int, language: Language) -> str:
    """Return a length of time in its largest unit."""
    return digits(format_timedelta(timedelta(seconds=seconds), threshold=1, locale=language), language)


def lasting(found: Duration, language: Language) -> str:
    """Return how long a licence lasts: 12 months."""
    unit = f"duration-{found.unit.removesuffix('s')}"
    return digits(format_unit(found.count, unit, locale=language, numbering_system="default"), language)


def ago(at: int, now: int, language: Language) -> str:
    """Return how long ago a moment was, or how far it still is."""
    if abs(at - now) < 60:
        return gettext("just now")
    delta = timedelta(seconds=at - now)
    return digits(format_timedelta(delta, threshold=1, add_direction=True, locale=language), language)


def read_day(text: str, language: Language) -> date:
    """Read a day as ``day`` writes it, in either kind of digits. Raises ValueError: it is none."""
    from_left = "".join(str(int(letter)) if letter.isdecimal() else letter for letter in text.strip())
    year, month, of_month = (int(part) for part in from_left.replace("/", "-").split("-"))
    if language == "fa":
        return JalaliDate(year, month, of_month).to_gregorian()  # type: ignore[no-untyped-call]
    return date(year, month, of_month)


def jalali(found: date) -> JalaliDate:
    """Return the day of the Persian calendar."""
    return JalaliDate(found)  # type: ignore[no-untyped-call]  # its constructor takes dates and numbers alike


def apart(text: object) -> Markup:
    """Return text of others, set apart so that its direction changes nothing around it."""
    return Markup("<bdi>{}</bdi>").format(text)


def latin(text: object) -> Markup:
    """Return an id, a code, an address or a digest: left to right, letter by letter, in any language."""
    return Markup('<bdi dir="ltr" class="latin">{}</bdi>').format(text)


def _at(at: int) -> datetime:
    return datetime.fromtimestamp(min(at, _LATEST), UTC)
