"""One browser for all, since to start it takes longer than to attack with it."""

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from tests.browser.chromium import chromium
from tests.browser.names import NameService, name_service


@pytest.fixture(scope="session")
def names() -> Iterator[NameService]:
    with name_service() as service:
        yield service


@pytest.fixture(scope="session")
def browser(names: NameService) -> Iterator[Chrome]:
    with chromium(names.port) as browser:
        yield browser
