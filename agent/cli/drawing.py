"""QR codes in a terminal."""

import segno

_LIGHT_ON_DARK, _AS_BEFORE = "\x1b[38;5;231m\x1b[48;5;16m", "\x1b[0m"
"""White and black whatever the terminal's colours are: half of all readers know no code with the two exchanged."""
_HALVES = {(True, True): " ", (True, False): "▄", (False, True): "▀", (False, False): "█"}
_BORDER = 4


def draw(text: str) -> str:
    """Return a text as a QR code, two rows of it in one line."""
    rows = [tuple(map(bool, row)) for row in segno.make(text, error="l", micro=False).matrix_iter(border=_BORDER)]
    rows += [(False,) * len(rows[0])] * (len(rows) % 2)
    lines = ("".join(map(_HALVES.get, zip(*pair, strict=True))) for pair in zip(rows[::2], rows[1::2], strict=True))  # type: ignore[arg-type]
    return "\n".join(f"{_LIGHT_ON_DARK}{line}{_AS_BEFORE}" for line in lines)
