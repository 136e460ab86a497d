"""Situations that doctor tells apart: each has a word for scripts, and sentences for people."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.domain.faults import plain
from keys.checkup import Finding, State
from keys.sentences import Sentence, of, phrase

_LONGEST_FACT = 300

SHARED: Mapping[str, Sentence] = {
    "nothing_sent": phrase("Nothing was sent; the licence in hand, if any, goes on."),
    "code_kept": phrase("The activation code is not sent there."),
    "again": phrase(
        "then type the command again, with sudo -E in place of sudo; licence-agent install tells the service, too."
    ),
    "reads_along": phrase(
        "Whoever holds that authority reads what passes: the activation code, once, and counts of users. A licence "
        "can't be changed on the way: the agent believes signatures of the pinned root alone."
    ),
}
"""What several situations mean, or ask for."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Templates (keys/sentences.py) of what is said, what it means and what to do."""

    state: State
    said: str
    means: str = ""
    do: str = ""


Situations = Mapping[str, Situation]
"""By their words."""


def found(check: str, word: str, situations: Situations, **facts: object) -> Finding:
    """Return what a check found; facts may come from anybody, so that each but our own sentences is made plain."""
    situation = situations[word]
    known: dict[str, object] = {**SHARED, **{name: _plain(fact) for name, fact in facts.items()}}
    said, means, do = (
        phrase(text, **known) if text else "" for text in (situation.said, situation.means, situation.do)
    )
    return Finding(check, situation.state, said, do, means, word)


def _plain(fact: object) -> object:
    if isinstance(fact, Exception):
        fact = of(fact)
    return fact if isinstance(fact, Sentence | int) else plain(str(fact), _LONGEST_FACT)
