"""Use case: keep up with whom to believe (protocol, section 8)."""

from dataclasses import replace

from agent.domain.faults import THERE, FaultError
from agent.services.holding import Holding, is_spared
from agent.services.ports import Papers, Server, States
from keys.documents.licence import Licence, open_licence
from keys.errors import LicensingError, SignatureInvalidError
from keys.trust import Trust, replace_trust


class Trusting:
    """Takes new trust documents, and opens answers under the newest one."""

    def __init__(self, papers: Papers, states: States, holding: Holding) -> None:
        self._papers, self._states, self._holding = papers, states, holding

    def refresh(self, server: Server) -> Trust:
        """Fetch the trust document and take it if it follows the one in hand.

        Raises:
            UnreachableError: a network fault; a document that does not follow counts as one, since nobody whom we
                trust signed it.
            NotActivatedError, StateDamagedError: there is no trust in hand that it could follow.
        """
        trust, document = newest(server, self._holding.trust())
        if document is not None:
            self._keep(trust, document)
        return trust

    def take(self, document: bytes) -> Trust:
        """Take a trust document that somebody brought, if it follows the one in hand.

        Raises:
            MalformedError, TooLargeError, TrustRefusedError: see keys.trust.replace_trust.
            NotActivatedError, StateDamagedError: there is no trust in hand that it could follow.
        """
        current = self._holding.trust()
        trust = replace_trust(current, document)
        if trust is not current:
            self._keep(trust, document)
        return trust

    def open_answer(self, answer: bytes, server: Server) -> Licence:
        """Open an answer; under a signing key that is not known yet, only after a look for a newer trust document.

        Raises:
            UnreachableError: nobody whom we trust signed it.
        """
        trust = self._holding.trust()
        try:
            return open_licence(answer, trust)
        except SignatureInvalidError:
            return believe(answer, self.refresh(server))
        except LicensingError as error:
            raise FaultError("unsigned", THERE, error) from error

    def _keep(self, trust: Trust, document: bytes) -> None:
        """Store it; first note that the licence in hand goes on for its grace where its signing key is revoked."""
        licence, signed = self._holding.hand().licence, self._papers.licence()
        if licence is not None and signed is not None and is_spared(licence, signed, trust):
            self._states.write(replace(self._states.read(), spared=licence.document_id))
        self._papers.keep_trust(document)


def newest(server: Server, trust: Trust) -> tuple[Trust, bytes | None]:
    """Return the server's trust and its document, or the trust in hand and None when there is no newer one.

    Raises UnreachableError.
    """
    document = server.trust()
    try:
        found = replace_trust(trust, document)
    except LicensingError as error:
        raise FaultError("trust", THERE, error) from error
    return (trust, None) if found is trust else (found, document)


def believe(answer: bytes, trust: Trust) -> Licence:
    """Open an answer; one that nobody whom we trust signed is a network fault. Raises UnreachableError."""
    try:
        return open_licence(answer, trust)
    except LicensingError as error:
        raise FaultError("unsigned", THERE, error) from error
