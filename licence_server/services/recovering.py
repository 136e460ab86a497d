"""What an agent's licence in hand can prove after the database was restored from a backup (protocol, section 4)."""

from dataclasses import dataclass, replace

from keys.documents.evidence import open_held
from keys.documents.licence import Licence as Document
from keys.documents.requests import ValidationRequest
from keys.errors import EvidenceRequiredError, SignatureInvalidError, StateConflictError, UnavailableError
from keys.signing import PublicKey
from keys.trust import Trust
from licence_server.domain.activation import Activation, Answer, Binding, DeviceKey
from licence_server.domain.chain import Chain
from licence_server.domain.customer import Customer
from licence_server.domain.licence import Licence, size_of
from licence_server.services.ports import Unit
from licence_server.services.recording import bound, facts, record

_SOON = 1
"""Seconds after which to ask again."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A licence that this server signed, held by the very device key it is bound to."""

    held: Document
    key: PublicKey


def open_evidence(request: ValidationRequest, key: PublicKey, trust: Trust) -> Evidence | None:
    """Return the evidence that a request brings, or None.

    Raises:
        MalformedError, SignatureInvalidError: what it brings is not ours, or is somebody else's.
    """
    held = open_held(request, key, trust)
    return None if held is None else Evidence(held, key)


def require(evidence: Evidence | None) -> Evidence:
    """Return the evidence. Raises EvidenceRequiredError where there is none."""
    if evidence is None:
        raise EvidenceRequiredError("This server does not know the licence in hand: show it.")
    return evidence


def rebuild(
    unit: Unit, licence: Licence | None, evidence: Evidence, request: ValidationRequest, now: int
) -> tuple[Licence, Activation]:
    """Rebuild an activation that the database lost, and the licence if need be, for a person to confirm.

    Of two activations of one licence the one whose first document is younger is live, and a person is told.

    Raises:
        UnavailableError: another agent brings back the same licence or customer at this moment.
    """
    held = evidence.held
    actor = f"agent:{held.activation_id}"
    try:
        licence = licence or _rebuilt_licence(unit, held, now)
    except StateConflictError as error:
        raise UnavailableError("Another agent brings back the same licence or customer just now.", _SOON) from error
    licence, binding = _settle(unit, _as_held(licence, held), held, now)
    activation = Activation(
        id=held.activation_id,
        licence_id=held.licence_id,
        device_key=evidence.key.kid,
        jwk=evidence.key.jwk,
        binding=binding,
        activated_at=held.activated_at,
        components=held.fingerprint.components,
        drifts=(),
        chain=Chain(held.document_id, held.seq),
        host=request.host,
        seen_at=now,
        first=Answer("", ""),
        last=Answer("", ""),
    )
    unit.activations.add(activation)
    unit.documents.add(held, held.document_id)
    unit.licences.put(licence)
    about = {"binding": binding, "seq": held.seq, **facts(licence)}
    record(unit, "activation_rebuilt", licence, actor, now, **about, **bound(activation))
    return licence, activation


def catch_up(
    unit: Unit, licence: Licence, activation: Activation, evidence: Evidence, now: int
) -> tuple[Licence, Activation]:
    """Continue from a document that is younger than the head in the database.

    One that is not above the head is an older document and no evidence: the chain treats it as a rollback.
    """
    held = evidence.held
    if held.seq <= activation.chain.seq:
        return licence, activation
    licence = _as_held(licence, held)
    binding = activation.binding
    if held.status in ("superseded", "deactivated") and binding == "live":
        # The backup is from before the licence left this server: the code that took it away was used since.
        unit.codes.void_unused(licence.id, now, made_until=held.issued_at)
        licence, binding = licence.released(), held.status
    unit.licences.put(licence)
    unit.documents.add(held, held.document_id, moved=held.device_key != activation.device_key)
    activation = replace(activation, binding=binding, chain=activation.chain.rebuilt(held.document_id, held.seq))
    actor = f"agent:{activation.id}"
    about = {"binding": binding, "seq": held.seq, **facts(licence)}
    record(unit, "evidence_accepted", licence, actor, now, **about, **bound(activation))
    return licence, activation


def learn_key(
    unit: Unit, licence: Licence, activation: Activation, evidence: Evidence | None, key: PublicKey, *, now: int
) -> Activation:
    """Learn of the key that took the first one's place after the backup, by a younger document that is bound to it.

    Raises SignatureInvalidError: nothing proves that the key serves this activation.
    """
    proved = evidence is not None and evidence.held.seq > activation.chain.seq and key.kind == "ES256"
    if not proved or activation.moved is not None:
        raise SignatureInvalidError("The request is signed by another device key than the activation's.")
    return move(unit, licence, activation, key, now)


def move(unit: Unit, licence: Licence, activation: Activation, key: PublicKey, now: int) -> Activation:
    """Let a key serve an activation in the first one's place, and record it.

    Raises SignatureInvalidError: the key serves another activation.
    """
    if unit.activations.with_key(key.kid) is not None:
        raise SignatureInvalidError("The other device key serves an activation already.")
    activation = replace(activation, moved=DeviceKey(key.kid, key.jwk))
    unit.activations.put(activation)
    about = {"old": activation.device_key, "new": key.kid}
    record(unit, "device_key_moved", licence, f"agent:{activation.id}", now, **about, **bound(activation))
    return activation


def _rebuilt_licence(unit: Unit, held: Document, now: int) -> Licence:
    about = dict[str, object]()
    if unit.customers.find(held.customer.id) is None:
        customer = Customer(held.customer.id, held.customer.name, "", "", "", "", now)
        unit.customers.add(customer)
        about["customers"] = customer.recorded
    licence = Licence(
        id=held.licence_id,
        customer=held.customer,
        product=held.product.name,
        edition=held.product.edition,
        site=held.site,
        state="recovered",
        reason=None,
        terms=held.terms,
        seats=held.seats,
        features=held.features,
        networks=held.networks,
        threshold=held.fingerprint.threshold,
        interval=held.validation.interval,
        grace=held.validation.grace,
        on_clone="suspend",
        created_at=now,
        changed_at=0,
        network_policy=held.network_policy,
        approved_users=size_of(held.seats),
    )
    unit.licences.add(licence)
    record(unit, "licence_recovered", licence, f"agent:{held.activation_id}", now, **about)
    return licence


def _as_held(licence: Licence, held: Document) -> Licence:
    """Follow what the held document says of the licence, unless what is known of it is as young."""
    if held.issued_at <= licence.changed_at:
        return licence
    licence = licence.sized(held.seats, held.issued_at)  # we signed it, so whoever has to had agreed
    licence = replace(licence, terms=held.terms, features=held.features, networks=held.networks)
    licence = replace(licence, network_policy=held.network_policy)
    if held.status in ("suspended", "revoked"):
        return replace(licence, state=held.status, reason=held.reason)
    if held.status in ("active", "expired") and licence.state == "suspended":
        return replace(licence, state="active", reason=None)  # it was resumed after the backup
    return licence


def _settle(unit: Unit, licence: Licence, held: Document, now: int) -> tuple[Licence, Binding]:
    """Decide which activation is live."""
    # A code that is older than the activation was used for it, or withdrawn: the backup does not know.
    unit.codes.void_unused(licence.id, now, made_until=held.activated_at)
    if held.status in ("superseded", "deactivated"):
        return licence, held.status
    rival = unit.activations.live(licence.id)
    if rival is None:
        return licence.activated() if licence.state == "issued" else licence, "live"
    won = held.activated_at > rival.activated_at
    lost = [replace(rival, binding="superseded")] if won else []
    for activation in lost:
        unit.activations.put(activation)
    actor, about = f"agent:{held.activation_id}", {"rival": rival.id, "live": held.activation_id if won else rival.id}
    record(unit, "activation_conflict", licence, actor, now, **about, **bound(*lost))
    return licence, "live" if won else "superseded"
