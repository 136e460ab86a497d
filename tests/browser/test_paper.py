"""Codes on paper: the page that commands write, printed by a real browser, read off a scan of its sheets."""

import math
from base64 import b64decode
from pathlib import Path

import pypdfium2
import pytest
import segno
import zxingcpp
from selenium.webdriver import Chrome

from keys.carried import parts_of, read_carried
from keys.printing import REPLY, as_page

pytestmark = pytest.mark.long

DOCUMENTS = (b"eyJ.-_09" * 210, b"{" + b"x" * 700 + b"}")
DOTS, INCH, BORDER = 150, 25.4, 8
SMALLEST = 0.5
"""Millimetres of a module, by the rule of docs/protocol.md."""


def test_printed_codes_are_read_and_large_enough(browser: Chrome, tmp_path: Path) -> None:
    texts = [part for each in DOCUMENTS for part in parts_of(each)]
    page = tmp_path / "answer.html"
    page.write_text(as_page(texts, REPLY, "https://licences.example.com"))
    browser.get(page.as_uri())
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    document = pypdfium2.PdfDocument(b64decode(printed["data"]))
    sheets = [sheet.render(scale=DOTS / 72).to_pil() for sheet in document]
    found = [code for each in sheets for code in zxingcpp.read_barcodes(each)]
    assert read_carried("\n".join(code.text for code in found).encode()) == DOCUMENTS
    assert len(sheets) <= 2
    for code in found:
        at = code.position
        side = math.dist((at.top_left.x, at.top_left.y), (at.top_right.x, at.top_right.y)) / DOTS * INCH
        modules = segno.make(code.text, error="m", micro=False, boost_error=False).symbol_size()[0] - BORDER
        assert side / modules > SMALLEST
