"""T13: whatever users and clients are called, nothing that is kept, shown or told of usage depends on it."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.names import user_key
from agent.domain.seats import Wanted
from agent.web.replies import to_json
from agent.web.usage import usage_page
from keys.documents.requests import open_validation_request
from keys.errors import SeatsExhaustedError
from keys.hours import DAY, HOUR, Limits, as_csv, chart, window
from tests.agent.seats.fakes import MemoryJournal, Office
from tests.fakes import START
from tests.keys.samples import DEVICE, DEVICES, ISSUER, VALIDATION_REQUEST

PEOPLE = 9
NAMES = st.lists(
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20),
    min_size=PEOPLE,
    max_size=PEOPLE,
    unique_by=user_key,
).filter(lambda names: "root" not in map(user_key, names))
STEPS = st.lists(
    st.tuples(st.sampled_from(["in", "in", "in", "wait", "hour", "all out"]), st.integers(0, PEOPLE - 1)), max_size=25
)


def everything(names: Sequence[str], steps: Sequence[tuple[str, int]]) -> tuple[bytes, ...]:
    """All forms that usage is ever in, after the same things were done by people of some names."""
    journal = MemoryJournal()
    office = Office(journal)
    for what, who in steps:
        try:
            if what in {"in", "wait"}:
                office.seating.check_out(Wanted(names[who], names[-1 - who], wait=int(what == "wait")))
        except SeatsExhaustedError:
            pass
        if what == "hour":
            office.clock.advance(HOUR)
        if what == "all out":
            for held in office.seating.occupation().held:
                office.seating.release(held.seat.id)
    office.seating.flush()
    report, hours = office.seating.report(), office.seating.usage()
    request = replace(VALIDATION_REQUEST, usage=report.usage, events=report.events)
    told = open_validation_request(request.sign(DEVICE), ISSUER, DEVICES)[0]
    return (
        to_json(usage_page(hours, office.present(), lambda: report)),
        as_csv(hours),
        "\n".join(chart(hours, Limits(3, 4), window(hours, START + DAY, 24, HOUR), step=HOUR)).encode(),
        repr((told.usage, told.events)).encode(),
        repr([(counts.usage, counts.events) for counts in journal.counts]).encode(),
    )


@given(one=NAMES, other=NAMES, steps=STEPS)
@settings(max_examples=40)
def test_the_same_day_with_other_names_is_the_same_usage(
    one: list[str], other: list[str], steps: list[tuple[str, int]]
) -> None:
    assert everything(one, steps) == everything(other, steps)
