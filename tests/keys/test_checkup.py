"""Checks: one that fails hides no other, and people get a line for each."""

from keys.checkup import Finding, as_text, as_value, examine, failed
from keys.errors import StateDamagedError


def _good(subject: str) -> Finding:
    return Finding("good", "ok", f"{subject} is fine.")


def _odd(_: str) -> Finding:
    return Finding("odd", "warning", "Two\nlines.", "Look.")


def _refused(_: str) -> Finding:
    raise StateDamagedError("It is damaged.")


def _broken(_: str) -> Finding:
    raise OSError(13, "Permission denied", "/a/file")


def _nameless(_: str) -> Finding:
    raise OSError(28, "No space left on device")


def _numberless(_: str) -> Finding:
    raise OSError("It is closed")


def test_every_check_is_made_whatever_the_others_find() -> None:
    checks = {"refused": _refused, "good": _good, "broken": _broken, "odd": _odd}
    checks |= {"nameless": _nameless, "numberless": _numberless}
    found = examine(checks, "This")
    assert [(each.check, each.state, each.said) for each in found] == [
        ("refused", "failed", "It is damaged."),
        ("good", "ok", "This is fine."),
        ("broken", "failed", "/a/file: Permission denied."),
        ("odd", "warning", "Two\nlines."),
        ("nameless", "failed", "The machine: No space left on device."),
        ("numberless", "failed", "The machine: It is closed."),
    ]
    assert [each.check for each in failed(found)] == ["refused", "broken", "nameless", "numberless"]
    value = as_value(found)
    assert (value["failed"], len(as_text(found))) == (4, 6)
    assert as_text([_good("This"), _odd("This")]) == [
        "ok       good         This is fine.",
        "warning  odd          Two lines. Look.",
    ]
    assert as_value([_good("This")]) == {
        "checks": [{"check": "good", "state": "ok", "said": "This is fine.", "remedy": "", "means": "", "word": ""}],
        "failed": 0,
    }


def test_what_a_finding_means_and_what_to_do_are_lines_of_their_own() -> None:
    told = [
        Finding("odd", "failed", "Said.", "Do.", "Means.", "a-word"),
        Finding("odd", "failed", "Said.", "", "Means."),
    ]
    margin = " " * 22
    assert as_text(told[:1]) == ["failed   odd          Said.", f"{margin}Means.", f"{margin}Do."]
    assert as_text(told[1:]) == ["failed   odd          Said.", f"{margin}Means."]
