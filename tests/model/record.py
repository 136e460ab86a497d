"""What the audit record says: read from its beginning, it must come to exactly what the database holds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from licence_server.domain.audit import Entry
from licence_server.domain.licence import Licence

RUNNING = frozenset({"active", "recovered"})
_FACTS = frozenset({"licence_issued", "licence_recovered", "activation_rebuilt", "evidence_accepted"})
"""Entries that say all that the licence is then."""


@dataclass
class Told:
    """What one licence is, by the entries about it."""

    facts: dict[str, Any] = field(default_factory=dict)
    """State, reason, users, clients, ends_at."""
    live: str | None = None
    """The activation that gets active licences."""
    seq: int = 0
    events: list[tuple[str, str]] = field(default_factory=list)
    """What happened, and to which activation, as far as agents caused it."""

    def take(self, entry: Entry) -> None:
        """Follow one entry."""
        details: Mapping[str, Any] = json.loads(entry.details)
        self.seq = entry.seq
        self.events.append((entry.event, entry.actor.removeprefix("agent:")))
        if entry.event in _FACTS:
            self.facts = {name: details[name] for name in ("state", "reason", "users", "clients", "ends_at")}
        step = getattr(self, f"_{entry.event}", None)
        if step is not None:
            step(entry.actor.removeprefix("agent:"), details)

    def check(self, licence: Licence | None, live: list[str]) -> str:
        """Return what the database says otherwise; empty: nothing."""
        if licence is None:
            return "" if not self.facts else f"the record knows {self.facts}, and the database nothing"
        found = {
            "state": licence.state,
            "reason": licence.reason,
            "users": licence.seats.users,
            "clients": licence.seats.clients,
            "ends_at": licence.terms.ends_at,
        }
        told = [] if self.live is None else [self.live]
        return "" if (found, live) == (self.facts, told) else f"record: {self.facts} {told}; database: {found} {live}"

    def _licence_activated(self, actor: str, details: Mapping[str, Any]) -> None:
        self.live = details["activation"]
        if self.facts["state"] != "recovered":
            self.facts["state"] = "active"

    def _licence_suspended(self, actor: str, details: Mapping[str, Any]) -> None:
        self.facts |= {"state": "suspended", "reason": details["reason"]}

    def _licence_revoked(self, actor: str, details: Mapping[str, Any]) -> None:
        self.facts |= {"state": "revoked", "reason": details["reason"]}

    def _licence_resumed(self, actor: str, details: Mapping[str, Any]) -> None:
        self.facts |= {"state": "issued" if self.live is None else "active", "reason": None}

    def _licence_confirmed(self, actor: str, details: Mapping[str, Any]) -> None:
        self.facts["state"] = "issued" if self.live is None else "active"

    def _licence_renewed(self, actor: str, details: Mapping[str, Any]) -> None:
        self.facts["ends_at"] = details["ends_at"]

    def _seats_changed(self, actor: str, details: Mapping[str, Any]) -> None:
        self.facts |= {"users": details["users"], "clients": details["clients"]}

    def _clone_detected(self, actor: str, details: Mapping[str, Any]) -> None:
        if actor == self.live and self.facts["state"] in RUNNING:
            self.facts |= {"state": "suspended", "reason": "clone_detected"}

    def _licence_deactivated(self, actor: str, details: Mapping[str, Any]) -> None:
        if actor == self.live and details["status"] == "deactivated":
            self.live = None
            if self.facts["state"] in RUNNING:
                self.facts["state"] = "issued"

    def _activation_rebuilt(self, actor: str, details: Mapping[str, Any]) -> None:
        if details["binding"] == "live":
            self.live = actor

    def _evidence_accepted(self, actor: str, details: Mapping[str, Any]) -> None:
        if actor == self.live and details["binding"] != "live":
            self.live = None
