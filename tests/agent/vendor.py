"""A vendor for the agent's tests: signs what an agent asks for, and can be told to misbehave."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from agent.services.ports import Errand
from keys.documents.licence import Licence
from keys.documents.moving import open_proof
from keys.documents.parts import Customer, Fingerprint, Product, Seats, Terms, Validation
from keys.documents.requests import (
    DEACTIVATION,
    VALIDATION,
    ValidationRequest,
    open_activation_request,
    open_validation_request,
)
from keys.errors import EvidenceRequiredError, LicensingError, UnreachableError
from keys.jws import decode
from keys.signing import PublicKey, SoftwareSigner
from keys.trust import LIFETIME, Envelope, SigningKey, Trust
from tests.fakes import START, TurnableClock

ISSUER = "https://licence.example.com"
CODE = "00000-00000-00000-00000-00000"
HARDWARE = {"product_uuid": "4c4c4544-0042", "machine_id": "3d1219c7c4c5", "board_serial": "PF3X", "cpu": "EPYC"}
DAY = 86_400


def a_licence(**changed: Any) -> Licence:
    """A licence in its best days, unless something about it is changed."""
    usual = Licence(
        issuer=ISSUER,
        licence_id="lic_1",
        activation_id="act_1",
        document_id="doc_1",
        seq=1,
        issued_at=START,
        expires_at=START + 31 * DAY,
        nonce="non_1",
        device_key="key",
        activated_at=START,
        status="active",
        reason=None,
        customer=Customer("cus_1", "Pars Steel"),
        product=Product("Owj CRM", "standard"),
        site="Mashhad",
        terms=Terms(START, None, 0, None),
        seats=Seats("concurrent", 3, 4),
        features=(),
        networks=(),
        fingerprint=Fingerprint({}, 60),
        validation=Validation(DAY, START + DAY, 30 * DAY),
    )
    return replace(usual, **changed)


@dataclass(slots=True)
class Vendor:
    """One licence, one activation, and the keys."""

    clock: TurnableClock
    root: SoftwareSigner = field(default_factory=SoftwareSigner.generate)
    signer: SoftwareSigner = field(default_factory=SoftwareSigner.generate)
    signing: tuple[SigningKey, ...] = ()
    version: int = 1
    head: Licence | None = None
    device: PublicKey | None = None
    answers: dict[str, bytes] = field(default_factory=dict)
    requests: list[ValidationRequest] = field(default_factory=list)
    status: Any = "active"
    reason: str | None = None
    interval: int = DAY
    grace: int = 30 * DAY
    moves: bool = True
    """Whether it lets a device key take another one's place."""

    def __post_init__(self) -> None:
        self.signing = (SigningKey(self.signer.key, "active", 0, None),)

    @property
    def trust(self) -> Trust:
        return Trust(ISSUER, self.version, START, START + LIFETIME, (self.root.key,), 1, self.signing)

    @property
    def trust_document(self) -> bytes:
        return Envelope.of(self.trust).signed_by(self.root).to_bytes()

    def rotate(self, old: Any = "retired") -> None:
        """Sign with a new key from now on; the old ones are retired or revoked."""
        self.signer = SoftwareSigner.generate()
        before = tuple(replace(entry, status=old) for entry in self.signing)
        self.signing = (*before, SigningKey(self.signer.key, "active", 0, None))
        self.version += 1

    @property
    def newest(self) -> Licence:
        """The head; there must be one."""
        assert self.head is not None
        return self.head

    def find(self, kid: str) -> PublicKey:
        assert self.device is not None
        return self.device

    def activate(self, document: bytes) -> bytes:
        if document.decode() in self.answers:
            return self.answers[document.decode()]
        request, self.device = open_activation_request(document, ISSUER)
        self.head = self._next(1, request.nonce, dict(request.components))
        return self._stored(document, self.head)

    def validate(self, document: bytes, kind: str = VALIDATION) -> bytes:
        if document.decode() in self.answers:
            return self.answers[document.decode()]
        request, _ = open_validation_request(document, ISSUER, self, kind)
        next_key = open_proof(request)
        if next_key is not None and self.moves:
            self.device = next_key
        self.requests.append(request)
        if self.head is None or self.status == "unknown":
            raise EvidenceRequiredError("unknown")
        seq = self.head.seq if self.status == "refused" else self.head.seq + 1
        answer = self._next(seq, request.nonce, dict(self.head.fingerprint.components))
        if kind == DEACTIVATION:
            answer = replace(answer, status="deactivated")
        if answer.status != "refused":
            self.head = answer
        return self._stored(document, answer)

    def _next(self, seq: int, nonce: str, components: dict[str, str]) -> Licence:
        assert self.device is not None
        now = self.clock.now()
        return a_licence(
            document_id=f"doc_{seq}_{len(self.answers)}",
            seq=seq,
            nonce=nonce,
            issued_at=now,
            expires_at=now + self.interval + self.grace,
            device_key=self.device.kid,
            fingerprint=Fingerprint(components, 60),
            validation=Validation(self.interval, now + self.interval, self.grace),
            status=self.status if self.status != "unknown" else "active",
            reason=self.reason,
        )

    def _stored(self, document: bytes, answer: Licence) -> bytes:
        self.answers[document.decode()] = answer.sign(self.signer)
        return self.answers[document.decode()]


@dataclass(slots=True)
class MemoryServer:
    """The licence server (agent.services.ports.Server) without a network, which may fail before or after it worked."""

    vendor: Vendor
    sent: list[bytes] = field(default_factory=list)
    refuse: LicensingError | None = None
    lose_replies: bool = False
    distort: Callable[[bytes], bytes] = bytes
    trust_fetched: int = 0

    def send(self, errand: Errand, document: bytes) -> bytes:
        self.sent.append(document)
        if self.refuse is not None:
            raise self.refuse
        kinds = {"validation": VALIDATION, "deactivation": DEACTIVATION}
        if errand == "activation":
            answer = self.vendor.activate(document)
        else:
            answer = self.vendor.validate(document, kinds[errand])
        if self.lose_replies:
            raise UnreachableError("the reply was lost")
        return self.distort(answer)

    def trust(self) -> bytes:
        self.trust_fetched += 1
        if isinstance(self.refuse, UnreachableError):
            raise self.refuse
        return self.vendor.trust_document


def claims_of(document: bytes) -> dict[str, Any]:
    """Read a document without verifying it, which only a test may."""
    claims: dict[str, Any] = json.loads(decode(document.split(b".")[1]))
    return claims
