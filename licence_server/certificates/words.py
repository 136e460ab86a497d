"""What a certificate says, in Persian and English."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

from persiantools.digits import en_to_fa
from persiantools.jdatetime import JalaliDate

from keys.documents.parts import Seats
from licence_server.domain.certificate import Certificate, Language

_LATEST = 32_503_680_000
"""The year 3000: what lasts longer is said to last until then."""
_WORDS: Mapping[Language, Mapping[str, str]] = MappingProxyType({
    "en": {
        "title": "Licence certificate", "customer": "Customer", "licence": "Licence", "product": "Product",
        "site": "Site", "users": "Users", "clients": "Computers", "service": "Integration accounts",
        "overdraft": "Overdraft", "features": "Features", "starts": "In force from", "ends": "Until",
        "issuer": "Issuer", "state": "State on {day}", "any": "any number", "never": "without end",
        "concurrent": "{users} at the same time", "named": "{users}, by name",
        "more": "{users} users more, on {days} of any 30 days", "comma": ", ",
        "scan": "Leads the issuer's people to this licence.",
        "note": "This page shows the licence as it is on {day}. What counts is what the issuer's server has signed.",
    },
    "fa": {
        "title": "گواهی پروانهٔ نرم‌افزار", "customer": "مشتری", "licence": "پروانه", "product": "محصول",
        "site": "محل", "users": "کاربران", "clients": "رایانه‌ها", "service": "حساب‌های سرویس",
        "overdraft": "مازاد", "features": "قابلیت‌ها", "starts": "آغاز اعتبار", "ends": "پایان اعتبار",
        "issuer": "صادرکننده", "state": "وضعیت در {day}", "any": "بدون محدودیت", "never": "بدون پایان",
        "concurrent": "{users} کاربر هم‌زمان", "named": "{users} کاربر با نام",
        "more": "{users} کاربر بیشتر، در {days} روز از هر ۳۰ روز", "comma": "، ",
        "scan": "کارکنان صادرکننده را به همین پروانه می‌رساند.",
        "note": "این برگه پروانه را چنان‌که در {day} هست نشان می‌دهد. ملاک، سندی است که سرور صادرکننده امضا کرده است.",
    },
})  # fmt: skip
_STATES: Mapping[Language, Mapping[str, str]] = MappingProxyType({
    "en": {
        "issued": "issued, not activated yet", "active": "in force", "suspended": "suspended",
        "revoked": "ended for good", "expired": "expired", "recovered": "in force, to be confirmed",
    },
    "fa": {
        "issued": "صادرشده، هنوز فعال نشده", "active": "معتبر", "suspended": "معلق",
        "revoked": "باطل‌شده", "expired": "پایان‌یافته", "recovered": "معتبر، در انتظار تأیید",
    },
})  # fmt: skip


def title(language: Language) -> str:
    """Return what stands above all."""
    return _WORDS[language]["title"]


def scan(language: Language) -> str:
    """Return what the picture is for."""
    return _WORDS[language]["scan"]


def note(certificate: Certificate, language: Language) -> str:
    """Return what stands below all."""
    return _WORDS[language]["note"].format(day=_own_day(certificate.at, language))


def rows(certificate: Certificate, language: Language) -> Iterator[tuple[str, str]]:
    """Yield what the licence is, as pairs of a name and a value."""
    licence, words = certificate.licence, _WORDS[language]
    yield words["customer"], licence.customer.name
    yield words["licence"], licence.id
    yield words["product"], words["comma"].join((licence.product, licence.edition))
    yield words["site"], licence.site
    yield from _seats(licence.seats, language)
    if licence.features:
        yield words["features"], words["comma"].join(licence.features)
    yield words["starts"], _day(licence.terms.starts_at, language)
    yield words["ends"], words["never"] if licence.terms.ends_at is None else _day(licence.terms.ends_at, language)
    yield words["state"].format(day=_own_day(certificate.at, language)), _STATES[language][certificate.state]
    yield words["issuer"], certificate.issuer


def _seats(seats: Seats, language: Language) -> Iterator[tuple[str, str]]:
    words = _WORDS[language]
    yield words["users"], words[seats.model].format(users=_number(seats.users, language))
    yield words["clients"], words["any"] if seats.clients is None else _number(seats.clients, language)
    if seats.service:
        yield words["service"], _number(seats.service, language)
    if seats.overdraft_users:
        users, days = _number(seats.overdraft_users, language), _number(seats.overdraft_days, language)
        yield words["overdraft"], words["more"].format(users=users, days=days)


def _day(at: int, language: Language) -> str:
    """Return a moment's day in UTC; in Persian by both calendars."""
    return _date(at).isoformat() if language == "en" else f"{_own_day(at, language)} ({_date(at).isoformat()})"


def _own_day(at: int, language: Language) -> str:
    """Return a day by the language's calendar alone: behind Persian letters, dashes would turn a date around."""
    if language == "en":
        return _date(at).isoformat()
    found: Any = JalaliDate(_date(at))  # type: ignore[no-untyped-call]
    return en_to_fa(found.strftime("%Y/%m/%d"))


def _date(at: int) -> date:
    return datetime.fromtimestamp(min(at, _LATEST), UTC).date()


def _number(count: int, language: Language) -> str:
    return en_to_fa(f"{count:,}").replace(",", "٬") if language == "fa" else f"{count:,}"
