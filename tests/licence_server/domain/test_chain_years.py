"""Nobody honest is accused, and every clone is found, by the rule of the chain (protocol, section 4).

The thousands of years, through the use cases, are in tests/licence_server/years/test_years.py.
"""

import pytest

from licence_server.domain import chain
from tests.licence_server.years.histories import (
    CLONES,
    OFTEN,
    SELDOM,
    VERY_OFTEN,
    CloneMissedError,
    clone_rounds,
    honest_year,
)
from tests.licence_server.years.rule import Rule


def accusations(rate: float, years: int) -> tuple[int, int, int]:
    """Return how many years had a detection, a suspicion, and anything that a person might look at."""
    rules = [Rule() for _ in range(years)]
    for seed, rule in enumerate(rules):
        honest_year(rule, seed, rate)
    return (
        sum("clone_detected" in rule.found for rule in rules),
        sum("clone_suspected" in rule.found for rule in rules),
        sum(bool(rule.found) for rule in rules),
    )


@pytest.mark.threat(5)
@pytest.mark.parametrize("rate", [SELDOM, OFTEN, VERY_OFTEN])
def test_an_honest_year_is_never_taken_for_a_clone(rate: float) -> None:
    detected, suspected, noticed = accusations(rate, 50)
    assert detected == 0
    assert suspected <= 1
    assert noticed > 10, "the years were too quiet to prove anything"


@pytest.mark.threat(3)
@pytest.mark.parametrize("kind", CLONES)
def test_a_clone_shows_within_a_few_validations(kind: str) -> None:
    rounds = [clone_rounds(Rule(), seed, kind) for seed in range(100)]
    found = sorted(each for each in rounds if each is not None)
    assert len(found) >= (70 if kind == "reset" else 100)
    assert found[len(found) // 2] <= 4
    assert found[-2] <= 6


@pytest.mark.threat(3, control=True)
def test_without_the_proof_of_two_copies_in_step_stay_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chain of documents alone does not see copies that keep their state in step."""
    monkeypatch.setattr(chain, "TOLERANCE", -1)
    with pytest.raises(CloneMissedError):
        clone_rounds(Rule(), 0, "in step")
