"""When to validate, when to look for trust, and how long to wait after a failure (protocol, sections 8 and 9)."""

from collections.abc import Callable
from dataclasses import dataclass

from agent.domain.mode import Hand

Randomness = Callable[[int], bytes]
"""Returns that many unpredictable bytes."""

DAY = 86_400
SHORTEST_BACK_OFF = 60
LONGEST_BACK_OFF = 3600
LONGEST_RETRY_AFTER = DAY
"""Seconds for which an answer that nobody signed can put us off."""
_JITTER_PERCENT = 10
_NOTHING_MORE_TO_ASK = frozenset({"superseded", "deactivated"})


@dataclass(frozen=True, slots=True)
class Progress:
    """How asking has gone so far. Moments are NumericDates of the agent's time."""

    failures: int = 0
    """Failed validations in a row."""
    retry_at: int | None = None
    """Not before this moment; None: no failure stands."""
    trust_failures: int = 0
    trust_at: int | None = None
    """When to look for a trust document next; None: at once."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now, and when to decide again at the latest."""

    validate: bool
    look_for_trust: bool
    wake_at: int


def decide(hand: Hand, progress: Progress, jitter: float, now: int) -> Decision:
    """Decide what the agent's loop does next.

    Args:
        hand: what lies in the home.
        progress: how asking has gone so far.
        jitter: from -1 to 1, drawn once for each document, so that many agents don't come together.
        now: the agent's time.
    """
    validate_at = _validate_at(hand, jitter)
    if validate_at is not None:
        validate_at = max(validate_at, _awaited(progress.retry_at, now, LONGEST_RETRY_AFTER + LONGEST_BACK_OFF))
    trust_at = None if hand.trust_expires_at is None else _awaited(progress.trust_at, now, 2 * DAY)
    due = [moment for moment in (validate_at, trust_at) if moment is not None and moment > now]
    return Decision(
        validate=validate_at is not None and now >= validate_at,
        look_for_trust=trust_at is not None and now >= trust_at,
        wake_at=min(due, default=now + DAY),
    )


def draw_jitter(randomness: Randomness) -> float:
    """Return a number from -1 to 1."""
    return 2 * _fraction(randomness) - 1


def after_failure(progress: Progress, now: int, retry_after: int, randomness: Randomness) -> Progress:
    """Return the progress after one more validation that got no answer.

    Args:
        progress: so far.
        now: the agent's time.
        retry_after: seconds that the other side asked for; 0: it did not. More than a day counts as a day.
        randomness: for full jitter: any wait from 0 to the back-off, which doubles from 1 minute to 1 hour.
    """
    wait = min(max(retry_after, 0), LONGEST_RETRY_AFTER) + _back_off(progress.failures, randomness)
    return Progress(progress.failures + 1, now + wait, progress.trust_failures, progress.trust_at)


def after_answer(progress: Progress) -> Progress:
    """Return the progress after a signed answer."""
    return Progress(trust_failures=progress.trust_failures, trust_at=progress.trust_at)


def after_trust(progress: Progress, now: int, randomness: Randomness) -> Progress:
    """Return the progress after a look for trust that was answered: the next one is a day later, give or take."""
    wait = DAY + round(draw_jitter(randomness) * DAY * _JITTER_PERCENT / 100)
    return Progress(progress.failures, progress.retry_at, 0, now + wait)


def after_trust_failure(progress: Progress, now: int, randomness: Randomness) -> Progress:
    """Return the progress after a look for trust that failed."""
    wait = _back_off(progress.trust_failures, randomness)
    return Progress(progress.failures, progress.retry_at, progress.trust_failures + 1, now + wait)


def _validate_at(hand: Hand, jitter: float) -> int | None:
    """Return when the licence in hand wants validating, back-off aside; None: never by itself."""
    licence = hand.licence
    if licence is None or hand.key_flaw or licence.status in _NOTHING_MORE_TO_ASK:
        return None
    if hand.key_revoked or hand.refused is not None:
        return 0
    lead = licence.validation.interval * _JITTER_PERCENT / 100
    return licence.validation.refresh_at + round(jitter * lead)


def _awaited(moment: int | None, now: int, longest: int) -> int:
    """Return the moment to wait for, at the earliest now; one that is too far off was set while the clock was wrong."""
    return now if moment is None or moment > now + longest else max(now, moment)


def _back_off(failures: int, randomness: Randomness) -> int:
    ceiling = min(LONGEST_BACK_OFF, SHORTEST_BACK_OFF << min(failures, 6))
    return max(1, round(ceiling * _fraction(randomness)))


def _fraction(randomness: Randomness) -> float:
    return int.from_bytes(randomness(6)) / 2**48
