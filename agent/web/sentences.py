"""What the licence screen says, in English and Persian: words, numbers, dates and spans of time."""

import re
from datetime import UTC, datetime
from typing import Literal

from persiantools.digits import en_to_fa
from persiantools.jdatetime import JalaliDate

Language = Literal["fa", "en"]
Counted = Literal["users", "clients", "service"]
_Both = tuple[str, str]

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_LATEST = 32_503_680_000
"""The year 3000: what is said to last longer, lasts until then."""
_NUMBER = re.compile(r"(?<![A-Za-z0-9._:/-])[0-9]+(?![A-Za-z0-9._:/-])")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
"""Our own, for those of Python are in the language of whoever started the program."""

_WORDS: dict[str, _Both] = {
    "title": ("Licence", "پروانهٔ استفاده"),
    "product": ("Product", "محصول"),
    "edition": ("Edition", "ویرایش"),
    "site": ("Site", "محل"),
    "number": ("Licence number", "شمارهٔ پروانه"),
    "until": ("Valid until", "معتبر تا"),
    "for good": ("without end", "بدون تاریخ پایان"),
    "validated": ("Last validated", "آخرین اعتبارسنجی"),
    "failure": ("Last attempt failed", "تلاش ناموفق"),
}

_MODE: dict[str, _Both] = {
    "full": ("The licence is valid.", "پروانه معتبر است."),
    "grace": (
        "The licence has not been validated for longer than it should. Everything works as before for now.",
        "پروانه بیش از اندازه بدون اعتبارسنجی مانده است. فعلاً همه چیز مانند پیش کار می‌کند.",
    ),
    "restricted": (
        "Only the administrator can sign in. All data is untouched.",
        "فقط مدیر سامانه می‌تواند وارد شود. همهٔ داده‌ها دست‌نخورده است.",
    ),
    "blocked": (
        "Nobody can sign in with this licence. All data is untouched.",
        "با این پروانه کسی نمی‌تواند وارد شود. همهٔ داده‌ها دست‌نخورده است.",
    ),
}

_CONNECT = (
    "What to do: connect the server to the internet and run licence-agent validate, or validate by file.",
    "چه باید کرد: سرور را به اینترنت وصل کنید و licence-agent validate را اجرا کنید، یا با فایل اعتبارسنجی کنید.",
)
_CALL = ("What to do: call the vendor.", "چه باید کرد: با فروشنده تماس بگیرید.")
_REHOST = (
    "What to do: if the server was exchanged, ask the vendor to move the licence (rehost).",
    "چه باید کرد: اگر سرور عوض شده است، از فروشنده بخواهید پروانه را منتقل کند.",
)
_ACTIVATE = (
    "What to do: activate this server with the code that came with the licence.",
    "چه باید کرد: این سرور را با کدی که همراه پروانه آمده است فعال کنید.",
)
_RESTORE = (
    "What to do: restore the agent's folder from a backup, or call the vendor.",
    "چه باید کرد: پوشهٔ عامل را از نسخهٔ پشتیبان بازگردانید، یا با فروشنده تماس بگیرید.",
)
_RENEW = ("What to do: renew the licence.", "چه باید کرد: پروانه را تمدید کنید.")

_REMEDY: dict[str, _Both] = {
    "deactivated": _ACTIVATE,
    "expired": _RENEW,
    "fingerprint_mismatch": _REHOST,
    "hardware_changed": _REHOST,
    "key_missing": _RESTORE,
    "lease_ended": _CONNECT,
    "no_licence": _ACTIVATE,
    "signature_invalid": _RESTORE,
    "trust_expired": _CONNECT,
    "validation_overdue": _CONNECT,
}

_USED: dict[Counted, tuple[_Both, _Both]] = {
    "users": (("{} of {} users", "{} users, no limit"), ("{} از {} کاربر", "{} کاربر، بدون محدودیت")),
    "clients": (
        ("{} of {} computers", "{} computers, no limit"),
        ("{} از {} رایانه", "{} رایانه، بدون محدودیت"),
    ),
    "service": (
        ("{} of {} service accounts", "{} service accounts, no limit"),
        ("{} از {} حساب سرویس", "{} حساب سرویس، بدون محدودیت"),
    ),
}

_SPANS: tuple[tuple[int, _Both], ...] = (
    (_DAY, ("day", "روز")),
    (_HOUR, ("hour", "ساعت")),
    (_MINUTE, ("minute", "دقیقه")),
)


def word(name: str, language: Language) -> str:
    """Return a label."""
    return _of(_WORDS[name], language)


def mode(name: str, language: Language) -> str:
    """Return what a mode means for people."""
    return _of(_MODE[name], language)


def remedy(mode: str, reason: str, status: str, language: Language) -> str:
    """Return what to do about it; nothing where nothing has to be done."""
    if mode == "full":
        return ""
    return _of(_REMEDY.get(reason) or _REMEDY.get(status) or _CALL, language)


def used(name: Counted, used: int, limit: int | None, language: Language) -> str:
    """Return how many are in, and of how many; a limit of None: any number."""
    bounded, unbounded = _USED[name][language == "fa"]
    text = unbounded.format(used) if limit is None else bounded.format(used, limit)
    return digits(text, language)


def overdrawn(users: int, allowed: int, days: int, language: Language) -> str:
    """Return who is in beyond the limit, and for how many days more that is possible."""
    if language == "fa":
        return en_to_fa(f"{users} کاربر بیش از حد خریداری‌شده (تا {allowed} کاربر)؛ {days} روز از ۳۰ روز مانده")
    people = "1 user" if users == 1 else f"{users} users"
    return f"{people} beyond the limit (up to {allowed}); possible on {days} more of 30 days"


def date(at: int, language: Language) -> str:
    """Return a moment's day (UTC), in the calendar of the language."""
    day = datetime.fromtimestamp(min(at, _LATEST), UTC).date()
    if language == "en":
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    jalali = JalaliDate(day)  # type: ignore[no-untyped-call]  # its constructor takes dates and numbers alike
    return en_to_fa(f"{jalali.day} {jalali.strftime('%B', locale='fa')} {jalali.year}")


def days_left(days: int, language: Language) -> str:
    """Return how long something still lasts."""
    if language == "fa":
        return en_to_fa(f"{days} روز مانده")
    return f"{days} day left" if days == 1 else f"{days} days left"


def ago(seconds: int, language: Language) -> str:
    """Return how long ago something was, in the largest unit that fits."""
    for size, names in _SPANS:
        count = seconds // size
        if count >= 1:
            if language == "fa":
                return en_to_fa(f"{count} {names[1]} پیش")
            return f"{count} {names[0]}{'' if count == 1 else 's'} ago"
    return _of(("just now", "همین حالا"), language)


def digits(text: str, language: Language) -> str:
    """Return a text with the digits of its language, but for those of commands and addresses in it."""
    return _NUMBER.sub(lambda found: en_to_fa(found[0]), text) if language == "fa" else text


def _of(both: _Both, language: Language) -> str:
    return both[language == "fa"]
