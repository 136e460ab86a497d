"""What a command hands out: as a file, a picture, a page, in the terminal, and what it says of that."""

import re
import stat
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from keys.carried import PART, parts_of, read_carried
from keys.handing_out import Ways, handing_out
from keys.printing import REQUEST
from tests.keys.pictures import opened, read_codes, read_screen

DOCUMENTS = (b"eyJ" * PART, b"{}")
PARTS = [part for document in DOCUMENTS for part in parts_of(document)]


def run(*words: object, charset: str = "utf-8", mode: int | None = None) -> Result:
    @click.command()
    @handing_out("it")
    def command(ways: Ways) -> None:
        said = ways.write(DOCUMENTS, REQUEST, "https://a.example", **({} if mode is None else {"mode": mode}))
        for place in ways.places("It is in {file}."):
            click.echo(place)
        ways.draw(said["parts"])
        click.echo(f"{bool(ways)} {len(said['parts'])} {said['file']} {said['qr_file']}")

    return CliRunner(charset=charset).invoke(command, [*map(str, words)], color=True)


def typed(*words: object, mode: int | None = None) -> str:
    result = run(*words, mode=mode)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_help_says_what_becomes_of_it() -> None:
    help_ = " ".join(typed("--help").split())
    assert (
        "Options: -o, --output FILE Write it to FILE. "
        "--qr Show it as QR codes in this terminal. "
        "--qr-file FILE Draw it as QR codes into FILE: .png a picture, .html a page to print. --help"
    ) in help_


def test_nowhere() -> None:
    assert typed() == "False 0 None None\n"


def test_a_file_is_its_owner_s(tmp_path: Path) -> None:
    file = tmp_path / "out"
    assert typed("-o", file) == f"It is in {file}.\nTrue 0 {file} None\n"
    assert read_carried(file.read_bytes()) == DOCUMENTS
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_is_no_secret_may_be_read_by_others(tmp_path: Path) -> None:
    files = (tmp_path / "out", tmp_path / "codes.html")
    typed("--output", files[0], "--qr-file", files[1], mode=0o640)
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o640, 0o640]


def test_a_picture_and_a_page(tmp_path: Path) -> None:
    picture, page = tmp_path / "codes.PNG", tmp_path / "codes.html"
    assert typed("--qr-file", picture) == f"It is in {picture}.\nTrue {len(PARTS)} None {picture}\n"
    assert read_codes(opened(picture.read_bytes())) == PARTS
    typed("--qr-file", page)
    assert page.read_text().count("<img ") == len(PARTS)


def test_codes_in_the_terminal() -> None:
    shown = typed("--qr")
    *drawn, last = re.split(r"\n?\d of \d\n|\nTrue ", shown)
    assert [read_screen(code.rstrip("\n")) for code in drawn[1:]] == PARTS
    assert last == f"{len(PARTS)} None None\n"
    count = len(PARTS)
    assert re.findall(r"\d of \d", shown) == [f"{number} of {count}" for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("option", "name", "why"),
    [
        ("--qr-file", "codes.gif", "ends in .png (a picture) or .html"),
        ("--qr-file", "codes", "ends in .png (a picture) or .html"),
        ("--qr-file", "nowhere/codes.png", "no folder"),
        ("-o", "nowhere/out", "no folder"),
    ],
)
def test_a_file_that_cannot_be_is_refused_before_anything_is_done(
    option: str, name: str, why: str, tmp_path: Path
) -> None:
    result = run(option, tmp_path / name)
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert f"'{option}'" in result.output.replace("'-o' / '--output'", "'-o'")
    assert why in result.output


def test_a_terminal_without_unicode_draws_no_codes() -> None:
    refused = run("--qr", charset="latin-1")
    assert (refused.exit_code, "its character set is latin-1" in refused.output) == (2, True)
