"""The real use cases as the server of a history: every machine's request is a signed document, and so is every answer.

Nothing is replaced but the signatures of validations (quick.py).
"""

import hashlib
import re
from base64 import urlsafe_b64decode
from collections import Counter as Count
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from keys.documents.requests import ActivationRequest, Boot, Host, ValidationRequest
from keys.errors import RequestReplayedError
from keys.fingerprint import digests
from keys.identity import Randomness
from keys.jws import encode
from keys.signing import SoftwareSigner
from licence_server.domain.customer import Customer
from licence_server.domain.licence import Order
from licence_server.domain.policy import Policy
from licence_server.services.activating import Activating
from licence_server.services.approving import Permits
from licence_server.services.devices import device_keys
from licence_server.services.issuing import Issuing
from licence_server.services.ports import Units
from licence_server.services.ports_desk import Desk
from licence_server.services.signing import Signing
from licence_server.services.validating import Validating
from tests.fakes import TurnableClock
from tests.licence_server.years.machines import Paper
from tests.licence_server.years.quick import QuickRing, QuickSigner

HOST = Host("crm", "Debian GNU/Linux 12", "0.1.0", "none", "file")
TRAITS = {"product_uuid": "4c4c4544-0042", "machine_id": "8d6a6a5e"}
FINDINGS = frozenset({"state_rolled_back", "state_returned", "clone_suspected", "clone_detected"})
NOW, UPTIME = 1_234_567_890, 0.5
_BEGINNING = re.compile(rb'.*?"act":"([^"]+)","jti":"([^"]+)","seq":(\d+),')


class Form:
    """A signed request with blanks: to fill them in is quicker than to write it anew, and gives the same bytes."""

    def __init__(self, request: ValidationRequest, signer: QuickSigner) -> None:
        self._signer = signer
        self._head, claims, _ = request.sign(signer).split(b".")
        text = urlsafe_b64decode(claims + b"==").decode().replace("{", "{{").replace("}", "}}")
        for number, blank in enumerate(("REQUEST", "NONCE", "PREVIOUS", "BOOT", str(NOW), str(UPTIME))):
            assert text.count(blank) == 1
            text = text.replace(blank, f"{{{number}}}")
        self._claims = text

    def filled(self, *blanks: object) -> bytes:
        signed = self._head + b"." + encode(self._claims.format(*blanks).encode())
        return signed + b"." + encode(self._signer.sign(signed))


@dataclass
class Vendor:
    """The use cases that an agent and its licence need, put together as the program does."""

    units: Units
    randomness: Randomness
    desk: Desk
    clock: TurnableClock = field(default_factory=TurnableClock)
    sign: type[Signing] = Signing

    def __post_init__(self) -> None:
        signing, policy = self.sign(self.desk, self.randomness), Policy()
        permits = Permits(self.units, self.clock, self.randomness, policy.four_eyes)
        self.issuing = Issuing(self.units, self.clock, self.randomness, policy, permits)
        self.activating = Activating(self.units, self.clock, self.randomness, signing, policy)
        self.validating = Validating(self.units, self.clock, signing, QuickRing(device_keys(self.units)))

    def sell(self, customer_id: str) -> tuple[str, str]:
        """Issue a licence to a new customer; return its id and its code."""
        with self.units() as unit:
            unit.customers.add(Customer(customer_id, "فولاد پارس", "", "", "", "", self.clock.now()))
        licence, code = self.issuing.issue(Order(customer_id, users=3), "operator:tests")
        return licence.id, code


@dataclass
class Counter:
    """A Server of histories: one activation at a vendor's.

    Args:
        vendor: whom it is bought from.
        signer: the device key; the activation is signed by it, and validations quickly under its name.
        events: says what was recorded of a licence, by name.
    """

    vendor: Vendor
    signer: SoftwareSigner
    events: Callable[[str], list[str]]
    customer_id: str = "cus_1"
    answers: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    """A digest of every answer that was given, byte for byte."""
    requests: int = 0

    def __post_init__(self) -> None:
        self.licence_id, code = self.vendor.sell(self.customer_id)
        self.issuer, self.quick = self.vendor.desk.trust.issuer, QuickSigner(self.signer.key)
        self.components = digests(TRAITS, self.issuer)
        document = self.vendor.activating.activate(self._activation_request(code).sign(self.signer))
        self.activation_id, _, _ = self.read(document)
        self.head = self._taken(document)

    @property
    def found(self) -> Count[str]:
        return Count(event for event in self.events(self.licence_id) if event in FINDINGS)

    def compose(self, previous: Paper, boot: Boot, now: int) -> Any:
        self.requests += 1
        blanks = (f"req-{self.requests}", f"nonce-{self.requests}", previous.id, boot.id, now, boot.uptime)
        return self._form.filled(*blanks)

    def answer(self, request: Any, now: int) -> Paper | None:
        self.vendor.clock.wall = now
        try:
            document = self.vendor.validating.validate(request)
        except RequestReplayedError:
            self.answers.update(b"replayed")
            return None
        return self._taken(document)

    @staticmethod
    def read(document: bytes) -> tuple[str, str, int]:
        """Return the ids of activation and document, and the place in the chain: a licence begins with them."""
        claims = document.index(b".") + 1
        found = _BEGINNING.match(urlsafe_b64decode(document[claims : claims + 320]))
        assert found is not None
        return found[1].decode(), found[2].decode(), int(found[3])

    def _taken(self, document: bytes) -> Paper:
        self.answers.update(document)
        _, document_id, seq = self.read(document)
        self.head = Paper(document_id, seq)
        return self.head

    @cached_property
    def _form(self) -> Form:
        return Form(self.request("REQUEST", "NONCE", "PREVIOUS", Boot("BOOT", UPTIME), NOW), self.quick)

    def request(self, request_id: str, nonce: str, previous: str, boot: Boot, now: int) -> ValidationRequest:
        return ValidationRequest(
            device_key=self.quick.key.kid,
            licence_id=self.licence_id,
            activation_id=self.activation_id,
            audience=self.issuer,
            request_id=request_id,
            issued_at=now,
            nonce=nonce,
            previous=previous,
            components=self.components,
            host=HOST,
            boot=boot,
        )

    def _activation_request(self, code: str) -> ActivationRequest:
        return ActivationRequest(
            device_key=self.signer.key.kid,
            audience=self.issuer,
            request_id="req-0",
            issued_at=self.vendor.clock.now(),
            nonce="nonce-0",
            code=code,
            components=self.components,
            host=HOST,
            terms_version="1",
        )
