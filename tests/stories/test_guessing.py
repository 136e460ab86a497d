"""Activation codes are guessed by the hundred thousand: none is hit, few are judged at all, and customers get in."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from keys.clock import SystemClock
from tests.contract.stock_client import RefusedError, Trust
from tests.stories.guessers import Guesser, Neighbour, Tally, guess_at_once
from tests.stories.parties import HARDWARE, SERVER_MODULES, Vendor, vendor
from tests.stories.processes import pause
from tests.threats.plugin import Figure, Rounds

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

GUESSES, SAMPLE = 100_000, 2_000
CONNECTIONS = 8
"""Of one guesser, so that both processes of the server are asked."""
FEW = 304
"""Guesses for the controls."""
PER_ADDRESS, IN_ALL = 10, 600
"""What the settings allow in a minute, unless they are changed."""
_BETWEEN = 2.0
CLOCK = SystemClock()


class GuessableError(Exception):
    """Guessing is not slowed down."""


class LockedOutError(Exception):
    """A customer suffers from what somebody else does."""


@dataclass
class Story:
    """A vendor with codes to be guessed, and the honest customers who come meanwhile."""

    vendor: Vendor
    url: str
    came: int = 0

    def guess(self, number: int, addresses: list[str]) -> tuple[Tally, float]:
        """Guess from these addresses, while neighbours come in one after the other; return the minutes that it took."""
        parts = urlsplit(self.url)
        server = (parts.hostname or "", parts.port or 0)
        issuer = str(self._trust().claims["iss"])
        began = CLOCK.boot()
        with ThreadPoolExecutor(1) as threads:
            guessing = threads.submit(guess_at_once, [Guesser(issuer, server, each) for each in addresses], number)
            while not guessing.done():
                self.come_in()
                pause(_BETWEEN)
            tally = guessing.result()
        return tally, (CLOCK.boot() - began) / 60

    def come_in(self) -> None:
        """Activate from another address."""
        try:
            licence = self.neighbour().activate(self.vendor.issue()[1])
        except RefusedError as refusal:
            raise LockedOutError(f"a valid code was answered with {refusal.word}") from refusal
        assert (licence["status"], licence["seq"]) == ("active", 1)
        self.came += 1

    def mistype(self) -> None:
        """A customer types a wrong code, and is to be told so, whoever guesses elsewhere."""
        word = self.neighbour().mistypes()
        if word != "code-unknown":
            raise LockedOutError(f"a mistyped code was answered with {word}")

    def neighbour(self) -> Neighbour:
        return Neighbour(self.url, self._trust(), dict(HARDWARE))

    def _trust(self) -> Trust:
        return Trust.pin((self.vendor.home / "root.json").read_bytes())


def check(tally: Tally, minutes: float, addresses: int) -> None:
    """No hit, and no more guesses judged than the limits allow in that time."""
    assert tally.hits == 0, tally
    assert tally.endless == 0, "every 429 says for how long"
    allowed = min(PER_ADDRESS * addresses, IN_ALL) * (1 + minutes)
    if tally.statuses[404] > allowed + 1:
        raise GuessableError(f"{tally.statuses[404]} guesses were judged in {minutes:.1f} minutes")


@contextmanager
def told(folder: Path, program: str = SERVER_MODULES[0], settings: str = "") -> Iterator[Story]:
    with vendor(folder, program) as seller:
        with (seller.home / "config.toml").open("a") as file:
            file.write(settings)
        yield Story(seller, seller.start())


@pytest.mark.threat(24)
def test_codes_are_guessed_in_vain_and_customers_come_in_beside(folder: Path, rounds: Rounds, figure: Figure) -> None:
    number = rounds(GUESSES, sample=SAMPLE)
    with told(folder) as story:
        tally, minutes = story.guess(number * 9 // 10, ["127.0.0.1"] * CONNECTIONS)
        check(tally, minutes, 1)
        story.mistype()
        crowd = [f"127.0.1.{host}" for host in range(1, 101)]
        more, longer = story.guess(number // 10, crowd)
        check(more, longer, len(crowd))
    total = tally + more
    assert story.came >= 2
    figure(
        f"{total.statuses.total()} guesses from {1 + len(crowd)} addresses: {total.hits} hits, {total.statuses[404]} "
        f"judged, {total.statuses[429]} put off; {story.came} customers activated meanwhile"
    )


@pytest.mark.threat(24, control=True)
def test_a_server_without_limits_is_caught(folder: Path) -> None:
    settings = "guesses_per_address = 1000000\nguesses_in_all = 1000000\n"
    with told(folder, settings=settings) as story, pytest.raises(GuessableError):
        check(*story.guess(FEW, ["127.0.0.1"] * CONNECTIONS), 1)


@pytest.mark.threat(24, control=True)
def test_a_server_that_counts_everybody_together_is_caught(folder: Path) -> None:
    with told(folder, "tests.stories.weak_counting") as story:
        story.guess(FEW, ["127.0.0.1"] * CONNECTIONS)
        with pytest.raises(LockedOutError):
            story.mistype()
