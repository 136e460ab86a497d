"""Check any verifier, in any language, against the cases: python tests/conformance/run.py [options] -- COMMAND...

COMMAND is called with init, update or verify and their arguments, as docs/conformance.md says. Standard library only.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from base64 import b64decode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

CASES = Path(__file__).parent / "cases"
ACCEPTED = "accepted"
PATIENCE = 30
"""Seconds that one command may take."""
_WORD = re.compile(r"([a-z][a-z-]*)(:|\s|$)")


@dataclass(frozen=True)
class Ended:
    """How one command ended."""

    exit: int | None
    """None: not within the time."""
    stdout: str = ""
    stderr: str = ""


Verifier = Callable[[Sequence[str]], Ended]


@dataclass(frozen=True)
class Result:
    """What came of one case."""

    case: str
    expected: str
    got: str
    passed: bool
    why: str
    source: str

    @property
    def hole(self) -> bool:
        """Whether a document was accepted that must be refused; another word for a no is only untidy."""
        return not self.passed and self.expected != ACCEPTED and self.got.startswith(ACCEPTED)


class Processes:
    """Starts the command anew for each step."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = list(command)

    def __call__(self, arguments: Sequence[str]) -> Ended:
        try:
            done = subprocess.run([*self.command, *arguments], capture_output=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            return Ended(None)
        return Ended(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def close(self) -> None:
        """Nothing is left running."""


class Batch:
    """Starts ``COMMAND batch`` once: it reads a JSON array of arguments a line and answers a line of JSON to each."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = [*command, "batch"]
        self._start()

    def _start(self) -> None:
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lines: Queue[bytes] = Queue()
        Thread(target=self._read, args=(self.process, self.lines), daemon=True).start()

    @staticmethod
    def _read(process: "subprocess.Popen[bytes]", lines: "Queue[bytes]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put(b"")

    def __call__(self, arguments: Sequence[str]) -> Ended:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(list(arguments)).encode() + b"\n")
            self.process.stdin.flush()
            answer = json.loads(self.lines.get(timeout=PATIENCE))
            return Ended(int(answer["exit"]), str(answer["stdout"]), str(answer["stderr"]))
        except (OSError, Empty, ValueError, KeyError, TypeError) as error:
            self.close()
            self._start()
            return Ended(None if isinstance(error, Empty) else -1, "", f"no answer in the batch: {error!r}")

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            try:
                stream.close()
            except OSError:
                continue


def read_cases(folder: Path = CASES, part: str = "") -> list[dict[str, Any]]:
    """Return the cases of a folder whose names contain a text, in the order of their names."""
    files = sorted(file for file in folder.glob("*.json") if part in file.stem)
    return [{"case": file.stem, **json.loads(file.read_text(encoding="utf-8"))} for file in files]


def check(cases: Iterable[dict[str, Any]], verifier: Verifier) -> list[Result]:
    """Put every case to a verifier."""
    results = []
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            results.append(_check_case(case, Path(folder), verifier))
    return results


def _check_case(case: dict[str, Any], folder: Path, verifier: Verifier) -> Result:
    expected = got = ""
    passed = True
    for number, step in enumerate(case["steps"], 1):
        expected = step["expect"]
        got = outcome(step, verifier(_arguments(step, number, folder)))
        if got != expected:
            last = number == len(case["steps"])
            passed, got = False, got if last else f"{got} (step {number}, {step['do']}: expected {expected})"
            break
    return Result(case["case"], case["case"].rpartition("--")[2], got, passed, case["why"], case["source"])


def _arguments(step: dict[str, Any], number: int, folder: Path) -> list[str]:
    words = [step["do"], str(folder / "state")]
    if step["do"] == "verify":
        words.append(step["type"])
    words.append(_file(folder / f"{number}-file", step["file"]))
    words += ["--now", str(step["now"])]
    for name in ("device", "request", "held"):
        if name in step:
            words += [f"--{name}", _file(folder / f"{number}-{name}", step[name])]
    return words


def _file(path: Path, content: dict[str, str]) -> str:
    path.write_bytes(content["text"].encode() if "text" in content else b64decode(content["base64"]))
    return str(path)


def outcome(step: dict[str, Any], ended: Ended) -> str:
    """Say in one word what a command answered: ``accepted``, the word of its refusal, or how it failed to answer."""
    if ended.exit is None:
        return "hung"
    if ended.exit == 0:
        return ACCEPTED if step["do"] != "verify" else _claims_seen(step.get("claims", {}), ended.stdout)
    word = _WORD.match(ended.stderr.strip())
    if ended.exit != 1 or word is None:
        return f"failed with {ended.exit}"
    return word[1]


def _claims_seen(expected: dict[str, Any], text: str) -> str:
    try:
        claims = json.loads(text)
    except ValueError:
        return "accepted, without claims"
    wrong = [name for name, value in expected.items() if not isinstance(claims, dict) or claims.get(name) != value]
    return f"accepted, with another {wrong[0]}" if wrong else ACCEPTED


def table(results: Sequence[Result]) -> str:
    """Lay results out for people."""
    width = max((len(result.case) for result in results), default=4)
    rows = [f"{'CASE':{width}}  {'EXPECTED':18}  GOT"]
    for result in results:
        mark = "" if result.passed else "   <-- HOLE" if result.hole else "   <-- wrong"
        rows.append(f"{result.case:{width}}  {result.expected:18}  {result.got}{mark}")
        if not result.passed:
            rows.append(f"{'':{width}}  {result.why} ({result.source})")
    failed = sum(not result.passed for result in results)
    holes = sum(result.hole for result in results)
    rows.append(f"{len(results)} cases, {failed} not as expected, {holes} of them accepted what must be refused")
    return "\n".join(rows)


def main(words: Sequence[str]) -> int:
    """Run the command line and return the exit code: 0 all as expected, 1 not, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--batch", action="store_true", help="start COMMAND once, with the argument batch")
    parser.add_argument("--only", default="", metavar="TEXT", help="only cases with TEXT in their names")
    parser.add_argument("--cases", type=Path, default=CASES, metavar="FOLDER", help="other cases")
    parser.add_argument("command", nargs="+", metavar="COMMAND", help="the verifier; put -- before it")
    chosen = parser.parse_args(words)
    cases = read_cases(chosen.cases, chosen.only)
    if not cases:
        parser.error(f"there are no such cases in {chosen.cases}")
    try:
        verifier = (Batch if chosen.batch else Processes)(chosen.command)
        results = check(cases, verifier)
    except OSError as error:
        parser.error(f"{chosen.command[0]} can't be started: {error.strerror}")
    verifier.close()
    failed = sum(not result.passed for result in results)
    summary = {"cases": [asdict(result) for result in results], "passed": len(results) - failed, "failed": failed}
    sys.stdout.write((json.dumps(summary, indent=2) if chosen.json else table(results)) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
