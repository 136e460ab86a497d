"""Use case: take an outage that the vendor declared (T7)."""

from agent.services.holding import Holding
from agent.services.ports import ExchangeLock, Papers
from keys.documents.outage import Outage, open_outage
from keys.errors import InvalidInputError, LicensingError
from keys.sentences import phrase
from keys.trust import Trust

MOST = 16
"""Outage documents that are kept: those that last longest."""


class Outages:
    """Keeps the outage documents of one home. What they are worth is found out anew each time it is asked for."""

    def __init__(self, papers: Papers, holding: Holding, lock: ExchangeLock) -> None:
        self._papers, self._holding, self._lock = papers, holding, lock

    def take(self, document: bytes) -> Outage:
        """Keep an outage document; one that was taken before changes nothing.

        Raises:
            MalformedError, TooLargeError, SignatureInvalidError: nobody whom this agent trusts signed it.
            InvalidInputError: it is for other licences.
            NotActivatedError, StateDamagedError: there is no licence that it could stretch.
        """
        with self._lock():
            licence, trust = self._holding.licence(), self._holding.trust()
            outage = open_outage(document, trust)
            if not outage.is_for(licence):
                raise InvalidInputError(
                    phrase(
                        "This outage document is for other licences than {licence_id}; nothing was changed.",
                        licence_id=licence.licence_id,
                    )
                )
            kept = {known: each for each in self._papers.outages() if (known := _opened(each, trust)) is not None}
            kept[outage] = document
            newest = sorted(kept, key=lambda each: (each.until_at, each.document_id))[-MOST:]
            self._papers.keep_outages([kept[each] for each in newest])
        return outage


def _opened(document: bytes, trust: Trust) -> Outage | None:
    try:
        return open_outage(document, trust)
    except LicensingError:
        return None
