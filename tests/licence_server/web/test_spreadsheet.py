"""Files for spreadsheets: what others wrote is shown and never calculated, and a long file is never whole in memory."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licence_server.domain.sheets import BOM, harmless
from licence_server.web.spreadsheet import pieces


@pytest.mark.threat(27)
@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(begins: str) -> None:
    assert harmless(f"{begins}1+1") == f"'{begins}1+1"
    assert harmless(f"x{begins}") == f"x{begins}"


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1), max_size=5))
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    read = list(csv.reader(StringIO("".join(pieces(rows)).removeprefix(BOM), newline="")))
    assert read == [[harmless(cell) for cell in row] for row in rows]


def test_no_more_is_in_memory_than_a_piece() -> None:
    left = iter(range(10_000))
    found = pieces(["x" * 100] for _ in left)
    assert len(next(found)) < 70_000
    assert next(left) < 1_000
    assert sum(map(len, found)) > 900_000
