"""All checks of an agent that is activated, or should be, in the order in which people read them."""

from collections.abc import Mapping

from agent.doctor import answering, devicekey, licence, machine, place, running, service
from agent.doctor.before import BEFORE, HERE, THERE, Check
from agent.doctor.subject import Subject

OWN_STATE: Mapping[str, Check] = {
    "home": place.home,
    "room": place.room,
    "state": licence.state,
    "journal": licence.journal,
    "clock": answering.offline_clock,
    "trust": licence.trust,
    "fingerprint": machine.fingerprint,
    "key": devicekey.key,
    "licence": licence.licence,
    "validation": licence.validation,
}
"""What can be found out without anybody else; ``licence-agent run`` makes these checks at its start."""

SERVED: Mapping[str, Check] = {
    "program": running.program,
    "labels": running.labels,
    "port": service.port,
    "service": service.service,
}
"""What lets the service do its work."""

CHECKS: Mapping[str, Check] = {
    **OWN_STATE,
    "machine": machine.machine,
    "other": machine.other,
    **THERE,
    "server": answering.server,
    **SERVED,
}


def checks_of(subject: Subject) -> Mapping[str, Check]:
    """Return the checks that make sense: of an agent that is not activated yet, those that matter before it is."""
    papers = subject.agent.around.papers
    if papers.licence() is not None or papers.trust() is not None:
        return CHECKS
    if subject.wanted is not None:
        return {**BEFORE, **SERVED}
    return {**HERE, "key": devicekey.key, "licence": licence.licence, **SERVED}
