"""What tests say of threats: marks that name them, figures for the documentation, a smaller dose for a sample.

``@pytest.mark.threat(3)`` on a test says which threat of ``list.toml`` it shows to be answered; ``control=True`` that
it shows the same fault caught on a deliberately weak variant. A test calls ``figure("300 cuts, 0 lost")`` once with
what it measured, and asks ``rounds(10_000, sample=300)`` how often to do it.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keys.disk import write_whole

Figure = Callable[[str], None]
Rounds = Callable[..., int]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("threats")
    group.addoption("--sample", action="store_true", help="do a small part of every long test's rounds")
    group.addoption("--figures", type=Path, metavar="FILE", help="keep what the tests measured in this JSON file")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "threat(number, control=False): this test shows the answer to a threat")
    if config.getoption("--figures") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Keeper(config.getoption("--figures")))


class _Keeper:
    """Gathers figures in the process that all reports come to."""

    def __init__(self, file: Path) -> None:
        self.file, self.figures = file, dict[str, str]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            for name, value in report.user_properties:
                if name == "figure":
                    self.figures[report.nodeid] = str(value)

    def pytest_sessionfinish(self) -> None:
        kept = json.loads(self.file.read_text()) if self.file.exists() else {}
        text = json.dumps(kept | self.figures, indent=1, sort_keys=True, ensure_ascii=False)
        write_whole(self.file, f"{text}\n".encode(), mode=0o644)


@pytest.fixture
def figure(record_property: Callable[[str, Any], None]) -> Figure:
    """Take the sentence that the table of threats shows as this test's last measurement."""
    return lambda text: record_property("figure", text)


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Rounds:
    """Say how many rounds to do: all, or those of a sample under ``--sample``."""

    def choose(full: int, *, sample: int) -> int:
        return sample if request.config.getoption("--sample") else full

    return choose
