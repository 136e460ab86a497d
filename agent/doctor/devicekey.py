"""Check: where the device key lives, what that is worth, and whether it can be used."""

from dataclasses import replace

from agent.doctor.situations import Situation, Situations, found
from agent.doctor.subject import Subject
from agent.domain.keyplace import FILE, described, place_of
from agent.store.devicekeys import OR_A_FILE, UNASKED
from agent.store.tpmkeys import ASIDE
from keys.checkup import Finding
from keys.sentences import marked, phrase
from keys.tpm import OBSTACLES, Obstacle

_IN_A_FILE = marked("The next activation's device key will be in a file, which a copy of the disk takes along.")
KEYS: Situations = {
    "key-new": Situation("ok", marked("The next activation's device key will be in the TPM.")),
    **{
        f"key-{word}": Situation("ok", said, _IN_A_FILE, do)
        for word, (said, do) in {**OBSTACLES, "aside": ASIDE, "unasked": UNASKED}.items()
    },
    "key-good": Situation("ok", marked("The device key is {where}.")),
    "key-virtual": Situation(
        "ok",
        marked("The device key is {where}."),
        marked("Weaker than a TPM in hardware; a clone is found by the licence server, as one with its key in a file."),
    ),
    "key-waits": Situation(
        "warning",
        marked("The device key is {where}, and is to move into the TPM."),
        marked("Until then nothing changes."),
        marked("It moves with a validation while nothing looks like a second server: licence-agent validate"),
    ),
    "key-lost": Situation(
        "failed", marked("The device key can't be used. {flaw}"), marked("The licence is blocked here.")
    ),
}
_ONLY = phrase('agent.toml says device_key = "tpm": without it nothing can be activated here.')
_MAY_MOVE = phrase('To move it into the TPM: set device_key = "tpm" in agent.toml, then licence-agent validate')


def key(subject: Subject) -> Finding:
    """Check the licence's device key; without a licence, say where the next one will be."""
    agent = subject.agent
    licence = agent.judging.holding.hand().licence
    if licence is None:
        return _next(agent.keys.trial(), must_be_tpm=agent.config.settings.device_key == "tpm")
    flaw = agent.keys.flaw(licence.device_key)
    if flaw:
        return found("key", "key-lost", KEYS, flaw=flaw)
    maker = agent.keys.maker(licence.device_key)
    place = place_of(maker, agent.machine.virtualisation)
    where = described(place, maker)
    if maker != FILE:
        return found("key", "key-virtual" if place == "vtpm" else "key-good", KEYS, where=where)
    obstacle = agent.keys.trial()
    if agent.config.settings.device_key == "tpm":
        finding = found("key", "key-waits", KEYS, where=where)
        return finding if obstacle is None else replace(finding, means=obstacle.said, remedy=obstacle.do)
    return replace(found("key", "key-good", KEYS, where=where), remedy=_MAY_MOVE if obstacle is None else "")


def _next(obstacle: Obstacle | None, *, must_be_tpm: bool) -> Finding:
    if obstacle is None:
        return found("key", "key-new", KEYS)
    finding = Finding("key", "ok", obstacle.said, obstacle.do, phrase(_IN_A_FILE), f"key-{obstacle.word}")
    return replace(finding, state="failed", means=_ONLY, remedy=obstacle.do or OR_A_FILE) if must_be_tpm else finding
