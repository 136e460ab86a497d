"""The licence screen: what people read in each mode, in both languages, and what no name can do to it."""

import json
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import pytest

from agent.web.screen import fragment
from agent.web.sentences import Language

NOW = 1_792_000_000
DAY = 86_400
VOID = {"meta", "br", "img", "input", "link"}

FULL: dict[str, Any] = {
    "mode": "full",
    "reason": "active",
    "status": "active",
    "now": NOW,
    "days_left": 150,
    "until_at": NOW + 150 * DAY,
    "licence": "lic_1",
    "customer": {"id": "cus_1", "name": "Pars Steel"},
    "product": "CRM",
    "edition": "Professional",
    "site": "Tehran",
    "features": ["reports"],
    "seats": {
        "model": "concurrent",
        "users": {"used": 40, "limit": 50},
        "clients": {"used": 44, "limit": None},
        "service": {"used": 0, "limit": 0},
    },
    "last_validated_at": NOW - 3 * 3_600 - 59,
    "last_failure": None,
    "notices": [],
}
NOTHING: dict[str, Any] = dict.fromkeys(FULL) | {
    "mode": "blocked",
    "reason": "no_licence",
    "status": "none",
    "notices": [
        {"code": "no_licence", "severity": "critical", "text": {"en": "No licence yet.", "fa": "پروانه ندارد."}}
    ],
}


class Page(HTMLParser):
    """Reads a fragment as a browser does, and complains of what does not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page(licence: Mapping[str, Any], language: Language = "en") -> Page:
    """The fragment of an object as it comes over the wire."""
    return Page(fragment(json.loads(json.dumps(licence)), language))


def test_the_screen_of_the_example() -> None:
    shown = page(FULL)
    (section,) = shown.of("section")
    assert (section["lang"], section["dir"]) == ("en", "ltr")
    for said in (
        "Pars Steel",
        "40 of 50 users",
        "44 computers, no limit",
        "Valid until 13 March 2027",
        "150 days left",
    ):
        assert said in shown.text
    assert "Last validated 3 hours ago" in shown.text
    assert "service" not in shown.text
    assert "What to do" not in shown.text
    assert [(bar["max"], bar["value"]) for bar in shown.of("meter")] == [("50", "40")]


def test_the_same_in_persian() -> None:
    shown = page(FULL, "fa")
    (section,) = shown.of("section")
    assert (section["lang"], section["dir"]) == ("fa", "rtl")
    for said in (
        "۴۰ از ۵۰ کاربر",
        "معتبر تا ۲۲ اسفند ۱۴۰۵",
        "۱۵۰ روز مانده",
        "آخرین اعتبارسنجی ۳ ساعت پیش",
        "Pars Steel",
    ):
        assert said in shown.text
    assert not any(mark in shown.text for mark in "023456789")  # lic_1 is a name


@pytest.mark.parametrize(
    ("mode", "reason", "status", "en", "fa"),
    [
        ("full", "active", "active", "The licence is valid.", "پروانه معتبر است."),
        ("grace", "validation_overdue", "active", "Everything works as before", "همه چیز مانند پیش کار می‌کند"),
        ("grace", "validation_overdue", "active", "connect the server to the internet", "به اینترنت وصل کنید"),
        ("restricted", "lease_ended", "active", "connect the server to the internet", "به اینترنت وصل کنید"),
        ("restricted", "trust_expired", "active", "Only the administrator", "فقط مدیر سامانه"),
        ("restricted", "payment_overdue", "suspended", "call the vendor", "با فروشنده تماس بگیرید"),
        ("restricted", "expired", "expired", "renew the licence", "پروانه را تمدید کنید"),
        ("blocked", "hardware_changed", "active", "rehost", "منتقل کند"),
        ("blocked", "fingerprint_mismatch", "refused", "rehost", "منتقل کند"),
        ("blocked", "key_missing", "active", "backup", "پشتیبان"),
        ("blocked", "signature_invalid", "none", "backup", "پشتیبان"),
        ("blocked", "clone_detected", "revoked", "call the vendor", "با فروشنده تماس بگیرید"),
        ("blocked", "superseded", "superseded", "Nobody can sign in", "کسی نمی‌تواند وارد شود"),
        ("blocked", "no_licence", "none", "activate this server", "فعال کنید"),
        ("a mode of tomorrow", "active", "active", "Nobody can sign in", "کسی نمی‌تواند وارد شود"),
    ],
)
def test_each_mode_says_what_it_means_and_what_to_do(mode: str, reason: str, status: str, en: str, fa: str) -> None:
    licence = FULL | {"mode": mode, "reason": reason, "status": status}
    assert en in page(licence).text
    assert fa in page(licence, "fa").text


@pytest.mark.parametrize("language", ["en", "fa"])
def test_without_a_licence_there_is_what_to_do_and_no_empty_row(language: Language) -> None:
    shown = page(NOTHING, language)
    assert not shown.of("dt")
    assert not shown.of("meter")
    assert ("No licence yet." if language == "en" else "پروانه ندارد.") in shown.text


@pytest.mark.parametrize(
    ("seconds", "en", "fa"),
    [
        (-5, "just now", "همین حالا"),
        (59, "just now", "همین حالا"),
        (60, "1 minute ago", "۱ دقیقه پیش"),
        (7_199, "1 hour ago", "۱ ساعت پیش"),
        (2 * DAY, "2 days ago", "۲ روز پیش"),
    ],
)
def test_spans_of_time(seconds: int, en: str, fa: str) -> None:
    licence = FULL | {"last_validated_at": NOW - seconds}
    assert f"Last validated {en}" in page(licence).text
    assert f"آخرین اعتبارسنجی {fa}" in page(licence, "fa").text


@pytest.mark.parametrize(
    ("at", "en", "fa"),
    [
        (0, "1 January 1970", "۱۱ دی ۱۳۴۸"),
        (1_742_428_800, "20 March 2025", "۳۰ اسفند ۱۴۰۳"),  # of a leap year
        (1_742_515_200, "21 March 2025", "۱ فروردین ۱۴۰۴"),
        (1_774_051_200, "21 March 2026", "۱ فروردین ۱۴۰۵"),
        (1_805_587_200, "21 March 2027", "۱ فروردین ۱۴۰۶"),
        (1_837_123_200, "20 March 2028", "۱ فروردین ۱۴۰۷"),
        (2**53, "1 January 3000", "۱۱ دی ۲۳۷۸"),
    ],
)
def test_dates(at: int, en: str, fa: str) -> None:
    licence = FULL | {"until_at": at, "days_left": 1}
    assert f"Valid until {en} (1 day left)" in page(licence).text
    assert f"معتبر تا {fa} (۱ روز مانده)" in page(licence, "fa").text


def test_a_licence_without_end_says_so_while_it_is_valid() -> None:
    forever = FULL | {"until_at": None, "days_left": None}
    assert "Valid until without end" in page(forever).text
    assert "Valid until" not in page(forever | {"mode": "restricted"}).text


def test_without_the_agents_time_the_day_of_the_validation_is_told() -> None:
    assert "Last validated 14 October 2026" in page(FULL | {"now": None}).text


def test_more_people_than_bought_fill_the_bar_and_no_more() -> None:
    count = {"used": 52, "limit": 50}
    shown = page(FULL | {"seats": FULL["seats"] | {"users": count, "service": {"used": 1, "limit": 2}}})
    assert "52 of 50 users" in shown.text
    assert "1 of 2 service accounts" in shown.text
    assert [(bar["max"], bar["value"]) for bar in shown.of("meter")] == [("50", "50"), ("2", "1")]
    assert any("licence-full" in str(line["class"]) for line in shown.of("p"))


def test_users_beyond_the_limit_are_told() -> None:
    overdraft = {"users": 2, "allowed": 3, "days_left": 4}
    seats = FULL["seats"] | {"overdraft": overdraft}
    assert "2 users beyond the limit (up to 3); possible on 4 more of 30 days" in page(FULL | {"seats": seats}).text
    assert (
        "۲ کاربر بیش از حد خریداری‌شده (تا ۳ کاربر)؛ ۴ روز از ۳۰ روز مانده" in page(FULL | {"seats": seats}, "fa").text
    )
    seats["overdraft"] = overdraft | {"users": 1}
    assert "1 user beyond" in page(FULL | {"seats": seats}).text


def test_notices_and_a_failure_are_told() -> None:
    text = {"en": "The CRM goes on for 3 days.", "fa": "سامانه 3 روز دیگر کار می‌کند؛ crm-12 را ببینید."}
    notices = [{"code": "x", "severity": "critical", "text": text}, {"code": "y", "severity": "odd"}, "no notice"]
    licence = FULL | {"notices": notices, "last_failure": "The name crm.example could not be resolved."}
    shown = page(licence)
    assert "The CRM goes on for 3 days." in shown.text
    assert "Last attempt failed The name crm.example" in shown.text
    assert "licence-notice licence-critical" in str(shown.of("li")[0]["class"])
    assert "licence-notice licence-info" in str(shown.of("li")[1]["class"])
    persian = page(licence, "fa")
    assert "سامانه ۳ روز دیگر کار می‌کند؛ crm-12 را ببینید." in persian.text
    assert {"lang": "en", "dir": "ltr"} in persian.of("bdi")


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</bdi></h2></section><h1>free</h1>",
    '"><svg/onload=alert(1)>',
    "' onmouseover='alert(1)",
    "&lt;script&gt;",
    "\u202egnp.exe\u2066 \u200f\u061c",
    "a\x00b\x1b[2Jc\x85",
    "{} {0} %s ${7*7}",
)


@pytest.mark.threat(27)
@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_does_anything_to_the_screen(name: str, language: Language) -> None:
    """Wherever a text of somebody else's goes, the page has the same elements as with a harmless one."""

    def everywhere(text: str) -> Page:
        notice = {"code": text, "severity": text, "text": {"en": text, "fa": text}}
        named = dict.fromkeys(("reason", "status", "licence", "product", "edition", "site", "last_failure"), text)
        return page(FULL | named | {"customer": {"name": text}, "notices": [notice]}, language)

    harmless, shown = everywhere("Pars Steel"), everywhere(name)
    assert shown.elements == harmless.elements
    visible = "".join(letter for letter in name if letter.isprintable() and not letter.isspace())
    assert visible in shown.text.replace(" ", "")
    assert not any(letter in shown.text for letter in "\u202e\u2066\u200f\u061c\x00\x1b\x85")


@pytest.mark.parametrize("language", ["en", "fa"])
def test_it_brings_nothing_that_a_strict_policy_forbids(language: Language) -> None:
    shown = page(FULL | {"notices": NOTHING["notices"]}, language)
    assert {tag for tag, _ in shown.elements} <= {
        *("section", "h2", "p", "span", "meter", "dl", "dt", "dd", "ul", "li", "bdi"),
    }
    names = {name for _, attributes in shown.elements for name in attributes}
    assert names <= {"class", "lang", "dir", "aria-label", "min", "max", "value"}


def test_persian_words_keep_the_joiner_in_them() -> None:
    assert "نرم‌افزار پارس" in page(FULL | {"customer": {"name": "نرم‌افزار پارس"}}, "fa").text


@pytest.mark.parametrize("broken", [{}, {"mode": None, "seats": [], "customer": "x", "notices": {}, "until_at": "1"}])
def test_what_is_not_as_expected_breaks_nothing(broken: dict[str, Any]) -> None:
    assert "Nobody can sign in" in page(broken).text
