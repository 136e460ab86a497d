"""An import from the checked file to its end."""

from dataclasses import replace

import pytest

from keys.errors import InvalidInputError, LicensingError, StateConflictError
from licence_server.domain.imports import (
    BATCH,
    LIFETIME,
    ON_A_PAGE,
    Fault,
    Good,
    Import,
    digest_of_part,
    faults_in,
    pages_of,
    parts_of,
    rows_in,
)

NOW = 1_800_000_000
CHECKED = Import("imp_1", "customers", "checked", ("name",), 60, 1, ("a", "b"), "cli:sara", NOW)


def test_it_runs_part_by_part_to_its_end() -> None:
    running = CHECKED.confirmed("cli:ali", NOW + 1, leave_out=True)
    assert (running.state, running.confirmed_by, running.confirmed_at) == ("running", "cli:ali", NOW + 1)
    half = running.advanced(49, 1, NOW + 2)
    assert (half.state, half.done, half.ended_at) == ("running", 50, None)
    done = half.advanced(10, 0, NOW + 3)
    assert (done.state, done.made, done.left_out, done.ended_at) == ("done", 59, 1, NOW + 3)
    stopped = half.failed(NOW + 4)
    assert (stopped.state, stopped.made, stopped.ended_at) == ("failed", 49, NOW + 4)


@pytest.mark.parametrize(
    ("found", "leave_out", "refusal", "said"),
    [
        (CHECKED, False, InvalidInputError, "1 rows are bad"),
        (replace(CHECKED, good=0, parts=()), True, StateConflictError, "no good row"),
        (replace(CHECKED, state="running"), True, StateConflictError, "is running; only a checked one"),
        (replace(CHECKED, checked_at=NOW - LIFETIME), True, StateConflictError, "more than a week"),
    ],
)
def test_a_yes_that_is_none(found: Import, leave_out: bool, refusal: type[LicensingError], said: str) -> None:
    with pytest.raises(refusal, match=said):
        found.confirmed("cli:ali", NOW, leave_out=leave_out)


def test_a_file_without_bad_rows_needs_no_word_about_them() -> None:
    assert replace(CHECKED, bad=0).confirmed("cli:ali", NOW, leave_out=False).state == "running"


def test_only_what_has_not_begun_is_cancelled() -> None:
    cancelled = CHECKED.cancelled(NOW + 5)
    assert (cancelled.state, cancelled.ended_at) == ("cancelled", NOW + 5)
    with pytest.raises(StateConflictError, match="is running"):
        replace(CHECKED, state="running").cancelled(NOW)


def test_it_is_swept_a_week_after_its_end_or_its_check() -> None:
    assert CHECKED.lapses_at == NOW + LIFETIME
    assert CHECKED.cancelled(NOW + 5).lapses_at == NOW + 5 + LIFETIME


def test_every_change_shows_in_the_record() -> None:
    others = [
        replace(CHECKED, parts=("a", "c")), replace(CHECKED, state="running"), replace(CHECKED, parts_done=1),
        replace(CHECKED, made=1), replace(CHECKED, confirmed_by="cli:x"), replace(CHECKED, columns=("note",)),
    ]  # fmt: skip
    assert len({each.recorded["imp_1"] for each in [CHECKED, *others]}) == len(others) + 1


def test_the_record_of_then_goes_on_being_true() -> None:
    assert CHECKED.recorded == {"imp_1": "468549ccdf38f2c4041a9428ccbb4e09048f9cf67d3fe33a482bdbba39e85475"}
    assert digest_of_part("نام") == "69c1e5b1fe20a2dd816afa151e75c6fafbc97ae7323ba3a9012f6a48271f0022"
    assert parts_of([Good(2, {"name": "نام"})]) == ['[[2,{"name":"\\u0646\\u0627\\u0645"}]]']


def test_rows_and_faults_come_back_as_they_were() -> None:
    rows = [Good(line, {"name": f"«{line}»"}) for line in range(BATCH + 1)]
    faults = [Fault(line, "name", "x", ("a", "ب")) for line in range(ON_A_PAGE + 1)]
    assert [each for part in parts_of(rows) for each in rows_in(part)] == rows
    assert [each for page in pages_of(faults) for each in faults_in(page)] == faults
    assert (len(parts_of(rows)), len(pages_of(faults)), parts_of([]), pages_of([])) == (2, 2, [], [])
    assert CHECKED.created_at == CHECKED.checked_at
