"""Checks that a program makes of its own home and surroundings, and what people are told of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Literal, TypeVar

from keys.errors import LicensingError
from keys.sentences import of, phrase, row, together

State = Literal["ok", "warning", "failed"]
T = TypeVar("T")
_MARGIN = " " * 22


@dataclass(frozen=True, slots=True)
class Finding:
    """One check and how it went."""

    check: str
    state: State
    said: str
    """What was found; a sentence."""
    remedy: str = ""
    """A sentence on what to do, empty where nothing is."""
    means: str = ""
    """What it means for the person, where that is not plain."""
    word: str = ""
    """A fixed word for scripts, where there is one."""


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


def as_text(findings: Iterable[Finding]) -> list[str]:
    """Return what ``doctor`` prints for people: a line for each check, and where it means something, two more."""
    return [line for each in findings for line in _lines(each)]


_STATES: Mapping[State, str] = {"ok": phrase("ok"), "warning": phrase("warning"), "failed": phrase("failed")}


def _lines(finding: Finding) -> list[str]:
    more = [each for each in (finding.means, finding.remedy) if each] if finding.means else []
    first = row(
        "{state:<8} {check:<12} {said}",
        state=_STATES[finding.state],
        check=finding.check,
        said=finding.said if more else together(finding.said, finding.remedy),
    )
    return [first, *(row("{margin}{said}", margin=_MARGIN, said=each) for each in more)]


def _made(name: str, check: Callable[[T], Finding], subject: T) -> Finding:
    try:
        return check(subject)
    except LicensingError as error:
        return Finding(name, "failed", of(error))
    except OSError as error:
        place = error.filename or phrase("The machine")
        return Finding(name, "failed", phrase("{place}: {reason}.", place=place, reason=error.strerror or str(error)))
