"""What an installation does next is what is left of it, wherever it was cut off."""

from dataclasses import fields, replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.installation import (
    Fate,
    Found,
    Remains,
    Rest,
    Step,
    Undo,
    installation,
    installed,
    removal,
    removed,
    rest,
)

WHOLE = Found(
    offered="b", is_laid=True, current="b", has_command=True, has_user=True, has_home=True, has_units=True,
    has_hardware=True, has_licence=True, is_enabled=True, is_running=True, is_certified=True,
)  # fmt: skip
ALL_BUT_A_SWEEP = (
    "tree", "switch", "command", "user", "home", "units", "hardware", "activation", "service", "seat", "certificate",
)  # fmt: skip
UPGRADED = ("tree", "switch", "service", "seat", "certificate", "sweep")
CASES = {
    "a bare machine": (Found(offered="b"), ALL_BUT_A_SWEEP),
    "a program that is there already": (Found(), ALL_BUT_A_SWEEP[2:]),
    "all of it": (WHOLE, ()),
    "an older tree": (replace(WHOLE, current="a", is_laid=False), UPGRADED),
    "cut off after the switch": (replace(WHOLE, before="a", is_certified=False), UPGRADED[2:]),
    "cut off before the sweep": (replace(WHOLE, has_others=True), ("sweep",)),
    "another release's service files": (replace(WHOLE, has_units=False), ("units", "service")),
    "a reboot without the hardware service": (replace(WHOLE, has_hardware=False), ("hardware",)),
    "a file with a label from elsewhere": (replace(WHOLE, has_labels=False), ("labels",)),
    "a proxy that the service does not know": (replace(WHOLE, has_outbound=False), ("outbound", "service")),
    "a CRM that is to be let in": (replace(WHOLE, has_crm=False), ("crm", "service")),
    "another port": (replace(WHOLE, has_settings=False), ("settings", "service")),
    "the service stopped": (replace(WHOLE, is_running=False), ("service",)),
    "the service disabled": (replace(WHOLE, is_enabled=False), ("service",)),
    "a licence given back": (replace(WHOLE, has_licence=False), ("activation", "seat", "certificate")),
    "no certificate": (replace(WHOLE, is_certified=False), ("seat", "certificate")),
}
SWITCHED = replace(WHOLE, before="a", is_certified=False)
DONE: dict[str, tuple[Step, Found, Found]] = {
    "laid": ("tree", Found(), Found(is_laid=True)),
    "switched": ("switch", replace(WHOLE, current="a"), SWITCHED),
    "switched twice": ("switch", replace(WHOLE, current="c", before="a"), SWITCHED),
    "a user": ("user", Found(), Found(has_user=True)),
    "activated": ("activation", replace(WHOLE, has_licence=False), replace(WHOLE, is_certified=False)),
    "up": ("service", replace(WHOLE, is_running=False, is_enabled=False), WHOLE),
    "up after a switch": ("service", replace(WHOLE, before="a"), replace(WHOLE, has_others=True)),
    "up while others lie there": ("service", replace(WHOLE, has_others=True), replace(WHOLE, has_others=True)),
    "certified": ("certificate", replace(WHOLE, is_certified=False), WHOLE),
    "swept": ("sweep", replace(WHOLE, has_others=True), WHOLE),
}
TREES = {
    "offered": st.sampled_from([None, "b"]),
    "current": st.sampled_from([None, "a", "b"]),
    "before": st.sampled_from([None, "a"]),
}
founds = st.builds(Found, **TREES, **{field.name: st.booleans() for field in fields(Found) if field.name not in TREES})
remains = st.builds(Remains, **{field.name: st.booleans() for field in fields(Remains)})
REMAINS = Remains(
    has_licence=True, is_running=True, has_units=True, has_state=True, is_roots=False, has_user=True, has_program=True
)
GONE: dict[str, tuple[Remains, Fate, tuple[Undo, ...]]] = {
    "given back": (REMAINS, "give_back", ("give_back", "stop", "units", "state", "user", "program")),
    "kept": (REMAINS, "keep", ("stop", "units", "keep_state", "user", "program")),
    "purged": (REMAINS, "purge", ("stop", "units", "state", "user", "program")),
    "cut off after giving back": (
        replace(REMAINS, has_licence=False), "give_back", ("stop", "units", "state", "user", "program"),
    ),
    "kept before": (Remains(has_licence=True, has_state=True, is_roots=True), "keep", ()),
    "a daemon that nobody manages": (Remains(is_running=True), "give_back", ("stop",)),
    "settings of the service alone": (Remains(has_outbound=True), "give_back", ("state",)),
    "settings of the service, kept": (Remains(has_outbound=True), "keep", ()),
    "nothing": (Remains(), "give_back", ()),
}  # fmt: skip
FOREIGN = Remains(is_foreign=True, is_packaged=True, has_journal=True)
STAYING: dict[str, tuple[Remains, Fate, tuple[Rest, ...]]] = {
    "all of it given back": (replace(REMAINS, has_outbound=True), "give_back", ()),
    "all of it purged": (replace(REMAINS, has_outbound=True), "purge", ()),
    "kept": (REMAINS, "keep", ("state",)),
    "settings of the service, kept": (Remains(has_outbound=True), "keep", ("outbound",)),
    "nothing that an installation laid": (FOREIGN, "purge", ("program", "package", "journal")),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_left_to_install(name: str) -> None:
    found, steps = CASES[name]
    assert installation(found) == steps


def test_an_image_gets_files_and_nothing_else() -> None:
    assert installation(Found(offered="b"), is_image=True) == ("tree", "switch", "command", "units")


@pytest.mark.parametrize("name", DONE)
def test_a_step_changes_what_it_is_for_and_nothing_else(name: str) -> None:
    step, before, after = DONE[name]
    assert installed(before, step) == after


@given(founds, st.data())
def test_cut_off_anywhere_it_ends_as_it_should(found: Found, data: st.DataObject) -> None:
    for _ in range(3):
        steps = installation(found)
        for step in steps[: data.draw(st.integers(0, len(steps)))]:
            found = installed(found, step)
    for step in installation(found):
        found = installed(found, step)
    assert installation(found) == ()
    assert found.is_running
    assert found.has_licence
    assert found.current == (found.offered or found.current)
    assert not found.has_others


@given(founds)
def test_the_order_is_one_that_can_be_gone(found: Found) -> None:
    steps = installation(found)
    assert list(steps) == sorted(steps, key=get_args(Step).index)
    for step in steps:
        if step == "service":
            assert found.has_user
            assert found.has_home
            assert found.has_licence
        if step == "sweep":
            assert found.before is None, "the old tree goes after the new one is up"
        found = installed(found, step)


@given(founds)
def test_the_tree_that_was_up_is_known_until_the_next_one_is(found: Found) -> None:
    known = found.before or found.current
    for step in installation(found):
        if step in {"switch", "service"}:
            break
        found = installed(found, step)
    if "switch" in installation(found):
        assert installed(found, "switch").before == known


@pytest.mark.parametrize("name", GONE)
def test_what_is_left_to_remove(name: str) -> None:
    found, fate, steps = GONE[name]
    assert removal(found, fate) == steps


def test_nothing_of_an_image_is_stopped_since_nothing_of_it_runs() -> None:
    assert removal(Remains(has_units=True, has_program=True), "give_back", is_image=True) == ("units", "program")


@given(remains, st.sampled_from(get_args(Fate)), st.data())
def test_a_removal_cut_off_anywhere_ends_as_it_should(found: Remains, fate: Fate, data: st.DataObject) -> None:
    steps = removal(found, fate)
    for step in steps[: data.draw(st.integers(0, len(steps)))]:
        found = removed(found, step)
    for step in removal(found, fate):
        found = removed(found, step)
    assert removal(found, fate) == ()
    assert not any((found.is_running, found.has_units, found.has_user, found.has_program))
    assert found.has_state <= (fate == "keep")


@pytest.mark.parametrize("name", STAYING)
def test_what_a_removal_leaves(name: str) -> None:
    found, fate, stays = STAYING[name]
    assert rest(found, fate) == stays


@given(remains, st.sampled_from(get_args(Fate)))
def test_what_is_there_after_a_removal_is_what_was_said_before_it(found: Remains, fate: Fate) -> None:
    said = rest(found, fate)
    for step in removal(found, fate):
        found = removed(found, step)
    assert ("state" in said, "outbound" in said) == (found.has_state, found.has_outbound)
    assert rest(found, fate) == said
