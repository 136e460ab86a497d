"""A page with QR codes, to be printed or shown by any browser, in Persian and English."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from keys.drawing import as_address


@dataclass(frozen=True, slots=True)
class Words:
    """What a page says in one language."""

    title: str
    steps: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a page is, and what to do with it."""

    persian: Words
    english: Words


REQUEST = Sheet(
    Words(
        "درخواست سرور بدون شبکه",
        "برای فروشنده: در کنسول، صفحهٔ «تبادل فایل» را باز کنید و همهٔ کدها را به هر ترتیبی با دوربین بخوانید؛ یا "
        "متن آن‌ها را، هرکدام در یک سطر، همان‌جا وارد کنید.",
    ),
    Words(
        "Request of a server without a network",
        "For the vendor: open the page Exchange of the console and read all codes with the camera, in any order; or "
        "put their texts there, each in a line.",
    ),
)
REPLY = Sheet(
    Words(
        "برای سرور بدون شبکه",
        "روی سرور فرمان زیر را اجرا کنید، همهٔ کدها را به هر ترتیبی با دستگاه خوانندهٔ QR بخوانید (صفحه‌کلید روی "
        "انگلیسی باشد) و سپس Ctrl-D را بزنید. یا متن کدها را با تلفن بخوانید، هرکدام در یک سطر در فایلی ذخیره کنید "
        "و نام آن را به جای خط تیره بنویسید.",
    ),
    Words(
        "For a server without a network",
        "On the server, type the command below, let a QR reader type all codes, in any order (with an English "
        "keyboard layout), then press Ctrl-D. Or read the codes with a telephone, save their texts in a file, each in "
        "a line, and type its name in place of the dash.",
    ),
)
_COMMAND = "licence-agent import -"
_STYLE = """
@page { size: A4; margin: 12mm }
body { font: 11pt/1.5 Vazirmatn, Tahoma, "DejaVu Sans", sans-serif; color: #000; background: #fff }
h1 { font-size: 13pt; margin: 0 }
p { margin: 0 0 2mm }
figure { display: inline-block; width: 80mm; margin: 0 2mm 4mm; break-inside: avoid; text-align: center }
img { display: block; width: 80mm; height: 80mm }
"""
"""A module of the largest code, with 89 of them in a line, is 0.9 mm wide; telephones need half of that."""
_PAGE = """<!doctype html>
<html lang="fa">
<meta charset="utf-8">
<title>{title}</title>
<style>{style}</style>
<section dir="rtl"><h1>{persian.title}</h1><p>{persian.steps}</p></section>
<section dir="ltr" lang="en"><h1>{english.title}</h1><p>{english.steps}</p>{after}</section>
<div dir="ltr">
{codes}
</div>
</html>
"""


def as_page(texts: Sequence[str], sheet: Sheet, whose: str) -> str:
    """Return an HTML document of A4 pages, which needs nothing beside itself.

    Args:
        texts: what the codes say.
        sheet: what the page is.
        whose: the address of the vendor's server.
    """
    count = len(texts)
    codes = "\n".join(
        f'<figure><img src="{as_address(text)}" alt=""><figcaption>{number} / {count}</figcaption></figure>'
        for number, text in enumerate(texts, 1)
    )
    after = f"<p><code>{_COMMAND}</code></p>" if sheet is REPLY else ""
    title = f"{sheet.english.title} · {escape(whose)}"
    return _PAGE.format(
        title=title, style=_STYLE, persian=sheet.persian, english=sheet.english, after=after, codes=codes
    )
