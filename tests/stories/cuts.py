"""Power cuts in stories: programs of ours on a tape, and what must be true of every disk that a cut may leave."""

import random
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.tape import Tape
from tests.stories.processes import BIN

SUSPICIONS = {"state_rolled_back", "state_returned", "clone_suspected", "clone_detected", "licence_recovered"}
"""What the record must never say of an honest customer."""
Check = Callable[[Path, int], None]
"""Looks at a folder that was rebuilt as of a moment, and raises BrokenPromiseError where something is lost."""


def program(name: str, alteration: str = "") -> list[str]:
    """The words that start a program of ours, as it is or altered (tests.faults.altered)."""
    if not alteration:
        return [str(BIN / name)]
    return [sys.executable, "-m", "tests.faults.altered", alteration, name]


def cut_often(tape: Tape, folder: Path, cuts: int, check: Check, *, first: int = 0) -> None:
    """Cut the power at so many moments, from the first on, and check each disk."""
    moments = tape.moments(first)
    chance = random.Random(seed := random.randrange(1 << 32))
    print(f"seed {seed}")  # noqa: T201 - pytest shows it when the story goes otherwise
    for number in range(cuts):
        moment = chance.choice(moments)
        with rebuilt(tape, folder / f"cut-{number}", moment, chance) as target:
            print(f"cut {number} at {moment}")  # noqa: T201 - as above
            check(target, moment)


@contextmanager
def rebuilt(tape: Tape, target: Path, moment: int, chance: random.Random) -> Iterator[Path]:
    """A disk after a cut; what fails stays to be looked at until the test's folder goes."""
    tape.rebuild(target, moment, chance)
    yield target
    shutil.rmtree(target)
