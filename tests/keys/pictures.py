"""Pictures of QR codes as they reach a reader, and a reader."""

import random
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import zxingcpp
from PIL import Image, ImageEnhance, ImageFilter

WHITE = 255
_PIXELS = 3
_HALVES = {" ": (0, 0), "▄": (0, 255), "▀": (255, 0), "█": (255, 255)}
_SEED = 4


def read_codes(image: Image.Image) -> list[str]:
    """What a decoder finds in a picture."""
    grey = image.convert("L")
    pixels: Any = memoryview(grey.tobytes()).cast("B", (grey.height, grey.width))
    return [found.text for found in zxingcpp.read_barcodes(pixels)]


def read_screen(drawn: str) -> str:
    """What a reader of QR codes sees on a terminal: each half of a character is a square of white or black."""
    lines = [line.split("m")[2].partition("\x1b")[0] for line in drawn.splitlines()]
    rows = [bytes(_HALVES[letter][half] for letter in line) for line in lines for half in (0, 1)]
    screen = Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows))
    (text,) = read_codes(screen.resize((screen.width * _PIXELS, screen.height * _PIXELS), Image.Resampling.NEAREST))
    return text


def opened(content: bytes) -> Image.Image:
    """A picture out of its file, in grey."""
    return Image.open(BytesIO(content)).convert("L")


def photographed(image: Image.Image, degrees: float) -> Image.Image:
    """Held askew before a table."""
    table = Image.new("L", (image.width + 200, image.height + 200), 170)
    table.paste(image, (100, 100))
    return table.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=170)


def from_aside(image: Image.Image) -> Image.Image:
    """The right edge is farther away than the left one, and a fifth shorter."""
    width, height = image.size
    turn = 0.25 / width
    onto = (1, 0, 0, -turn * height / 2, 1, 0, -turn, 0)
    """Pillow's eight numbers: where in the original (x + …) / (1 - turn * x) a point of the picture comes from."""
    return image.transform(image.size, Image.Transform.PERSPECTIVE, onto, fillcolor=WHITE)


def noisy(image: Image.Image) -> Image.Image:
    """As a cheap sensor in the evening sees it: little contrast, and grain."""
    grain = Image.frombytes("L", image.size, random.Random(_SEED).randbytes(image.width * image.height))
    return Image.blend(ImageEnhance.Contrast(image).enhance(0.6), grain, 0.3)


def as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    """As a messenger sends it."""
    content = BytesIO()
    image.save(content, "JPEG", quality=quality)
    return opened(content.getvalue())


def smaller(image: Image.Image, share: float) -> Image.Image:
    return image.resize((round(image.width * share), round(image.height * share)), Image.Resampling.BILINEAR)


SPOILT: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "as it is": lambda image: image,
    "4 pixels a module": lambda image: smaller(image, 4 / 6),
    "blurred by a third of a module": lambda image: image.filter(ImageFilter.GaussianBlur(2)),
    "askew by 11 degrees": lambda image: photographed(image, 11),
    "upside down": lambda image: image.rotate(180),
    "from aside": from_aside,
    "noisy": noisy,
    "a messenger's JPEG": lambda image: as_jpeg(smaller(image, 0.8), 25),
    "all at once": lambda image: as_jpeg(
        noisy(photographed(smaller(image, 0.8), -7).filter(ImageFilter.GaussianBlur(1))), 50
    ),
}
