"""Check: where the device key lives, what that is worth, and whether it can be used."""

from agent.doctor.subject import Subject
from agent.domain.keyplace import FILE, described, place_of
from keys.checkup import Finding
from keys.sentences import phrase, together

_NEXT_IN_A_FILE = phrase("The next activation's device key will be in a file.")
_NEXT_IN_THE_TPM = phrase("The next activation's device key will be in the TPM.")
_MOVES = phrase(
    "It moves into the TPM with a validation while nothing looks like a second server: licence-agent validate"
)
_MAY_MOVE = phrase('To move it into the TPM: set device_key = "tpm" in agent.toml, then licence-agent validate')


def key(subject: Subject) -> Finding:
    """Check the licence's device key; without a licence, say where the next one will be."""
    agent = subject.agent
    licence, obstacle = agent.judging.holding.hand().licence, agent.keys.obstacle
    if licence is None:
        return Finding("key", "ok", together(_NEXT_IN_A_FILE if obstacle else _NEXT_IN_THE_TPM, obstacle))
    flaw = agent.keys.flaw(licence.device_key)
    if flaw:
        return Finding("key", "failed", flaw)
    maker = agent.keys.maker(licence.device_key)
    where = described(place_of(maker, agent.machine.virtualisation), maker)
    said = phrase("The device key is {where}.", where=where)
    if maker != FILE:
        return Finding("key", "ok", said)
    if agent.config.settings.device_key == "tpm":
        return Finding("key", "warning", said, obstacle or _MOVES)
    return Finding("key", "ok", said, "" if obstacle else _MAY_MOVE)
