"""The files of deploy/nginx: pages in two languages that need nothing from elsewhere, and a word for each refusal."""

import json
import re
from pathlib import Path

import pytest

from keys.errors import all_refusals
from tests.stories.processes import ROOT

SOURCE = ROOT / "deploy" / "nginx"
PAGES = sorted((SOURCE / "pages").glob("*.html"))


def test_each_refusal_that_a_page_is_chosen_for_is_one_of_ours() -> None:
    table = (SOURCE / "agent.conf").read_text().partition("map $licence_problem")[2].partition("}")[0]
    chosen = dict(re.findall(r"^ +(\S+) +(\S+);$", table, re.MULTILINE))
    assert chosen.pop("default") == "unavailable"
    assert chosen.keys() <= all_refusals().keys()
    assert {page.stem for page in PAGES} == {*chosen.values(), "unavailable"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_speaks_both_languages_and_needs_nothing_from_elsewhere(page: Path) -> None:
    text = page.read_text()
    persian, english = re.findall(r'<section lang="(?:fa" dir="rtl|en" dir="ltr)">(.*?)</section>', text, re.DOTALL)
    assert re.search("[آ-ی]{3}", persian)
    assert re.search("[A-Za-z]{3}", english)
    assert set(re.findall(r'(?:href|src)="([^"]*)"', text)) == {"/_licence/style.css", ""}
    assert not re.search(r"https?:|<script|url\(|@import", text + (SOURCE / "pages/style.css").read_text())
    problem = json.loads(page.with_suffix(".json").read_text())
    assert problem["type"] == f"urn:licence:problem:{page.stem}"
    assert problem["title"] == all_refusals()[page.stem].title or page.stem == "unavailable"
    assert problem["status"] == (503 if page.stem == "unavailable" else 403)


def test_nothing_that_a_browser_says_of_itself_is_passed_to_the_agent() -> None:
    """Each location that asks the agent sends its own headers only, with the token from a file that is not here."""
    for location in (SOURCE / "server.conf").read_text().split("location ")[1:]:
        if "licence_agent" in location:
            assert "proxy_pass_request_headers off;" in location
            assert "include licence/token.conf;" in location
            assert "internal;" in location
    assert not (SOURCE / "token.conf").exists()
