"""The documentation says of every threat which test shows its answer, and says nothing else."""

from pathlib import Path

from tests.threats.table import PAGE, ROOT, Shown, page_with, rendered, shown_in, threats


def test_the_page_is_what_the_tests_say() -> None:
    assert PAGE.read_text() == page_with(rendered(shown_in(ROOT / "tests"))), "run: .venv/bin/python -m tests.threats"


def test_every_threat_has_a_test_and_every_mark_a_threat() -> None:
    listed = {number for rows in threats().values() for number in rows}
    assert {test.threat for test in shown_in(ROOT / "tests") if not test.is_control} == listed


def test_marks_are_read_from_the_source(tmp_path: Path) -> None:
    file = tmp_path / "tests" / "test_some.py"
    file.parent.mkdir()
    file.write_text(
        "pytestmark = pytest.mark.threat(2)\n"
        "@pytest.mark.long\n@pytest.mark.threat(3)\ndef test_one(): ...\n"
        "@pytest.mark.threat(3, control=True)\ndef test_two(): ...\n"
        "@pytest.mark.slow\ndef helper(): ...\n"
    )
    one, two = "tests/test_some.py::test_one", "tests/test_some.py::test_two"
    assert shown_in(file.parent) == [
        Shown(2, one, False, True),
        Shown(3, one, False, True),
        Shown(2, two, False, False),
        Shown(3, two, True, False),
    ]
