"""A licence server on a socket, and readers of its console in Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests.browser.chromium import chromium
from tests.browser.console.page import Page
from tests.contract.serving import on_a_socket
from tests.licence_server.office import Home, Office


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete home, never touched again."""
    return Home(tmp_path_factory.mktemp("founded") / "home").complete("http://127.0.0.1:7410").path


@pytest.fixture
def office(founded: Path, tmp_path: Path) -> Iterator[Office]:
    office = Office.of(Home(tmp_path / "home").copied_from(founded))
    yield office
    office.close()


@pytest.fixture(scope="session")
def window() -> Iterator[Chrome]:
    """One browser for all, emptied for each test: to start it takes longer than to use it."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(office: Office, window: Chrome) -> Iterator[Page]:
    """A browser at the console. The test fails on whatever the page was kept from, or complained about."""
    with on_a_socket(office.app) as url:
        page = Page(window, url)
        page.begin()
        yield page
        assert page.complaints() == []
