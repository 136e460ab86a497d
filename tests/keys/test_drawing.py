"""QR codes as pictures: a decoder that we did not write reads them, however mail, cameras and messengers spoil them."""

import pytest
from PIL import ImageFilter

from keys.carried import PART, parts_of, read_carried
from keys.drawing import MODULE, as_address, as_addresses, as_png, in_terminal
from tests.keys.pictures import SPOILT, opened, read_codes, read_screen

LARGEST_CODE = 89
"""Modules of version 16 with its border: the rule of docs/protocol.md."""
DOCUMENT = (b"eyJhbGciOiJFZDI1NTE5Iiwia2lkIjoi.-_09aZ" * 100)[: 3 * PART]


@pytest.mark.parametrize("how", SPOILT)
def test_a_picture_that_was_spoilt_is_read(how: str) -> None:
    read = [text for part in parts_of(DOCUMENT) for text in read_codes(SPOILT[how](opened(as_png([part]))))]
    assert read_carried("\n".join(read).encode()) == (DOCUMENT,)


def test_what_nobody_could_read_is_not_read() -> None:
    lost = opened(as_png(parts_of(DOCUMENT)[:1])).filter(ImageFilter.GaussianBlur(2 * MODULE))
    assert read_codes(lost) == []


def test_one_picture_has_all_codes_of_several_documents() -> None:
    documents = (DOCUMENT, b"{}")
    picture = opened(as_png([part for each in documents for part in parts_of(each)]))
    assert read_carried("\n".join(read_codes(picture)).encode()) == documents
    assert picture.width == MODULE * LARGEST_CODE


@pytest.mark.parametrize("size", [1, PART, 3 * PART])
def test_a_code_on_a_terminal_is_read_by_a_reader(size: int) -> None:
    drawn = [in_terminal(part) for part in parts_of(DOCUMENT[:size])]
    assert read_carried("\n".join(map(read_screen, drawn)).encode()) == (DOCUMENT[:size],)
    assert max(len(line.split("m")[2].partition("\x1b")[0]) for line in drawn[0].splitlines()) <= 80


def test_a_code_on_a_terminal_has_a_white_border_and_leaves_the_colours_as_they_were() -> None:
    lines = in_terminal("text").split("\n")
    drawn = [line.removeprefix("\x1b[38;5;231m\x1b[48;5;16m").removesuffix("\x1b[0m") for line in lines]
    assert {"".join(sorted(set(line))) for line in (*drawn[:2], *drawn[-2:])} == {"█"}
    assert all(line[:4] == line[-4:] == "█" * 4 for line in drawn)


def test_documents_come_as_the_images_of_their_parts() -> None:
    other = b"{}"
    assert as_addresses((DOCUMENT, other)) == [
        as_address(part) for each in (DOCUMENT, other) for part in parts_of(each)
    ]
