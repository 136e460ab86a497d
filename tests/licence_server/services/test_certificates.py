"""Certificates: what is on the page, read back and drawn as a reader of PDF does."""

from dataclasses import replace

import pypdfium2
import pytest

from keys.documents.parts import Customer, Seats
from keys.errors import UnavailableError
from licence_server.certificates.printer import PdfPrinter
from licence_server.domain.certificate import Certificate, Language
from licence_server.domain.licence import STATES, Licence, State
from licence_server.web.console.files import PRINTED
from tests.licence_server.samples import DAY, ISSUER, NOW, licence, until

TODAY = NOW // DAY * DAY
PRINTER = PdfPrinter(PRINTED)


def printed(shown: Licence, language: Language = "en", state: State = "active", at: int = TODAY) -> bytes:
    return PRINTER.print(Certificate(ISSUER, shown, state, at), language)


def pages(pdf: bytes) -> list[str]:
    """The text of each page, a line for each row."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for page in document:
        text = page.get_textpage()
        found.append(" ".join(text.get_text_range().split()))
        text.close()
        page.close()
    document.close()
    return found


def ink(pdf: bytes, box: tuple[float, float, float, float]) -> int:
    """How many dark pixels there are in a part of the first page, by shares of its width and height."""
    document = pypdfium2.PdfDocument(pdf)
    picture = document[0].render(scale=2, grayscale=True).to_pil()
    width, height = picture.size
    part = picture.crop((int(box[0] * width), int(box[1] * height), int(box[2] * width), int(box[3] * height)))
    document.close()
    return sum(part.histogram()[:100])


def test_an_english_one() -> None:
    seats = Seats("concurrent", 2500, 40, 2, 50, 5)
    (said,) = pages(printed(until(NOW + 300 * DAY, seats=seats, customer=Customer("cus_1", "Acme Trading"))))
    for part in (
        "Licence certificate", "Customer Acme Trading", "Licence lic_1", "Product Owj CRM, standard", "Site Mashhad",
        "Users 2,500 at the same time", "Computers 40", "Integration accounts 2",
        "Overdraft 50 users more, on 5 of any 30 days", "Features sms", "In force from 2027-01-14", "Until 2027-11-11",
        "State on 2027-01-15 in force", f"Issuer {ISSUER}", f"{ISSUER}/console/licences/lic_1",
    ):  # fmt: skip
        assert part in said, said


def test_a_persian_one_by_both_calendars_with_persian_digits() -> None:
    seats = Seats("named", 2500, None)
    (said,) = pages(printed(until(NOW + 300 * DAY, seats=seats, features=()), "fa"))
    for part in ("کاربران", "۲٬۵۰۰ کاربر با نام", "بدون محدودیت", "۱۴۰۵/۱۰/۲۴", "2027-01-14", "۱۴۰۶/۰۸/۲۰", "معتبر"):
        assert part in said, said
    assert "قابلیت‌ها" not in said
    assert "بدون پایان" in pages(printed(licence(), "fa"))[0]


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("state", STATES)
def test_every_state_has_its_words(language: Language, state: State) -> None:
    assert len({pages(printed(licence(), language, each))[0] for each in {state, "active"}}) == len({state, "active"})


@pytest.mark.parametrize(("language", "left"), [("fa", 0.1), ("en", 0.73)])
def test_it_is_drawn_with_its_picture(language: Language, left: float) -> None:
    """The picture lies at the far side, and letters begin at the near one."""
    pdf = printed(licence(customer=Customer("cus_1", "فولاد")), language)
    assert ink(pdf, (left, 0.75, left + 0.17, 0.88)) > 5_000
    assert ink(pdf, (0.83 - left, 0.72, 1 - left, 0.8)) < 100
    assert ink(pdf, (0.3, 0.09, 0.7, 0.14)) > 1_000


def test_joined_letters_are_not_those_that_stand_alone() -> None:
    """Shaped, a word needs less ink and room than its letters one by one."""
    joined, apart = (printed(licence(customer=Customer("cus_1", name)), "fa") for name in ("پپپپپپپپپپ", "پ‌پ‌پ‌پ‌پ‌پ‌پ‌پ‌پ‌پ"))
    row = (0.1, 0.21, 0.65, 0.24)
    assert 0 < ink(joined, row) < ink(apart, row)


def test_two_of_one_day_are_the_same_and_of_another_day_not() -> None:
    assert printed(licence(), "fa") == printed(licence(), "fa")
    assert printed(licence(), "fa") != printed(licence(), "fa", at=TODAY + DAY)


def test_much_text_goes_on_on_another_page() -> None:
    long = licence(customer=Customer("cus_1", "فولاد " * 200), features=tuple(f"feature.{n:02}" * 5 for n in range(64)))
    found = pages(printed(long))
    assert len(found) > 1
    assert f"{ISSUER}/console/licences/lic_1" in found[-1]


def test_what_lasts_longer_than_any_calendar() -> None:
    lasting = until(2**60)
    assert "3000-01-01" in pages(printed(lasting))[0]
    assert "۲۳۷۸/۱۰/۱۱" in pages(printed(lasting, "fa"))[0]


def test_without_its_fonts_it_says_what_is_missing(tmp_path) -> None:
    printer = replace(PRINTER, fonts=(PRINTED[0], tmp_path / "none.ttf"))
    with pytest.raises(UnavailableError, match=r"none\.ttf"):
        printer.print(Certificate(ISSUER, licence(), "active", TODAY), "en")
