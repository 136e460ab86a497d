"""Use case: take what somebody brought, where the network does not reach."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.services.activating import Activating
from agent.services.outages import Outages
from agent.services.trusting import Trusting
from agent.services.validating import Validating
from keys.carried import read_carried
from keys.documents import licence, outage
from keys.documents.licence import Licence
from keys.documents.outage import Outage
from keys.errors import InvalidInputError, MalformedError, NotActivatedError, SignatureInvalidError, TrustRefusedError
from keys.jws import kind_of
from keys.sentences import phrase
from keys.trust import Trust

_REQUESTS = "-request+jwt"


@dataclass(frozen=True, slots=True)
class Imported:
    """What was taken."""

    licence: Licence | None
    """The answer of the licence server; None: there was none among what was brought."""
    trust: Trust | None
    """Whom the agent believes now, where a trust document was brought that counts; else None."""
    outage: Outage | None = None
    """The outage that was declared; None: there was none among what was brought."""


@dataclass(frozen=True, slots=True)
class Importing:
    """Takes answers, outages and trust documents from files."""

    activating: Activating
    validating: Validating
    trusting: Trusting
    outages: Outages

    def take(self, content: bytes) -> Imported:
        """Take all that a file holds; what was taken before changes nothing.

        Raises:
            MalformedError, TooLargeError: it is not what we write, or not all of it.
            InvalidInputError: it is something else of ours, or two answers at once.
            SignatureInvalidError, TrustRefusedError: nobody whom this agent trusts signed it.
            StateConflictError: no request of this server waits for this answer.
            NotActivatedError: there is nothing yet that it could follow.
        """
        documents = read_carried(content)
        trust = [document for document in documents if document.startswith(b"{")]
        answers = [document for document in documents if document not in trust]
        kinds = [_kind(answer) for answer in answers]
        if len(answers) > 1:
            raise InvalidInputError(
                phrase(
                    "The file holds more than one answer, or a mail program wrapped it: import each from a file of its "
                    "own."
                )
            )
        if not answers:
            return Imported(None, self._trust(trust))
        try:
            if kinds == [outage.KIND]:
                found = self._added(trust)
                return Imported(None, found, self.outages.take(answers[0]))
            activated = self.activating.take(answers[0], trust)
            return self._follow(answers[0], trust) if activated is None else Imported(activated, None)
        except (MalformedError, SignatureInvalidError) as error:
            raise type(error)(
                phrase(
                    "It is not believed, and nothing was changed. {error} Bring it once more as it was; if that "
                    "changes nothing, it is of another vendor than the one whose root was given here.",
                    error=error,
                )
            ) from error

    def _follow(self, answer: bytes, trust: Sequence[bytes]) -> Imported:
        found = self._added(trust)
        return Imported(self.validating.take(answer), found)

    def _added(self, trust: Sequence[bytes]) -> Trust | None:
        """Take the trust documents that came along; one that adds nothing is no reason to refuse the rest."""
        try:
            return self._trust(trust)
        except (TrustRefusedError, MalformedError, NotActivatedError):
            return None

    def _trust(self, documents: Sequence[bytes]) -> Trust | None:
        found = None
        for document in documents:
            found = self.trusting.take(document)
        return found


def _kind(document: bytes) -> str:
    """Return what a document for an agent claims to be. Raises InvalidInputError, MalformedError, TooLargeError."""
    try:
        kind = kind_of(document)
    except MalformedError as error:
        raise MalformedError(
            phrase(
                "The file is no answer of a licence server, or is cut or wrapped: bring it once more as it was. "
                "({error})",
                error=error,
            )
        ) from error
    if kind.endswith(_REQUESTS):
        raise InvalidInputError(
            phrase("This is a request of an agent: it goes to the vendor (licence-server exchange).")
        )
    if kind not in {licence.KIND, outage.KIND}:
        raise InvalidInputError(
            phrase("This is nothing that an agent takes: it takes answers, outages and trust documents.")
        )
    return kind
