"""A certificate as a page of PDF: joined Persian letters from right to left, fonts and a picture in the file itself."""

from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import segno
from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from licence_server.certificates import words
from licence_server.domain.certificate import Certificate, Language

_FONT = "Vazirmatn"
_ACCENT, _QUIET, _DARK = (47, 93, 98), (91, 95, 92), (35, 40, 42)
_MARGIN, _LABEL, _LINE, _PICTURE = 22, 52, 8, 34
"""Millimetres, as everything here."""


def pdf_of(certificate: Certificate, language: Language, regular: Path, bold: Path) -> bytes:
    """Return the page, with the day that it is of as the time at which it was made."""
    page = _Page(language, regular, bold)
    page.set_creation_date(datetime.fromtimestamp(certificate.at, UTC))
    page.set_title(f"{words.title(language)} {certificate.licence.id}")
    page.set_creator("licence-server")
    page.add_page()
    page.heading(words.title(language), certificate.licence.product)
    for name, value in words.rows(certificate, language):
        page.row(name, value)
    page.picture(certificate.address, words.scan(language))
    page.foot(words.note(certificate, language))
    return bytes(page.output())


class _Page(FPDF):
    """A sheet of A4 that is written from the side where its language begins."""

    def __init__(self, language: Language, regular: Path, bold: Path) -> None:
        super().__init__(format="A4")
        self.add_font(_FONT, "", regular)
        self.add_font(_FONT, "B", bold)
        self._is_rtl = language == "fa"
        self._side = Align.R if self._is_rtl else Align.L
        self.set_lang(language)
        self.set_text_shaping(use_shaping_engine=True, direction="rtl" if self._is_rtl else "ltr")
        self.set_margin(_MARGIN)
        self.set_auto_page_break(auto=False)
        self._picture_top = self.h - _MARGIN - _PICTURE - 14

    def header(self) -> None:
        """Draw a line around each page."""
        self.set_draw_color(*_ACCENT)
        for gap, width in ((10, 0.9), (12, 0.3)):
            self.set_line_width(width)
            self.rect(gap, gap, self.w - 2 * gap, self.h - 2 * gap)

    def heading(self, title: str, product: str) -> None:
        """Write what it is, in the middle."""
        self.set_y(30)
        for text, size, style, colour in ((title, 24, "B", _ACCENT), (product, 14, "", _QUIET)):
            self._write(style, size, colour)
            self.multi_cell(0, size * 0.6, text, align=Align.C, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(8)

    def row(self, name: str, value: str) -> None:
        """Write a name, and its value beside it, on as many lines as it needs."""
        width = self.epw - _LABEL
        self._write("B", 11.5, _DARK)
        height = cast("float", self.multi_cell(width, _LINE, value, dry_run=True, output="HEIGHT"))
        if self.get_y() + height > self._picture_top:
            self.add_page()
            self.set_y(30)
        top = self.get_y()
        self._write("", 10.5, _QUIET)
        self.set_xy(self.w - _MARGIN - _LABEL if self._is_rtl else _MARGIN, top)
        self.multi_cell(_LABEL, _LINE, name, align=self._side, new_y=YPos.NEXT)
        below = self.get_y()
        self._write("B", 11.5, _DARK)
        self.set_xy(_MARGIN if self._is_rtl else _MARGIN + _LABEL, top)
        self.multi_cell(width, _LINE, value, align=self._side, new_y=YPos.NEXT)
        self.set_y(max(below, self.get_y()) + 1)

    def picture(self, address: str, caption: str) -> None:
        """Draw an address as a QR code, and write what it is for."""
        modules = segno.make(address, error="m", micro=False).matrix
        size = _PICTURE / len(modules)
        left = _MARGIN if self._is_rtl else self.w - _MARGIN - _PICTURE
        top = self._picture_top
        self.set_fill_color(*_DARK)
        for line, row in enumerate(modules):
            for place, is_dark in enumerate(row):
                if is_dark:
                    self.rect(left + place * size, top + line * size, size, size, style="F")
        self._write("", 9, _QUIET)
        beside = _MARGIN + _PICTURE + 6 if self._is_rtl else _MARGIN
        self.set_xy(beside, top + _PICTURE - 12)
        self.multi_cell(self.epw - _PICTURE - 6, 5, f"{caption}\n{address}", align=self._side)

    def foot(self, note: str) -> None:
        """Write what the page is worth."""
        self._write("", 9, _QUIET)
        self.set_xy(_MARGIN, self.h - _MARGIN - 9)
        self.multi_cell(0, 5, note, align=Align.C)

    def _write(self, style: str, size: float, colour: tuple[int, int, int]) -> None:
        self.set_font(_FONT, style, size)
        self.set_text_color(*colour)
