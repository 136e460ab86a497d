"""Use case: answer a request that somebody brought, exactly as if its agent had sent it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from keys.carried import read_carried, write_carried
from keys.clock import Clock
from keys.documents.licence import Licence, open_licence
from keys.documents.requests import ACTIVATION, DEACTIVATION, VALIDATION
from keys.errors import EvidenceRequiredError, InvalidInputError, LicensingError, MalformedError, RequestReplayedError
from keys.jws import kind_of
from licence_server.domain.audit import Note
from licence_server.services.activating import Activating
from licence_server.services.ports import Units
from licence_server.services.ports_desk import Desk
from licence_server.services.validating import Validating

Errand = Literal["activation", "validation", "deactivation"]
_ERRANDS: Mapping[str, Errand] = {ACTIVATION: "activation", VALIDATION: "validation", DEACTIVATION: "deactivation"}


@dataclass(frozen=True, slots=True)
class Exchanged:
    """An answer to carry back."""

    errand: Errand
    licence: Licence
    """The signed document, of whatever status."""
    document: bytes
    trust: bytes
    """The trust document in force, so that an agent without a network also keeps up with whom to believe."""

    @property
    def content(self) -> bytes:
        """What the file has in it that goes back to the agent."""
        return write_carried([self.document, self.trust])

    @property
    def file_name(self) -> str:
        """A name for that file."""
        return f"answer-{self.licence.licence_id}.lic"


@dataclass(frozen=True, slots=True)
class Exchanging:
    """Answers requests that come by hand. Limits, idempotence and the record are those of the network's way.

    Who brought a request is recorded in the transaction that answers it.
    """

    units: Units
    clock: Clock
    activating: Activating
    validating: Validating
    desk: Desk

    def exchange(self, content: bytes, by: str) -> Exchanged:
        """Answer a request; the same request gets the same answer.

        Args:
            content: the file, or what was pasted or read off QR codes.
            by: who brought it, for the audit record.

        Raises:
            MalformedError, TooLargeError: it is no request, or not all of one.
            InvalidInputError: it is another document of ours, or more than one.
            LicensingError: as the licence server answers an agent (Activating, Validating).
        """
        errand, kind, request = _read(content)
        try:
            answer = self.activating.opened(request) if kind == ACTIVATION else self.validating.opened(request, kind)
            with self.units() as unit:
                document = answer(unit)
                licence = open_licence(document, self.desk.trust)
                about = {"errand": errand, "activation": licence.activation_id, **_digests(request, document)}
                unit.audit.note(Note(self.clock.now(), by, "request_exchanged", licence.licence_id, about))
        except EvidenceRequiredError as error:
            raise EvidenceRequiredError(
                "This licence server does not know what the agent has in hand. Ask the customer for a request that "
                f"brings it along: {_command(errand)} --evidence -o FILE"
            ) from error
        except RequestReplayedError as error:
            raise RequestReplayedError(
                "This request was answered before, and a later one since. Ask the customer for another request: "
                f"{_command(errand)} --anew -o FILE"
            ) from error
        return Exchanged(errand, licence, document, self.desk.trust_document)


def _digests(request: bytes, document: bytes) -> dict[str, str]:
    return {"request": hashlib.sha256(request).hexdigest(), "document": hashlib.sha256(document).hexdigest()}


def _command(errand: Errand) -> str:
    return "licence-agent deactivate" if errand == "deactivation" else "licence-agent request --validate"


def _read(content: bytes) -> tuple[Errand, str, bytes]:
    documents = read_carried(content)
    if len(documents) > 1:
        raise InvalidInputError(
            "There is more than one request in this, or a mail program wrapped it: exchange each by itself, as a file."
        )
    try:
        kind = kind_of(documents[0])
    except LicensingError as error:
        raise MalformedError(
            "This is no request of an agent, or was cut or wrapped on its way: bring the file once more as it was."
        ) from error
    if kind not in _ERRANDS:
        raise InvalidInputError(
            "This is no request: it goes to the agent (licence-agent import), or is of another program."
        )
    return _ERRANDS[kind], kind, documents[0]
