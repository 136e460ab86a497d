"""A customer's server that speaks the protocol, and nothing more: no disk, no schedule, no scruples."""

import copy
import os
from dataclasses import dataclass, field, replace

from keys.documents.licence import Licence as Document
from keys.documents.moving import prove
from keys.documents.requests import (
    DEACTIVATION,
    VALIDATION,
    ActivationRequest,
    Boot,
    Host,
    ValidationRequest,
    open_validation_request,
)
from keys.examining import DeviceRing
from keys.fingerprint import digest
from keys.identity import new_id
from keys.signing import SoftwareSigner
from tests.licence_server.vendor import Vendor

HOST = Host("crm", "Debian GNU/Linux 12", "0.1.0", "none", "file")
TRAITS = ("product_uuid", "machine_id", "board_serial", "disk_serial", "mac", "cpu")


def hardware(issuer: str, **exchanged: str) -> dict[str, str]:
    """Digests of a machine of weight 100, of which some traits are others."""
    return {name: digest(exchanged.get(name, f"{name} of the machine"), issuer) for name in TRAITS}


@dataclass
class Device:
    """One server, or one copy of it."""

    vendor: Vendor
    components: dict[str, str] = field(default_factory=dict)
    signer: SoftwareSigner = field(default_factory=SoftwareSigner.generate)
    boot_id: str = field(default_factory=lambda: new_id("boot", os.urandom))
    booted_at: int = 0
    held: bytes = b""

    def __post_init__(self) -> None:
        self.components = self.components or hardware(self.vendor.desk.issuer)
        self.booted_at = self.booted_at or self.vendor.clock.now()

    @property
    def licence(self) -> Document:
        return self.vendor.opened(self.held)

    def copy(self) -> "Device":
        """A clone with the same state, on a boot of its own."""
        clone = copy.copy(self)
        clone.reboot()
        return clone

    def reboot(self) -> None:
        self.boot_id, self.booted_at = new_id("boot", os.urandom), self.vendor.clock.now()

    def activation_request(self, code: str, **changes) -> bytes:
        request = ActivationRequest(
            device_key=self.signer.key.kid,
            audience=self.vendor.desk.issuer,
            request_id=new_id("req", os.urandom),
            issued_at=self.vendor.clock.now(),
            nonce=new_id("nonce", os.urandom),
            code=code,
            components=self.components,
            host=HOST,
            terms_version="1",
        )
        return replace(request, **changes).sign(self.signer)

    def request(self, kind: str = VALIDATION, *, evidence: bool = False, **changes) -> bytes:
        held, now = self.licence, self.vendor.clock.now()
        request = ValidationRequest(
            device_key=self.signer.key.kid,
            licence_id=held.licence_id,
            activation_id=held.activation_id,
            audience=self.vendor.desk.issuer,
            request_id=new_id("req", os.urandom),
            issued_at=now,
            nonce=new_id("nonce", os.urandom),
            previous=held.document_id,
            components=self.components,
            host=HOST,
            boot=Boot(self.boot_id, max(0, now - self.booted_at)),
            held=self.held if evidence else None,
        )
        return replace(request, **changes).sign(self.signer, kind)

    def moving_request(self, successor: SoftwareSigner, **spoilt) -> bytes:
        """A validation that asks that another key take this one's place; its proof is made for a request so spoilt."""
        plain, _ = open_validation_request(self.request(), self.vendor.desk.issuer, DeviceRing(self.signer.key))
        proof = prove(successor, replace(plain, **spoilt))
        return replace(plain, next_key=proof).sign(self.signer, VALIDATION)

    def activate(self, code: str, **changes) -> Document:
        return self.take(self.vendor.activating.activate(self.activation_request(code, **changes)))

    def validate(self, *, evidence: bool = False, **changes) -> Document:
        return self.take(self.vendor.validating.validate(self.request(evidence=evidence, **changes)))

    def deactivate(self, *, evidence: bool = False) -> Document:
        return self.take(self.vendor.validating.deactivate(self.request(DEACTIVATION, evidence=evidence)))

    def take(self, answer: bytes) -> Document:
        """Hold the answer, unless it is a refusal: that is no link of the chain."""
        document = self.vendor.opened(answer)
        if document.status != "refused":
            self.held = answer
        return document
