"""The receivers that docs/webhooks.md shows, as they are printed: what is ours they take, once, and nothing else."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from keys.clock import SystemClock
from licence_server.calling import HttpCourier
from licence_server.domain.delivery import message
from licence_server.domain.webhook import new_webhook_secret, signature
from tests.licence_server.receivers import LOOPBACK
from tests.stories.processes import clean_environment, free_port, wait_for

pytestmark = pytest.mark.threat(54)
PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"
EXAMPLES = dict(re.findall(r"^<!-- run: (\S+) -->\n```\w+\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL))
PROGRAMS = {"receiver.py": sys.executable, "receiver.mjs": shutil.which("node")}
SECRET = new_webhook_secret(os.urandom)
BODY = message("licence.issued", 1_800_000_000, {"licence_id": "lic_1", "reason": "سفارش"})


@contextmanager
def receiver(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    """Start an example; its address, and the file that has what it printed."""
    (folder / name).write_text(EXAMPLES[name])
    port, said = free_port(), folder / "said"
    environment = clean_environment(WEBHOOK_SECRET=SECRET, PORT=port)
    with (
        said.open("w") as out,
        subprocess.Popen([str(PROGRAMS[name]), name], cwd=folder, env=environment, stdout=out) as process,
    ):
        try:
            url = f"http://127.0.0.1:{port}/hooks"
            wait_for("the receiver's start", lambda: post(url, "", secret=new_webhook_secret(os.urandom)))
            yield url, said
        finally:
            process.kill()


def post(url: str, body: str, *, at: int | None = None, secret: str = SECRET, **changes: str) -> int | None:
    at = SystemClock().now() if at is None else at
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": signature(secret, "msg_1", at, body),
    }
    courier = HttpCourier(LOOPBACK, SystemClock(), "test")
    changed = {name.replace("_", "-"): text for name, text in changes.items()}
    return courier.post(url, {**headers, **changed}, body.encode()).status


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_example_takes_what_is_ours_once(tmp_path: Path, name: str) -> None:
    now, other = SystemClock().now(), new_webhook_secret(os.urandom)
    with receiver(tmp_path, name) as (url, said):
        refused = [
            post(url, BODY, secret=other),
            post(url, BODY, webhook_id="msg_2"),
            post(url, BODY, at=now - 600),
            post(url, BODY, at=now + 600),
            post(url, BODY, webhook_timestamp="soon"),
            post(url, BODY, webhook_signature="v2,AAAA"),
        ]
        assert refused == [400] * 6
        assert said.read_text() == ""
        both = f"{signature(other, 'msg_1', now, BODY)} {signature(SECRET, 'msg_1', now, BODY)}"
        taken = [post(url, BODY), post(url, BODY), post(url, BODY, at=now, webhook_signature=both)]
        assert taken == [204] * 3
        lines = said.read_text().splitlines()
        assert [line.partition(" ")[0] for line in lines] == ["licence.issued"]
        assert "lic_1" in lines[0]
