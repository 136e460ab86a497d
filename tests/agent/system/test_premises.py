"""What a system has to have before anything is changed on it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.system.labels import Labels
from agent.system.layout import Layout
from agent.system.outbound import Outbound
from agent.system.premises import ThisServer
from agent.system.services import InitScript, Service, Systemd
from agent.system.trees import Trees
from keys.clock import SystemClock

HERE = Path("/usr/bin/licence-agent")


def without(*absent: str) -> Callable[[str], bool]:
    return lambda name: name not in absent


@pytest.mark.parametrize(
    ("kind", "absent", "missing"),
    [
        (Systemd, (), []),
        (Systemd, ("start-stop-daemon",), []),
        (InitScript, ("start-stop-daemon", "systemctl"), ["start-stop-daemon"]),
        (InitScript, ("start-stop-daemon", "useradd"), ["start-stop-daemon", "useradd"]),
    ],
)
def test_programs_that_are_missing_are_named_before_anything_is_done(
    tmp_path: Path, kind: Callable[[Layout], Service], absent: tuple[str, ...], missing: list[str]
) -> None:
    layout = Layout(tmp_path)
    parts = (Trees(layout), kind(layout), Labels(layout), Outbound(layout, {}))
    server = ThisServer(layout, *parts, HERE, lambda: False, lambda: False, SystemClock())
    assert server.missing(without(*absent)) == missing
