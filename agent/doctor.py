"""What an installer can get wrong on this server, checked, with what to do about it."""

import os
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

from agent.daemon.assembly import Agent
from agent.domain.faults import remembered, sentence
from agent.healing import Healing
from agent.services.trusting import newest
from agent.store.locks import is_held
from agent.store.seats import journal_flaw
from keys.checkup import Finding, State
from keys.documents.parts import Notice
from keys.errors import LicensingError
from keys.fingerprint import digests, is_sufficient, weight
from keys.sentences import Translated, of, phrase, together

_OTHERS = 0o027
Check = Callable[[Agent], Finding]


def _home(agent: Agent) -> Finding:
    folder = agent.home.folder
    if not folder.is_dir():
        return Finding(
            "home", "failed", phrase("{folder} does not exist.", folder=folder), phrase("Do: licence-agent activate")
        )
    effective = os.access in os.supports_effective_ids
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=effective):
        return Finding(
            "home",
            "failed",
            phrase("{folder} can't be used by this user.", folder=folder),
            phrase("Run as the agent's user, or as root."),
        )
    mode = folder.stat().st_mode
    if os.name != "nt" and mode & 0o022:
        return Finding(
            "home",
            "failed",
            phrase("Others can write into {folder}.", folder=folder),
            phrase("Do: chmod 700 {folder}", folder=folder),
        )
    tokens = [agent.home.application_token, agent.home.administrator_token, *folder.glob("tokens/*.token")]
    secrets = [*tokens, *agent.home.keys.glob("*.pem")]
    open_ones = [path for path in secrets if path.exists() and path.stat().st_mode & _OTHERS]
    if os.name != "nt" and open_ones:
        closed = "640" if open_ones[0] in tokens else "600"
        return Finding(
            "home",
            "failed",
            phrase("{open_ones} is readable by others.", open_ones=open_ones[0]),
            phrase("Do: chmod {closed} {open_ones}", closed=closed, open_ones=open_ones[0]),
        )
    return Finding("home", "ok", phrase("{folder} and the secrets in it are the agent's alone.", folder=folder))


def _clock(agent: Agent) -> Finding:
    time = agent.judging.timekeeping.time(agent.judging.holding.hand())
    if time.is_behind:
        said = phrase("The clock is at least {minutes} minutes slow.", minutes=time.behind // 60)
        return Finding(
            "clock", "warning", said, phrase("Set it, and let it be kept by NTP. The licence does not depend on it.")
        )
    return Finding("clock", "ok", phrase("The clock is not behind what the licence server signed."))


def _name(agent: Agent) -> Finding:
    host = urlsplit(agent.server().url).hostname or ""
    try:
        found = sorted({str(entry[4][0]) for entry in socket.getaddrinfo(host, None)})
    except OSError as error:
        proxied = any(name.lower() in {"https_proxy", "all_proxy"} for name in os.environ)
        remedy = phrase("Mend the server's DNS, or have the name entered there.")
        return Finding(
            "name",
            "warning" if proxied else "failed",
            phrase("{host} can't be resolved ({strerror}).", host=host, strerror=error.strerror),
            remedy,
        )
    return Finding("name", "ok", phrase("{host} is {found}.", host=host, found=", ".join(found)))


def _server(agent: Agent) -> Finding:
    server = agent.server()
    proxies = sorted({name for name in os.environ if name.lower() in {"https_proxy", "http_proxy", "all_proxy"}})
    asked = phrase("It was asked through {proxies}.", proxies=", ".join(proxies)) if proxies else ""
    try:
        trust, document = newest(server, agent.judging.holding.trust())
    except LicensingError as error:
        return Finding("server", "failed", of(error), asked)
    new = phrase("A new trust document is there.") if document is not None else ""
    said = phrase("{url} answers, and is {issuer}.", url=server.url, issuer=trust.issuer)
    return Finding("server", "ok", together(said, asked, new))


def _trust(agent: Agent) -> Finding:
    trust, now = agent.judging.holding.trust(), agent.judging.standing().now
    days = (trust.expires_at - now) // 86_400
    if days < 0:
        return Finding(
            "trust",
            "warning",
            phrase("Version {version} is {days} days past its end.", version=trust.version, days=-days),
            phrase("Reach the server."),
        )
    return Finding(
        "trust",
        "ok",
        phrase(
            "Version {version} of {issuer}, good for {days} days.",
            version=trust.version,
            issuer=trust.issuer,
            days=days,
        ),
    )


def _fingerprint(agent: Agent) -> Finding:
    reading = agent.machine.read()
    found = digests(reading.values, "")
    names = ", ".join(found) or phrase("nothing")
    said = phrase("{names} can be read: weight {weight}.", names=names, weight=weight(set(found)))
    if agent.machine.stand_in:
        return Finding(
            "fingerprint",
            "warning",
            phrase("A file stands in for this machine. {said}", said=said),
            phrase("For tests only."),
        )
    if not is_sufficient(found):
        return Finding(
            "fingerprint", "failed", said, phrase("Run as root; in a container, mount the host's /etc/machine-id.")
        )
    if reading.unreadable:
        names = ", ".join(reading.unreadable)
        return Finding(
            "fingerprint",
            "warning",
            phrase("{said} Not readable just now: {names}.", said=said, names=names),
            phrase("Run as root."),
        )
    return Finding("fingerprint", "ok", said)


def _licence(agent: Agent) -> Finding:
    standing = agent.judging.standing()
    state: dict[str, State] = {"full": "ok", "grace": "warning"}
    remedy = "" if standing.mode == "full" else _notice(standing.notices[0]) if standing.notices else ""
    return Finding(
        "licence",
        state.get(standing.mode, "failed"),
        phrase("{mode}: {reason}.", mode=standing.mode, reason=standing.reason),
        remedy,
    )


def _port(agent: Agent) -> Finding:
    settings = agent.config.settings
    if is_held(agent.home.daemon_lock):
        return Finding("port", "ok", phrase("The agent runs."))
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            place = phrase("port {port} of {host}", port=str(settings.port), host=settings.host)
            said = phrase("Nothing can listen on {place} ({reason}).", place=place, reason=error.strerror)
            return Finding("port", "failed", said, phrase("End the other program, or set another port in agent.toml."))
    return Finding(
        "port", "warning", phrase("The port is free, but the agent does not run."), phrase("Do: licence-agent run")
    )


def _notice(notice: Notice) -> Translated:
    return Translated(notice.en, {"fa": notice.fa})


def _validation(agent: Agent) -> Finding:
    _, last = agent.around.tallies.progress()
    if last is None:
        return Finding("validation", "ok", phrase("None was tried yet."))
    if last.word == "answered":
        return Finding(
            "validation", "ok", phrase("The last one was answered. {sentence}", sentence=remembered(last.sentence))
        )
    return Finding("validation", "warning", sentence(last.word, last.sentence, agent.judging.standing()))


def _state(agent: Agent) -> Finding:
    damages = Healing(agent.home, agent.around).examine()
    if not damages:
        copies = agent.home.folder.glob("*.damaged-*")
        aside = ", ".join(sorted(path.name for path in copies))
        said = phrase("Every file of the agent is as it was written.")
        kept = phrase("Kept from earlier damage: {names}.", names=aside) if aside else ""
        return Finding("state", "ok", together(said, kept))
    said = together(*(damage.said for damage in damages))
    left = [damage.after for damage in damages if damage.cure == "none"]
    if left:
        return Finding("state", "failed", said, together(*left))
    return Finding(
        "state", "warning", said, phrase("licence-agent run, and every command that changes something, mends it.")
    )


def _journal(agent: Agent) -> Finding:
    if is_held(agent.home.daemon_lock):
        return Finding("journal", "ok", phrase("The running agent has the seats' journal open."))
    flaw = journal_flaw(agent.home.journal)
    if flaw:
        remedy = phrase("licence-agent run keeps it aside and begins a new one; who holds a seat asks for one again.")
        return Finding(
            "journal", "warning", phrase("{journal} is damaged: {flaw}.", journal=agent.home.journal, flaw=flaw), remedy
        )
    return Finding("journal", "ok", phrase("The seats' journal is whole, or not begun yet."))


OWN_STATE: dict[str, Check] = {
    "home": _home,
    "state": _state,
    "journal": _journal,
    "clock": _clock,
    "trust": _trust,
    "fingerprint": _fingerprint,
    "licence": _licence,
    "validation": _validation,
}
"""What can be found out without anybody else; ``licence-agent run`` makes these checks at its start."""

CHECKS: dict[str, Check] = {**OWN_STATE, "name": _name, "server": _server, "port": _port}
