"""The page of codes: all of them, in order, and what to do with them in both languages."""

import re

import pytest

from keys.carried import parts_of
from keys.printing import REPLY, REQUEST, Sheet, as_page
from tests.keys.samples import LICENCE, SIGNING


@pytest.mark.parametrize(("sheet", "has_command"), [(REPLY, True), (REQUEST, False)])
def test_it_has_each_code_and_both_languages(sheet: Sheet, has_command: bool) -> None:
    texts = parts_of(LICENCE.sign(SIGNING))
    page = as_page(texts, sheet, "https://a.example/<b>")
    assert page.count("<img ") == len(texts) > 1
    assert re.findall(r"<figcaption>(.+?)<", page) == [f"{n} / {len(texts)}" for n in range(1, len(texts) + 1)]
    assert sheet.persian.steps in page
    assert sheet.english.steps in page
    assert ("licence-agent import -" in page) == has_command
    assert "<b>" not in page, "an address is text"
    assert set(re.findall('src="(.{15})', page)) == {"data:image/svg+x"[:15]}, "it fetches nothing"
