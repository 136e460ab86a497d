"""Use case: bind a licence to a server."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from keys.clock import Clock
from keys.documents.requests import ActivationRequest, open_activation_request
from keys.errors import (
    CodeUnknownError,
    FingerprintInsufficientError,
    InvalidInputError,
    LicenceNotActivatableError,
    TermsNotAcceptedError,
)
from keys.fingerprint import is_sufficient, weight
from keys.identity import Randomness, code_digest, new_id, read_code
from keys.signing import PublicKey
from licence_server.domain.activation import Activation, Answer
from licence_server.domain.approval import YEAR
from licence_server.domain.audit import check_clock
from licence_server.domain.chain import Chain
from licence_server.domain.code import Code
from licence_server.domain.licence import Licence
from licence_server.domain.policy import Policy
from licence_server.services.ports import Unit, Units
from licence_server.services.recording import bound, record
from licence_server.services.signing import Asked, Case, Signing


@dataclass(frozen=True, slots=True)
class Activating:
    """Answers activation requests."""

    units: Units
    clock: Clock
    randomness: Randomness
    signing: Signing
    policy: Policy

    def activate(self, document: bytes) -> bytes:
        """Bind the code's licence to the server that asks, and return its first document (T4).

        A request that was answered before gets the same bytes again. However many servers present one code, the lock of
        the licence lets exactly one of them win.

        Raises:
            MalformedError, TooLargeError, SignatureInvalidError: see keys.jws.open_introduction.
            CodeUnknownError, CodeUsedError, CodeExpiredError: about the code.
            LicenceNotActivatableError: the licence's state forbids it, or the device key serves another activation.
            FingerprintInsufficientError, TermsNotAcceptedError: the request lacks what an activation needs.
            UnavailableError: the server's clock went back, or its database does not answer.
        """
        answer = self.opened(document)
        with self.units() as unit:
            return answer(unit)

    def opened(self, document: bytes) -> Callable[[Unit], bytes]:
        """Check a request as far as that needs no transaction, and return what answers it within one.

        Both raise what ``activate`` does.
        """
        request, key = open_activation_request(document, self.signing.desk.trust.issuer)
        digest = _digest(request.code)
        return lambda unit: self._bind(unit, request, key, digest)

    def _bind(self, unit: Unit, request: ActivationRequest, key: PublicKey, digest: str) -> bytes:
        now = self.clock.now()
        licence = unit.licences.lock(unit.codes.get(digest).licence_id)
        earlier = unit.activations.with_key(key.kid)
        if earlier is not None:
            return self._answer_again(unit, Case(licence, earlier, _asked(request), now), request)
        self._check_clock(unit, now)
        code = unit.codes.get(digest)
        code.check_usable(now)
        licence.check_activatable(now)
        self._check_request(request)
        draft = self._draft(licence, request, key, now)
        self._take_over(unit, licence, code, draft)
        return self.signing.first(unit, Case(licence.activated(), draft, _asked(request), now))

    def _answer_again(self, unit: Unit, case: Case, request: ActivationRequest) -> bytes:
        first, last = case.activation.first, case.activation.last
        if first.request_id != request.request_id:
            raise LicenceNotActivatableError(
                "This device key serves an activation already; a new activation needs a new key."
            )
        return self.signing.repeated(unit, case) if last.request_id == first.request_id else first.document.encode()

    def _check_rehost(self, unit: Unit, licence: Licence, code: Code, now: int) -> None:
        """However a code came about: beyond what one person may allow, it moves nothing without an approval."""
        if code.purpose != "rehost" or code.approval is not None:
            return
        if unit.codes.rehosts(licence.id, now - YEAR) >= self.policy.four_eyes.rehosts:
            raise LicenceNotActivatableError("A second person has to approve this move: ask the vendor's sales desk.")

    def _check_clock(self, unit: Unit, now: int) -> None:
        """A wrong clock must not tell a customer that the licence has not begun, or that the code has had its day."""
        self.signing.check_trust(now)
        head = unit.audit.head()
        if head is not None:
            check_clock(head.at, now)

    def _check_request(self, request: ActivationRequest) -> None:
        if request.terms_version != self.policy.terms_version:
            raise TermsNotAcceptedError(f"Version {self.policy.terms_version} of the terms must be accepted.")
        if not is_sufficient(request.components):
            raise FingerprintInsufficientError(
                f"The components found ({', '.join(sorted(request.components)) or 'none'}) weigh "
                f"{weight(request.components)}; 40 are needed, with tpm_ek, product_uuid or machine_id among them."
            )

    def _draft(self, licence: Licence, request: ActivationRequest, key: PublicKey, now: int) -> Activation:
        nothing = Answer(request.request_id, "")
        return Activation(
            id=new_id("act", self.randomness),
            licence_id=licence.id,
            device_key=key.kid,
            jwk=key.jwk,
            binding="live",
            activated_at=now,
            components=request.components,
            drifts=(),
            chain=Chain(head="", seq=0),
            host=request.host,
            seen_at=now,
            first=nothing,
            last=nothing,
        )

    def _take_over(self, unit: Unit, licence: Licence, code: Code, draft: Activation) -> None:
        previous = unit.activations.live(licence.id)
        if previous is not None and code.purpose != "rehost":
            raise LicenceNotActivatableError("The licence is active on another server. The sales desk can move it.")
        self._check_rehost(unit, licence, code, draft.activated_at)
        unit.codes.use(code.digest, draft.id, draft.activated_at)
        unit.licences.put(licence.activated())
        if previous is not None:
            old, actor, now = replace(previous, binding="superseded"), f"agent:{draft.id}", draft.activated_at
            unit.activations.put(old)
            about = {"old": old.id, "new": draft.id}
            record(unit, "licence_moved", licence.activated(), actor, now, **about, **bound(old))


def _digest(typed: str) -> str:
    try:
        return code_digest(read_code(typed))
    except InvalidInputError as error:
        raise CodeUnknownError(str(error)) from error


def _asked(request: ActivationRequest) -> Asked:
    return Asked(request.request_id, request.nonce, request.host, request.device_key)
