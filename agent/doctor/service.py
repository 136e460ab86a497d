"""Checks: who has the port, and whether the service is there, runs, and will run after the next start."""

import socket

from agent.doctor.situations import Situation, Situations, found
from agent.doctor.subject import Subject
from agent.doctor.system import System
from agent.store.locks import is_held
from agent.system.layout import SERVICE, Layout
from agent.system.services import InitScript
from keys.checkup import Finding
from keys.errors import StateConflictError
from keys.sentences import marked, phrase

UNIT = f"{SERVICE}.service"
"""What systemd calls the service."""

PORTS: Situations = {
    "port-ours": Situation("ok", marked("The agent runs.")),
    "port-free": Situation(
        "warning",
        marked("Port {port} is free, but the agent does not run."),
        "",
        marked("Do: systemctl start licence-agent, or: licence-agent run"),
    ),
    "port-taken": Situation(
        "failed",
        marked("Port {port} of {host} can't be had ({fact}){holder}."),
        marked("The agent can't start, and the CRM would ask another program for seats."),
        marked(
            "End the other program; or choose another port, and tell the CRM: licence-agent install … --port 7421; "
            "without that command: port in agent.toml"
        ),
    ),
}
SERVICES: Situations = {
    "service-good": Situation("ok", marked("The service runs, and starts with the machine.")),
    "service-by-hand": Situation(
        "ok", marked("The agent runs; nothing starts it with the machine, as far as can be seen here ({why}).")
    ),
    "service-missing": Situation(
        "warning",
        marked("There is no service for the agent, and it does not run ({why})."),
        marked("Without it nobody counts seats, and nothing validates the licence."),
        marked("Have it installed: sudo licence-agent install; or, without a service: licence-agent run"),
    ),
    "service-stopped": Situation(
        "failed",
        marked("The service is there, but does not run ({state})."),
        marked("Without it nobody counts seats, and nothing validates the licence."),
        marked("Do: systemctl start licence-agent; why it ended: journalctl -u licence-agent -n 50"),
    ),
    "service-script-stopped": Situation(
        "failed",
        marked("The service is there, a script for systems without systemd, but does not run."),
        marked("Without it nobody counts seats, and nothing validates the licence."),
        marked("Do: sudo {script} start; why it ended: sudo tail {log}"),
    ),
    "service-unread": Situation(
        "warning",
        marked("What systemd has of the service can't be told: {why}"),
        marked("Without it nobody counts seats, and nothing validates the licence."),
        marked("Ask as root: sudo systemctl status licence-agent"),
    ),
    "service-disabled": Situation(
        "warning",
        marked("The service runs, but does not start with the machine."),
        marked("After the next start of this server nobody counts seats."),
        marked("Do: systemctl enable licence-agent"),
    ),
    "service-script-disabled": Situation(
        "warning",
        marked("The service runs, but does not start with the machine."),
        marked("After the next start of this server nobody counts seats."),
        marked("Do: sudo update-rc.d licence-agent defaults"),
    ),
    "service-elsewhere": Situation(
        "warning",
        marked("The service runs, but not in {home}."),
        marked("What you type here is about another agent than the service's."),
        marked("Set LICENCE_AGENT_HOME as the service has it: systemctl show licence-agent -p Environment"),
    ),
}


def port(subject: Subject) -> Finding:
    """Check whether the local API's port can be had."""
    settings = subject.agent.config.settings
    if is_running(subject):
        return found("port", "port-ours", PORTS)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            holder = subject.system.holder(settings.port)
            by = (
                ""
                if holder is None
                else phrase(": {name}, process {pid}, has it", name=holder.name, pid=str(holder.pid))
            )
            said = {"port": str(settings.port), "host": settings.host, "fact": error.strerror, "holder": by}
            return found("port", "port-taken", PORTS, **said)
    return found("port", "port-free", PORTS, port=str(settings.port))


def service(subject: Subject) -> Finding:
    """Check whether the machine's service manager has the agent, and keeps it running."""
    runs, system = is_running(subject), subject.system
    if not system.has_systemd:
        return _by_script(system, runs)
    try:
        asked = system.run("systemctl", "show", UNIT, "--property=LoadState,ActiveState,SubState,UnitFileState")
    except StateConflictError as why:
        return found("service", "service-unread", SERVICES, why=why)
    facts = dict(line.partition("=")[::2] for line in asked.splitlines())
    if facts.get("LoadState") != "loaded":
        word = "service-by-hand" if runs else "service-missing"
        return found("service", word, SERVICES, why=phrase("systemd knows no {unit}", unit=UNIT))
    if facts.get("ActiveState") != "active":
        state = f"{facts.get('ActiveState', 'unknown')}, {facts.get('SubState', 'unknown')}"
        return found("service", "service-stopped", SERVICES, state=state)
    if not runs:
        return found("service", "service-elsewhere", SERVICES, home=subject.agent.home.folder)
    is_enabled = facts.get("UnitFileState", "").startswith(("enabled", "static", "generated"))
    return found("service", "service-good" if is_enabled else "service-disabled", SERVICES)


def _by_script(system: System, runs: bool) -> Finding:
    layout = Layout(system.root)
    script = InitScript(layout)
    if not script.is_ours():
        word = "service-by-hand" if runs else "service-missing"
        return found("service", word, SERVICES, why=phrase("no systemd runs here"))
    if not runs:
        return found("service", "service-script-stopped", SERVICES, script=layout.init_script, log=layout.log)
    return found("service", "service-good" if script.is_enabled() else "service-script-disabled", SERVICES)


def is_running(subject: Subject) -> bool:
    """Tell whether a daemon of this home runs. Raises OSError."""
    lock = subject.agent.home.daemon_lock
    return lock.exists() and is_held(lock)
