"""Every refusal: one side raises it, its word crosses the wire, the other side raises the same class again.

A word is wire format (``urn:licence:problem:<word>``): add one, never rename one.
"""

from typing import ClassVar, Literal


class LicensingError(Exception):
    """Base of all refusals, never raised itself. ``str(error)`` is a sentence for people, without secrets."""

    word: ClassVar[str]
    title: ClassVar[str]


# What a document or a request can be refused for (protocol, section 6).


class MalformedError(LicensingError):
    """Not what the protocol describes: not three parts, not JSON, a claim of another type, a duplicate name."""

    word, title = "malformed", "The document is malformed"


class SignatureInvalidError(LicensingError):
    """Nobody whom we trust signed these bytes: unknown or revoked key, another algorithm, changed bytes."""

    word, title = "signature-invalid", "The signature is not valid"


class TooLargeError(LicensingError):
    """More bytes than a request may have."""

    word, title = "too-large", "The request is too large"


class MediaTypeError(LicensingError):
    """The body is of another media type than the endpoint takes."""

    word, title = "media-type", "The media type is not the one expected"


class CodeUnknownError(LicensingError):
    """No licence was issued under this activation code."""

    word, title = "code-unknown", "This activation code is not known"


class CodeUsedError(LicensingError):
    """The activation code has been used by another server (T4)."""

    word, title = "code-used", "This activation code has been used"


class CodeExpiredError(LicensingError):
    """The activation code was valid for a limited time, which has passed."""

    word, title = "code-expired", "This activation code has expired"


class LicenceNotActivatableError(LicensingError):
    """The licence is suspended, revoked or ended, or the device key serves another activation (T4)."""

    word, title = "licence-not-activatable", "This licence can't be activated"


class FingerprintInsufficientError(LicensingError):
    """Too few components could be read to bind a licence to this server."""

    word, title = "fingerprint-insufficient", "The server's fingerprint is too weak"


class TermsNotAcceptedError(LicensingError):
    """The request does not accept the version of the terms that is in force (T12)."""

    word, title = "terms-not-accepted", "The terms have not been accepted"


class EvidenceRequiredError(LicensingError):
    """The server does not know this state of the activation; the agent repeats with the licence it holds."""

    word, title = "evidence-required", "The licence in hand is needed as evidence"


class RequestReplayedError(LicensingError):
    """This request was answered before, and its answer is no longer the newest."""

    word, title = "request-replayed", "This request was answered before"


class _RetryLaterError(LicensingError):
    """A refusal that ends by itself.

    Args:
        detail: a sentence for people.
        retry_after: seconds after which another try makes sense.
    """

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class RateLimitedError(_RetryLaterError):
    """Too many refused guesses from this address, or in all."""

    word, title = "rate-limited", "Too many refused requests"


class UnavailableError(_RetryLaterError):
    """The server can't answer now: its clock went back, its database or its signer does not work."""

    word, title = "unavailable", "The licence server can't answer now"


# What the agent answers to the CRM (protocol, section 7).


class SeatsExhaustedError(LicensingError):
    """As many users or clients are in as the licence allows (T1).

    Args:
        detail: a sentence for people.
        dimension: ``users`` or ``clients``, whichever is full.
        used: how many hold a seat.
        limit: how many the licence allows.
    """

    word, title = "seats-exhausted", "No free seat"

    def __init__(self, detail: str, dimension: str, used: int, limit: int) -> None:
        super().__init__(detail)
        self.dimension, self.used, self.limit = dimension, used, limit


class OutsideNetworkError(LicensingError):
    """The client's address is outside the site's networks (T5)."""

    word, title = "outside-network", "The client is outside the site's network"


class LicenceRestrictedError(LicensingError):
    """The licence lets only the administrator in."""

    word, title = "licence-restricted", "The licence is restricted"


class LicenceBlockedError(LicensingError):
    """The licence lets nobody in."""

    word, title = "licence-blocked", "The licence is blocked"


class TokenInvalidError(LicensingError):
    """The request to a local or operators' API carries no token, or not the right one."""

    word, title = "token-invalid", "The token is missing or wrong"


class OriginRefusedError(LicensingError):
    """The request comes from a web page, or names a foreign host: no browser may reach the local API."""

    word, title = "origin-refused", "Requests of web pages are refused"


# What a person at a command line or in a console is told.


class NotFoundError(LicensingError):
    """There is no such thing, or not at this address."""

    word, title = "not-found", "Not found"


class MethodNotAllowedError(LicensingError):
    """The address exists, but not with this HTTP method."""

    word, title = "method-not-allowed", "The method is not allowed here"


class InvalidInputError(LicensingError):
    """A value that somebody gave can't be right; the sentence says which and why."""

    word, title = "invalid-input", "The input is not valid"


class StateConflictError(LicensingError):
    """The thing's state does not allow what was asked."""

    word, title = "state-conflict", "The present state does not allow this"


class ChangedMeanwhileError(LicensingError):
    """Somebody changed the thing since it was what the change was made from."""

    word, title = "changed-meanwhile", "It was changed meanwhile"


class ApprovalNeededError(LicensingError):
    """What was asked for needs a second person; the sentence names the approval that waits for one."""

    word, title = "approval-needed", "A second person has to approve this"


class NotAllowedError(LicensingError):
    """The operator's role does not allow what was asked."""

    word, title = "not-allowed", "Not allowed"


class NotSignedInError(LicensingError):
    """Nobody is signed in by that session or token, or the sign-in failed; the sentence never says which part of it."""

    word, title = "not-signed-in", "Not signed in"


class AuditBrokenError(LicensingError):
    """The audit record was changed, shortened or reordered."""

    word, title = "audit-broken", "The audit record is broken"


class KeyUnsafeError(LicensingError):
    """A secret lies where others can read it, or can't be opened with the passphrase given."""

    word, title = "key-unsafe", "The key can't be used safely"


class TrustRefusedError(LicensingError):
    """A trust document that must not be taken: too old, or signed by too few roots."""

    word, title = "trust-refused", "The trust document is refused"


class NotActivatedError(LicensingError):
    """There is no licence in this home yet."""

    word, title = "not-activated", "This server has no licence yet"


class StateDamagedError(LicensingError):
    """A file of ours was changed or cut by something else."""

    word, title = "state-damaged", "The stored state is damaged"


class StateNewerError(StateDamagedError):
    """A file of ours that a later release wrote: it is whole, and this release must not touch it."""


class BusyError(LicensingError):
    """Another process works in the same home."""

    word, title = "busy", "Another process is at work here"


class UnreachableError(LicensingError):
    """The other side can't be reached, or what answered is not it: a network fault, never a no (protocol, 1.3)."""

    word, title = "unreachable", "The licence server can't be reached"


class AgentNotBelievedError(LicensingError):
    """What the agent says is not backed by a signed licence that is in force: it is a stub, or was tampered with.

    Args:
        detail: a sentence for people.
        mode: what the signed licence itself allows: ``restricted`` or ``blocked``.
    """

    word, title = "agent-not-believed", "What the licence agent says is not backed by a licence"

    def __init__(self, detail: str, mode: Literal["restricted", "blocked"] = "blocked") -> None:
        super().__init__(detail)
        self.mode: Literal["restricted", "blocked"] = mode


class SeatEndedError(LicensingError):
    """The seat is held no longer: it ran out, or somebody freed it."""

    word, title = "seat-ended", "The seat has ended"


def all_refusals() -> dict[str, type[LicensingError]]:
    """Return every refusal by its word."""
    found: dict[str, type[LicensingError]] = {}
    waiting = list(LicensingError.__subclasses__())
    while waiting:
        refusal = waiting.pop()
        waiting.extend(refusal.__subclasses__())
        if "word" in vars(refusal):
            found[refusal.word] = refusal
    return found
