"""The console's files: those of others by their lock file, served under an address that changes with them."""

import json
from pathlib import Path

import pytest

from licence_server.web.console import entrance, files
from licence_server.web.console.files import FOLDER, PRINTED, VENDORED, load_files, missing
from tests.licence_server.office import Home
from tests.licence_server.web.console.reader import Reader

ASSETS = FOLDER.parent / "assets"
ROOT = FOLDER.parents[3]


def test_what_is_copied_is_what_the_pages_need() -> None:
    copied = {line.split()[-1] for line in (ASSETS / "copied.txt").read_text().splitlines()}
    printed = {path.name for path in PRINTED}
    assert {name for name in copied if not name.endswith(".LICENSE")} == set(VENDORED) | printed
    assert {name.partition(".")[0] for name in copied - printed} == {name.partition(".")[0] for name in VENDORED}
    assert all((FOLDER / "vendor" / name).stat().st_size for name in copied), "make assets"


@pytest.mark.threat(52)
@pytest.mark.parametrize("folder", [ASSETS, ROOT / "tests/browser/console"], ids=lambda path: path.name)
def test_the_lock_file_has_a_hash_for_each_package_and_names_no_registry(folder: Path) -> None:
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    locked = {name.removeprefix("node_modules/"): each for name, each in packages.items() if name}
    assert {name: each["version"] for name, each in locked.items()} == wanted
    assert all(each["integrity"].startswith("sha512-") and "resolved" not in each for each in locked.values())


def test_nothing_of_others_is_in_the_repository() -> None:
    assert "/licence_server/web/console/static/vendor/" in (ROOT / ".gitignore").read_text().splitlines()


def test_every_file_has_an_address_with_the_digest_of_all(reader: Reader) -> None:
    for name, content in load_files().contents.items():
        answer = reader.get(f"/console/static/{load_files().version}/{name}")
        assert (answer.status_code, answer.data) == (200, content)
        assert answer.mimetype in {"text/css", "text/javascript", "image/svg+xml", "font/woff2"}, name


@pytest.mark.parametrize("name", ["nothing.css", "../files.py", "vendor/.installed", "vendor/htmx.LICENSE", ""])
def test_nothing_else_is_served(reader: Reader, name: str) -> None:
    assert reader.get(f"/console/static/{load_files().version}/{name}").status_code == 404
    assert reader.get("/console/static/0000000000000000/console.css").status_code == 404


def test_a_server_without_them_says_so(reader: Reader, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "missing", lambda: ("htmx.js",))
    monkeypatch.setattr(entrance, "missing", lambda: ("htmx.js",))
    answer = reader.get()
    assert (answer.status_code, answer.mimetype, answer.text.count("\n")) == (503, "text/plain", 1)
    assert "make assets" in answer.text
    (found,) = (each for each in home.ask("doctor")["checks"] if each["check"] == "console")
    assert (found["state"], "htmx.js" in found["said"]) == ("warning", True)
    assert reader.office.call("GET", "/healthz").status_code == 200


def test_a_file_that_is_gone_is_noticed(tmp_path: Path) -> None:
    assert missing(tmp_path) == VENDORED
    (tmp_path / "vendor").mkdir()
    for name in VENDORED[1:]:
        (tmp_path / "vendor" / name).touch()
    assert missing(tmp_path) == VENDORED[:1]
    assert missing() == ()
