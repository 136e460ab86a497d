"""What has to be done to install, upgrade or remove the agent, as a function of what is there.

Nothing else is remembered of an installation that was cut off: whoever looks again sees how far it came, and the same
function says what is left. So every step may be cut off, and done twice.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

Step = Literal[
    "tree", "switch", "command", "user", "home", "settings", "crm", "units", "outbound", "labels", "hardware",
    "activation", "service", "seat", "certificate", "sweep",
]  # fmt: skip
Undo = Literal["give_back", "stop", "units", "state", "keep_state", "user", "program"]
Fate = Literal["give_back", "keep", "purge"]
"""What becomes of the licence: it is given back, or kept here for another installation, or its state is removed."""
Rest = Literal["state", "outbound", "program", "package", "journal"]


@dataclass(frozen=True, slots=True)
class Found:
    """What is on the machine now."""

    offered: str | None = None
    """Name of the program's tree that is to be installed; None: the program stays where it is."""
    is_laid: bool = False
    """Whether that tree lies in its place, whole."""
    current: str | None = None
    """Name of the tree that the service starts from; None: there is none."""
    before: str | None = None
    """The tree that was in force before a switch whose end nobody saw; None: there was no such switch."""
    has_others: bool = False
    """Whether trees lie there that are neither in force nor the one before."""
    has_command: bool = False
    """Whether the command in /usr/bin is this program."""
    has_user: bool = False
    has_home: bool = False
    """Whether the home is there and the user's own."""
    has_settings: bool = True
    """Whether ``agent.toml`` says what was asked for, if anything was."""
    has_crm: bool = True
    """Whether those are let in as whom the CRM runs, if anybody was named."""
    has_units: bool = False
    """Whether the service's files are there and say what this release has them say."""
    has_outbound: bool = True
    """Whether the service is told of the proxy and the authorities that the installer's environment names, if any."""
    has_labels: bool = True
    """Whether SELinux is off, or every file has the label that its policy gives it."""
    has_hardware: bool = False
    """Whether root has kept, at this boot, what only root can read."""
    has_licence: bool = False
    """Whether a licence is here that is not over."""
    is_enabled: bool = False
    """Whether the service starts with the machine."""
    is_running: bool = False
    is_certified: bool = False
    """Whether the certificate of installation tells of this program and of this licence."""


PROGRAM_STEPS: tuple[Step, ...] = ("tree", "switch", "command")
"""The steps after which the program that is installed can do the others."""
_IS_DONE: tuple[tuple[Step, str], ...] = (
    ("command", "has_command"),
    ("user", "has_user"),
    ("home", "has_home"),
    ("settings", "has_settings"),
    ("crm", "has_crm"),
    ("units", "has_units"),
    ("outbound", "has_outbound"),
    ("labels", "has_labels"),
    ("hardware", "has_hardware"),
    ("activation", "has_licence"),
)


def installation(found: Found, *, is_image: bool = False) -> tuple[Step, ...]:
    """Return the steps that are left, in their order; none: everything is as it should be.

    Args:
        found: what is there.
        is_image: only the files of a system that does not run here: nobody, nothing to start and no licence.
    """
    steps: list[Step] = []
    if found.offered is not None:
        steps += [] if found.is_laid else ["tree"]
        steps += [] if found.current == found.offered else ["switch"]
    left: list[Step] = [step for step, fact in _IS_DONE if not getattr(found, fact)]
    if is_image:
        return (*steps, *(step for step in left if step in {"command", "units"}))
    steps += left
    is_begun_anew = not {"switch", "settings", "crm", "units", "outbound"}.isdisjoint(steps) or found.before is not None
    if is_begun_anew or not (found.is_running and found.is_enabled):
        steps.append("service")
    if not found.is_certified or "switch" in steps or "activation" in steps:
        steps += ["seat", "certificate"]
    if found.has_others or found.before is not None or ("switch" in steps and found.current is not None):
        steps.append("sweep")
    return tuple(steps)


def installed(found: Found, step: Step) -> Found:
    """Return what is there after a step."""
    if step == "switch":
        return replace(found, before=found.before or found.current, current=found.offered, is_certified=False)
    if step == "service":
        has_others = found.has_others or found.before is not None
        return replace(found, is_running=True, is_enabled=True, before=None, has_others=has_others)
    changes: dict[str, dict[str, Any]] = {
        "tree": {"is_laid": True},
        "activation": {"has_licence": True, "is_certified": False},
        "certificate": {"is_certified": True},
        "sweep": {"has_others": False},
    }
    done: dict[str, Any] = {fact: True for name, fact in _IS_DONE if name == step}
    return replace(found, **changes.get(step, done))


@dataclass(frozen=True, slots=True)
class Remains:
    """What there is of an installation that is to be removed."""

    has_licence: bool = False
    """Whether a licence is here that is not over."""
    is_running: bool = False
    has_units: bool = False
    """Whether any of the service's files is there."""
    has_state: bool = False
    """Whether the home is there."""
    has_outbound: bool = False
    """Whether the proxy and the authorities are kept that the service was told of."""
    is_roots: bool = False
    """Whether the home, and all in it, is root's."""
    has_user: bool = False
    has_program: bool = False
    """Whether the command or a tree that we laid is there."""
    is_foreign: bool = False
    """Whether the program that runs lies in no tree, so that no installation laid it."""
    is_packaged: bool = False
    """Whether a package of the system brought the tree in force."""
    has_journal: bool = False
    """Whether the service speaks to the system's journal."""


def removal(found: Remains, fate: Fate, *, is_image: bool = False) -> tuple[Undo, ...]:
    """Return the steps that are left, in their order; none: nothing is installed, or all of it is gone.

    The licence is given back before anything is touched, since that is what may fail; the program goes last, since it
    is what does all this. State that stays becomes root's: the user's number may be somebody else's one day. In an
    image nothing runs that could be stopped.
    """
    steps: list[Undo] = []
    if found.has_licence and fate == "give_back":
        steps.append("give_back")
    if (found.is_running or found.has_units) and not is_image:
        steps.append("stop")
    if found.has_units:
        steps.append("units")
    if (found.has_state or found.has_outbound) and fate != "keep":
        steps.append("state")
    if found.has_state and fate == "keep" and not found.is_roots:
        steps.append("keep_state")
    if found.has_user:
        steps.append("user")
    if found.has_program:
        steps.append("program")
    return tuple(steps)


def rest(found: Remains, fate: Fate) -> tuple[Rest, ...]:
    """Return what a removal leaves, to its end: what is kept on request, and what was not laid by an installation."""
    facts: dict[Rest, bool] = {
        "state": found.has_state and fate == "keep",
        "outbound": found.has_outbound and fate == "keep",
        "program": found.is_foreign,
        "package": found.is_packaged,
        "journal": found.has_journal,
    }
    return tuple(what for what, stays in facts.items() if stays)


def removed(found: Remains, step: Undo) -> Remains:
    """Return what there is after a step."""
    gone: dict[Undo, dict[str, bool]] = {
        "give_back": {"has_licence": False},
        "stop": {"is_running": False},
        "units": {"has_units": False},
        "state": {"has_state": False, "has_outbound": False, "has_licence": False},
        "keep_state": {"is_roots": True},
        "user": {"has_user": False},
        "program": {"has_program": False},
    }
    return replace(found, **gone[step])
