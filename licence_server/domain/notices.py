"""What people should read, in English and Persian, on every licence document."""

from keys.documents.licence import Status
from keys.documents.parts import Notice, Severity, Terms

DAY = 86_400
ENDS_SOON = 30 * DAY

_BY_STATUS: dict[Status, tuple[Severity, str, str]] = {
    "suspended": (
        "critical",
        "The licence is suspended. Only the administrator can sign in; data stays untouched. Please call the vendor.",
        "پروانه تعلیق شده است. فقط مدیر سامانه وارد می‌شود و داده‌ها دست‌نخورده می‌مانند. لطفاً با فروشنده تماس بگیرید.",
    ),
    "revoked": (
        "critical",
        "The licence was ended by the vendor. Data stays untouched. Please call the vendor.",
        "فروشنده پروانه را لغو کرده است. داده‌ها دست‌نخورده می‌مانند. لطفاً با فروشنده تماس بگیرید.",
    ),
    "expired": (
        "critical",
        "The licence has ended. Please renew it; data stays untouched.",
        "مدت پروانه تمام شده است. لطفاً آن را تمدید کنید؛ داده‌ها دست‌نخورده می‌مانند.",
    ),
    "superseded": (
        "critical",
        "The licence was moved to another server of yours and no longer counts on this one.",
        "پروانه به سرور دیگری از شما منتقل شده است و روی این سرور دیگر معتبر نیست.",
    ),
    "deactivated": (
        "critical",
        "The licence was given back from this server. A new code activates it again.",
        "پروانهٔ این سرور پس داده شده است. با یک کد تازه می‌توان آن را دوباره فعال کرد.",
    ),
    "refused": (
        "critical",
        "The licence is bound to another machine. If the server was exchanged, ask the vendor for a rehost.",
        "این دستگاه همان سروری نیست که پروانه به آن بسته شده است. اگر سرور عوض شده، از فروشنده انتقال پروانه بخواهید.",
    ),
}


def notices_for(status: Status, reason: str | None, terms: Terms, now: int) -> tuple[Notice, ...]:
    """Return the notices of a document of that status at that moment."""
    if status in _BY_STATUS:
        severity, en, fa = _BY_STATUS[status]
        return (Notice(reason or status, severity, en, fa),)
    if terms.ends_at is None or now < terms.ends_at - ENDS_SOON:
        return ()
    if now < terms.ends_at:
        days = -(-(terms.ends_at - now) // DAY)
        en, fa = (
            f"The licence ends in {_days(days)}. Please renew it.",
            f"{days} روز تا پایان پروانه مانده است. لطفاً آن را تمدید کنید.",
        )
        return (Notice("ends_soon", "warning", en, fa),)
    days = -(-(terms.ends_at + terms.grace - now) // DAY)
    en = f"The licence has ended; the CRM goes on for {_days(days)} of grace. Please renew it now."
    fa = f"مدت پروانه تمام شده است؛ سامانه {days} روز دیگر کار می‌کند. لطفاً هم‌اکنون تمدید کنید."
    return (Notice("in_terms_grace", "critical", en, fa),)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
