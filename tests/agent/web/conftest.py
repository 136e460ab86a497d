"""A CRM and its agent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.web.server import Crm, serving


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[Crm]:
    """A CRM whose agent has a licence for 3 users and 4 clients."""
    with serving(tmp_path) as crm:
        yield crm
