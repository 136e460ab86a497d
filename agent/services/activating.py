"""Use case: bind this server to a licence (T4)."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from agent.domain.renewal import Progress
from agent.domain.time import Arrival
from agent.services.judging import Judging
from agent.services.pinning import Pinned, pin_carried
from agent.services.ports import Pending, Server, Surroundings
from agent.services.trusting import believe, newest
from keys.documents.licence import Licence, open_licence
from keys.documents.requests import ActivationRequest, open_activation_request
from keys.errors import (
    CodeExpiredError,
    CodeUnknownError,
    CodeUsedError,
    FingerprintInsufficientError,
    LicenceNotActivatableError,
    LicensingError,
    NotActivatedError,
    SignatureInvalidError,
    StateConflictError,
    TermsNotAcceptedError,
    TrustRefusedError,
    UnreachableError,
)
from keys.fingerprint import Digests, is_sufficient, weight
from keys.identity import code_digest, new_id, read_code
from keys.sentences import phrase
from keys.trust import Trust, pin_trust, replace_trust

DEFINITIVE = (
    CodeUnknownError,
    CodeUsedError,
    CodeExpiredError,
    LicenceNotActivatableError,
    FingerprintInsufficientError,
    TermsNotAcceptedError,
)
"""Refusals after which the same request would never be answered otherwise."""
_NOT_MINE = phrase(
    "This answer is another server's, or an older request's. Carry the one that waits: licence-agent request CODE"
)
OVER = frozenset({"superseded", "deactivated", "revoked"})
"""What a licence is that lets nobody in on this server again."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person at the command line asked for."""

    code: str
    server: str | None = None
    """Address of the licence server; None: the issuer's own."""
    root: bytes | None = None
    """The trust document to pin; None: the one pinned already, or the server's own on first use."""
    replace: bool = False
    """Give up the licence or the unanswered activation that is there."""
    terms_version: str = "1"


class Activating:
    """Activates; every step can be repeated, and the code is used once whatever is cut where."""

    def __init__(self, around: Surroundings, judging: Judging) -> None:
        self._around, self._judging = around, judging
        self._papers, self._keys = around.papers, around.keys

    def activate(self, wish: Wish, server: Server, on_first_use: Callable[[Trust], None]) -> Licence:
        """Activate and return the first licence.

        Args:
            wish: what was asked for.
            server: the server that it names.
            on_first_use: told whom the agent is about to believe on first use; raises to refuse.

        Raises:
            InvalidInputError: the code is mistyped; nothing was sent.
            StateConflictError: there is a licence, or an unanswered activation with another code.
            FingerprintInsufficientError: too little of this server can be read; nothing was sent.
            UnreachableError: no signed answer; the request is kept, and the same command sends it again.
            LicensingError: what the server refused with.
        """
        code = read_code(wish.code)
        with self._around.lock():
            done = self._finished(code)
            if done is not None:
                return done
            self._check_free(code, wish)
            pinned = self._pin(wish, server, on_first_use)
            pending = self._request(code, pinned.trust.issuer, wish)
            return self._settle(pending, pinned, wish, server)

    def prepare(self, wish: Wish) -> Pending:
        """Return the stored request of an activation, for somebody to carry to the licence server.

        Raises as activate, and NotActivatedError: nobody is pinned yet, and without a network nobody can be asked.
        """
        code = read_code(wish.code)
        with self._around.lock():
            if self._finished(code) is not None:
                raise StateConflictError(phrase("This code was answered already: this server has its licence."))
            self._check_free(code, wish)
            stored = self._papers.trust()
            if wish.root is None and stored is None:
                raise NotActivatedError(
                    phrase("Without a network nobody can be asked whom to believe: give --root FILE.")
                )
            pinned = pin_carried(wish.root or stored or b"", stored, self._judging.holding, replaces=wish.replace)
            pending = self._request(code, pinned.trust.issuer, wish)
            if pending.pinned != pinned.document:
                pending = replace(pending, pinned=pinned.document)
                self._papers.keep_pending("activation", pending)
            return pending

    def take(self, answer: bytes, trust: Sequence[bytes]) -> Licence | None:
        """Take the answer to a request that was carried; None: it is for the licence in hand, if for anything here.

        Args:
            answer: what was brought, not believed yet.
            trust: the trust documents that came with it.

        Raises:
            MalformedError, SignatureInvalidError: nobody whom the pinned root vouches for signed it.
            StateConflictError: it answers something else.
        """
        with self._around.lock():
            pending = self._papers.pending("activation")
            if pending is None or pending.pinned is None:
                return None
            pinned = pin_carried(pending.pinned, self._papers.trust(), self._judging.holding, replaces=True)
            for document in trust:
                with suppress(LicensingError):  # an older one, or another vendor's, adds nothing
                    pinned = Pinned(replace_trust(pinned.trust, document), document)
            try:
                licence = open_licence(answer, pinned.trust)
                if not _answers(licence, pending):
                    raise StateConflictError(_NOT_MINE)
            except LicensingError:
                if self._judging.holding.hand().licence is None:
                    raise
                return None
            self._store(pending, pinned, licence, answer, None)
        return licence

    def _finished(self, code: str) -> Licence | None:
        """Return the licence of an activation that was cut after its answer was stored."""
        pending, licence = self._papers.pending("activation"), self._judging.holding.hand().licence
        if pending is None or licence is None or licence.device_key != pending.key:
            return None
        self._close(pending.key)
        return licence if pending.topic == code_digest(code) else None

    def _check_free(self, code: str, wish: Wish) -> None:
        if wish.replace:
            return
        licence = self._judging.holding.hand().licence
        if licence is not None and licence.status not in OVER:
            raise StateConflictError(
                phrase(
                    "The licence {licence_id} is here already, {status}. Nothing was sent. Use --replace to give it up "
                    "on this server.",
                    licence_id=licence.licence_id,
                    status=licence.status,
                )
            )
        pending = self._papers.pending("activation")
        if pending is not None and pending.topic != code_digest(code):
            raise StateConflictError(
                phrase(
                    "An activation with another code was sent and not answered yet. Repeat it with that code, or use "
                    "--replace to give it up."
                )
            )

    def _pin(self, wish: Wish, server: Server, on_first_use: Callable[[Trust], None]) -> Pinned:
        stored = self._papers.trust()
        if wish.root is not None:
            return pin_carried(wish.root, stored, self._judging.holding, replaces=wish.replace)
        if stored is not None:
            return Pinned(self._judging.holding.trust(), stored)
        document = server.trust()
        try:
            trust = pin_trust(document)
        except TrustRefusedError as error:
            raise UnreachableError(phrase("What answered is not a licence server: {error}", error=error)) from error
        on_first_use(trust)
        return Pinned(trust, document, first_use=True)

    def _request(self, code: str, issuer: str, wish: Wish) -> Pending:
        """Return the stored request for this code, or make and store a new one under a new device key."""
        topic, pending = code_digest(code), self._papers.pending("activation")
        if (
            pending is not None
            and pending.topic == topic
            and pending.audience == issuer
            and not self._keys.flaw(pending.key)
        ):
            return pending
        signer = self._keys.make()
        components = self._components(issuer)  # after the key, since with one in a TPM the TPM's own counts
        now = self._judging.timekeeping.time(self._judging.holding.hand()).now
        request = ActivationRequest(
            device_key=signer.key.kid,
            audience=issuer,
            request_id=new_id("req", self._around.randomness),
            issued_at=now,
            nonce=new_id("non", self._around.randomness),
            code=code,
            components=components,
            host=self._around.machine.host(self._keys.maker(signer.key.kid)),
            terms_version=wish.terms_version,
        )
        document = request.sign(signer)
        pending = Pending("activation", document, now, signer.key.kid, issuer, request.nonce, topic)
        self._papers.keep_pending("activation", pending)
        return pending

    def _components(self, issuer: str) -> Digests:
        """Read what this server is known by, and refuse before the code is sent when it is too little."""
        found = self._judging.recognising.look(issuer).digests
        if not is_sufficient(found):
            raise FingerprintInsufficientError(
                phrase(
                    "Only {found} of this server can be read: weight {weight} of the 40 needed, with a strong "
                    "component among it. Run as root, or see: licence-agent fingerprint",
                    found=", ".join(found) or "nothing",
                    weight=weight(set(found)),
                )
            )
        return found

    def _settle(self, pending: Pending, pinned: Pinned, wish: Wish, server: Server) -> Licence:
        try:
            answer = server.send("activation", pending.document)
        except DEFINITIVE:
            self._papers.drop_pending("activation")
            raise
        licence, pinned = _open(answer, pinned, server)
        if not _answers(licence, pending):
            raise UnreachableError(
                phrase("What answered does not belong to this request; it is kept, to be sent again.")
            )
        self._store(pending, pinned, licence, answer, wish.server)
        return licence

    def _store(self, pending: Pending, pinned: Pinned, licence: Licence, answer: bytes, server: str | None) -> None:
        if self._papers.trust() != pinned.document:
            self._papers.keep_trust(pinned.document)
        self._around.states.write(
            replace(self._around.states.read(), server=server, terms_version=_accepted(pending), spared=None)
        )
        hand = self._judging.holding.hand()
        follows_at = 0 if hand.licence is None else hand.licence.issued_at
        time = self._judging.timekeeping.time(hand)
        self._papers.keep_licence(answer)
        self._judging.timekeeping.begin(
            Arrival(licence.document_id, licence.issued_at, pending.created_at, follows_at, time)
        )
        self._close(pending.key)

    def _close(self, key: str) -> None:
        """Do what is left; the request goes last, since as long as it is there the same command comes back here."""
        self._papers.drop_pending("validation")
        self._papers.drop_pending("again")
        self._keys.sweep(key)
        self._around.tallies.keep_progress(Progress(), None)
        self._papers.drop_pending("activation")


def _answers(licence: Licence, pending: Pending) -> bool:
    mine = (licence.nonce, licence.device_key) == (pending.nonce, pending.key)
    return mine and licence.status != "refused"


def _accepted(pending: Pending) -> str:
    """Return the version of the terms that a request of ours accepts."""
    return open_activation_request(pending.document, pending.audience)[0].terms_version


def _open(answer: bytes, pinned: Pinned, server: Server) -> tuple[Licence, Pinned]:
    """Open the answer; under an unknown signing key, only after a look for a newer trust document."""
    try:
        return open_licence(answer, pinned.trust), pinned
    except SignatureInvalidError:
        trust, document = newest(server, pinned.trust)
        pinned = pinned if document is None else Pinned(trust, document, pinned.first_use)
    except LicensingError as error:
        raise UnreachableError(phrase("What answered is not the licence server: {error}", error=error)) from error
    return believe(answer, pinned.trust), pinned
