"""What lies in the home, opened and verified; opened again only when something was replaced."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from agent.domain.mode import Hand
from agent.services.ports import DeviceKeys, Papers, States
from keys.documents.licence import Licence, open_licence
from keys.documents.outage import Outage, open_outage
from keys.errors import LicensingError, NotActivatedError, SignatureInvalidError, StateDamagedError
from keys.sentences import of, phrase
from keys.trust import Trust, pin_trust


class Holding:
    """Opens licence, refusal and trust, and remembers the result as long as the files stay the same."""

    def __init__(self, papers: Papers, states: States, keys: DeviceKeys) -> None:
        self._papers, self._states, self._keys = papers, states, keys
        self._known: tuple[object, str, object, Hand] | None = None

    def hand(self) -> Hand:
        """Return what lies in the home. Never raises: what can't be believed is a flaw with a sentence."""
        known, stamp = self._known, self._papers.stamp()
        if known is not None and known[0] == stamp and known[2] == self._keys.stamp(known[1]):
            return known[3]
        hand = self._open()
        key = "" if hand.licence is None else hand.licence.device_key
        self._known = (stamp, key, self._keys.stamp(key), hand)
        return hand

    def licence(self) -> Licence:
        """Return the licence in hand.

        Raises:
            NotActivatedError: there is none.
            StateDamagedError: there is one that can't be believed.
        """
        hand = self.hand()
        if hand.flaw:
            raise StateDamagedError(
                phrase("{flaw} Restore the agent's folder from a backup, or call the vendor.", flaw=hand.flaw)
            )
        if hand.licence is None:
            raise NotActivatedError(
                phrase("This server has no licence yet. Do: licence-agent activate CODE --server URL")
            )
        return hand.licence

    def trust(self) -> Trust:
        """Return whom the agent believes.

        Raises:
            NotActivatedError: nobody yet.
            StateDamagedError: the stored trust document is not what was stored.
        """
        document = self._papers.trust()
        if document is None:
            raise NotActivatedError(
                phrase("No trust document is pinned yet. Do: licence-agent activate CODE --server URL")
            )
        try:
            return pin_trust(document)
        except LicensingError as error:
            raise StateDamagedError(
                phrase("The stored trust document, trust.json, is damaged ({error})", error=error)
            ) from error

    def believed(self) -> Trust | None:
        """Return whom the agent believes; None: nobody yet. Raises StateDamagedError: as ``trust``."""
        try:
            return self.trust()
        except NotActivatedError:
            return None

    def _open(self) -> Hand:
        try:
            document = self._papers.licence()
            trust = self.trust()
        except NotActivatedError:
            return Hand(flaw="" if document is None else phrase("The trust document, trust.json, is gone."))
        except StateDamagedError as error:
            return Hand(flaw=of(error))
        if document is None:
            return Hand(trust_expires_at=trust.expires_at)
        try:
            licence, revoked = believe_stored(document, trust, lambda: self._states.read().spared)
        except LicensingError as error:
            return Hand(
                flaw=phrase("The stored licence, licence.jws, can't be believed. {error}", error=error),
                trust_expires_at=trust.expires_at,
            )
        return Hand(
            licence=licence,
            refusal=self._refusal(trust),
            key_flaw=self._keys.flaw(licence.device_key),
            key_revoked=revoked,
            trust_expires_at=trust.expires_at,
            outages=self._outages(trust),
        )

    def _outages(self, trust: Trust) -> tuple[Outage, ...]:
        """Return what counts among the stored outages: a revoked key's are worth nothing from the revocation on."""
        found = []
        with suppress(StateDamagedError):  # doctor tells of it; the licence lasts as long as it does without
            for document in self._papers.outages():
                with suppress(LicensingError):
                    found.append(open_outage(document, trust))
        return tuple(found)

    def _refusal(self, trust: Trust) -> Licence | None:
        try:
            document = self._papers.refusal()
            return None if document is None else open_licence(document, trust)
        except LicensingError:
            return None


def believe_stored(document: bytes, trust: Trust, spared: Callable[[], str | None]) -> tuple[Licence, bool]:
    """Open a licence from the disk, and tell whether its signing key was revoked while it was in hand (section 8).

    Args:
        document: the licence.
        trust: whom to believe.
        spared: returns the ``jti`` of the one licence that such a revocation spares.

    Raises:
        LicensingError: it can't be believed.
    """
    try:
        return open_licence(document, trust), False
    except SignatureInvalidError:
        licence = open_licence(document, without_revocations(trust))
        if licence.document_id != spared():
            raise
        return licence, True


def is_spared(licence: Licence, document: bytes, trust: Trust) -> bool:
    """Tell whether a trust document revokes the key that signed a licence which else verifies."""
    try:
        open_licence(document, trust)
    except SignatureInvalidError:
        try:
            return open_licence(document, without_revocations(trust)) == licence
        except LicensingError:
            return False
    return False


def without_revocations(trust: Trust) -> Trust:
    """Return a trust document as if no key was revoked: to tell what is worthless from what is damaged."""
    signing = tuple(replace(entry, status="retired") if entry.status == "revoked" else entry for entry in trust.signing)
    return replace(trust, signing=signing)
