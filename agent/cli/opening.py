"""How every command comes to its agent, and how a standing looks to people and to scripts."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from agent.config import HARDWARE_VARIABLE, read_config
from agent.daemon.assembly import Agent, assemble
from agent.domain.faults import sentence
from agent.domain.mode import Standing
from agent.healing import Healing
from keys.clock import SystemClock
from keys.command import tell

STAND_IN_WARNING = (
    f"WARNING: {HARDWARE_VARIABLE} is set: the fingerprint comes from a file, not from this machine. For tests only."
)
_STRANGERS = {"enforce": "refused", "report": "let in, and reported"}


def open_agent() -> Agent:
    """Return the agent of this environment. Raises LicensingError."""
    config = read_config(os.environ)
    if config.stand_in is not None:
        tell(STAND_IN_WARNING)
    return assemble(config, SystemClock(), os.urandom)


def open_mended() -> Agent:
    """Return the agent of this environment, for a command that changes something: what is damaged is mended first."""
    agent = open_agent()
    if agent.home.folder.is_dir():
        for said in Healing(agent.home, agent.around).heal():
            tell(f"mended: {said}")
    return agent


def standing_as_json(agent: Agent) -> dict[str, Any]:
    """Return what ``status`` and ``validate`` print; moments are NumericDates, spans are in seconds."""
    standing = agent.judging.standing()
    return {
        "mode": standing.mode,
        "status": standing.status,
        "reason": standing.reason,
        "until_at": standing.until_at,
        "days_left": standing.days_left,
        "stretched_at": standing.stretched_at,
        "now": standing.now,
        **_licence(standing),
        "notices": [notice.to_claims() for notice in standing.notices],
        "last_validation": _last_validation(agent, standing),
        "home": str(agent.home.folder),
    }


def _last_validation(agent: Agent, standing: Standing) -> Mapping[str, object] | None:
    """Return how the last validation went; ``detail`` is one sentence, of a failure with what it means here."""
    progress, last = agent.around.tallies.progress()
    if last is None:
        return None
    failed = last.word != "answered"
    return {
        "at": last.at,
        "word": last.word,
        "cause": last.cause or None,
        "detail": sentence(last.word, last.sentence, standing) if failed else last.sentence,
        "failures": progress.failures,
        "retry_at": progress.retry_at,
    }


def _licence(standing: Standing) -> Mapping[str, object]:
    licence = standing.licence
    if licence is None:
        empty = ("licence", "activation", "customer", "product", "site", "seats", "expires_at", "refresh_at", "seq")
        return dict.fromkeys(empty)
    return {
        "licence": licence.licence_id,
        "activation": licence.activation_id,
        "customer": licence.customer.to_claims(),
        "product": licence.product.to_claims(),
        "site": licence.site,
        "seats": licence.seats.to_claims(),
        "features": list(licence.features),
        "networks": list(licence.networks),
        "network_policy": licence.network_policy,
        "issued_at": licence.issued_at,
        "expires_at": licence.expires_at,
        "refresh_at": licence.validation.refresh_at,
        "ends_at": licence.terms.ends_at,
        "seq": licence.seq,
    }


def standing_for_people(said: Mapping[str, Any]) -> str:
    """Write a standing as a screen of text."""
    rows = [("mode", f"{said['mode']} ({said['reason']})")]
    if said["licence"] is not None:
        clients = said["seats"]["clients"]
        rows += [
            ("licence", f"{said['licence']}, {said['status']}, document {said['seq']}"),
            ("customer", f"{said['customer']['name']}{', ' + said['site'] if said['site'] else ''}"),
            ("seats", f"{said['seats']['users']} users, {'any number of' if clients is None else clients} clients"),
            ("networks", ", ".join(said["networks"]) or "private ranges"),
            ("other networks", _STRANGERS[said["network_policy"]]),
            ("next validation", moment(said["refresh_at"])),
            ("good until", moment(said["expires_at"])),
        ]
    if said["stretched_at"] is not None:
        rows.append(("outage", f"declared by the vendor; good until {moment(said['stretched_at'])} for it"))
    if said["last_validation"] is not None:
        last = said["last_validation"]
        word = "answered" if last["word"] == "answered" else "failed"
        rows.append(("last validation", f"{moment(last['at'])}, {word}: {last['detail']}"))
    lines = [f"{name + ':':<17}{value}" for name, value in rows]
    return "\n".join([*lines, *(f"{notice['severity']}: {notice['text']['en']}" for notice in said["notices"])])


def moment(at: int) -> str:
    """Write a NumericDate for people, in UTC."""
    return datetime.fromtimestamp(min(at, 253_402_300_799), UTC).strftime("%Y-%m-%d %H:%M UTC")
