"""What is carried arrives whole, or is refused with a sentence; nothing else."""

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.carried import LARGEST, MOST_PARTS, PART, parts_of, read_carried, write_carried
from keys.errors import LicensingError, MalformedError, TooLargeError

DOCUMENTS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=900).map(str.encode)
AROUND = st.sampled_from([b"", b"\n", b"\r\n", b" \n\n", b"\xef\xbb\xbf"])


@given(st.lists(DOCUMENTS.filter(lambda text: not text.startswith(b"LIC:")), min_size=1, max_size=4), AROUND, AROUND)
def test_what_is_written_is_read(documents: list[bytes], before: bytes, after: bytes) -> None:
    found = read_carried(before + write_carried(documents) + after.strip(b"\xef\xbb\xbf"))
    assert found == tuple(dict.fromkeys(documents))


@given(DOCUMENTS, DOCUMENTS, st.integers(30, 500), st.randoms())
def test_parts_of_two_documents_come_in_any_order_and_more_than_once(
    one: bytes, other: bytes, most: int, chance: random.Random
) -> None:
    lines = [*parts_of(one, most), *parts_of(other, most)]
    lines += lines[:1]
    chance.shuffle(lines)
    assert set(read_carried("\r\n".join(lines).encode())) == {one, other}


@given(st.integers(61, 900).map(lambda length: b"x" * length), st.data())
def test_a_missing_part_is_named(document: bytes, data: st.DataObject) -> None:
    parts = list(parts_of(document, 60))
    lost = data.draw(st.integers(0, len(parts) - 1))
    del parts[lost]
    with pytest.raises(MalformedError, match=rf"\b{lost + 1} is missing"):
        read_carried("\n".join(parts).encode())


def test_a_part_that_was_misread_is_found() -> None:
    first, second = parts_of(b"a" * 500)
    with pytest.raises(MalformedError, match="misread"):
        read_carried(f"{first}\n{second[:-1]}b".encode())


def test_a_part_fits_into_a_code_that_a_terminal_can_show() -> None:
    assert len(parts_of(b"x" * (MOST_PARTS * PART))[-1]) <= 425, "bytes of version 13, the last below 80 columns"


def test_a_document_of_too_many_codes_is_carried_as_a_file() -> None:
    assert len(parts_of(b"x" * (MOST_PARTS * PART))) == MOST_PARTS
    with pytest.raises(TooLargeError, match="Carry the file"):
        parts_of(b"x" * (MOST_PARTS * PART + 1))


@pytest.mark.parametrize(
    ("content", "refusal", "said"),
    [
        (b"", MalformedError, "empty"),
        (b" \r\n", MalformedError, "empty"),
        (b"\x00\x01", MalformedError, "not text"),
        ("متن".encode(), MalformedError, "not text"),
        (b"x" * (LARGEST + 1), TooLargeError, f"more than {LARGEST} bytes"),
        (b"LIC:3/2:abcdefghijk:x", MalformedError, "1, 2 is missing"),
    ],
)
def test_what_nobody_wrote_is_refused(content: bytes, refusal: type[LicensingError], said: str) -> None:
    with pytest.raises(refusal, match=said):
        read_carried(content)


def test_as_much_as_is_allowed_is_read() -> None:
    assert read_carried(b"x" * LARGEST) == (b"x" * LARGEST,)


@pytest.mark.threat(16)
@given(st.binary(max_size=300) | st.from_regex(rb"(LIC:[1-9]/[1-9]:[a-z]{11}:[a-z]{1,9}\s){1,5}"))
def test_anything_is_read_or_refused(content: bytes) -> None:
    with suppress(LicensingError):
        assert all(read_carried(content))
