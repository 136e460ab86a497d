"""What the import contracts of setup.cfg can't say: one door for each library, purity, sizes and names."""

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOUSES = ("keys", "licence_server", "agent")
CLOCK = "keys/clock.py"
MIGRATIONS = Path("licence_server/storage/migrations/versions")
LONGEST_FILE = 300
LONGEST_FUNCTION = 50

# Library -> the modules or packages, without suffix, that may import it. Whatever is not here may not be imported.
DOORS = {
    "alembic": ["licence_server/storage"],
    "argon2": ["licence_server/passwords"],
    "babel": ["licence_server/web/console"],
    "click": [
        "keys/command",
        "keys/cli",
        "keys/cli_pinned",
        "keys/handing_out",
        "keys/hourly",
        "licence_server/cli",
        "agent/cli",
    ],
    "cryptography": ["keys"],
    "fpdf": ["licence_server/certificates"],
    "flask": ["licence_server/web", "licence_server/app"],
    "joserfc": ["keys", "licence_server/provider"],
    "jinja2": ["licence_server/web/console"],
    "markupsafe": ["licence_server/web/console"],
    "persiantools": [
        "agent/cli/persian",
        "agent/web",
        "licence_server/certificates",
        "licence_server/domain/calendars",
        "licence_server/web/console",
    ],
    "openpyxl": ["licence_server/workbooks"],
    "prometheus_client": ["licence_server/web", "licence_server/app", "agent/web"],
    "psutil": ["agent/hardware", "agent/doctor"],
    "psycopg": ["licence_server/storage"],
    "pyotp": ["licence_server/totp"],
    "pydantic": ["licence_server/web", "licence_server/config"],
    "requests": ["agent/server", "agent/doctor", "licence_server/provider"],
    "segno": ["keys/drawing", "licence_server/certificates"],
    "sqlalchemy": ["licence_server/storage"],
    "structlog": ["licence_server/logs", "licence_server/app", "licence_server/web"],
    "httptools": ["agent/web"],
    "uvicorn": ["agent/web"],
    "waitress": ["licence_server/wsgi"],
    "webauthn": ["licence_server/passkeys"],
    "werkzeug": ["licence_server/web", "licence_server/app"],
    "zxcvbn": ["licence_server/passwords"],
}

# Rules and decisions get everything as arguments, chance included.
IMPURE = {
    "asyncio", "http", "io", "logging", "multiprocessing", "os", "pathlib", "platform", "random", "secrets", "shutil",
    "signal", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "uuid",
}  # fmt: skip

SHAPELESS = {"base", "common", "helpers", "manager", "misc", "util", "utils"}


def _sources(*folders: str) -> list[Path]:
    return sorted(path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*.py"))


def _tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))


def _imports(tree: ast.Module) -> Iterator[str]:
    """Every module that is imported anywhere in a file, by its whole name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def _stands_behind(path: Path, door: str) -> bool:
    return path.as_posix() == f"{door}.py" or path.as_posix().startswith(f"{door}/")


def strangers(path: Path, tree: ast.Module) -> set[str]:
    """Third-party libraries that a file imports though it is not their door."""
    libraries = {name.partition(".")[0] for name in _imports(tree)} - sys.stdlib_module_names - set(HOUSES)
    return {name for name in libraries if not any(_stands_behind(path, door) for door in DOORS.get(name, ()))}


def clock_readings(tree: ast.Module) -> set[str]:
    """Ways to the clock in a file: the module time, and the constructors of datetime that read it."""
    found = {name for name in _imports(tree) if name == "time"}
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    names = {call.attr for call in calls if isinstance(call, ast.Attribute) and "date" in ast.unparse(call.value)}
    return found | (names & {"now", "today", "utcnow"})


def long_functions(tree: ast.Module) -> set[str]:
    """Functions longer than the limit, docstring and all."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name for node in functions if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION}


@pytest.mark.parametrize("path", _sources(*HOUSES), ids=str)
def test_a_library_is_imported_through_its_door(path: Path) -> None:
    assert not strangers(path, _tree(path))


def test_the_rules_touch_no_outside_world() -> None:
    rules = _sources("licence_server/domain", "agent/domain")
    impure = {path: {name.partition(".")[0] for name in _imports(_tree(path))} & IMPURE for path in rules}
    assert not {path: names for path, names in impure.items() if names}


def test_what_a_crm_imports_stands_on_keys_alone() -> None:
    ours = {name for path in _sources("agent/crm") for name in _imports(_tree(path))}
    ours = {name for name in ours if name.partition(".")[0] in HOUSES}
    assert not {name for name in ours if not name.startswith(("keys.", "agent.crm"))}


def test_the_clock_is_read_in_one_place() -> None:
    readers = {path.as_posix() for path in _sources(*HOUSES) if clock_readings(_tree(path))}
    assert readers <= {CLOCK}


@pytest.mark.parametrize("path", _sources(*HOUSES, "tests", "bench", "deploy"), ids=str)
def test_files_and_functions_are_short(path: Path) -> None:
    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    # A migration is one long list of what changes, and is never changed again: it has no seam.
    assert MIGRATIONS in path.parents or not long_functions(_tree(path))


def test_every_name_says_what_is_inside() -> None:
    assert not {path for path in _sources(*HOUSES, "tests") if SHAPELESS & {path.stem, *path.parts}}


def test_a_package_adds_no_second_path_to_a_name() -> None:
    """Empty ``__init__.py`` files stay empty: one import path for each name."""
    assert not [path for path in _sources(*HOUSES) if path.name == "__init__.py" and _tree(path).body]


@pytest.mark.parametrize(
    ("check", "source", "found"),
    [
        (clock_readings, "import time\n", {"time"}),
        (clock_readings, "from datetime import datetime\ndatetime.now()\n", {"now"}),
        (clock_readings, "import datetime\ndatetime.date.today()\n", {"today"}),
        (long_functions, "def long():\n" + "    pass\n" * LONGEST_FUNCTION, {"long"}),
        (long_functions, "def short():\n" + "    pass\n" * (LONGEST_FUNCTION - 1), set()),
    ],
)
def test_the_checks_above_can_see(check: Callable[[ast.Module], set[str]], source: str, found: set[str]) -> None:
    assert check(ast.parse(source)) == found


@pytest.mark.parametrize(
    ("path", "source", "found"),
    [
        ("licence_server/web/views.py", "import sqlalchemy.orm\n", {"sqlalchemy"}),
        ("licence_server/storage/tables.py", "import sqlalchemy.orm\n", set()),
        ("agent/domain/seats.py", "def late():\n    from flask import g\n", {"flask"}),
        ("agent/servers.py", "import requests\n", {"requests"}),
        ("agent/server.py", "import requests\n", set()),
        ("keys/jws.py", "import jwt\n", {"jwt"}),
    ],
)
def test_a_wrong_door_is_seen(path: str, source: str, found: set[str]) -> None:
    assert strangers(Path(path), ast.parse(source)) == found
