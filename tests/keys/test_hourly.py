"""The options that both commands named ``usage`` have, and where their result goes."""

import csv
import io
import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from keys.command import Commands
from keys.documents.requests import Usage
from keys.hourly import Wish, present, usage_options
from keys.hours import DAY, HOUR, Limits

MORNING = 1_800_000_000 - 1_800_000_000 % DAY
HOURS = tuple(Usage(MORNING + hour * HOUR, hour, 2 * hour) for hour in range(60))
NOW = HOURS[-1].hour_at + 5


@click.group(cls=Commands)
def main() -> None:
    """A command line of ours."""


@main.command()
@click.argument("name")
@usage_options
def usage(name: str, wish: Wish) -> None:
    present(HOURS, Limits(50, None), NOW, wish, name=name)


def said(*words: object) -> str:
    result = CliRunner().invoke(main, ["usage", "x", *map(str, words)])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_last_24_hours_unless_told() -> None:
    assert json.loads(said("--json")) == {
        "name": "x",
        "limits": {"users": 50, "clients": None},
        "hours": [
            {"hour": hour.hour_at, "users": hour.users, "clients": hour.clients, "refused": 0, "waited": 0}
            for hour in HOURS[-24:]
        ],
    }
    assert len(said().splitlines()) == 24 + 3


def test_so_many_hours_or_days_as_are_wanted() -> None:
    assert [hour["users"] for hour in json.loads(said("--hours", 2, "--json"))["hours"]] == [58, 59]
    assert len(json.loads(said("--days", 2, "--json"))["hours"]) == 36
    assert len(said("--days", 2).splitlines()) == 2 + 3


@pytest.mark.parametrize(("charset", "drawn"), [("utf-8", "█"), ("ascii", "#")])
def test_bars_are_drawn_with_what_the_terminal_has(charset: str, drawn: str) -> None:
    result = CliRunner(charset).invoke(main, ["usage", "x", "--hours", "1"])
    assert {letter for letter in result.stdout if letter in "█#"} == {drawn}


@pytest.mark.parametrize("separator", [",", ";"])
def test_csv_goes_to_a_file_or_to_standard_output(tmp_path: Path, separator: str) -> None:
    words = ("--hours", 2, "--separator", separator)
    printed = said(*words, "--csv", "-")
    assert said(*words, "--csv", tmp_path / "usage.csv") == ""
    rows = list(csv.reader(io.StringIO((tmp_path / "usage.csv").read_text(encoding="ascii")), delimiter=separator))
    assert rows == list(csv.reader(io.StringIO(printed), delimiter=separator))
    assert [row[1] for row in rows] == ["users", "58", "59"]


@pytest.mark.parametrize(
    "words",
    [("--hours", "1", "--days", "1"), ("--json", "--csv", "-"), ("--hours", "0"), ("--days", "401"), ("--csv", "")],
)
def test_what_contradicts_itself_is_wrong_usage(words: tuple[str, ...]) -> None:
    assert CliRunner().invoke(main, ["usage", "x", *words]).exit_code == 2


def test_a_file_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["usage", "x", "--csv", str(tmp_path / "nowhere" / "usage.csv")])
    assert result.exit_code == 1
    assert "nowhere" in result.stderr
