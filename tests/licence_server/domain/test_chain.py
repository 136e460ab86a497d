"""Every row of the table of the chain (protocol, section 4)."""

from dataclasses import replace

import pytest

from keys.documents.requests import Boot
from licence_server.domain.chain import (
    DAY,
    MAX_BOOTS,
    MAX_SWITCHES,
    REMEMBERED_INTERVALS,
    TOLERANCE,
    WINDOW,
    Chain,
    Displaced,
    Finding,
    Surrounding,
    Visit,
)

NOW = 1_800_000_000
START = Chain("doc-1", 1)


def follow(chain: Chain, previous: str, at: int, successor: str = "", boot: str = "") -> tuple[Chain, set[Finding]]:
    """Take in one request of a boot that was never seen before, and sign its successor."""
    chain, findings = chain.follow(previous, Boot(boot or f"boot at {at}", 1), DAY, at)
    return chain.advance(successor or f"doc-{chain.seq + 1}"), set(findings)


def test_the_head_is_the_normal_case() -> None:
    chain, findings = follow(START, "doc-1", NOW)
    assert (chain.head, chain.seq, chain.displaced, chain.switches, findings) == ("doc-2", 2, (), (), set())


def test_the_head_stays_until_its_successor_is_signed() -> None:
    chain, _ = START.follow("doc-1", Boot("b", 1), DAY, NOW)
    assert (chain.head, chain.seq) == ("doc-1", 1)


def test_an_older_document_displaces_the_head_by_a_rollback() -> None:
    chain, _ = follow(START, "doc-1", NOW)
    chain, findings = follow(chain, "doc-1", NOW + DAY)
    assert findings == {"state_rolled_back"}
    assert chain.displaced == (Displaced("doc-2", "rollback", NOW + DAY),)
    assert (chain.head, chain.seq) == ("doc-3", 3)


def test_a_displaced_head_comes_back_by_a_return() -> None:
    chain, _ = follow(START, "doc-1", NOW)
    chain, _ = follow(chain, "doc-1", NOW + DAY)
    chain, findings = follow(chain, "doc-2", NOW + DAY + 60)
    assert findings == {"state_returned"}
    assert chain.displaced == (Displaced("doc-3", "return", NOW + DAY + 60),)


def test_a_head_that_was_displaced_by_a_return_comes_back_only_from_a_living_branch() -> None:
    chain, _ = follow(START, "doc-1", NOW)
    chain, _ = follow(chain, "doc-1", NOW + DAY)
    chain, _ = follow(chain, "doc-2", NOW + DAY + 60)
    chain, findings = follow(chain, "doc-3", NOW + DAY + 120)
    assert findings == {"state_returned", "clone_suspected"}


def test_more_switches_than_four_in_thirty_days_are_suspected() -> None:
    chain = START
    for count in range(MAX_SWITCHES):
        chain, findings = follow(chain, "doc-0", NOW + count * 6 * DAY)
        assert findings == {"state_rolled_back"}
    _, findings = follow(chain, "doc-0", NOW + WINDOW - 1)
    assert findings == {"state_rolled_back", "clone_suspected"}
    _, findings = follow(chain, "doc-0", NOW + WINDOW)
    assert findings == {"state_rolled_back"}, "the first of them is forgotten after thirty days"


def test_a_displaced_head_is_forgotten_after_three_intervals() -> None:
    chain, _ = follow(START, "doc-1", NOW)
    chain, _ = follow(chain, "doc-1", NOW)
    forgotten_at = NOW + REMEMBERED_INTERVALS * DAY
    assert follow(chain, "doc-2", forgotten_at - 1)[1] == {"state_returned"}
    assert follow(chain, "doc-2", forgotten_at)[1] == {"state_rolled_back"}


def test_two_boots_on_both_sides_of_another_prove_two_machines() -> None:
    chain, found = START, []
    for at, boot in ((0, "a"), (600, "b"), (1200, "a"), (1800, "b")):
        chain, findings = chain.follow(chain.head, Boot(boot, 5000 + at), DAY, NOW + at)
        found.append(findings)
    assert found == [(), (), (), ("clone_detected",)]
    assert chain.surroundings == (Surrounding("a", NOW + 1200), Surrounding("b", NOW + 1800))


def test_one_boot_around_another_is_a_drill_that_was_looked_at_and_no_proof() -> None:
    chain, found = START, set[Finding]()
    for at, boot in ((0, "a"), (600, "b"), (1200, "a"), (1800, "a"), (2400, "c"), (3000, "a")):
        chain, findings = chain.follow(chain.head, Boot(boot, 5000 + at), DAY, NOW + at)
        found.update(findings)
    assert not found


def test_a_boot_that_stood_still_in_between_is_a_memory_snapshot_and_no_proof() -> None:
    for gap, detected in ((TOLERANCE, True), (TOLERANCE + 1, False)):
        chain, found = START, set[Finding]()
        for at, boot, uptime in ((0, "a", 0), (600, "b", 0), (1200, "a", 1200), (1800, "b", 1200 - gap)):
            chain, findings = chain.follow(chain.head, Boot(boot, uptime), DAY, NOW + at)
            found.update(findings)
        assert ("clone_detected" in found) is detected


def test_what_boots_did_is_forgotten_after_thirty_days() -> None:
    chain = replace(START, visits=(Visit("a", 1, NOW), Visit("b", 1, NOW + 9)), surroundings=(Surrounding("c", NOW),))
    later, findings = chain.follow("doc-1", Boot("a", 1 + WINDOW), DAY, NOW + WINDOW)
    assert not findings
    assert later.visits == (Visit("b", 1, NOW + 9), Visit("a", 1 + WINDOW, NOW + WINDOW))
    assert later.surroundings == ()


def test_the_proof_is_seen_whatever_the_request_holds() -> None:
    visits = (Visit("a", 0, NOW), Visit("b", 0, NOW + 10), Visit("a", 20, NOW + 20))
    chain = replace(START, visits=visits, surroundings=(Surrounding("a", NOW + 20),))
    assert chain.follow("doc-0", Boot("b", 20), DAY, NOW + 30)[1] == ("state_rolled_back", "clone_detected")


def test_the_last_64_boots_are_remembered() -> None:
    chain = START
    for at in range(MAX_BOOTS + 5):
        chain, _ = chain.follow("doc-1", Boot(f"boot-{at}", at), DAY, NOW + at)
    assert len(chain.visits) == MAX_BOOTS
    assert chain.visits[0].boot == "boot-5"
    assert len(chain.follow("doc-1", Boot("boot-9", 99), DAY, NOW + 99)[0].visits) == MAX_BOOTS, "one visit a boot"


def test_after_a_person_released_it_the_next_request_is_the_normal_case_whatever_it_holds() -> None:
    visits = (Visit("a", 0, NOW), Visit("b", 0, NOW + 10), Visit("a", 20, NOW + 20))
    busy = Chain("doc-9", 9, (Displaced("doc-8", "return", NOW),), (NOW,) * 4, visits, (Surrounding("a", NOW + 20),))
    released = busy.released()
    assert released == Chain("doc-9", 9, anchored=False)
    chain, findings = follow(released, "doc-8", NOW + 30, boot="b")
    assert (chain.anchored, findings) == (True, set())
    assert follow(chain, "doc-8", NOW + 40)[1] == {"state_rolled_back"}, "the one after that no longer is"


def test_a_chain_is_rebuilt_from_a_head_that_an_agent_proved() -> None:
    chain = START.rebuilt("doc-7", 7)
    assert (chain.head, chain.seq) == ("doc-7", 7)
    assert follow(chain, "doc-7", NOW)[1] == set()


def test_a_chain_remembers_its_head_and_what_was_displaced() -> None:
    chain = replace(START, displaced=(Displaced("doc-0", "rollback", NOW),))
    assert [chain.remembers(each) for each in ("doc-1", "doc-0", "doc-5")] == [True, True, False]


@pytest.mark.threat(3)
def test_copies_that_come_within_one_second_are_told_apart() -> None:
    """A script that carries the state from one to the other is quick enough for that."""
    chain, found = START, list[Finding]()
    for at, boot in ((0, "a"), (0, "b"), (DAY, "a"), (DAY, "b")):
        chain, findings = chain.follow(chain.head, Boot(boot, 5000 + at), DAY, NOW + at)
        chain, found = chain.advance(f"{boot}-{at}"), [*found, *findings]
    assert found == ["clone_detected"]
