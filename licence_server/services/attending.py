"""Use cases: see what needs somebody today, and what each of it is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from keys.clock import Clock
from licence_server.domain.approval import Approval
from licence_server.domain.attention import KINDS, MOST, Alarm, Kind, Sign, alarms_of
from licence_server.services.ports import Unit, Units
from licence_server.services.ports_desk import Desk
from licence_server.services.reading import LicenceView, views_of


@dataclass(frozen=True, slots=True)
class Pile:
    """Licences that need somebody for the same reason."""

    kind: Kind
    count: int
    """How many there are; MOST: at least so many."""
    first: tuple[tuple[Sign, LicenceView], ...]
    """The most urgent."""


@dataclass(frozen=True, slots=True)
class Today:
    """What needs somebody now."""

    alarms: tuple[Alarm, ...]
    approvals: tuple[Approval, ...]
    """At most MOST, oldest first."""
    piles: tuple[Pile, ...]
    """The gravest kind first; without those that are empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attending:
    """Finds what needs somebody: by one bounded question for each kind, however many licences there are.

    Args:
        reading: opens transactions that read.
        clock: tells the server's time.
        desk: has the trust document.
        silence: seconds without a validation after which a server is silent.
    """

    reading: Units
    clock: Clock
    desk: Desk
    silence: int

    def today(self, most: int) -> Today:
        """Return everything that needs somebody; of each kind the first ``most`` licences."""
        now = self.clock.now()
        with self.reading() as unit:
            alarms = alarms_of(self.desk.trust, unit.audit.head(), now)
            approvals = tuple(unit.approvals.waiting(now, MOST))
            signs = {kind: unit.attention.signs(kind, now, self.silence) for kind in KINDS}
            return Today(alarms, approvals, tuple(_piles(unit, signs, most, now)))

    def pile(self, kind: Kind) -> Pile:
        """Return one kind with all licences that are counted."""
        now = self.clock.now()
        with self.reading() as unit:
            signs = {kind: unit.attention.signs(kind, now, self.silence)}
            return next(iter(_piles(unit, signs, MOST, now)), Pile(kind, 0, ()))


def _piles(unit: Unit, signs: dict[Kind, Sequence[Sign]], most: int, now: int) -> Sequence[Pile]:
    shown = {sign.licence_id for found in signs.values() for sign in found[:most]}
    views = {view.licence.id: view for view in views_of(unit, list(unit.licences.some(shown).values()), now)}
    return [
        Pile(kind, len(found), tuple((sign, views[sign.licence_id]) for sign in found[:most]))
        for kind, found in signs.items()
        if found
    ]
