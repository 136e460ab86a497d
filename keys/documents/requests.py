"""What an agent asks: activation, validation, deactivation (protocol, section 3)."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from keys.claims import Reader
from keys.errors import MalformedError, SignatureInvalidError
from keys.jws import MAX_BYTES, Claims, KeyRing, introduces, open_document, open_introduction, sign_document
from keys.sentences import phrase
from keys.signing import PublicKey, Signer

ACTIVATION = "activation-request+jwt"
VALIDATION = "validation-request+jwt"
DEACTIVATION = "deactivation-request+jwt"

KeyPlace = Literal["file", "tpm", "vtpm"]
LONGEST_CODE = 64
LONGEST_PROOF = 4096
LONGEST_USAGE = 744
"""Hours of usage that one request may report: 31 days."""


@dataclass(frozen=True, slots=True)
class Host:
    """What people should know of the server that asks; nothing here identifies it."""

    name: str
    os: str
    agent: str
    """The agent's version."""
    virtualisation: str
    key: KeyPlace

    def to_claims(self) -> dict[str, object]:
        """Return the claim ``host``."""
        return {
            "name": self.name,
            "os": self.os,
            "agent": self.agent,
            "virtualisation": self.virtualisation,
            "key": self.key,
        }

    @classmethod
    def read(cls, reader: Reader) -> "Host":
        """Read the claim. Raises MalformedError."""
        return cls(
            reader.text("name", 255),
            reader.text("os", 255),
            reader.text("agent", 255),
            reader.text("virtualisation", 255),
            reader.one_of("key", KeyPlace),
        )


@dataclass(frozen=True, slots=True)
class Boot:
    """Which start of the machine this is: the digest of its boot id, and the seconds it has run since."""

    id: str
    uptime: float


@dataclass(frozen=True, slots=True)
class Usage:
    """One hour, as counts only (T13): peaks of users and clients, and how often there was no free seat."""

    hour_at: int
    users: int
    clients: int
    refused: int = 0
    """Check-outs that were refused because all seats were taken."""
    waited: int = 0
    """Check-outs that had to wait for a seat."""

    def to_claims(self) -> dict[str, object]:
        """Return one entry of the claim ``usage``; where nobody was refused or waited, that is left out."""
        rare = {"refused": self.refused, "waited": self.waited}
        told = {name: count for name, count in rare.items() if count}
        return {"hour": self.hour_at, "users": self.users, "clients": self.clients, **told}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at the agent since the last document, and how often."""

    code: str
    at: int
    count: int = 1

    def to_claims(self) -> dict[str, object]:
        """Return one entry of the claim ``events``."""
        return {"code": self.code, "at": self.at, "count": self.count}


@dataclass(frozen=True, slots=True)
class ActivationRequest:
    """A server that asks to be the one that the licence is active on (T4)."""

    device_key: str
    audience: str
    request_id: str
    issued_at: int
    nonce: str
    code: str
    components: Mapping[str, str]
    host: Host
    terms_version: str

    def sign(self, signer: Signer) -> bytes:
        """Return the signed request, which brings the public device key along."""
        claims: Claims = {
            "iss": self.device_key,
            "aud": self.audience,
            "jti": self.request_id,
            "iat": self.issued_at,
            "nonce": self.nonce,
            "code": self.code,
            "fingerprint": {"components": dict(self.components)},
            "host": self.host.to_claims(),
            "terms_version": self.terms_version,
        }
        return sign_document(ACTIVATION, claims, signer, introduce=True)


@dataclass(frozen=True, slots=True)
class ValidationRequest:
    """An activated server that asks for the successor of the licence in hand, or gives it back."""

    device_key: str
    licence_id: str
    activation_id: str
    audience: str
    request_id: str
    issued_at: int
    nonce: str
    previous: str
    components: Mapping[str, str]
    host: Host
    boot: Boot
    usage: tuple[Usage, ...] = ()
    events: tuple[Event, ...] = ()
    held: bytes | None = None
    """The licence in hand, only when the server asked for evidence."""
    next_key: bytes | None = None
    """The proof of a key that shall take this one's place; see keys.documents.moving."""

    def sign(self, signer: Signer, kind: str = VALIDATION) -> bytes:
        """Return the signed request. With evidence it brings the device key along, which the server may have lost."""
        claims: dict[str, object] = {
            "iss": self.device_key,
            "sub": self.licence_id,
            "act": self.activation_id,
            "aud": self.audience,
            "jti": self.request_id,
            "iat": self.issued_at,
            "nonce": self.nonce,
            "previous": self.previous,
            "fingerprint": {"components": dict(self.components)},
            "host": self.host.to_claims(),
            "boot": {"id": self.boot.id, "uptime": self.boot.uptime},
            "events": [event.to_claims() for event in self.events],
        }
        if kind == VALIDATION:
            claims["usage"] = [hour.to_claims() for hour in self.usage]
        if self.next_key is not None:
            claims["next_key"] = self.next_key.decode()
        if self.held is not None:
            claims["held"] = self.held.decode()
        return sign_document(kind, claims, signer, introduce=self.held is not None)


def open_activation_request(document: bytes, audience: str) -> tuple[ActivationRequest, PublicKey]:
    """Verify an activation request under the key that it brings along. Raises as keys.jws.open_document."""
    claims, key = open_introduction(document, ACTIVATION)
    reader = Reader(claims)
    _check_parties(reader, key, audience)
    request = ActivationRequest(
        device_key=key.kid,
        audience=audience,
        request_id=reader.ident("jti"),
        issued_at=reader.whole("iat"),
        nonce=reader.ident("nonce"),
        code=reader.text("code", LONGEST_CODE),
        components=reader.inner("fingerprint").digests("components"),
        host=Host.read(reader.inner("host")),
        terms_version=reader.text("terms_version", 64),
    )
    return request, key


def open_validation_request(
    document: bytes, audience: str, keys: KeyRing, kind: str = VALIDATION
) -> tuple[ValidationRequest, PublicKey]:
    """Verify a validation or deactivation request under the device key that the activation was made with.

    A request with evidence may bring its key along; it counts only as far as the licence in ``held`` names it.
    Raises as keys.jws.open_document; MalformedError also for a key without evidence.
    """
    if introduces(document, kind):
        claims, key = open_introduction(document, kind)
        if "held" not in claims:
            raise MalformedError(phrase("Only a request with evidence may bring its key along."))
    else:
        claims, key = open_document(document, kind, keys)
    reader = Reader(claims)
    _check_parties(reader, key, audience)
    return _validation_request(reader, key, audience, kind), key


def read_usage(reader: Reader) -> Usage:
    """Read one entry of the claim ``usage``. Raises MalformedError."""
    refused, waited = (reader.whole(name) if reader.has(name) else 0 for name in ("refused", "waited"))
    return Usage(reader.whole("hour"), reader.whole("users"), reader.whole("clients"), refused, waited)


def _validation_request(reader: Reader, key: PublicKey, audience: str, kind: str) -> ValidationRequest:
    boot = reader.inner("boot")
    return ValidationRequest(
        device_key=key.kid,
        licence_id=reader.ident("sub"),
        activation_id=reader.ident("act"),
        audience=audience,
        request_id=reader.ident("jti"),
        issued_at=reader.whole("iat"),
        nonce=reader.ident("nonce"),
        previous=reader.ident("previous"),
        components=reader.inner("fingerprint").digests("components"),
        host=Host.read(reader.inner("host")),
        boot=Boot(boot.ident("id"), boot.number("uptime")),
        usage=tuple(read_usage(entry) for entry in reader.objects("usage", LONGEST_USAGE))
        if kind == VALIDATION
        else (),
        events=tuple(_event(entry) for entry in reader.objects("events")),
        held=reader.text("held", MAX_BYTES).encode() if reader.has("held") else None,
        next_key=reader.text("next_key", LONGEST_PROOF).encode()
        if kind == VALIDATION and reader.has("next_key")
        else None,
    )


def _check_parties(reader: Reader, key: PublicKey, audience: str) -> None:
    if reader.text("aud") != audience:
        raise MalformedError(
            phrase("The request is meant for another licence server than {audience}.", audience=audience)
        )
    if not hmac.compare_digest(reader.ident("iss"), key.kid):
        raise SignatureInvalidError(phrase("The issuer of the request is not the key that signed it."))


def _event(reader: Reader) -> Event:
    return Event(reader.word("code"), reader.whole("at"), reader.whole("count", 1))
