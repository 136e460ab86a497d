"""QR codes: in a terminal, as a picture, as the address of an image in a page.

Codes of what is carried hold at most ``keys.carried.PART`` bytes of a document: with correction M, which mends 15 % of
a code, that is version 16 at most. A module, the smallest square of a code, has six pixels in a picture: telephones
need four, and what mail and messengers make of a picture takes some away.
"""

import io
from collections.abc import Iterable, Sequence

import segno
from segno.writers import save  # type: ignore[attr-defined]  # its types leave this out

from keys.carried import parts_of

MODULE = 6
"""Pixels of a module in a picture."""
_DOTS_PER_INCH = 170
"""What a picture says of its size, so that a module is 0.9 mm where somebody prints it as it is."""
_LIGHT_ON_DARK, _AS_BEFORE = "\x1b[38;5;231m\x1b[48;5;16m", "\x1b[0m"
"""White and black whatever the terminal's colours are: half of all readers know no code with the two exchanged."""
_HALVES = {(True, True): " ", (True, False): "▄", (False, True): "▀", (False, False): "█"}
_BORDER = 4
"""Modules of white around a code, as ISO/IEC 18004 asks for."""


def in_terminal(text: str) -> str:
    """Return a text as a QR code, two rows of it in one line. Correction L, so that 80 columns are wide enough."""
    rows = _rows(text, "l")
    rows += [(False,) * len(rows[0])] * (len(rows) % 2)
    lines = ("".join(map(_HALVES.get, zip(*pair, strict=True))) for pair in zip(rows[::2], rows[1::2], strict=True))  # type: ignore[arg-type]
    return "\n".join(f"{_LIGHT_ON_DARK}{line}{_AS_BEFORE}" for line in lines)


def as_png(texts: Sequence[str]) -> bytes:
    """Return one picture (PNG) with a QR code for each text, one below the other."""
    codes = [_rows(text, "m") for text in texts]
    width = max(len(rows[0]) for rows in codes)
    matrix = [bytearray(row).ljust(width, b"\0") for rows in codes for row in rows]
    content = io.BytesIO()
    save(matrix, (width, len(matrix)), content, kind="png", border=0, scale=MODULE, dpi=_DOTS_PER_INCH)
    return content.getvalue()


def as_address(text: str) -> str:
    """Return a QR code as the address of an image, dark on white in any colours, since cameras want it so."""
    address: str = segno.make(text, error="m", micro=False).svg_data_uri(
        scale=4, border=_BORDER, dark="#000", light="#fff"
    )
    return address


def as_addresses(documents: Iterable[bytes]) -> list[str]:
    """Return what carries documents, one QR code after the other, as such addresses.

    Raises TooLargeError: it would be more than 99 codes of one document.
    """
    return [as_address(part) for document in documents for part in parts_of(document)]


def _rows(text: str, correction: str) -> list[tuple[bool, ...]]:
    code = segno.make(text, error=correction, micro=False, boost_error=False)
    return [tuple(map(bool, row)) for row in code.matrix_iter(border=_BORDER)]
