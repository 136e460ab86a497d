"""Check: which proxy leads out, who knows of it, and whether it lets the agent through."""

import re
from collections.abc import Iterator, Mapping

from agent.doctor.network import Proxy
from agent.doctor.service import UNIT
from agent.doctor.situations import Situation, Situations, found
from agent.doctor.subject import Subject
from agent.doctor.system import System
from agent.system.layout import VARIABLES
from agent.system.outbound import read_variables
from keys.checkup import Finding
from keys.sentences import marked, phrase

_FILES = (
    "etc/environment",
    "etc/profile.d/*.sh",
    "etc/apt/apt.conf",
    "etc/apt/apt.conf.d/*",
    "etc/systemd/system.conf",
    "etc/systemd/system.conf.d/*.conf",
    "etc/wgetrc",
    "etc/dnf/dnf.conf",
    "etc/yum.conf",
)
_NAMED = re.compile(
    r"""(?:https?_proxy|all_proxy|Acquire::https?::Proxy|^\s*proxy)["\s]*[=\s]["'\s]*([a-z][a-z0-9+]*://[^\s"';,]+)""",
    re.IGNORECASE,
)
_VARIABLES = ("HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY")


SITUATIONS: Situations = {
    "proxy-none": Situation("ok", marked("No proxy is set, and none is needed.")),
    "proxy-good": Situation("ok", marked("{proxy} lets the agent through.")),
    "proxy-unset": Situation("ok", marked("No proxy is set.")),
    "proxy-aside": Situation("ok", marked("{file} names the proxy {proxy}, but the agent gets through without it.")),
    "proxy-password": Situation(
        "failed",
        marked("The proxy {proxy} wants a name and a password (HTTP 407)."),
        marked("{nothing_sent}"),
        marked(
            "Have the proxy let this server through to {host} without; or: export "
            "HTTPS_PROXY=http://NAME:PASSWORD@{place}; {again}"
        ),
    ),
    "proxy-refuses": Situation(
        "failed",
        marked("The proxy {proxy} does not let this server through to {host} (HTTP {status})."),
        marked("{nothing_sent}"),
        marked("Have the proxy's administrator allow CONNECT to {host}."),
    ),
    "proxy-dead": Situation(
        "failed",
        marked("The proxy {proxy}, which the environment names, can't be reached ({fact})."),
        marked("The agent asks through it alone. {nothing_sent}"),
        marked("Compare it with the proxy of other machines here; if none is needed: unset HTTPS_PROXY ALL_PROXY"),
    ),
    "proxy-kind": Situation(
        "failed",
        marked("The environment names a proxy that the agent can't use: {proxy}."),
        marked("The agent speaks to HTTP proxies, not SOCKS. {nothing_sent}"),
        marked("Do: export HTTPS_PROXY=http://PROXY:PORT; {again}"),
    ),
    "proxy-unknown-here": Situation(
        "failed",
        marked("{file} names the proxy {proxy}, but this environment has none, and the agent gets nowhere."),
        marked("Programs that people start use the proxy; the agent reads HTTPS_PROXY of its own environment only."),
        marked("Do: export HTTPS_PROXY={proxy}; {again}"),
    ),
    "proxy-unknown-to-service": Situation(
        "warning",
        marked("{proxy} is set here, but not for the service {unit}."),
        marked("What you type gets out; the service does not, and will not validate the licence."),
        marked("Have the service told, which starts it anew: sudo -E licence-agent install"),
    ),
    "proxy-automatic": Situation(
        "failed",
        marked("This network tells browsers its proxy by a script ({place}), which the agent does not read."),
        marked("{nothing_sent}"),
        marked("Look for PROXY HOST:PORT in {place}, and: export HTTPS_PROXY=http://HOST:PORT; {again}"),
    ),
}


def proxy(subject: Subject) -> Finding:
    """Check the proxy."""
    way = subject.way
    if way.end == "proxy_kind":
        named = next((said for name in _VARIABLES if (said := subject.network.variable(name))), "")
        return found("proxy", "proxy-kind", SITUATIONS, proxy=way.proxy.address if way.proxy else _bare(named))
    if way.proxy is None:
        return _without(subject)
    facts: dict[str, object] = {
        "proxy": way.proxy.address,
        "place": f"{way.proxy.host}:{way.proxy.port}",
        "host": way.host,
        "fact": way.fact,
        "status": way.status or phrase("no status"),
        "unit": UNIT,
    }
    return found("proxy", _named(subject), SITUATIONS, **facts)


def service_environment(subject: Subject) -> Mapping[str, str] | None:
    """Return the variables of the service; None: there is none, or nobody may know them."""
    home, system = str(subject.agent.home.folder), subject.system
    for running in system.agents():
        if running.home == home and running.environment:
            return running.environment
    asked = system.ask("systemctl", "show", UNIT, "--property=LoadState,Environment")
    facts = dict(line.partition("=")[::2] for line in asked.splitlines())
    kept = system.text(VARIABLES)
    if facts.get("LoadState") != "loaded" or ((system.root / VARIABLES).exists() and not kept):
        return None
    of_unit = dict(word.partition("=")[::2] for word in facts.get("Environment", "").split())
    return {**of_unit, **read_variables(kept)}


def named_in_files(system: System) -> Iterator[tuple[str, str]]:
    """Yield files of the system that name a proxy, and the proxy without its password."""
    for pattern in _FILES:
        for name, content in system.texts(pattern):
            for line in content.splitlines():
                seen = _NAMED.search(line.partition("#")[0])
                if seen is not None:
                    yield name, _bare(seen[1])


def _named(subject: Subject) -> str:
    """Return the situation of a proxy that the environment names."""
    way = subject.way
    if way.end in {"proxy_name", "proxy_connection"}:
        return "proxy-dead"
    if way.end == "proxy":
        return "proxy-password" if way.status == 407 else "proxy-refuses"
    served = service_environment(subject)
    is_known = served is None or any(served.get(name) or served.get(name.lower()) for name in _VARIABLES)
    return "proxy-good" if is_known else "proxy-unknown-to-service"


def _without(subject: Subject) -> Finding:
    way = subject.way
    is_through = way.end in {"tls", "answer", "there"}
    for file, named in named_in_files(subject.system):
        word = "proxy-aside" if is_through else "proxy-unknown-here"
        return found("proxy", word, SITUATIONS, file=file, proxy=named)
    if is_through:
        return found("proxy", "proxy-none", SITUATIONS)
    place = _script(subject)
    return found("proxy", "proxy-automatic" if place else "proxy-unset", SITUATIONS, place=place)


def _script(subject: Subject) -> str:
    """Return the address of this network's script for browsers; empty: there is none that can be known."""
    given = subject.network.variable("AUTO_PROXY").partition("?")[0]
    if given:
        scheme, _, rest = given.rpartition("://")
        host, slash, path = rest.partition("/")
        return f"{scheme or 'http'}://{host.rpartition('@')[2]}{slash}{path}"
    if subject.way.end == "name":
        return ""  # DNS is dead: to ask it again costs another wait
    try:
        return "http://wpad/wpad.dat" if subject.network.resolve("wpad") else ""
    except OSError:
        return ""


def _bare(text: str) -> str:
    """Return a proxy as it is written, without name and password."""
    try:
        return Proxy.read(text).address
    except ValueError:
        return phrase("what is no address")
