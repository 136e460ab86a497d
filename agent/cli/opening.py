"""How every command comes to its agent, and how a standing looks to people and to scripts."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import click

from agent.config import HARDWARE_VARIABLE, HOME_VARIABLE, Config, overlooked, read_config
from agent.daemon.assembly import Agent, assemble
from agent.domain.faults import remembered, sentence
from agent.domain.keyplace import FILE, described, place_of
from agent.domain.mode import Standing
from agent.healing import Healing
from agent.system.owner import acting_as_owner, become_owner
from keys.clock import SystemClock
from keys.command import tell
from keys.errors import LicensingError, StateConflictError
from keys.sentences import Moment, Sentence, Translated, phrase, row

STAND_IN_WARNING = phrase(
    "WARNING: {variable} is set: the fingerprint comes from a file, not from this machine. For tests only.",
    variable=HARDWARE_VARIABLE,
)
_STRANGERS = {"enforce": phrase("refused"), "report": phrase("let in, and reported")}
MODES = {
    "full": phrase("full"),
    "grace": phrase("grace"),
    "restricted": phrase("restricted"),
    "blocked": phrase("blocked"),
}
_SEVERITIES = {"info": phrase("info"), "warning": phrase("warning"), "critical": phrase("critical")}


def open_agent() -> Agent:
    """Return the agent of this environment; until the command ends, root acts as the owner of the agent's home.

    Raises LicensingError.
    """
    service = overlooked(os.environ)
    if service is not None:
        tell(
            phrase(
                "WARNING: the service's agent is in {service}, and this is not about it. Type the same with sudo.",
                service=service,
            )
        )
    return _opened()


def _opened() -> Agent:
    config = read_config(os.environ)
    click.get_current_context().with_resource(acting_as_owner(config.home))
    return _assembled(config)


def open_to_stay() -> Agent:
    """Return the agent of this environment, for a program that goes on running as the owner of its home."""
    config = read_config(os.environ)
    become_owner(config.home)
    return _assembled(config)


def _assembled(config: Config) -> Agent:
    if config.stand_in is not None:
        tell(STAND_IN_WARNING)
    return assemble(config, SystemClock(), os.urandom)


def open_mended() -> Agent:
    """Return the agent of this environment, for a command that changes something: what is damaged is mended first.

    Raises StateConflictError: the person means the service's agent, and would change another one.
    """
    service = overlooked(os.environ)
    if service is not None:
        raise StateConflictError(
            phrase(
                "The service's agent is in {service}, and this would be about another one. Nothing was sent. Type the "
                "same with sudo; or name the home of another agent in {variable}.",
                service=service,
                variable=HOME_VARIABLE,
            )
        )
    agent = _opened()
    if agent.home.folder.is_dir():
        for said in Healing(agent.home, agent.around).heal():
            tell(phrase("mended: {said}", said=said))
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
        "device_key": _device_key(agent, standing),
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
        "detail": sentence(last.word, last.sentence, standing) if failed else remembered(last.sentence),
        "failures": progress.failures,
        "retry_at": progress.retry_at,
    }


def _device_key(agent: Agent, standing: Standing) -> Mapping[str, object] | None:
    """Return where the licence's device key lives: ``file``, ``tpm`` or ``vtpm``, and who made the TPM."""
    if standing.licence is None:
        return None
    try:
        maker = agent.keys.maker(standing.licence.device_key)
    except LicensingError:
        return None  # a notice says why
    return {"place": place_of(maker, agent.machine.virtualisation), "maker": maker or None}


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


def standing_for_people(said: Mapping[str, Any]) -> list[str]:
    """Write a standing as a screen of text."""
    mode = phrase("{mode} ({reason})", mode=MODES[said["mode"]], reason=said["reason"])
    cells = [(phrase("mode:"), mode), *(() if said["licence"] is None else _terms(said))]
    if said["device_key"] is not None:
        key = said["device_key"]
        cells.append((phrase("device key:"), described(key["place"], key["maker"] or FILE)))
    if said["stretched_at"] is not None:
        until = Moment(said["stretched_at"])
        cells.append((phrase("outage:"), phrase("declared by the vendor; good until {until} for it", until=until)))
    if said["last_validation"] is not None:
        last = said["last_validation"]
        word = phrase("answered") if last["word"] == "answered" else phrase("failed")
        how = phrase("{at}, {word}: {detail}", at=Moment(last["at"]), word=word, detail=last["detail"])
        cells.append((phrase("last validation:"), how))
    lines: list[str] = [row("{name:<17}{value}", name=name, value=value) for name, value in cells]
    return [*lines, *(_notice(notice) for notice in said["notices"])]


def _terms(said: Mapping[str, Any]) -> Sequence[tuple[str, object]]:
    licence = phrase("{id}, {status}, document {number}", id=said["licence"], status=said["status"], number=said["seq"])
    users, clients = said["seats"]["users"], said["seats"]["clients"]
    any_number = phrase("{users} users, any number of clients", users=users)
    bounded = phrase("{users} users, {clients} clients", users=users, clients=clients)
    return (
        (phrase("licence:"), licence),
        (phrase("customer:"), ", ".join(filter(None, (said["customer"]["name"], said["site"])))),
        (phrase("seats:"), any_number if clients is None else bounded),
        (phrase("networks:"), ", ".join(said["networks"]) or phrase("private ranges")),
        (phrase("other networks:"), _STRANGERS[said["network_policy"]]),
        (phrase("next validation:"), Moment(said["refresh_at"])),
        (phrase("good until:"), Moment(said["expires_at"])),
    )


def _notice(notice: Mapping[str, Any]) -> Sentence:
    text = Translated(notice["text"]["en"], notice["text"])
    return phrase("{severity}: {text}", severity=_SEVERITIES[notice["severity"]], text=text)
