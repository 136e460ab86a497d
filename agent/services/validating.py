"""Use cases: validate the licence in hand, and give it back (T3; protocol, sections 3 and 4)."""

from contextlib import suppress
from dataclasses import replace
from typing import Literal

from agent.domain.faults import ANSWERED, REFUSED_HERE, THERE, FaultError
from agent.domain.renewal import after_answer, after_failure
from agent.domain.time import AgentTime, Arrival
from agent.domain.usage import Report
from agent.services.judging import Judging
from agent.services.ports import Errand, LastTry, Pending, Reports, Server, Slot, Surroundings
from agent.services.stored import KINDS, belongs, opened, told
from agent.services.trusting import Trusting
from keys.documents.licence import Licence, open_licence
from keys.documents.moving import prove
from keys.documents.requests import Boot, Event, ValidationRequest
from keys.errors import (
    EvidenceRequiredError,
    LicensingError,
    MalformedError,
    MediaTypeError,
    RequestReplayedError,
    SignatureInvalidError,
    StateConflictError,
    StateDamagedError,
    TooLargeError,
)
from keys.fingerprint import digest
from keys.identity import new_id
from keys.sentences import phrase
from keys.signing import Signer

_SLOTS: tuple[Slot, ...] = ("validation", "again")
Again = Literal["evidence", "anew"]
"""What the licence server wants in place of a request: the licence in hand with it, or one that it never answered."""
_ROUNDS = 3
_STALE = 86_400
"""Seconds after which a request that the server keeps calling unreadable is given up for a new one."""
_DEACTIVATION_WAITS = phrase(
    "This server has asked to give its licence back and waits for the answer. Carry that request: "
    "licence-agent deactivate -o FILE"
)
_NOBODYS_ANSWER = phrase(
    "No request of this server waits for this answer: it is another server's, or an older one's. Carry the request "
    "that waits: licence-agent request --validate -o FILE"
)
_NOT_UNDERSTOOD = (MalformedError, SignatureInvalidError, TooLargeError, MediaTypeError)


class Validating:
    """Exchanges the licence in hand for its successor; one at a time in each home."""

    def __init__(self, around: Surroundings, judging: Judging, trusting: Trusting, reports: Reports) -> None:
        self._around, self._judging, self._trusting, self._reports = around, judging, trusting, reports
        self._papers, self._keys = around.papers, around.keys

    def validate(self, server: Server) -> Licence:
        """Validate now and return the answer: the new licence in hand, or a refused document beside the old one.

        Raises:
            NotActivatedError, StateDamagedError, KeyUnsafeError: there is nothing to validate with.
            BusyError: another process of this home talks to the licence server.
            UnreachableError: no signed answer; licence and mode stay, and the request is sent again later.
            LicensingError: what the server refused with; unsigned, so licence and mode stay, too.
        """
        return self._run("validation", server)

    def deactivate(self, server: Server) -> Licence:
        """Give the licence back; from the signed answer on, nobody gets in here. Raises as validate."""
        return self._run("deactivation", server)

    def prepare(self, errand: Errand, again: Again | None = None) -> Pending:
        """Return a stored request, for somebody to carry to the licence server.

        Args:
            errand: what to ask for.
            again: the licence server refused the request that waits with this word, and another one takes its place.

        Raises as validate, and StateConflictError: a deactivation waits for its answer.
        """
        with self._around.lock():
            licence = self._judging.holding.licence()
            signer = self._keys.find(licence.device_key)
            first = self._waiting(licence)
            if first is not None and first.errand == "deactivation" and errand != "deactivation":
                raise StateConflictError(_DEACTIVATION_WAITS)
            if first is None or first.errand != errand:
                first = self._request(errand, licence, signer)
            if again is None:
                return first
            return self._another(again, first, licence, signer)

    def take(self, document: bytes) -> Licence:
        """Take an answer that somebody brought; one that was taken before changes nothing.

        Raises:
            MalformedError, TooLargeError, SignatureInvalidError: nobody whom this agent trusts signed it.
            StateConflictError: no request of this server waits for it.
            NotActivatedError, StateDamagedError, KeyUnsafeError: there is nothing that it could follow.
        """
        with self._around.lock():
            licence = self._judging.holding.licence()
            if document == self._papers.licence():
                return licence
            answer = open_licence(document, self._judging.holding.trust())
            waiting = (self._waiting(licence, slot) for slot in _SLOTS)
            pending = next((each for each in waiting if each is not None and belongs(answer, each, licence)), None)
            if pending is None:
                raise StateConflictError(_NOBODYS_ANSWER)
            self._store(licence, pending, answer, document)
            self._note_answer(answer)
            return answer

    def upcoming(self) -> Report:
        """Return what the next validation tells: the request that waits to be sent, or one that would be made now.

        Raises NotActivatedError, StateDamagedError, KeyUnsafeError: there is nothing to validate with.
        """
        licence = self._judging.holding.licence()
        pending = self._waiting(licence)
        return self._to_tell(self._time()) if pending is None else told(pending, self._keys.find(pending.key))

    def _run(self, errand: Errand, server: Server) -> Licence:
        with self._around.lock():
            try:
                answer = self._exchange(errand, server)
            except LicensingError as error:
                cause = error.cause if isinstance(error, FaultError) else ""
                self._note_failure(error.word, str(error), cause, getattr(error, "retry_after", 0))
                raise
            self._note_answer(answer)
            return answer

    def _exchange(self, errand: Errand, server: Server) -> Licence:
        licence = self._judging.holding.licence()
        signer = self._keys.find(licence.device_key)
        pending = self._waiting(licence)
        if pending is not None and pending.errand == "validation" and errand == "deactivation":
            licence = self._settle(licence, self._send(pending, licence, signer, server), server)
            pending = None
        if pending is None:
            pending = self._request(errand, licence, signer)
        return self._settle(licence, self._send(pending, licence, signer, server), server)

    def _waiting(self, licence: Licence, slot: Slot = "validation") -> Pending | None:
        """Return the unanswered request, if it still follows from the licence in hand."""
        pending = self._papers.pending(slot)
        fits = pending is not None and pending.topic == licence.document_id and pending.key == licence.device_key
        return pending if fits else None

    def _request(self, errand: Errand, licence: Licence, signer: Signer, slot: Slot = "validation") -> Pending:
        """Make a request and store it: from now on these bytes are sent until they are answered."""
        issuer, around = licence.issuer, self._around
        seen = self._judging.recognising.look(issuer)
        time, boot = self._time(), around.machine.boot()
        report = self._to_tell(time)
        request = ValidationRequest(
            device_key=signer.key.kid,
            licence_id=licence.licence_id,
            activation_id=licence.activation_id,
            audience=issuer,
            request_id=new_id("req", around.randomness),
            issued_at=time.now,
            nonce=new_id("non", around.randomness),
            previous=licence.document_id,
            components=seen.digests,
            host=around.machine.host(self._keys.maker(signer.key.kid)),
            boot=Boot(digest(boot.id, issuer), round(boot.seconds, 3)),
            usage=report.usage,
            events=report.events,
        )
        successor = self._keys.successor(signer.key.kid) if errand == "validation" else None
        if successor is not None:
            request = replace(request, next_key=prove(successor, request))
        document = request.sign(signer, KINDS[errand])
        nonce, topic = request.nonce, licence.document_id
        next_key = "" if successor is None else successor.key.kid
        pending = Pending(errand, document, time.now, signer.key.kid, issuer, nonce, topic, next_key)
        self._papers.keep_pending(slot, pending)
        return pending

    def _to_tell(self, time: AgentTime) -> Report:
        """Return what a request that is made now tells."""
        report = self._reports.report()
        behind = (Event("clock_behind", time.now),) if time.is_behind else ()
        return replace(report, events=(*report.events, *behind))

    def _time(self) -> AgentTime:
        return self._judging.timekeeping.time(self._judging.holding.hand())

    def _with_evidence(self, first: Pending, signer: Signer) -> Pending:
        """Make the same request again, ``jti`` and all, with the licence in hand as evidence, and store it.

        Whichever of the two the server takes first, it knows the other one by its ``jti``: no lost answer to either
        makes the agent look like one whose state was set back.
        """
        request = replace(opened(first, signer), held=self._papers.licence())
        pending = replace(first, document=request.sign(signer, KINDS[first.errand]))
        self._papers.keep_pending("again", pending)
        return pending

    def _another(self, again: Again, first: Pending, licence: Licence, signer: Signer) -> Pending:
        """Make the request that the licence server wants in the first one's place, and store it beside that."""
        if again == "evidence":
            return self._with_evidence(first, signer)
        return self._request(first.errand, licence, signer, "again")

    def _send(self, first: Pending, licence: Licence, signer: Signer, server: Server) -> tuple[Pending, bytes]:
        """Send a request until it is answered, making another one where the server asks for that.

        Nobody signs that wish, so the first one is kept and sent before any other: else whoever hides its answer, and
        then asks for another, could make an honest agent look like one whose state was set back.
        """
        pending = first
        for _ in range(_ROUNDS):
            try:
                return pending, server.send(pending.errand, pending.document)
            except (EvidenceRequiredError, RequestReplayedError) as wish:
                stored = self._waiting(licence, "again") if pending is first else None
                if stored is not None and stored.errand == first.errand:
                    pending = stored
                    continue
                pending = self._another(
                    "evidence" if isinstance(wish, EvidenceRequiredError) else "anew", first, licence, signer
                )
            except _NOT_UNDERSTOOD:
                self._give_up_when_stale(pending)
                raise
        raise FaultError("endless", THERE)

    def _settle(self, licence: Licence, exchange: tuple[Pending, bytes], server: Server) -> Licence:
        """Check that the answer belongs to the request, and let it replace the licence in hand."""
        pending, document = exchange
        answer = self._trusting.open_answer(document, server)
        if not belongs(answer, pending, licence):
            raise FaultError("stale", THERE)
        self._store(licence, pending, answer, document)
        return answer

    def _store(self, licence: Licence, pending: Pending, answer: Licence, document: bytes) -> None:
        if answer.status == "refused":
            self._papers.keep_refusal(document)
        else:
            time = self._time()
            arrival = Arrival(answer.document_id, answer.issued_at, pending.created_at, licence.issued_at, time)
            self._papers.keep_licence(document)
            self._judging.timekeeping.begin(arrival)
        self._drop()
        if answer.status != "refused":
            self._reports.settle(told(pending, self._keys.find(pending.key)))
            self._sweep(answer.device_key)

    def _sweep(self, key: str) -> None:
        """Remove every device key but the licence's own, and that of an activation which waits for its licence."""
        with suppress(StateDamagedError):  # nobody knows then which key is waited for, so each stays
            waiting = self._papers.pending("activation")
            self._keys.sweep(key, key if waiting is None else waiting.key)

    def _give_up_when_stale(self, pending: Pending) -> None:
        """Forget a request that the server does not understand; nobody signed that refusal, so not soon."""
        if self._time().now - pending.created_at > _STALE:
            self._drop()

    def _drop(self) -> None:
        self._papers.drop_pending("validation")
        self._papers.drop_pending("again")

    def _note_answer(self, answer: Licence) -> None:
        if answer.status == "refused":
            self._note_failure("refused", phrase(REFUSED_HERE, reason=answer.reason))
            return
        progress, _ = self._around.tallies.progress()
        last = LastTry(answer.issued_at, "answered", phrase(ANSWERED, status=answer.status))
        self._around.tallies.keep_progress(after_answer(progress), last)

    def _note_failure(self, word: str, sentence: str, cause: str = "", retry_after: int = 0) -> None:
        now = self._time().now
        progress, _ = self._around.tallies.progress()
        progress = after_failure(progress, now, retry_after, self._around.randomness)
        self._around.tallies.keep_progress(progress, LastTry(now, word, sentence, cause))
