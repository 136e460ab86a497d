"""Importing at the command line."""

import csv
import re
from pathlib import Path

import pytest

from tests.licence_server.office import Home

BAD = "name,mobile\nAcme,\nx,1\nPars,\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_text("name,mobile\n" + "".join(f"Customer {number},\n" for number in range(120)))
    return path


def names(home: Home) -> set[str]:
    return {each["name"] for each in home.ask("customer", "list")}


def test_a_file_is_imported(home: Home, file: Path) -> None:
    done = home.ask("import", "customers", file, "--yes")
    assert (done["state"], done["good"], done["made"], done["faults"]) == ("done", 120, 120, [])
    assert len(names(home)) == 120
    assert home.ask("audit", "verify")["valid"]


def test_people_are_told_what_is_wrong(home: Home, file: Path) -> None:
    file.write_text("name,mobile\n" + "x,1\n" * 25)
    result = home.type("import", "customers", file, "--check")
    assert result.exit_code == 0
    assert "line 2, mobile: A mobile number has 8 to 15 digits" in result.stdout
    assert "and 5 more" in result.stdout
    assert re.search(r"Bad rows +25", result.stdout)


def test_a_check_leaves_nothing(home: Home, file: Path) -> None:
    found = home.ask("import", "customers", file, "--check")
    assert (found["state"], found["good"], names(home)) == ("cancelled", 120, set())


def test_bad_rows_are_left_out_only_if_somebody_says_so(home: Home, file: Path) -> None:
    file.write_text(BAD)
    for words in ("--yes",), ():
        refused = home.type("import", "customers", file, *words)
        assert (refused.exit_code, names(home)) == (1, set())
        assert "1 rows are bad" in refused.stderr
    done = home.ask("import", "customers", file, "--yes", "--leave-out-bad")
    assert (done["made"], [fault["line"] for fault in done["faults"]]) == (2, [3])


@pytest.mark.parametrize("said", ["y\n", "n\n", ""])
def test_who_says_nothing_else_is_asked(home: Home, file: Path, said: str) -> None:
    result = home.type("import", "customers", file, said=said)
    assert "Import 120 rows?" in result.stderr
    assert (result.exit_code, len(names(home))) == ((0, 120) if said == "y\n" else (1, 0))


def test_what_is_no_file_of_customers_is_refused(home: Home, file: Path) -> None:
    file.write_bytes(b"PK")
    refused = home.type("import", "customers", file, "--yes")
    assert (refused.exit_code, "no workbook" in refused.stderr) == (1, True)


def test_licences_and_their_codes(home: Home, file: Path, tmp_path: Path) -> None:
    home.ask("customer", "add", "Acme")
    file.write_text("customer,users,site\nAcme,3,a\nAcme,4,b\n")
    codes = tmp_path / "codes.csv"
    done = home.ask("import", "licences", file, "--yes", "--codes", codes)
    assert (done["made"], codes.stat().st_mode & 0o777) == (2, 0o600)
    header, *rows = csv.reader(codes.read_text("utf-8-sig").splitlines())
    assert header == ["licence", "customer", "site", "code"]
    assert [row[2] for row in rows] == ["a", "b"]
    assert {row[0] for row in rows} == {each["id"] for each in home.ask("licence", "list")}
    refused = home.type("import", "licences", file, "--yes", "--codes", codes)
    assert (refused.exit_code, "is there already" in refused.stderr) == (1, True)
