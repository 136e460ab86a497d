"""The conformance kit: our verifier and a second one pass it, weak ones are caught, its folder is what is generated."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.conformance import run as kit
from tests.conformance import weak
from tests.conformance.make import files
from tests.conformance.ours import ours
from tests.conformance.run import CASES, Batch, Ended, Processes, Result, check, read_cases
from tests.contract import npm

PROGRAM = Path(sys.executable).with_name("licence-keys")
RUNNER = Path(kit.__file__)
NAME = re.compile(r"[a-z0-9-]+--[a-z]+(-[a-z]+)*\.json")


def failures(results: list[Result]) -> list[Result]:
    return [result for result in results if not result.passed]


def test_the_cases_are_what_the_generator_writes() -> None:
    committed = {file.name: file.read_text(encoding="utf-8") for file in CASES.iterdir()}
    written = files()
    assert sorted(committed) == sorted(written)
    assert [name for name in written if committed[name] != written[name]] == []


def test_every_name_says_the_outcome_and_every_case_says_why() -> None:
    for case in read_cases():
        assert NAME.fullmatch(f"{case['case']}.json"), case["case"]
        assert case["case"].endswith(f"--{case['steps'][-1]['expect']}")
        assert case["why"].endswith((".", "(RFC 7800).", "8.1)."))
        assert re.search(r"protocol|RFC \d+|TUF", case["source"])


@pytest.mark.threat(16)
@pytest.mark.threat(17)
@pytest.mark.threat(21)
@pytest.mark.threat(22)
def test_our_verifier_passes(figure) -> None:
    results = check(read_cases(), ours)
    assert failures(results) == []
    figure(f"{len(results)} cases: 0 not as expected")


@pytest.mark.threat(16)
@pytest.mark.threat(17)
@pytest.mark.threat(21)
@pytest.mark.threat(22)
def test_a_verifier_on_a_stock_library_passes_the_same_cases(figure) -> None:
    verifier = Batch(["node", str(npm.installed())])
    try:
        results = check(read_cases(), verifier)
    finally:
        verifier.close()
    assert failures(results) == []
    figure(f"{len(results)} cases by Node and jose: 0 not as expected")


@pytest.mark.parametrize(
    ("weakness", "kinds", "found"),
    [
        pytest.param(weak.takes_none, "licence-alg", 1, marks=pytest.mark.threat(16, control=True)),
        pytest.param(weak.ignores_types, "-as-", 10, marks=pytest.mark.threat(17, control=True)),
        pytest.param(weak.takes_any_version, "trust-", 3, marks=pytest.mark.threat(21, control=True)),
        pytest.param(weak.looks_at_no_proof, "next-key-", 8),
        pytest.param(weak.takes_proofs_of_other_requests, "next-key-", 7),
        pytest.param(weak.moves_anywhere, "next-key-", 2),
        pytest.param(weak.binds_to_any_key, "answer-next-key-", 3),
    ],
)
def test_a_weak_verifier_is_caught(weakness: kit.Verifier, kinds: str, found: int) -> None:
    results = check(read_cases(part=kinds), weakness)
    assert len([result for result in results if result.hole]) >= found


@pytest.mark.long
def test_both_pass_as_programs_too(rounds, figure) -> None:
    """A process for each step, as anybody's verifier is run."""
    cases = read_cases()
    cases = cases[:: len(cases) // rounds(len(cases), sample=6)]
    for command in ([str(PROGRAM), "pinned"], ["node", str(npm.installed())]):
        assert failures(check(cases, Processes(command))) == []
    figure(f"{len(cases)} cases by each of two programs: 0 not as expected")


def test_the_runner_stands_alone_and_says_what_it_found() -> None:
    """Without our packages, and with exit codes that a script can go by."""
    runner = [sys.executable, "-I", "-S", str(RUNNER), "--only", "licence-alg-none"]
    good = subprocess.run(
        [*runner, "--json", "--", str(PROGRAM), "pinned"], capture_output=True, text=True, check=False
    )
    assert good.returncode == 0, good.stderr
    assert {row["got"] for row in json.loads(good.stdout)["cases"]} == {"signature-invalid"}
    believer = _run([*runner, "--", "echo", "{}"])
    assert believer.returncode == 1
    assert "HOLE" in believer.stdout
    nobody = _run([*runner, "--", "/no/such/program"])
    assert nobody.returncode == 2


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("ended", "outcome"),
    [
        (Ended(0, '{"a": 1, "b": 2}'), "accepted"),
        (Ended(0, '{"a": 2}'), "accepted, with another a"),
        (Ended(0, "[]"), "accepted, with another a"),
        (Ended(0, "valid"), "accepted, without claims"),
        (Ended(1, "", "malformed: no"), "malformed"),
        (Ended(1, "", "too-large\n"), "too-large"),
        (Ended(1, "", "Traceback (most"), "failed with 1"),
        (Ended(2, "", "malformed: no"), "failed with 2"),
        (Ended(-11), "failed with -11"),
        (Ended(None), "hung"),
    ],
)
def test_an_outcome_is_read_from_how_a_command_ended(ended: Ended, outcome: str) -> None:
    assert kit.outcome({"do": "verify", "claims": {"a": 1}}, ended) == outcome


def test_a_batch_that_dies_is_started_again() -> None:
    script = "import sys; sys.stdin.readline(); sys.exit(1)"
    verifier = Batch([sys.executable, "-c", script])
    try:
        assert [verifier(["init"]).exit for _ in range(3)] == [-1, -1, -1]
    finally:
        verifier.close()


def test_most_cases_are_refusals_and_every_word_is_asked_for() -> None:
    words = Counter(case["case"].rpartition("--")[2] for case in read_cases())
    assert set(words) == {
        "accepted",
        "malformed",
        "signature-invalid",
        "trust-refused",
        "licence-restricted",
        "too-large",
    }
    assert 0.5 < 1 - words["accepted"] / words.total() < 0.9


def test_the_lock_of_npm_names_no_registry() -> None:
    lock = json.loads((npm.SOURCE / "package-lock.json").read_text())
    packages = [package for name, package in lock["packages"].items() if name]
    assert all(package["integrity"].startswith("sha512-") and "resolved" not in package for package in packages)
