"""The certificate of installation for people, in Persian and English: to be printed, signed, and kept (T17)."""

from collections.abc import Iterator, Sequence

from agent.domain.certificate import FORM, Certificate
from agent.web.sentences import Language, date, digits

_WIDTH = 28
_Both = tuple[str, str]
_TITLE: _Both = ("Certificate of installation", "گواهی نصب")
_ABOUT: _Both = (
    f"For the checklist of installation, deployment and training ({FORM})",
    f"برای چک‌لیست نصب، استقرار و آموزش ({FORM})",
)
_LABELS: dict[str, _Both] = {
    "date": ("Date of installation", "تاریخ نصب"),
    "customer": ("Customer", "مشتری"),
    "site": ("Site", "محل نصب"),
    "product": ("Product, edition", "محصول، ویرایش"),
    "licence": ("Licence", "شمارهٔ پروانه"),
    "activation": ("Activation", "شمارهٔ فعال‌سازی"),
    "issuer": ("Licence server", "سرور پروانه"),
    "bought": ("Bought", "خریداری‌شده"),
    "server": ("Server", "سرور مشتری"),
    "agent": ("Licence agent", "عامل پروانه"),
    "refresh": ("Next validation", "اعتبارسنجی بعدی"),
    "until": ("Good until", "معتبر تا"),
}
_DONE: dict[str, _Both] = {
    "installed": (
        "The licence agent is installed, and its service runs.",
        "عامل پروانه نصب شده است و سرویس آن کار می‌کند.",
    ),
    "activated": ("The licence is active on this server.", "پروانه روی این سرور فعال است."),
    "passed": ("A seat was taken and released.", "یک جایگاه آزمایشی گرفته و پس داده شد."),
    "refused": (
        "A seat could not be taken: all are taken, or the licence gives none now.",
        "جایگاه آزمایشی گرفته نشد: همهٔ جایگاه‌ها گرفته شده‌اند یا پروانه اکنون جایگاهی نمی‌دهد.",
    ),
    "left_out": (
        "No seat was taken for a trial: the licence is for named users.",
        "جایگاه آزمایشی گرفته نشد: پروانه برای کاربران معیّن است.",
    ),
}
_BY_HAND: tuple[_Both, ...] = (
    ("The CRM asks the agent for seats.", "سامانه جایگاه‌ها را از عامل می‌گیرد."),
    ("The training has been given.", "آموزش داده شده است."),
)
_SIGNATURES: tuple[_Both, ...] = (
    ("Installed by (name, date, signature)", "نصب‌کننده (نام، تاریخ، امضا)"),
    ("For the customer (name, date, signature)", "نمایندهٔ مشتری (نام، تاریخ، امضا)"),
)
_ANY: _Both = ("any number of", "هر تعداد")
_BOUGHT: _Both = ("{users} users, {clients} computers ({model})", "{users} کاربر، {clients} رایانه ({model})")
_MODEL: dict[str, _Both] = {"concurrent": ("at the same time", "هم‌زمان"), "named": ("by name", "معیّن")}


def as_text(certificate: Certificate, languages: Sequence[Language] = ("fa", "en")) -> str:
    """Return the certificate in each of the languages, one below the other."""
    rule = "=" * 72
    return "\n".join([rule, *(line for each in languages for line in (*_lines(certificate, each), rule))])


def _lines(certificate: Certificate, language: Language) -> Iterator[str]:
    yield from (_of(_TITLE, language), _of(_ABOUT, language), "")
    for name, value in _facts(certificate, language).items():
        if value:
            yield f"{_of(_LABELS[name], language) + ':':<{_WIDTH}} {value}"
    yield ""
    for word in ("installed", "activated", certificate.seat_check):
        mark = " " if word == "refused" else "x"
        yield f"[{mark}] {_of(_DONE[word], language)}"
    yield from (f"[ ] {_of(each, language)}" for each in _BY_HAND)
    yield from (f"\n{_of(each, language)}: {'.' * 30}" for each in _SIGNATURES)


def _facts(certificate: Certificate, language: Language) -> dict[str, str]:
    server = certificate.server
    clients = _of(_ANY, language) if certificate.clients is None else str(certificate.clients)
    model = _of(_MODEL[certificate.model], language) if certificate.model in _MODEL else certificate.model
    bought = _of(_BOUGHT, language).format(users=certificate.users, clients=clients, model=model)
    return {
        "date": date(certificate.installed_at, language),
        "customer": certificate.customer,
        "site": certificate.site,
        "product": f"{certificate.product}, {certificate.edition}",
        "licence": certificate.licence_id,
        "activation": certificate.activation_id,
        "issuer": certificate.issuer,
        "bought": digits(bought, language),
        "server": f"{server.name}, {server.system}",
        "agent": f"{server.agent_version}, {server.program}",
        "refresh": date(certificate.refresh_at, language),
        "until": date(certificate.expires_at, language),
    }


def _of(both: _Both, language: Language) -> str:
    return both[language == "fa"]
