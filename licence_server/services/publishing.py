"""What webhooks are told, written down in the transaction of the deed: nothing is lost, nor told that was rolled back.

The audit record is what everything that happens goes through, so it is what events are made of (decision 31).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from licence_server.domain.audit import Entry
from licence_server.domain.delivery import Delivery, message
from licence_server.domain.webhook import EVENTS
from licence_server.services.ports import Unit


def publish(unit: Unit, entries: Sequence[Entry]) -> None:
    """Make deliveries of what was just recorded, for every webhook that wants to know."""
    told = [entry for entry in entries if entry.event in EVENTS]
    webhooks = unit.webhooks.all() if told else ()
    for entry in told:
        name = EVENTS[entry.event]
        wanting = [webhook for webhook in webhooks if webhook.wants(name, entry.subject)]
        if wanting:
            body = message(name, entry.at, _data(unit, name, entry))
            for webhook in wanting:
                unit.deliveries.add(Delivery.of(webhook.id, entry.digest, name, body, entry.at))


def _data(unit: Unit, name: str, entry: Entry) -> dict[str, object]:
    """Return ids and state: what else there is, the API tells whoever may know it."""
    details = json.loads(entry.details)
    match name.partition(".")[0]:
        case "licence":
            return _of_licence(unit, entry, details)
        case "approval":
            return _of_approval(unit, entry, details)
        case "customer":
            return {"customer_id": entry.subject}
        case "outage":
            return _of_outage(unit, entry)
        case _:
            return {"webhook_id": entry.subject}


def _of_licence(unit: Unit, entry: Entry, details: Mapping[str, Any]) -> dict[str, object]:
    licence = unit.licences.get(entry.subject)
    activation = details.get("activation")
    return {
        "licence_id": licence.id,
        "customer_id": licence.customer.id,
        "state": licence.state_at(entry.at),
        "reason": licence.reason,
        "users": licence.seats.users,
        "ends_at": licence.terms.ends_at,
        **({} if activation is None else {"activation_id": activation}),
    }


def _of_outage(unit: Unit, entry: Entry) -> dict[str, object]:
    wanted = unit.outages.get(entry.subject).declaration
    return {"outage_id": entry.subject, "starts_at": wanted.from_at, "ends_at": wanted.until_at, "days": wanted.days}


def _of_approval(unit: Unit, entry: Entry, details: Mapping[str, Any]) -> dict[str, object]:
    (approval,) = (each for each in unit.approvals.about(entry.subject) if each.id == details["approval"])
    return {
        "approval_id": approval.id,
        "deed": approval.deed,
        "state": approval.state_at(entry.at),
        "subject": approval.subject,
    }
