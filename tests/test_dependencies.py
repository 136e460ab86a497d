"""Every dependency is wanted for a reason, locked with its hashes, and kept out of where it is not needed."""

import configparser
import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "dependencies.md"
EXTRAS = ("server", "agent", "bundle", "dev")
SERVER_ONLY = {"alembic", "argon2-cffi", "psycopg", "pydantic", "sqlalchemy"}


def _declared(extra: str | None) -> set[str]:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = setup["options.extras_require"][extra] if extra else setup["options"]["install_requires"]
    return {re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0] for line in lines.split("\n") if line}


def _documented() -> set[str]:
    return set(re.findall(r"^\| `([^`]+)` \|", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE))


def _locked(name: str) -> dict[str, str]:
    """Name -> everything the lock file says about it."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    return {re.split(r"[\[=]", entry, maxsplit=1)[0]: entry for entry in entries}


def _versions(name: str) -> dict[str, str]:
    return {package: re.split(r"==|\s", entry)[1] for package, entry in _locked(name).items()}


def test_the_document_names_every_dependency_and_no_other() -> None:
    declared = set().union(*(_declared(extra) for extra in (None, *EXTRAS)))
    assert _documented() == declared


@pytest.mark.parametrize("extra", EXTRAS)
def test_every_dependency_is_locked_with_hashes(extra: str) -> None:
    locked = _locked(extra)
    assert _declared(None) | _declared(extra) <= set(locked)
    assert not [name for name, entry in locked.items() if "--hash=sha256:" not in entry]


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_lock_file_says_nothing_of_the_machine_that_made_it(extra: str) -> None:
    text = (ROOT / "requirements" / f"{extra}.txt").read_text(encoding="utf-8")
    assert not re.findall(r"^--.*|.*(?:://|file:).*", text, flags=re.MULTILINE)


def test_the_three_lock_files_agree() -> None:
    versions = _versions("dev")
    for extra in ("server", "agent"):
        assert _versions(extra).items() <= versions.items()


def test_a_customers_machine_gets_nothing_of_the_server() -> None:
    assert not SERVER_ONLY & set(_locked("agent"))
    assert "psutil" not in _locked("server")


def _wheel(folder: Path, content: str) -> Path:
    """A package with one module, as an index would hand it out."""
    wheel = folder / "parcel-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("parcel.py", content)
        archive.writestr("parcel-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: parcel\nVersion: 1.0\n")
        archive.writestr("parcel-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("parcel-1.0.dist-info/RECORD", "")
    return wheel


def _installed(folder: Path, lock: Path) -> subprocess.CompletedProcess[str]:
    where = ("--no-index", "--find-links", str(folder), "--target", str(folder / "target"))
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--quiet", *where, "-r", str(lock)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.threat(52)
def test_a_package_that_was_exchanged_is_not_installed(tmp_path: Path) -> None:
    """By a line as the lock files have them: a hash in it is enough for pip to check all of them."""
    entry = _locked("agent")["click"].replace("click", "parcel", 1)
    assert re.fullmatch(r"parcel==\S+ \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+", entry)
    lock = tmp_path / "lock.txt"
    wheel = _wheel(tmp_path, "honest = True\n")
    lock.write_text(f"parcel==1.0 \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
    _wheel(tmp_path, "honest = False\n")
    refused = _installed(tmp_path, lock)
    assert (refused.returncode, (tmp_path / "target").exists()) == (1, False)
    assert "DO NOT MATCH THE HASHES" in refused.stderr


@pytest.mark.threat(52, control=True)
def test_without_its_hash_an_exchanged_package_is_installed(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("parcel==1.0\n")
    _wheel(tmp_path, "honest = False\n")
    assert _installed(tmp_path, lock).returncode == 0
    assert (tmp_path / "target/parcel.py").read_text() == "honest = False\n"


@pytest.mark.threat(52)
def test_this_repository_installs_by_its_lock_files() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "--require-hashes --requirement requirements/dev.txt" in makefile
