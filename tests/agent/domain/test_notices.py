"""What the agent tells people, word for word, in both languages: scripts read the codes, people the rest."""

import pytest

from agent.domain.notices import (
    DAY,
    clock_behind,
    days_until,
    drifted,
    explained,
    overdue,
    trust_expiring,
    unreadable,
)
from keys.documents.parts import Notice, Severity


@pytest.mark.parametrize(("left", "days"), [(-5, 0), (0, 0), (1, 1), (DAY, 1), (DAY + 1, 2)])
def test_a_begun_day_counts(left: int, days: int) -> None:
    assert days_until(1000 + left, 1000) == days


@pytest.mark.parametrize(("days", "severity"), [(0, "critical"), (3, "critical"), (4, "warning")])
def test_the_lease_is_counted_down(days: int, severity: Severity) -> None:
    assert overdue(1000 + days * DAY, 1000) == Notice(
        "validation_overdue",
        severity,
        f"The licence could not be validated. The CRM goes on for {days} more days; please check the server's internet "
        "connection, or validate by file.",
        f"اعتبارسنجی پروانه انجام نشده است. سامانه {days} روز دیگر کار می‌کند؛ لطفاً اتصال اینترنت سرور را بررسی کنید.",
    )


def test_a_slow_clock_is_told_in_whole_minutes() -> None:
    assert clock_behind(60 * 61 + 59) == Notice(
        "clock_behind",
        "warning",
        "The server's clock is at least 61 minutes slow. Please set it; the licence does not need it.",
        "ساعت سرور دست‌کم 61 دقیقه عقب است. لطفاً آن را تنظیم کنید؛ پروانه به آن وابسته نیست.",
    )


def test_old_trust_is_counted_down() -> None:
    assert trust_expiring(1000 + 7 * DAY, 1000) == Notice(
        "trust_expiring",
        "warning",
        "The list of the vendor's keys is out of date. In 7 days only the administrator can sign in; please "
        "connect the server to the internet or call the vendor.",
        "فهرست کلیدهای فروشنده کهنه شده است. تا 7 روز دیگر فقط مدیر سامانه می‌تواند وارد شود؛ "
        "لطفاً سرور را به اینترنت وصل کنید یا با فروشنده تماس بگیرید.",
    )


def test_what_can_not_be_read_is_named() -> None:
    assert unreadable(("disk_serial", "mac")) == Notice(
        "component_unreadable",
        "warning",
        "Parts of the server's fingerprint can't be read just now (disk_serial, mac). They count as before for 24 "
        "hours; licence-agent doctor says what to do.",
        "بخش‌هایی از شناسهٔ سخت‌افزار سرور اکنون خوانده نمی‌شود (disk_serial, mac). تا ۲۴ ساعت مانند پیش به شمار می‌آید.",
    )


def test_what_was_exchanged_is_named() -> None:
    assert drifted("mac changed") == Notice(
        "fingerprint_drifted",
        "info",
        "Parts of this server were exchanged since the last validation: mac changed.",
        "بخشی از سخت‌افزار این سرور از آخرین اعتبارسنجی تاکنون عوض شده است.",
    )


def test_a_reason_is_explained_with_what_is_known_beside_it() -> None:
    plain, more = explained("no_licence"), explained("no_licence", "The file is empty.")
    assert plain == Notice(
        "no_licence",
        "critical",
        "This server has no licence yet. Do: licence-agent activate CODE --server URL",
        "این سرور هنوز پروانه ندارد. با کد فعال‌سازی آن را فعال کنید.",
    )
    assert more.en == f"{plain.en} The file is empty."
    assert (more.code, more.severity, more.fa) == (plain.code, plain.severity, plain.fa)
