"""The pages of docs/recovery, typed from the first command to the last against a server and agents that run."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.stories.pages import Said, Step, assert_shown, steps, walk
from tests.stories.parties import Vendor, vendor
from tests.stories.processes import ROOT
from tests.stories.stage import Stage

PAGES = sorted((ROOT / "docs/recovery").glob("*.md"))
_WHERE = "--server https://licences.example.com --root /etc/licence-agent/root.json"
TYPED = [page for page in PAGES if page.name != "README.md"]


@pytest.fixture(scope="module")
def office() -> Iterator[tuple[Vendor, str]]:
    """A vendor's server at work, and where."""
    with tempfile.TemporaryDirectory(prefix="vendor-") as name, vendor(Path(name)) as seller:
        yield seller, seller.start(workers=1)


@pytest.mark.parametrize("page", TYPED, ids=lambda page: page.stem)
def test_what_a_page_says_is_what_happens(page: Path, office: tuple[Vendor, str], folder: Path) -> None:
    """The licence is active at the server from which the page sets out; its service is not started yet."""
    rightful = next((step.place for step in steps(page) if step.place in {"old", "server"}), "")
    with ExitStack() as over:
        there = Stage(folder, *office, over)
        licence, code = there.seller.issue()
        if rightful:
            assert there.type(rightful, f"licence-agent activate {code} {_WHERE}").status == 0
        walk(page, there.type, licence)


def test_every_page_has_commands_and_the_first_names_each() -> None:
    contents = (ROOT / "docs/recovery/README.md").read_text()
    for page in TYPED:
        assert steps(page), page
        assert f"({page.name})" in contents


@pytest.mark.parametrize("said", ["mode: blocked (superseded)", "licence: lic_1, superseded\nmode: full"])
def test_a_page_that_shows_something_else_is_found(said: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\nnew$ licence-agent status\nmode:   full (…)\nlicence: …\n```\n")
    with pytest.raises(AssertionError, match="does not say"):
        walk(page, lambda _place, _command: Said(said), "lic_1")


def test_a_refusal_that_no_page_shows_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\nnew$ licence-agent status\n```\n")
    with pytest.raises(AssertionError):
        walk(page, lambda _place, _command: Said("busy: …", 1), "lic_1")
    assert_shown(Step("new", "x", ("busy: …",)), "busy: another process")
