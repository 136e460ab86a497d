"""Checks: what this machine is known by and how steadily, what it runs in, and who else is here."""

from pathlib import Path

from agent.config import SERVICE_HOME, USERS_HOME
from agent.doctor.situations import Situation, Situations, found
from agent.doctor.subject import Subject
from agent.domain.components import Memory, Sighting, recall
from keys.checkup import Finding
from keys.fingerprint import COMPONENTS, Digests, compare, digests, is_sufficient, weight
from keys.sentences import marked, phrase

_PLACES = (str(SERVICE_HOME.relative_to("/")), f"root/{USERS_HOME}", f"home/*/{USERS_HOME}")

FINGERPRINTS: Situations = {
    "fingerprint-good": Situation("ok", marked("{seen} can be read: weight {weight}.{match}")),
    "fingerprint-stand-in": Situation(
        "warning",
        marked("A file stands in for this machine. {seen} can be read: weight {weight}."),
        "",
        marked("For tests only."),
    ),
    "fingerprint-weak": Situation(
        "failed",
        marked(
            "Only {seen} can be read: weight {weight} of the 40 needed, with a strong component ({strong}) among it."
        ),
        marked("The licence server would refuse: this machine could be mistaken for another. Nothing was sent."),
        marked("Run as root; in a container, mount the host's /etc/machine-id."),
    ),
    "fingerprint-unreadable": Situation(
        "warning",
        marked("{seen} can be read: weight {weight}. Not readable just now: {unreadable}."),
        marked("What was read before counts for a day more; then the licence is blocked if too little is left."),
        marked("Run as root."),
    ),
    "fingerprint-drifted": Situation(
        "warning",
        marked("The same machine with other parts: {match}."),
        marked("It is still recognised. The licence server takes note at the next validation."),
        marked("Nothing has to be done; before more is exchanged, let it validate: licence-agent validate"),
    ),
    "fingerprint-unsteady": Situation(
        "warning",
        marked("{names} read otherwise than at the last reading: weight {weight} is left."),
        marked("A part that changes by itself, as in some virtual machines, may one day cost the licence."),
        marked("Find out what changes it: licence-agent fingerprint"),
    ),
    "fingerprint-other": Situation(
        "failed",
        marked("This is not the machine that the licence is bound to: {match}."),
        marked("The licence is blocked here. A copied folder or disk on other hardware looks like this, too."),
        marked(
            "Put the parts back; or ask the vendor for a code to move the licence: licence-agent activate CODE "
            "--replace"
        ),
    ),
}
MACHINES: Situations = {
    "machine-physical": Situation("ok", marked("No virtual machine, and no container.")),
    "machine-stand-in": Situation("ok", marked("A file stands in for this machine ({kind}).")),
    "machine-virtual": Situation(
        "ok",
        marked("A virtual machine ({kind})."),
        marked(
            "A copy of it looks the same: only one of the two may run, and the licence server sees it when both "
            "do. Restoring it from a backup is fine."
        ),
    ),
    "machine-container": Situation("ok", marked("A container, whose home and host identity outlive it.")),
    "machine-forgetful": Situation(
        "warning",
        marked("A container, and {home} lies inside it."),
        marked("With the container goes the licence: the next one would need a new code."),
        marked("Mount a volume there: docker run -v licence-agent:{home}"),
    ),
    "machine-anonymous": Situation(
        "warning",
        marked(
            "A container without the host's identity: nothing strong but {seen} can be read, and that is the image's."
        ),
        marked("Another container of the same image looks the same, and this one another after an update."),
        marked("Mount it: docker run -v /etc/machine-id:/etc/machine-id:ro"),
    ),
}
OTHERS: Situations = {
    "other-none": Situation("ok", marked("No other agent is on this machine.")),
    "other-runs": Situation(
        "warning",
        marked("Another agent runs on this machine: process {pid}, in {home}."),
        marked("One server needs one agent. A code that is used here binds the licence to what counts here."),
        marked("If that one is the right one: LICENCE_AGENT_HOME={home} licence-agent status; else stop it."),
    ),
    "other-home": Situation(
        "warning",
        marked("There is a licence of another agent on this machine, in {home}."),
        marked(
            "It is perhaps the service's, and this one another user's. A code that is used here binds the licence"
            " to what counts here."
        ),
        marked("Look at it: LICENCE_AGENT_HOME={home} licence-agent status"),
    ),
}


def fingerprint(subject: Subject) -> Finding:
    """Check what the machine is known by, against what the licence is bound to and what was read last."""
    agent = subject.agent
    reading = agent.machine.read()
    licence = None if subject.replaces else agent.judging.holding.hand().licence
    seen = digests(reading.values, "" if licence is None else licence.issuer)
    said = {"seen": ", ".join(seen) or phrase("nothing"), "weight": weight(seen)}
    boot = agent.machine.boot()
    memory = agent.around.tallies.memory() or Memory(boot)
    if licence is not None:
        counted = recall(memory, Sighting(seen, tuple(reading.unreadable)), boot)[1].digests
        match = compare(licence.fingerprint.components, counted, licence.fingerprint.threshold)
        if not match.fits or match.drifted:
            word = "fingerprint-drifted" if match.fits else "fingerprint-other"
            return found("fingerprint", word, FINGERPRINTS, match=match.describe())
    if agent.machine.stand_in and is_sufficient(seen):
        return found("fingerprint", "fingerprint-stand-in", FINGERPRINTS, **said)
    if not is_sufficient(seen):
        strong = ", ".join(name for name, component in COMPONENTS.items() if component.strong)
        return found("fingerprint", "fingerprint-weak", FINGERPRINTS, strong=strong, **said)
    if reading.unreadable:
        names = ", ".join(reading.unreadable)
        return found("fingerprint", "fingerprint-unreadable", FINGERPRINTS, unreadable=names, **said)
    changed = _changed(memory, seen) if licence is not None else []
    if changed:
        left = weight(set(seen) - set(changed))
        return found("fingerprint", "fingerprint-unsteady", FINGERPRINTS, names=", ".join(changed), weight=left)
    matched = "" if licence is None else phrase(" All that the licence is bound to is the same.")
    return found("fingerprint", "fingerprint-good", FINGERPRINTS, match=matched, **said)


def machine(subject: Subject) -> Finding:
    """Check what the machine runs in."""
    agent = subject.agent
    kind = agent.machine.virtualisation
    if agent.machine.stand_in:
        return found("machine", "machine-stand-in", MACHINES, kind=kind)
    if kind != "container":
        return found("machine", "machine-physical" if kind == "none" else "machine-virtual", MACHINES, kind=kind)
    mounted = subject.system.mounted()
    seen = [name for name in digests(agent.machine.read().values, "") if COMPONENTS[name].strong]
    if set(seen) <= {"machine_id"} and Path("/etc/machine-id") not in mounted:
        return found("machine", "machine-anonymous", MACHINES, seen=", ".join(seen) or phrase("nothing"))
    home = agent.home.folder
    is_kept = any(place == home or place in home.parents for place in mounted if place != Path("/"))
    return found("machine", "machine-container" if is_kept else "machine-forgetful", MACHINES, home=home)


def other(subject: Subject) -> Finding:
    """Check whether another agent is on this machine."""
    home = subject.agent.home.folder
    for running in subject.system.agents():
        if running.home and Path(running.home) != home:
            return found("other", "other-runs", OTHERS, pid=str(running.pid), home=running.home)
    root = subject.system.root
    for place in (path for pattern in _PLACES for path in sorted(root.glob(pattern))):
        there = Path("/") / place.relative_to(root)
        if there != home and (place / "licence.jws").exists():
            return found("other", "other-home", OTHERS, home=there)
    return found("other", "other-none", OTHERS)


def _changed(memory: Memory, seen: Digests) -> list[str]:
    """Return the components that read otherwise than the last time."""
    return [name for name, entry in memory.components.items() if seen.get(name, entry.digest) != entry.digest]
