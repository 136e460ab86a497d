"""``licence-agent status`` after a validation that failed: one sentence on why, what to do, and what it means."""

import json
from pathlib import Path

import pytest

from agent.domain.renewal import Progress
from agent.services.ports import LastTry
from agent.store.home import Home
from agent.store.tallies import Tallies
from keys.errors import UnreachableError
from tests.agent.cli.program import Program
from tests.agent.vendor import Vendor
from tests.faults.oddserver import Answer, OddServer, honest, plain
from tests.faults.unsigned import PROBLEM, UNSIGNED, problem

GOES_ON = "; the licence in hand goes on, for 31 more days at most."
WITHDRAWN = plain(503, problem("unavailable", detail="Your licence is void.\nPay."), Retry_After="60", **PROBLEM)
CASES: dict[str, tuple[Answer, str, str | None, str]] = {
    name: (UNSIGNED[name], "unreachable", cause, begins)
    for name, cause, begins in (
        ("HTTP 403 with a page", "forbidden", "Something on the way to "),
        ("HTTP 500 with a page", "server", "The licence server at "),
        ("captive portal", "page", "What answers at "),
        ("nothing", "cut", "The connection to "),
        ("a TLS alert", "no_http", "What answers at "),
        ("three dots", "unsigned", "What answers at "),
    )
} | {"an unsigned refusal": (WITHDRAWN, "unavailable", None, "The licence server turned the request away without")}


@pytest.mark.threat(19)
@pytest.mark.parametrize(("answer", "word", "cause", "begins"), CASES.values(), ids=CASES.keys())
def test_status_says_why_the_last_validation_failed(
    activated: Program, server: OddServer, answer: Answer, word: str, cause: str | None, begins: str
) -> None:
    before = (activated.home / "licence.jws").read_bytes()
    server.answer = answer
    failed = activated("validate")
    assert (failed.exit_code, failed.stdout) == (3 if word == "unreachable" else 1, "")
    said = activated.json("status")
    last = said["last_validation"]
    assert (said["mode"], last["word"], last["cause"], last["failures"]) == ("full", word, cause, 1)
    assert last["retry_at"] > last["at"]
    assert last["detail"].startswith(begins)
    assert last["detail"].endswith(GOES_ON)
    row = next(line for line in activated("status").stdout.splitlines() if line.startswith("last validation:"))
    assert ", failed: " in row
    assert row.endswith(last["detail"])
    assert (activated.home / "licence.jws").read_bytes() == before


def test_the_doctor_says_it_too(activated: Program, server: OddServer, vendor: Vendor) -> None:
    def found() -> dict[str, tuple[str, str]]:
        checks = json.loads(activated("doctor", "--json").stdout)["checks"]
        return {check["check"]: (check["state"], f"{check['said']} {check['remedy']}".rstrip()) for check in checks}

    assert found()["validation"] == ("ok", "None was tried yet.")
    server.answer = UNSIGNED["captive portal"]
    activated("validate")
    last = activated.json("status")["last_validation"]["detail"]
    assert found()["validation"] == ("warning", last)
    state, said = found()["server"]
    assert (state, "Sign in to the network" in said, said.endswith(".")) == ("failed", True, True)
    server.answer = honest(vendor)
    activated("validate")
    assert found()["validation"] == ("ok", "The last one was answered. The licence is active.")


def test_the_reason_is_kept_until_an_answer_comes(activated: Program, server: OddServer, vendor: Vendor) -> None:
    server.answer = UNSIGNED["captive portal"]
    activated("validate")
    activated("validate")
    assert activated.json("status")["last_validation"]["failures"] == 2
    server.answer = honest(vendor)
    activated("validate")
    last = activated.json("status")["last_validation"]
    assert (last["word"], last["cause"], last["failures"], last["retry_at"]) == ("answered", None, 0, None)
    assert "answered: The licence is active." in activated("status").stdout


@pytest.mark.parametrize("content", [b"", b"{", b'{"version": 1}', b"\xff" * 99, None])
def test_what_is_kept_may_be_lost(activated: Program, server: OddServer, content: bytes | None) -> None:
    server.answer = UNSIGNED["captive portal"]
    activated("validate")
    progress = activated.home / "progress.json"
    if content is None:
        progress.unlink()
    else:
        progress.write_bytes(content)
    assert activated.json("status")["last_validation"] is None
    activated("validate")
    assert activated.json("status")["last_validation"]["cause"] == "page"


@pytest.mark.parametrize("cause", ["a-cause-of-tomorrow", None])
def test_what_an_older_or_newer_release_kept_is_read(activated: Program, server: OddServer, cause: str | None) -> None:
    server.answer = UNSIGNED["captive portal"]
    activated("validate")
    progress = activated.home / "progress.json"
    content = json.loads(progress.read_bytes())
    del content["last"]["cause"]
    content["last"].update({} if cause is None else {"cause": cause, "more": [1]})
    progress.write_text(json.dumps(content))
    last = activated.json("status")["last_validation"]
    assert (last["word"], last["cause"]) == (UnreachableError.word, cause)


@pytest.mark.parametrize("sentence", ["a\0b", "half \ud800 of a pair", "line\nline", "\x1b[31m", "x" * 9999, "پروانه"])
def test_no_sentence_costs_what_is_kept_with_it(tmp_path: Path, sentence: str) -> None:
    tallies = Tallies(Home(tmp_path))
    tallies.keep_progress(Progress(3, 1_800_000_000), LastTry(7, "unreachable", sentence, "cut"))
    progress, last = tallies.progress()
    assert (progress.failures, progress.retry_at) == (3, 1_800_000_000)
    assert last is not None
    assert last.sentence.isprintable()
