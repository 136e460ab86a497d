"""The same table for docs/fa/troubleshooting.md: what is said comes from the agent's catalogue."""

import re
from collections.abc import Mapping

from agent.cli.refusals import of_another
from agent.doctor.situations import SHARED
from keys.errors import all_refusals
from tests.situations.table import CHAPTERS, CODES, ROOT, SOMETIMES, STATE, Said, Shown, sentences
from tests.translations import persian as voice

PAGE = ROOT / "docs/fa/troubleshooting.md"
_VOICE = voice()
_FACT = re.compile(r"\{([a-z_]+)\}")
_HEADS = ("چه شده", "چه گفته می‌شود", "یعنی چه", "چه باید کرد", "واژه")
_CHAPTERS: Mapping[str, str] = {
    "The clock": "ساعت",
    "Names and lines": "نام‌ها و خط ارتباطی",
    "Proxies": "پروکسی‌ها",
    "TLS": "TLS",
    "What answers": "آنچه پاسخ می‌دهد",
    "Home and disk": "خانه و دیسک",
    "The machine": "دستگاه",
    "What the system lets run": "آنچه سیستم اجازهٔ اجرا می‌دهد",
    "The device key": "کلید دستگاه",
    "Port and service": "درگاه و سرویس",
    STATE: "فایل‌های آسیب‌دیده",
    CODES: "کد فعال‌سازی",
}
WHAT: Mapping[str, str] = {
    "A captive portal answers 200 with a page, or leads to one": "صفحهٔ ورود به شبکه با کد 200 پاسخ می‌دهد یا می‌فرستد",
    "Something else than the licence server answers": "چیزی جز سرور پروانه پاسخ می‌دهد",
    "The server, or something on the way, says no": "سرور، یا چیزی در راه، رد می‌کند",
    "What answers breaks off": "آنچه پاسخ می‌دهد ارتباط را قطع می‌کند",
    "The root file is another vendor's": "فایل ریشه از فروشندهٔ دیگری است",
    "The root file is damaged": "فایل ریشه آسیب دیده است",
    "No root file was given": "فایل ریشه داده نشده است",
    "A proxy opens TLS, under an authority that is not trusted here": "پروکسی TLS را با مرجعی ناشناس باز می‌کند",
    "A proxy opens TLS, under an authority in this machine's store": "پروکسی TLS را با مرجعی از مخزن باز می‌کند",
    "A proxy opens TLS, and REQUESTS_CA_BUNDLE says to trust it": "TLS باز می‌شود و REQUESTS_CA_BUNDLE می‌پذیرد",
    "The server's certificate is over": "گواهی سرور پایان یافته است",
    "The server's certificate has not begun": "گواهی سرور هنوز آغاز نشده است",
    "The certificate is for another name": "گواهی برای نام دیگری است",
    "What answers speaks no TLS": "آنچه پاسخ می‌دهد TLS نمی‌داند",
    "The clock is days ahead": "ساعت چند روز جلوست",
    "The clock is days behind": "ساعت چند روز عقب است",
    "The clock is minutes off": "ساعت چند دقیقه اختلاف دارد",
    "The clock is behind what the vendor signed": "ساعت از آنچه فروشنده امضا کرده عقب‌تر است",
    "The clock is behind the day on which the root was signed": "ساعت از روز امضای ریشه عقب‌تر است",
    "Too little of the machine can be told from others": "نشانه‌های دستگاه برای شناختنش کم است",
    "A part can't be read just now": "قطعه‌ای اکنون خوانده نمی‌شود",
    "Parts of the machine were exchanged": "قطعه‌هایی از دستگاه عوض شده است",
    "The home was copied to another machine": "خانه به دستگاه دیگری کپی شده است",
    "A part reads otherwise each time": "قطعه‌ای هر بار جور دیگری خوانده می‌شود",
    "A container without the host's identity": "کانتینر بدون هویت میزبان",
    "A container whose home goes with it": "کانتینری که خانه‌اش با آن از بین می‌رود",
    "Another agent runs on this machine": "عامل دیگری روی این دستگاه اجرا می‌شود",
    "Another user's agent has a licence on this machine": "عامل کاربر دیگری روی این دستگاه پروانه دارد",
    "DNS is dead, or does not know the server": "DNS کار نمی‌کند، یا سرور را نمی‌شناسد",
    "DNS answers for every name, as portals do": "DNS مانند شبکه‌های دارای صفحهٔ ورود برای هر نامی پاسخ می‌دهد",
    "The national filter answers in the server's place": "فیلترینگ به جای سرور پاسخ می‌دهد",
    "DNS or the hosts file gives an address of this network": "DNS یا فایل hosts نشانی‌ای از همین شبکه می‌دهد",
    "There is no route to the internet": "راهی به اینترنت نیست",
    "A firewall swallows the packets": "دیوارهٔ آتش بسته‌ها را می‌بلعد",
    "The connection is refused": "اتصال رد می‌شود",
    "A device key is readable by others": "کلید دستگاه را دیگران می‌توانند بخوانند",
    "Others can write into the home": "دیگران می‌توانند در خانه بنویسند",
    "The home belongs to another user": "خانه از آن کاربر دیگری است",
    "A file in the home belongs to another user": "فایلی در خانه از آن کاربر دیگری است",
    "The settings can be read by another user only": "تنظیمات را فقط کاربر دیگری می‌تواند بخواند",
    "The home can't be made": "خانه را نمی‌توان ساخت",
    "A file lies where the home should be": "جایی که خانه باید باشد یک فایل است",
    "The home's own user may not enter it": "صاحب خانه نمی‌تواند وارد آن شود",
    "The home is gone": "خانه از بین رفته است",
    "The stored licence is damaged, and its second copy too": "پروانهٔ ذخیره‌شده و نسخهٔ دومش آسیب دیده است",
    "The disk is full": "دیسک پر است",
    "The disk takes no more files": "دیسک فایل دیگری نمی‌پذیرد",
    "The disk is read-only": "دیسک فقط‌خواندنی است",
    "The disk is nearly full": "دیسک رو به پر شدن است",
    "The proxy wants a password (407)": "پروکسی گذرواژه می‌خواهد (407)",
    "The proxy forbids the address": "پروکسی این نشانی را منع می‌کند",
    "The proxy is dead": "پروکسی در دسترس نیست",
    "The proxy is of a kind that the agent can't use": "پروکسی از نوعی است که عامل نمی‌تواند به کار ببرد",
    "A proxy is set for the system, but not for the agent": "پروکسی برای سیستم تنظیم شده، اما برای عامل نه",
    "A proxy is set in the shell, but not for the service": "پروکسی در پوسته تنظیم شده، اما برای سرویس نه",
    "Browsers find the proxy by a script (PAC)": "مرورگرها پروکسی را با اسکریپت (PAC) می‌یابند",
    "The program's file system is mounted noexec": "سیستم فایل برنامه با noexec سوار شده است",
    "SELinux enforces, and the program has a label from elsewhere": "SELinux enforcing است و برنامه برچسب نادرست دارد",
    "SELinux enforces, and the home has a label from elsewhere": "SELinux enforcing است و خانه برچسب نادرست دارد",
    "SELinux is permissive, and a label is wrong": "SELinux permissive است و برچسبی نادرست است",
    "SELinux is on, and restorecon is not installed": "SELinux روشن است و restorecon نصب نیست",
    "SELinux is on, and restorecon fails or does not end": "SELinux روشن است و restorecon خطا می‌دهد یا تمام نمی‌شود",
    "A TPM 1.2, or a kernel without its resource manager": "TPM 1.2، یا هسته‌ای بدون مدیر منابع آن",
    "The agent's user may not use the TPM": "کاربر عامل اجازهٔ استفاده از TPM را ندارد",
    "A TPM, but no tpm2-tools": "TPM هست، اما tpm2-tools نیست",
    "Somebody else owns the TPM": "TPM مالک دیگری دارد",
    "The TPM fails": "TPM کار نمی‌کند",
    "The device key is to move into the TPM, and has not": "کلید دستگاه باید به TPM برود و هنوز نرفته است",
    "The device key lives in a virtual TPM": "کلید دستگاه درون TPM مجازی است",
    "The TPM of the device key is away, cleared, or another machine's": "TPM کلید نیست، پاک شده یا از دستگاه دیگری است",
    "Another program has the port": "برنامهٔ دیگری درگاه را گرفته است",
    "The service does not run": "سرویس در حال اجرا نیست",
    "The service does not start with the machine": "سرویس با دستگاه راه نمی‌افتد",
    "systemctl fails or does not end": "systemctl خطا می‌دهد یا تمام نمی‌شود",
    "The service does not run, where there is no systemd": "سرویس بدون systemd در حال اجرا نیست",
    "It does not start with the machine, where there is no systemd": "سرویس بدون systemd با دستگاه راه نمی‌افتد",
    "The service runs in another home": "سرویس در خانهٔ دیگری اجرا می‌شود",
    "There is no service": "سرویسی نیست",
    "A character of the code is mistyped": "یک نویسهٔ کد نادرست تایپ شده است",
    "The code was used already": "کد پیش‌تر به کار رفته است",
    "The code was never issued": "چنین کدی صادر نشده است",
    "The licence is suspended, ended or revoked": "پروانه معلق، پایان‌یافته یا باطل است",
}
"""What can be wrong, by its English name."""


def rendered(shown: list[Shown]) -> str:
    """Make the table, by chapters, as the English one is made."""
    english, said = sentences(), _said()
    lines = list[str]()
    for chapter in (*CHAPTERS, STATE, CODES):
        rows = dict.fromkeys((each.what, each.says) for each in shown if english[each.says][0] == chapter)
        lines += [f"### {_CHAPTERS[chapter]}", "", f"| {' | '.join(_HEADS)} |", "|" + " --- |" * len(_HEADS)]
        for what, word in rows:
            told = said[word]
            lines.append(f"| {WHAT[what]} | {told.said} | {told.means} | {told.do} | `{word}` |")
        lines.append("")
    return "\n".join(lines)


def _said() -> dict[str, Said]:
    found = {
        word: Said(*(_readable(text) for text in (each.said, each.means, each.do)))
        for tables in CHAPTERS.values()
        for table in tables
        for word, each in table.items()
    }
    for word, refusal in all_refusals().items():
        found[word] = Said(f"`{word}`", _cell(_VOICE.bare(of_another(word, refusal.title, ""))), "")
    return found


def _readable(text: str) -> str:
    """Write facts as people write what has to be filled in, and what is to be typed as code."""
    told = _VOICE.translated(text)
    for name, shared in {**SHARED, **dict.fromkeys(SOMETIMES, "")}.items():
        told = told.replace(f"{{{name}}}", _VOICE.translated(shared))
    return _cell(told)


def _cell(text: str) -> str:
    first, *typed = text.replace("|", "\\|").split("\n")
    named = _FACT.sub(lambda fact: f"*{_name(fact)}*", first)
    return "<br>".join((named, *(f"`{_FACT.sub(_name, line.strip())}`" for line in typed))).strip()


def _name(fact: re.Match[str]) -> str:
    return fact[1].upper().replace("_", " ")
