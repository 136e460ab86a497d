"""Nobody honest is accused, and every clone is found, by the use cases themselves (protocol, section 4).

What is replaced, so that millions of validations fit: the database by one in memory, and the text and signatures of
validations by what they say. test_compared.py puts each of them back, and nothing changes.
"""

from collections import Counter as Count
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from licence_server.domain import chain
from tests.licence_server.years.conftest import New
from tests.licence_server.years.histories import (
    CLONES,
    OFTEN,
    SELDOM,
    VERY_OFTEN,
    CloneMissedError,
    clone_rounds,
    honest_year,
)
from tests.licence_server.years.machines import Server
from tests.licence_server.years.rule import Rule
from tests.threats.plugin import Figure, Rounds


@dataclass
class Seen:
    """What was said of many years."""

    years: int
    detected: int = 0
    suspected: int = 0
    noticed: int = 0
    counts: Count[str] = field(default_factory=Count)

    def __str__(self) -> str:
        counts = self.counts
        told = f"{counts['sent']:,} requests sent, {counts['restores']:,} restores, {counts['drills']:,} of them drills"
        return f"{self.years:,} honest years, {told}: {self.detected} detected, {self.suspected} suspected"


def of_years(new: New, rate: float, years: int) -> Seen:
    seen = Seen(years)
    for seed in range(years):
        server = new(seed)
        seen.counts += honest_year(server, seed, rate).counts
        found = server.found
        seen.detected += "clone_detected" in found
        seen.suspected += "clone_suspected" in found
        seen.noticed += bool(found)
    return seen


@pytest.mark.long
@pytest.mark.threat(5)
@pytest.mark.parametrize(
    ("rate", "years", "sample", "most"),
    [(SELDOM, 3000, 100, 3), (OFTEN, 4000, 150, 3), (VERY_OFTEN, 3000, 100, 30)],
    ids=["1 restore a year", "7 restores a year", "29 restores a year"],
)
def test_thousands_of_honest_years_are_never_taken_for_clones(
    new: New, rounds: Rounds, figure: Figure, rate: float, years: int, sample: int, most: int
) -> None:
    """Fewer than 1 in 1,000 is suspected at 7 restores a year."""
    seen = of_years(new, rate, rounds(years, sample=sample))
    figure(str(seen))
    assert seen.detected == 0
    assert seen.suspected <= most
    assert seen.noticed > seen.years // 5, "the years were too quiet to prove anything"


@pytest.mark.long
@pytest.mark.threat(3)
@pytest.mark.parametrize("kind", CLONES)
def test_a_clone_shows_within_a_few_validations(new: New, rounds: Rounds, figure: Figure, kind: str) -> None:
    """All that get a licence are found, 99 % within 6 validations of each copy."""
    histories = rounds(1000, sample=100)
    found = sorted(each for seed in range(histories) if (each := clone_rounds(new(seed), seed, kind)) is not None)
    median, nearly_all = found[len(found) // 2], found[-1 - histories // 100]
    figure(
        f"{histories:,} clones ({kind}): {histories - len(found)} got no licence of their own, all others found, "
        f"median after {median} validations each, 99 % within {nearly_all}"
    )
    assert len(found) >= (histories * 0.7 if kind == "reset" else histories)
    assert median <= 4
    assert nearly_all <= 6


@pytest.mark.long
@pytest.mark.threat(5, control=True)
def test_a_server_that_takes_every_old_boot_for_one_that_ran_on_accuses_drills(
    new: New, figure: Figure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which year, the rule alone finds out more quickly."""
    monkeypatch.setattr(chain, "TOLERANCE", 10**9)
    seed = next(seed for seed in range(500) if "clone_detected" in lived(Rule(), seed))
    assert "clone_detected" in lived(new(seed), seed)
    figure(f"honest year {seed + 1} is taken for a clone")


def lived(server: Server, seed: int) -> Mapping[str, int]:
    honest_year(server, seed, VERY_OFTEN)
    return server.found


@pytest.mark.long
@pytest.mark.threat(5, control=True)
def test_a_server_that_forgives_no_restore_suspects_half_of_all_years(
    new: New, figure: Figure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "MAX_SWITCHES", 0)
    seen = of_years(new, OFTEN, 30)
    figure(str(seen))
    assert seen.suspected > seen.years // 2


@pytest.mark.threat(3, control=True)
def test_a_server_that_does_not_look_at_boots_misses_copies_in_step(new: New, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "TOLERANCE", -1)
    with pytest.raises(CloneMissedError):
        clone_rounds(new(0), 0, "in step")


@pytest.mark.threat(3, control=True)
def test_a_server_that_remembers_no_switches_misses_copies_behind_one_boot(
    new: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "MAX_SWITCHES", 10**9)
    monkeypatch.setattr(chain, "REMEMBERED_INTERVALS", 0)
    with pytest.raises(CloneMissedError):
        clone_rounds(new(0), 0, "hidden")
