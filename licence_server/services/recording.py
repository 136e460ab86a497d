"""What every use case does beside its own work: write down who did what."""

from collections.abc import Mapping

from keys.fingerprint import Match
from licence_server.domain.activation import Activation, binding_digest
from licence_server.domain.audit import Note
from licence_server.domain.licence import Licence, digest_of
from licence_server.services.ports import Unit


def record(unit: Unit, event: str, licence: Licence, by: str, now: int, **details: object) -> None:
    """Write down what happened to a licence, with a digest of what it is now."""
    unit.audit.note(Note(now, by, event, licence.id, {**details, "licence": digest_of(licence)}))


def bound(*activations: Activation) -> Mapping[str, object]:
    """Return the detail of an entry that says what activations are now: whoever stores one records it."""
    return {"activations": {activation.id: binding_digest(activation) for activation in activations}}


def compared(match: Match) -> Mapping[str, object]:
    """Return the details of an entry that say which components of a server are not as they were enrolled."""
    names = {"changed": list(match.changed), "missing": list(match.missing), "added": list(match.added)}
    return {"components": match.describe(), **names}


def facts(licence: Licence) -> Mapping[str, object]:
    """Return the details of an entry that say all that a licence then is, where no entry before leads to it."""
    state = {"state": licence.state, "reason": licence.reason}
    return {**state, **numbers(licence), **whereabouts(licence), "ends_at": licence.terms.ends_at}


def numbers(licence: Licence) -> Mapping[str, object]:
    """Return the details of an entry that say for how many a licence is."""
    seats = licence.seats
    overdraft = {"users": seats.overdraft_users, "days": seats.overdraft_days}
    return {"users": seats.users, "clients": seats.clients, "service": seats.service, "overdraft": overdraft}


def whereabouts(licence: Licence) -> Mapping[str, object]:
    """Return the details of an entry that say whose addresses belong to a licence's site."""
    return {"networks": list(licence.networks), "network_policy": licence.network_policy}
