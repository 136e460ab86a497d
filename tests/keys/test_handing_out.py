"""What a command hands out: as a file, a picture, a page, in the terminal, and what it says of that."""

import re
import stat
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from keys.carried import PART, parts_of, read_carried
from keys.handing_out import Ways, handing_out
from keys.printing import REQUEST
from tests.keys.pictures import opened, read_codes, read_screen

DOCUMENTS = (b"eyJ" * PART, b"{}")
PARTS = [part for document in DOCUMENTS for part in parts_of(document)]


@click.command()
@handing_out("it")
def command(ways: Ways) -> None:
    """Hand out."""
    said = ways.write(DOCUMENTS, REQUEST, "https://a.example")
    for place in ways.places("It is in {file}."):
        click.echo(place)
    ways.draw(said["parts"])
    click.echo(f"{bool(ways)} {len(said['parts'])} {said['file']} {said['qr_file']}")


def typed(*words: object) -> str:
    result = CliRunner().invoke(command, [*map(str, words)], color=True)
    assert result.exit_code == 0, result.output
    return result.output


def test_nowhere() -> None:
    assert typed() == "False 0 None None\n"


def test_a_file_is_its_owner_s(tmp_path: Path) -> None:
    file = tmp_path / "out"
    assert typed("-o", file) == f"It is in {file}.\nTrue 0 {file} None\n"
    assert read_carried(file.read_bytes()) == DOCUMENTS
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_picture_and_a_page(tmp_path: Path) -> None:
    picture, page = tmp_path / "codes.PNG", tmp_path / "codes.html"
    assert typed("--qr-file", picture) == f"It is in {picture}.\nTrue {len(PARTS)} None {picture}\n"
    assert read_codes(opened(picture.read_bytes())) == PARTS
    typed("--qr-file", page)
    assert page.read_text().count("<img ") == len(PARTS)


def test_codes_in_the_terminal() -> None:
    *drawn, last = re.split(r"\n?\d of \d\n|\nTrue ", typed("--qr"))
    assert [read_screen(code.rstrip("\n")) for code in drawn[1:]] == PARTS
    assert last == f"{len(PARTS)} None None\n"


@pytest.mark.parametrize("name", ["codes.gif", "codes", "/nowhere/codes.png"])
def test_a_file_that_cannot_be_is_refused_before_anything_is_done(name: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--qr-file", str(tmp_path / name)])
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])


def test_a_terminal_without_unicode_draws_no_codes() -> None:
    refused = CliRunner(charset="latin-1").invoke(command, ["--qr"])
    assert (refused.exit_code, "its character set is latin-1" in refused.output) == (2, True)
