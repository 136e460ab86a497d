"""Licences for tests of seats."""

from collections.abc import Mapping
from typing import Any

from agent.domain.mode import Mode, Standing
from agent.domain.seats import Allowance
from keys.documents.licence import Licence
from keys.documents.parts import Customer, Fingerprint, Product, Seats, Terms, Validation
from tests.fakes import START

DAY = 86_400


def a_licence(**changes: Any) -> Licence:
    """A good licence, with changes."""
    members: Mapping[str, Any] = {
        "issuer": "https://licence.example.com",
        "licence_id": "lic_1",
        "activation_id": "act_1",
        "document_id": "doc_1",
        "seq": 1,
        "issued_at": START,
        "expires_at": START + 15 * DAY,
        "nonce": "nonce",
        "device_key": "device",
        "activated_at": START,
        "status": "active",
        "reason": None,
        "customer": Customer("cus_1", "Pars Steel"),
        "product": Product("Owj CRM", "standard"),
        "site": "Mashhad",
        "terms": Terms(START, None, 0, None),
        "seats": Seats("concurrent", 3, 4),
        "features": ("reports",),
        "networks": (),
        "fingerprint": Fingerprint({}, 60),
        "validation": Validation(DAY, START + DAY, 14 * DAY),
    }
    return Licence(**(dict(members) | changes))


def a_standing(mode: Mode = "full", now: int = START, **changes: Any) -> Standing:
    """What that licence allows in a mode."""
    return Standing(mode, "active" if mode == "full" else "suspended", a_licence(**changes), now)


def an_allowance(mode: Mode = "full", now: int = START, ttl: int = 120, **changes: Any) -> Allowance:
    """What the ledger is told of it."""
    rest = {name: changes.pop(name) for name in ("administrator", "idle", "network_policy") if name in changes}
    networks: tuple[str, ...] = changes.pop("networks", ())
    members: Mapping[str, Any] = {"model": "concurrent", "users": 3, "clients": 4, "service": 1}
    return Allowance(mode, Seats(**(dict(members) | changes)), networks, now, ttl, **rest)
