"""What the agent itself has to tell people, in English and Persian; the licence brings the server's notices."""

from keys.documents.parts import Notice, Severity

DAY = 86_400


def days_until(moment: int, now: int) -> int:
    """Return the days left, the begun one counted."""
    return max(0, -(-(moment - now) // DAY))


def overdue(expires_at: int, now: int) -> Notice:
    """The licence server has not been reached for longer than it should; counts down."""
    days = days_until(expires_at, now)
    severity: Severity = "critical" if days <= 3 else "warning"
    return Notice(
        "validation_overdue",
        severity,
        f"The licence could not be validated. The CRM goes on for {days} more days; please check the server's internet "
        "connection, or validate by file.",
        f"اعتبارسنجی پروانه انجام نشده است. سامانه {days} روز دیگر کار می‌کند؛ لطفاً اتصال اینترنت سرور را بررسی کنید.",
    )


def clock_behind(seconds: int) -> Notice:
    """The wall clock can't be right."""
    return Notice(
        "clock_behind",
        "warning",
        f"The server's clock is at least {seconds // 60} minutes slow. Please set it; the licence does not need it.",
        f"ساعت سرور دست‌کم {seconds // 60} دقیقه عقب است. لطفاً آن را تنظیم کنید؛ پروانه به آن وابسته نیست.",
    )


def trust_expiring(restricted_at: int, now: int) -> Notice:
    """No new trust document has come for too long."""
    days = days_until(restricted_at, now)
    return Notice(
        "trust_expiring",
        "warning",
        f"The list of the vendor's keys is out of date. In {days} days only the administrator can sign in; please "
        "connect the server to the internet or call the vendor.",
        f"فهرست کلیدهای فروشنده کهنه شده است. تا {days} روز دیگر فقط مدیر سامانه می‌تواند وارد شود؛ "
        "لطفاً سرور را به اینترنت وصل کنید یا با فروشنده تماس بگیرید.",
    )


def outage(ends_at: int, now: int) -> Notice:
    """The vendor has declared an outage, which stretches the licence."""
    days = days_until(ends_at, now)
    return Notice(
        "outage_declared",
        "info",
        f"The vendor has declared an outage: without the licence server the CRM goes on for {days} more days.",
        f"فروشنده شرایط اضطراری (اختلال شبکه) اعلام کرده است: سامانه بدون سرور پروانه {days} روز دیگر کار می‌کند.",
    )


def unreadable(names: tuple[str, ...]) -> Notice:
    """Components of the fingerprint can't be read just now."""
    said = ", ".join(names)
    return Notice(
        "component_unreadable",
        "warning",
        f"Parts of the server's fingerprint can't be read just now ({said}). They count as before for 24 hours; "
        "licence-agent doctor says what to do.",
        f"بخش‌هایی از شناسهٔ سخت‌افزار سرور اکنون خوانده نمی‌شود ({said}). تا ۲۴ ساعت مانند پیش به شمار می‌آید.",
    )


def drifted(said: str) -> Notice:
    """The same machine, with something exchanged."""
    return Notice(
        "fingerprint_drifted",
        "info",
        f"Parts of this server were exchanged since the last validation: {said}.",
        "بخشی از سخت‌افزار این سرور از آخرین اعتبارسنجی تاکنون عوض شده است.",
    )


def explained(reason: str, detail: str = "") -> Notice:
    """Why the mode is what it is, where the licence itself does not say so."""
    severity, en, fa = _EXPLAINED[reason]
    return Notice(reason, severity, f"{en} {detail}".rstrip(), fa)


_EXPLAINED: dict[str, tuple[Severity, str, str]] = {
    "no_licence": (
        "critical",
        "This server has no licence yet. Do: licence-agent activate CODE --server URL",
        "این سرور هنوز پروانه ندارد. با کد فعال‌سازی آن را فعال کنید.",
    ),
    "signature_invalid": (
        "critical",
        (
            "The stored licence is not one that the vendor signed for this server. Restore the agent's folder, or "
            "call the vendor."
        ),
        "پروانهٔ ذخیره‌شده امضای معتبر فروشنده را ندارد. پوشهٔ عامل را بازگردانید یا با فروشنده تماس بگیرید.",
    ),
    "key_missing": (
        "critical",
        (
            "The device key that the licence is bound to can't be used here. Restore the agent's folder, or ask "
            "the vendor for a rehost."
        ),
        "کلید دستگاهی که پروانه به آن بسته شده در دسترس نیست. پوشهٔ عامل را بازگردانید یا انتقال پروانه بخواهید.",
    ),
    "hardware_changed": (
        "critical",
        (
            "This machine is not the one that the licence is bound to. If the server was exchanged, ask the vendor "
            "for a rehost."
        ),
        "این دستگاه همان سروری نیست که پروانه به آن بسته شده است. اگر سرور عوض شده، از فروشنده انتقال پروانه بخواهید.",
    ),
    "lease_ended": (
        "critical",
        (
            "The licence was not validated for too long; only the administrator can sign in, and data stays untouched. "
            "Please connect the server to the internet, or validate by file."
        ),
        (
            "مدت زیادی اعتبارسنجی انجام نشده است؛ فقط مدیر سامانه می‌تواند وارد شود و داده‌ها دست‌نخورده می‌مانند. "
            "لطفاً سرور را به اینترنت وصل کنید."
        ),
    ),
    "trust_expired": (
        "critical",
        (
            "The list of the vendor's keys is too old; only the administrator can sign in; data stays untouched. "
            "Please connect the server to the internet, or call the vendor."
        ),
        (
            "فهرست کلیدهای فروشنده بیش از اندازه کهنه است؛ فقط مدیر سامانه می‌تواند وارد شود. "
            "لطفاً سرور را به اینترنت وصل کنید یا با فروشنده تماس بگیرید."
        ),
    ),
    "signing_key_revoked": (
        "warning",
        "The vendor has withdrawn the key that signed this licence; its grace lasts until the next validation.",
        "فروشنده کلیدی را که این پروانه را امضا کرده بود باطل کرده است؛ پروانه تا اعتبارسنجی بعدی مهلت دارد.",
    ),
    "hardware_stand_in": (
        "critical",
        "The fingerprint comes from a file (LICENCE_AGENT_HARDWARE), not from this machine. This is for tests only.",
        "شناسهٔ سخت‌افزار از یک فایل خوانده می‌شود، نه از این دستگاه. این حالت فقط برای آزمایش است.",
    ),
}
