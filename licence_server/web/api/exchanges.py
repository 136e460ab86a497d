"""Requests of agents without a network, which a program brings over HTTP in their place."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from keys.errors import (
    CodeExpiredError,
    CodeUnknownError,
    CodeUsedError,
    EvidenceRequiredError,
    FingerprintInsufficientError,
    LicenceNotActivatableError,
    LicensingError,
    RequestReplayedError,
    SignatureInvalidError,
    TermsNotAcceptedError,
)
from keys.jws import MAX_BYTES
from licence_server.services.exchanging import Errand, Exchanging
from licence_server.web.api.endpoint import Answer, Body, Call, Endpoint

_REFUSALS: tuple[type[LicensingError], ...] = (
    CodeExpiredError,
    CodeUnknownError,
    CodeUsedError,
    EvidenceRequiredError,
    FingerprintInsufficientError,
    LicenceNotActivatableError,
    RequestReplayedError,
    SignatureInvalidError,
    TermsNotAcceptedError,
)


class RequestBody(Body):
    """What the agent wrote (``licence-agent request``), as it is in its file or was read off its QR codes."""

    request: Annotated[str, Field(max_length=MAX_BYTES)]


class ExchangedAnswer(Answer):
    """The answer; ``file`` is what goes back to the agent (``licence-agent import``)."""

    errand: Errand
    licence: str
    activation: str
    status: str
    reason: str | None
    file: str


def endpoints(exchanging: Exchanging) -> Sequence[Endpoint]:
    """Return the one endpoint."""

    def exchange(call: Call[RequestBody]) -> ExchangedAnswer:
        answer = exchanging.exchange(call.given.request.encode(), call.actor.by)
        licence = answer.licence
        return ExchangedAnswer(
            errand=answer.errand,
            licence=licence.licence_id,
            activation=licence.activation_id,
            status=licence.status,
            reason=licence.reason,
            file=answer.content.decode(),
        )

    return (
        Endpoint(method="POST", path="/exchanges", name="exchange", summary="Answer an agent without a network",
                 right="licences.exchange", given=RequestBody, answer=ExchangedAnswer, refusals=_REFUSALS,
                 work=exchange),
    )  # fmt: skip
