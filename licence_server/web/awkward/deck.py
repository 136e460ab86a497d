"""Which request meets which awkwardness: cards from a shuffled deck, so that all come soon and a seed repeats them."""

import random
from collections.abc import Callable, Iterator, Sequence

PLAIN = "none"
"""A request that is answered as it always is."""


class Deck:
    """Deals every awkwardness once, and as many plain answers, in an order of chance; then shuffles anew.

    Args:
        names: the awkwardnesses.
        seed: the same seed and the same requests get the same cards.
    """

    def __init__(self, names: Sequence[str], seed: int) -> None:
        self._names = tuple(names)
        self._chance = random.Random(seed)  # noqa: S311 - it is to be repeated
        self._cards = self._shuffled()

    def draw(self, fits: Callable[[str], bool]) -> str:
        """Take the first card that fits a request; those before it wait for one that they fit."""
        for _ in range(2):
            for index, name in enumerate(self._cards):
                if name == PLAIN or fits(name):
                    return self._cards.pop(index)
            self._cards = [*dict.fromkeys(self._cards), *self._shuffled()]  # what fits nothing now goes on waiting
        return PLAIN

    def _shuffled(self) -> list[str]:
        cards = [*self._names, *(PLAIN for _ in self._names)]
        self._chance.shuffle(cards)
        return cards


def dealt(names: Sequence[str], seed: int) -> Iterator[str]:
    """Return the cards in the order in which requests that fit all of them get them."""
    deck = Deck(names, seed)
    while True:
        yield deck.draw(lambda _: True)
