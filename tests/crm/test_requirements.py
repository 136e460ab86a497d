"""The real CRM comes as its own lock file says, and never into the product's environment."""

import re
from pathlib import Path

from tests.crm.installing import REQUIREMENTS, ROOT

WANTED = REQUIREMENTS.with_suffix(".in")


def _pinned(path: Path) -> dict[str, str]:
    """Name -> everything that the lock file says about it."""
    entries = re.split(r"^(?=[a-z])", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {re.split(r"[\[=]", entry, maxsplit=1)[0]: entry for entry in entries}


def test_everything_is_pinned_with_hashes() -> None:
    wanted = set(re.findall(r"^[a-z-]+", WANTED.read_text(encoding="utf-8"), flags=re.MULTILINE))
    pinned = _pinned(REQUIREMENTS)
    assert wanted <= set(pinned)
    assert not [name for name, entry in pinned.items() if "--hash=sha256:" not in entry]


def test_the_lock_file_says_nothing_of_the_machine_that_made_it() -> None:
    text = REQUIREMENTS.read_text(encoding="utf-8")
    assert not re.findall(r"^--.*|.*(?:://|file:).*", text, flags=re.MULTILINE)


def test_the_products_environment_has_nothing_of_the_crm() -> None:
    ours = {name for path in (ROOT / "requirements").glob("*.txt") for name in _pinned(path)}
    assert not [name for name in ours if "tryton" in name or name in {"relatorio", "genshi"}]


def test_what_both_have_is_the_same_release() -> None:
    ours = {name: entry.split()[0] for name, entry in _pinned(ROOT / "requirements" / "agent.txt").items()}
    theirs = {name: entry.split()[0] for name, entry in _pinned(REQUIREMENTS).items()}
    assert {theirs[name] for name in ("cryptography", "joserfc")} <= set(ours.values())
