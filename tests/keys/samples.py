"""Keys and documents to try things on: always the same ones, so that a failure can be repeated."""

from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from keys.documents.licence import Licence
from keys.documents.parts import Customer, Fingerprint, Notice, Product, Seats, Terms, Validation
from keys.documents.requests import ActivationRequest, Boot, Event, Host, Usage, ValidationRequest
from keys.errors import SignatureInvalidError
from keys.fingerprint import digests
from keys.jws import Claims, encode, to_json
from keys.signing import PublicKey, Signer, SoftwareSigner
from keys.trust import SigningKey, Trust

ISSUER = "https://licence.example.com"
NOW = 1_800_000_000
DAY = 86_400


def ed25519_signer(number: int) -> SoftwareSigner:
    return SoftwareSigner(ed25519.Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


def es256_signer(number: int) -> SoftwareSigner:
    return SoftwareSigner(ec.derive_private_key(number, ec.SECP256R1()))


ROOT_1, ROOT_2, ROOT_3, SIGNING, NEW_SIGNING, DEVICE, STRANGER = (ed25519_signer(number) for number in range(1, 8))
TPM_DEVICE = es256_signer(8)

TRUST = Trust(
    issuer=ISSUER,
    version=1,
    issued_at=NOW,
    expires_at=NOW + 398 * DAY,
    roots=(ROOT_1.key, ROOT_2.key, ROOT_3.key),
    threshold=2,
    signing=(SigningKey(SIGNING.key, "active", NOW, None),),
)

COMPONENTS = digests({"product_uuid": "4c4c4544-0042", "machine_id": "8d6a6a5e", "disk_serial": "S3Z9"}, ISSUER)
HOST = Host("crm", "Debian GNU/Linux 12", "0.1.0", "none", "file")

LICENCE = Licence(
    issuer=ISSUER,
    licence_id="lic_1",
    activation_id="act_1",
    document_id="doc_1",
    seq=1,
    issued_at=NOW,
    expires_at=NOW + 15 * DAY,
    nonce="bm9uY2U",
    device_key=DEVICE.key.kid,
    activated_at=NOW,
    status="active",
    reason=None,
    customer=Customer("cus_1", "فولاد پارس"),
    product=Product("Owj CRM", "enterprise"),
    site="Mashhad",
    terms=Terms(NOW, None, 0, NOW + 365 * DAY),
    seats=Seats("concurrent", 3, 4, 1, 1, 5),
    features=("reports", "sms"),
    networks=("10.0.0.0/8", "fd00::/8"),
    fingerprint=Fingerprint(COMPONENTS, 60),
    validation=Validation(DAY, NOW + DAY, 14 * DAY),
    notices=(Notice("support_ends", "info", "Support ends soon.", "پشتیبانی به‌زودی پایان می‌یابد."),),
)

ACTIVATION_REQUEST = ActivationRequest(
    device_key=DEVICE.key.kid,
    audience=ISSUER,
    request_id="req_1",
    issued_at=NOW,
    nonce="bm9uY2U",
    code="00000-00000-00000-00000-00000",
    components=COMPONENTS,
    host=HOST,
    terms_version="1",
)

VALIDATION_REQUEST = ValidationRequest(
    device_key=DEVICE.key.kid,
    licence_id="lic_1",
    activation_id="act_1",
    audience=ISSUER,
    request_id="req_2",
    issued_at=NOW + DAY,
    nonce="bm9uY2Uy",
    previous="doc_1",
    components=COMPONENTS,
    host=HOST,
    boot=Boot(COMPONENTS["machine_id"], 3600.25),
    usage=(Usage(NOW, 2, 3),),
    events=(Event("clock_behind", NOW, 2),),
)
DEACTIVATION_REQUEST = replace(VALIDATION_REQUEST, usage=())


@dataclass(frozen=True, slots=True)
class Ring:
    """Believes a few keys."""

    keys: tuple[PublicKey, ...]

    def find(self, kid: str) -> PublicKey:
        for key in self.keys:
            if key.kid == kid:
                return key
        raise SignatureInvalidError("Nobody knows this key.")


DEVICES = Ring((DEVICE.key, TPM_DEVICE.key))


def forge(header: dict[str, Any] | bytes, claims: Claims | bytes, signer: Signer) -> bytes:
    """Sign whatever header and claims, with none of the checks that our own code makes."""
    parts = (part if isinstance(part, bytes) else to_json(part) for part in (header, claims))
    signed = b".".join(encode(part) for part in parts)
    return signed + b"." + encode(signer.sign(signed))
