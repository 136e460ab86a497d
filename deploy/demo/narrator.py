"""Tells the story on the terminal: plain sentences, each step ticked, in colour where there is a terminal."""

import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

BOLD, GREEN, RED, GREY, PLAIN = "\033[1m", "\033[32m", "\033[31m", "\033[90m", "\033[0m"


class StoryError(Exception):
    """Something went otherwise than the story says."""


class Narrator:
    """Prints steps and what came of them."""

    def __init__(self) -> None:
        self.is_colourful = sys.stdout.isatty()
        self.steps = 0

    @contextmanager
    def step(self, sentence: str) -> Iterator[None]:
        """Announce a step, and tick it when it went as told."""
        self.steps += 1
        print(f"\n{self._paint(BOLD, f'{self.steps:2}. {sentence}')}", flush=True)
        try:
            yield
        except Exception:
            print(f"    {self._paint(RED, '✘ this went otherwise:')}", flush=True)
            raise
        print(f"    {self._paint(GREEN, '✔')}", flush=True)

    def say(self, text: str) -> None:
        """Say what happened, and why."""
        print(textwrap.fill(text, 100, initial_indent="    ", subsequent_indent="    "), flush=True)

    def typed(self, command: str) -> None:
        """Show a command that a person would type."""
        print(f"    {self._paint(GREY, '$ ' + command)}", flush=True)

    def _paint(self, colour: str, text: str) -> str:
        return f"{colour}{text}{PLAIN}" if self.is_colourful else text


def expect(what: str, found: object, wanted: object) -> None:
    """Stop the story where something is not as told."""
    if found != wanted:
        raise StoryError(f"{what} should be {wanted!r}, but is {found!r}")
