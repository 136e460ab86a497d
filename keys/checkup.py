"""Checks that a program makes of its own home and surroundings, and what people are told of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Literal, TypeVar

from keys.errors import LicensingError

State = Literal["ok", "warning", "failed"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check and how it went; ``remedy`` is a sentence on what to do, empty where nothing is."""

    check: str
    state: State
    said: str
    remedy: str = ""


def examine(checks: Mapping[str, Callable[[T], Finding]], subject: T) -> list[Finding]:
    """Make all checks; one that fails hides no other."""
    return [_made(name, check, subject) for name, check in checks.items()]


def failed(findings: Iterable[Finding]) -> list[Finding]:
    """Return the checks that failed."""
    return [finding for finding in findings if finding.state == "failed"]


def as_value(findings: Iterable[Finding]) -> dict[str, object]:
    """Return what ``doctor --json`` prints."""
    found = list(findings)
    return {"checks": [asdict(finding) for finding in found], "failed": len(failed(found))}


def as_text(findings: Iterable[Finding]) -> str:
    """Return what ``doctor`` prints for people: a line for each check."""
    rows = (f"{each.state:<8} {each.check:<12} {each.said} {each.remedy}" for each in findings)
    return "\n".join(" ".join(row.split("\n")).rstrip() for row in rows)


def _made(name: str, check: Callable[[T], Finding], subject: T) -> Finding:
    try:
        return check(subject)
    except LicensingError as error:
        return Finding(name, "failed", str(error))
    except OSError as error:
        return Finding(name, "failed", f"{error.filename or 'The machine'}: {error.strerror or error}.")
