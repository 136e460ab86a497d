"""What people take for the same text, and what counts as one."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licence_server.domain.finding import MOST_BYTES, dialled, folded, latin_digits, searchable, whole

SAME = ("یيىئ", "کكﻙ", "هةۀەہ", "اأإآٱ", "وؤ")
PERSIAN = st.text(st.sampled_from("ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیيكةأإآؤئىـ\u200c\u064b\u0651 ۰۱۹٠١٩09azAZ"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("شرکت صنایع فولاد خراسان", "شركت صنايع فولاد خراسان"),
        ("داده‌پردازی آموت", "داده پردازی اموت"),
        ("داده‌پردازی", "دادهپردازی"),
        ("مؤسسهٔ رایان‌گستر", "موسسه رايان گستر"),
        ("مسئولیت محدود", "مسيوليت محدود"),
        ("فاطمة الزهراء", "فاطمه الزهراء"),
        ("رضایی", "رضائی"),
        ("سیـــد علـی", "سید علی"),
        ("مُحَمَّد", "محمد"),
        ("موسىٰ", "موسی"),
        ("پلاک ۱۲۳", "پلاک ١٢٣"),
        ("پلاک ۱۲۳", "پلاک123"),
        ("Pars STEEL Co.", "pars  steel\tco."),
        ("Ｐａｒｓ", "pars"),
        ("Café Straße", "CAFE STRASSE"),
        ("ﻓﻮﻻﺩ", "فولاد"),
        ("\u202bفولاد\u202c", "فولاد"),
    ],
)
def test_names_that_people_take_for_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"), [("کرمان", "کرمانشاه"), ("پارس", "فارس"), ("سارا", "سرا"), ("ژاله", "زاله"), ("گل", "کل")]
)
def test_names_that_are_different(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(PERSIAN)
def test_folding_persian_twice_changes_nothing_more(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text(), st.text())
def test_a_part_of_a_text_is_a_part_of_the_folded_one(one: str, other: str) -> None:
    """Or it would not be found by it."""
    assert folded(one) in folded(one + other)


@given(PERSIAN, st.sampled_from(SAME), st.data())
def test_forms_of_a_letter_are_the_same(text: str, forms: str, data: st.DataObject) -> None:
    one, other = data.draw(st.sampled_from(forms)), data.draw(st.sampled_from(forms))
    assert folded(text + one + text) == folded(text + other + text)


@given(st.text(st.sampled_from("۰۱۲۳۴۵۶۷۸۹")))
def test_digits_are_digits(text: str) -> None:
    numbers = [unicodedata.digit(letter) for letter in text]
    arabic = "".join(chr(0x660 + number) for number in numbers)
    assert folded(text) == folded(arabic) == "".join(map(str, numbers))


@given(st.text())
def test_nothing_is_left_that_could_end_a_line_or_can_not_be_stored(text: str) -> None:
    assert not {"\n", "\x00", " "} & set(folded(text + "\ud800\n\x00 "))
    folded(text + "\ud800").encode()


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("+98 915 123 4567", "09151234567"),
        ("۰۰۹۸۹۱۵۱۲۳۴۵۶۷", "09151234567"),
        ("+98", "0"),
        ("0915", "0915"),
        ("+1 98 12", "+19812"),
        ("+98x", "+98x"),
        ("+9891\n", "091"),
    ],
)
def test_a_number_is_looked_for_as_it_is_dialled(number: str, found: str) -> None:
    assert dialled(number) == found


def test_only_digits_change() -> None:
    assert latin_digits("۱۲۳ abc ٤٥٦ ½ ²") == "123 abc 456 ½ ²"


def test_each_field_stands_on_its_own_line() -> None:
    text = searchable("cus_1", "فولاد پارس", "", " ", "+98915")
    assert text == "\ncus_1\nفولادپارس\n0915\n"
    assert whole(folded("فولاد‌پارس")) in text
    assert whole("فولاد") not in text


@given(st.lists(st.text(max_size=5).map(lambda text: text * 200), max_size=8))
def test_what_to_look_in_fits_an_index(fields: list[str]) -> None:
    assert len(searchable(*fields).encode()) <= MOST_BYTES
    assert len(searchable("\ufdfa" * 200).encode()) > MOST_BYTES - 4
