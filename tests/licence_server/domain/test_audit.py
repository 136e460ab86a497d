"""The chain of hashes: nothing can be changed, removed or put in another order unseen."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import AuditBrokenError, UnavailableError
from licence_server.domain.audit import NOTHING, TOLERANCE, Entry, Note, chain, check_clock, seal_message
from tests.licence_server.samples import NOW

TEXTS = st.text(max_size=20)
NOTES = st.lists(
    st.builds(Note, st.integers(0, 2**53), TEXTS, TEXTS, TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=2)),
    min_size=1,
    max_size=4,
)


def check(entries: list[Entry]) -> None:
    seq, digest = 0, NOTHING
    for entry in entries:
        entry.check(seq, digest)
        seq, digest = entry.seq, entry.digest


@given(NOTES)
def test_what_was_chained_holds(notes: list[Note]) -> None:
    check(chain(notes, 0, NOTHING))


@given(NOTES, NOTES)
def test_a_record_can_be_continued(first: list[Note], then: list[Note]) -> None:
    entries = chain(first, 0, NOTHING)
    check([*entries, *chain(then, entries[-1].seq, entries[-1].digest)])


@given(NOTES, st.data())
def test_any_change_of_any_member_is_found(notes: list[Note], data: st.DataObject) -> None:
    entries = chain(notes, 0, NOTHING)
    place = data.draw(st.integers(0, len(entries) - 1))
    name = data.draw(st.sampled_from(sorted(Entry.__dataclass_fields__)))
    old = getattr(entries[place], name)
    other: Any = data.draw((st.integers(0, 2**53) if isinstance(old, int) else TEXTS).filter(lambda new: new != old))
    entries[place] = replace(entries[place], **{name: other})
    with pytest.raises(AuditBrokenError):
        check(entries)


@given(NOTES, st.data())
def test_any_entry_that_is_removed_or_put_elsewhere_is_found(notes: list[Note], data: st.DataObject) -> None:
    entries = chain([*notes, *notes], 0, NOTHING)
    one, two = sorted(data.draw(st.lists(st.integers(0, len(entries) - 1), min_size=2, max_size=2, unique=True)))
    without = [*entries[:one], *entries[one + 1 :]]
    with pytest.raises(AuditBrokenError, match="missing"):
        check(without)
    entries[one], entries[two] = replace(entries[two], seq=one + 1), replace(entries[one], seq=two + 1)
    with pytest.raises(AuditBrokenError, match="changed"):
        check(entries)


def test_a_gap_is_told_with_what_is_missing_and_what_follows() -> None:
    entries = chain([Note(NOW, "a", "b", "c", {})] * 5, 0, NOTHING)
    with pytest.raises(AuditBrokenError, match=r"^Entry 3 is missing: the next one that is there is 5\.$"):
        entries[4].check(2, entries[1].digest)


def test_a_clock_that_went_back_by_more_than_a_minute_records_nothing() -> None:
    check_clock(NOW, NOW - TOLERANCE)
    with pytest.raises(UnavailableError, match=r"is 61 seconds behind its last signature") as refusal:
        check_clock(NOW, NOW - TOLERANCE - 1)
    assert refusal.value.retry_after == 600


def test_a_seal_names_issuer_place_and_digest() -> None:
    parts = [("a", 1, "x"), ("a", 2, "x"), ("a", 1, "y"), ("b", 1, "x")]
    assert len({seal_message(*each) for each in parts}) == len(parts)
