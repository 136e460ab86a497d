"""What installers read in Persian is what they read in English: the same sections, commands and tables."""

import re
from os.path import relpath
from pathlib import Path

import pytest

from tests.stories.processes import ROOT

DOCS = ROOT / "docs"
PERSIAN = sorted((DOCS / "fa").rglob("*.md"))
_BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")


def sister(page: Path) -> Path:
    """The English page of a Persian one."""
    return DOCS / page.relative_to(DOCS / "fa")


def english(page: Path) -> str:
    return written(sister(page).read_text())


def persian(page: Path) -> str:
    return written(page.read_text())


def written(text: str) -> str:
    """What people wrote of a page: what is made from tests is compared where it is made."""
    before, _, rest = text.partition("<!-- made by: ")
    return before + rest.partition("<!-- end of what is made -->")[2]


def prose(text: str) -> str:
    return _BLOCK.sub("", text)


@pytest.mark.parametrize("page", PERSIAN, ids=lambda page: page.name)
def test_the_sections_are_the_same(page: Path) -> None:
    levels = [re.findall(r"^(#+) ", prose(text), re.MULTILINE) for text in (persian(page), english(page))]
    assert levels[0] == levels[1]


@pytest.mark.parametrize("page", PERSIAN, ids=lambda page: page.name)
def test_what_is_typed_is_the_same(page: Path) -> None:
    assert _BLOCK.findall(persian(page)) == _BLOCK.findall(english(page))
    assert sorted(_INLINE.findall(prose(persian(page)))) == sorted(_INLINE.findall(prose(english(page))))


@pytest.mark.parametrize("page", PERSIAN, ids=lambda page: page.name)
def test_the_tables_have_the_same_rows(page: Path) -> None:
    rows = [re.findall(r"^\|.*\|$", text, re.MULTILINE) for text in (persian(page), english(page))]
    assert [row.count("|") for row in rows[0]] == [row.count("|") for row in rows[1]]


@pytest.mark.parametrize("page", PERSIAN, ids=lambda page: page.name)
def test_the_page_runs_from_right_to_left(page: Path) -> None:
    text = persian(page)
    assert text.startswith('<div dir="rtl">\n\n# ')
    assert text.endswith("\n</div>\n")
    assert not re.search("[يك\u200e\u200f]", text)


@pytest.mark.parametrize("page", PERSIAN, ids=lambda page: page.name)
def test_each_leads_to_the_other(page: Path) -> None:
    there, back = (relpath(to, of.parent) for of, to in ((page, sister(page)), (sister(page), page)))
    assert f"\n[English]({there})\n" in persian(page)
    assert f"\n[فارسی]({back})\n" in english(page)


def test_installers_have_their_pages() -> None:
    there = {sister(page) for page in PERSIAN}
    named = {DOCS / f"{name}.md" for name in ("installing", "containers", "offline", "troubleshooting", "network")}
    assert there >= named | {*(DOCS / "recovery").glob("*.md")}
