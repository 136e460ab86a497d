"""What a CRM's people read when the licence lets them do something not: in English and Persian."""

from dataclasses import dataclass

from keys.errors import (
    AgentNotBelievedError,
    LicenceBlockedError,
    LicenceRestrictedError,
    LicensingError,
    OutsideNetworkError,
    SeatsExhaustedError,
)

_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


@dataclass(frozen=True, slots=True)
class Message:
    """A heading, the reason and what to do."""

    title: str
    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A refusal for people, in both languages."""

    en: Message
    fa: Message
    retry_after: int | None = None
    """Seconds after which another try makes sense; None: somebody has to do something first."""


def explained(refusal: LicensingError) -> Explained:
    """Return what to tell people of a refusal."""
    if isinstance(refusal, SeatsExhaustedError):
        return _exhausted(refusal)
    for kind, said in _FIXED:
        if isinstance(refusal, kind):
            return said
    return _AWAY


def read_only() -> Explained:
    """Return what to tell somebody who wants to change something while the licence is restricted."""
    return _READ_ONLY


def persian(number: int) -> str:
    """Return a number in Persian digits."""
    return str(number).translate(_PERSIAN_DIGITS)


def _exhausted(refusal: SeatsExhaustedError) -> Explained:
    used, limit = refusal.used, refusal.limit
    things = {
        "users": ("users", "کاربر"),
        "clients": ("computers", "رایانه"),
        "service": ("service accounts", "حساب سرویس"),
    }
    en, fa = things.get(refusal.dimension, things["users"])
    return Explained(
        Message(
            "All seats are taken",
            f"The licence of this system is for {limit} {en} at the same time, and {used} are in use now.",
            "Ask a colleague who does not need it to sign out, and try again. If this happens often, ask your "
            "administrator to buy more seats. Nothing of your data is lost.",
        ),
        Message(
            "همهٔ جایگاه‌ها پر است",
            f"پروانهٔ این سامانه برای {persian(limit)} {fa} هم‌زمان است و اکنون {persian(used)} {fa} در آن هستند.",
            "از همکاری که به سامانه نیاز ندارد بخواهید خارج شود، سپس دوباره تلاش کنید. اگر این پیام زیاد پیش می‌آید، "
            "از مدیر سامانه بخواهید جایگاه بیشتری بخرد. داده‌های شما دست‌نخورده است.",
        ),
        30,
    )


_FIXED: tuple[tuple[type[LicensingError], Explained], ...] = (
    (
        OutsideNetworkError,
        Explained(
            Message(
                "You are outside the network of this licence",
                "The licence of this system is for one site's network, and your computer's address is not in it.",
                "Connect from the office or through its VPN. If you are there, tell your administrator.",
            ),
            Message(
                "شما بیرون از شبکهٔ این پروانه هستید",
                "پروانهٔ این سامانه برای شبکهٔ یک محل است و نشانی رایانهٔ شما در آن شبکه نیست.",
                "از دفتر یا از راه شبکهٔ خصوصی آن وصل شوید. اگر در همان شبکه هستید، به مدیر سامانه بگویید.",
            ),
        ),
    ),
    (
        LicenceRestrictedError,
        Explained(
            Message(
                "The licence is restricted",
                "The licence of this system has stopped for now; only the administrator can work in it.",
                "You can go on reading. Your administrator sees the reason, and the vendor can lift it.",
            ),
            Message(
                "پروانه محدود شده است",
                "پروانهٔ این سامانه فعلاً متوقف شده و فقط مدیر سامانه می‌تواند در آن کار کند.",
                "می‌توانید به خواندن ادامه دهید. مدیر سامانه دلیل را می‌بیند و فروشنده می‌تواند آن را رفع کند.",
            ),
        ),
    ),
    (
        LicenceBlockedError,
        Explained(
            Message(
                "There is no valid licence",
                "This system has no valid licence on this server, so nobody can sign in.",
                "Your administrator sees the reason, and the vendor can help. Your data is safe.",
            ),
            Message(
                "پروانهٔ معتبری نیست",
                "این سامانه روی این سرور پروانهٔ معتبری ندارد و کسی نمی‌تواند وارد شود.",
                "مدیر سامانه دلیل را می‌بیند و فروشنده می‌تواند کمک کند. داده‌های شما امن است.",
            ),
        ),
    ),
    (
        AgentNotBelievedError,
        Explained(
            Message(
                "The licence could not be verified",
                "What the licence service of this server says is not backed by a signed licence that is in force.",
                "Tell your administrator: the server's clock may be wrong, or the licence service was changed.",
            ),
            Message(
                "پروانه تأیید نشد",
                "گفتهٔ سرویس پروانهٔ این سرور با پروانه‌ای امضاشده و معتبر همخوان نیست.",
                "به مدیر سامانه بگویید: شاید ساعت سرور نادرست است یا سرویس پروانه تغییر کرده است.",
            ),
        ),
    ),
)

_AWAY = Explained(
    Message(
        "One moment, please",
        "The licence service of this server does not answer just now. Whoever is signed in can go on working.",
        "Try again in a minute. If it lasts, tell your administrator.",
    ),
    Message(
        "لطفاً کمی صبر کنید",
        "سرویس پروانهٔ این سرور اکنون پاسخ نمی‌دهد. کسانی که وارد شده‌اند می‌توانند به کار ادامه دهند.",
        "یک دقیقهٔ دیگر دوباره تلاش کنید. اگر ادامه یافت، به مدیر سامانه بگویید.",
    ),
    30,
)

_READ_ONLY = Explained(
    Message(
        "Nothing can be changed now",
        "The licence of this system has stopped for now. You can read everything, but not change it.",
        "What you sent was not saved. Your administrator sees the reason, and the vendor can lift it.",
    ),
    Message(
        "اکنون تغییر ممکن نیست",
        "پروانهٔ این سامانه فعلاً متوقف شده است. می‌توانید همه چیز را بخوانید، ولی تغییر ممکن نیست.",
        "آنچه فرستادید ذخیره نشد. مدیر سامانه دلیل را می‌بیند و فروشنده می‌تواند آن را رفع کند.",
    ),
)
