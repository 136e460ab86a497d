"""What is checked before an activation code leaves this machine: it counts once, so that nothing may go wrong after."""

from collections.abc import Callable, Mapping, Sequence

from agent.doctor.answering import answered, clock, root
from agent.doctor.certificates import tls
from agent.doctor.machine import fingerprint, machine, other
from agent.doctor.place import ready_home, room
from agent.doctor.proxies import proxy
from agent.doctor.reaching import connection, name
from agent.doctor.subject import Subject
from keys.checkup import Finding, examine, failed
from keys.errors import (
    FingerprintInsufficientError,
    LicensingError,
    StateConflictError,
    TrustRefusedError,
    UnreachableError,
)
from keys.sentences import together

Check = Callable[[Subject], Finding]

HERE: Mapping[str, Check] = {
    "home": ready_home,
    "room": room,
    "fingerprint": fingerprint,
    "machine": machine,
    "other": other,
}
"""What can be found out without anybody else."""

THERE: Mapping[str, Check] = {
    "proxy": proxy,
    "name": name,
    "connection": connection,
    "clock": clock,
    "tls": tls,
    "server": answered,
    "root": root,
}
"""The way to the licence server, whose first failure is the cause of those after it."""

BEFORE: Mapping[str, Check] = {**HERE, **THERE}

_REFUSALS: Mapping[str, type[LicensingError]] = {
    **dict.fromkeys(THERE, UnreachableError),
    "clock": StateConflictError,
    "root": TrustRefusedError,
    "fingerprint": FingerprintInsufficientError,
    "machine": FingerprintInsufficientError,
}
"""What an activation is refused with here; any other check: StateConflictError."""


def check_before(subject: Subject) -> Sequence[Finding]:
    """Make the checks, and return them where none failed; the network is left alone where something here is wrong.

    Raises:
        UnreachableError: the licence server can't be asked safely.
        TrustRefusedError: what answers is not the server that the pinned root vouches for.
        FingerprintInsufficientError: too little of this machine can be told from others.
        StateConflictError: the home, its disk or the clock.
    """
    findings = list[Finding]()
    for checks in (HERE, THERE):
        findings += examine(checks, subject)
        for wrong in failed(findings):
            refusal = _REFUSALS.get(wrong.check, StateConflictError)
            raise refusal(together(wrong.said, wrong.means, wrong.remedy))
    return findings
