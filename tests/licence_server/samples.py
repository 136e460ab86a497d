"""A licence and an activation to try rules on; what a test is about, it changes by name."""

from dataclasses import replace

from keys.documents.parts import Customer, Seats, Terms
from keys.documents.requests import Host
from keys.fingerprint import digests
from licence_server.domain.activation import Activation, Answer
from licence_server.domain.chain import Chain
from licence_server.domain.licence import Licence

ISSUER = "https://licence.example.com"
NOW = 1_800_000_000
DAY = 86_400
HOST = Host("crm", "Debian GNU/Linux 12", "0.1.0", "none", "file")
COMPONENTS = digests({"product_uuid": "4c4c4544-0042", "machine_id": "8d6a6a5e", "disk_serial": "S3Z9"}, ISSUER)

_LICENCE = Licence(
    id="lic_1",
    customer=Customer("cus_1", "فولاد پارس"),
    product="Owj CRM",
    edition="standard",
    site="Mashhad",
    state="active",
    reason=None,
    terms=Terms(NOW - DAY, None, 7 * DAY, None),
    seats=Seats("concurrent", 3, 4),
    features=("sms",),
    networks=("10.0.0.0/8",),
    threshold=60,
    interval=DAY,
    grace=14 * DAY,
    on_clone="suspend",
    created_at=NOW - DAY,
    changed_at=NOW - DAY,
)
_ACTIVATION = Activation(
    id="act_1",
    licence_id="lic_1",
    device_key="device-key",
    jwk={"kty": "OKP", "crv": "Ed25519", "x": "x"},
    binding="live",
    activated_at=NOW - DAY,
    components=COMPONENTS,
    drifts=(),
    chain=Chain("doc_1", 1),
    host=HOST,
    seen_at=NOW - DAY,
    first=Answer("req_1", "first"),
    last=Answer("req_1", "first"),
)


def licence(**changes) -> Licence:
    return replace(_LICENCE, **changes)


def until(ends_at: int, **changes) -> Licence:
    """A licence that ends, with 7 days of grace after."""
    return replace(_LICENCE, terms=replace(_LICENCE.terms, ends_at=ends_at), **changes)


def activation(**changes) -> Activation:
    return replace(_ACTIVATION, **changes)
