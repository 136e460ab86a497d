"""Checks: is the licence server's name known, and does a connection come about."""

import errno
from ipaddress import ip_address

from agent.doctor.situations import Situation, Situations, found
from agent.doctor.subject import Subject
from keys.addresses import is_loopback
from keys.checkup import Finding
from keys.sentences import marked, phrase

NOBODY = "surely-nobody.invalid"
"""A name that nobody may have (RFC 6761)."""
FILTER = frozenset({"10.10.34.34", "10.10.34.35", "10.10.34.36"})
"""Where the national filter of Iran sends those who ask for a name that it blocks."""

_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL})

NAMES: Situations = {
    "name-good": Situation("ok", marked("{host} is {addresses}.")),
    "name-dead": Situation(
        "failed",
        marked("{host} can't be resolved ({fact})."),
        marked("DNS does not know the licence server, or does not answer. {nothing_sent}"),
        marked("Try: getent hosts {host}. Mend the nameserver in /etc/resolv.conf, or have the name entered there."),
    ),
    "name-dead-here": Situation(
        "warning",
        marked("{host} can't be resolved here ({fact}); it is asked through the proxy, which resolves names itself."),
    ),
    "name-hijacked": Situation(
        "failed",
        marked("DNS answers for names that nobody has: {host} is {addresses}, and so is surely-nobody.invalid."),
        marked("A sign-in portal or a provider's search page answers for every name. {nothing_sent}"),
        marked("Sign in to the network in a browser, or set the customer's own nameserver in /etc/resolv.conf."),
    ),
    "name-filtered": Situation(
        "failed",
        marked("{host} is {addresses}: the address of the national filter, not the licence server's."),
        marked("The name is blocked by the internet provider. {nothing_sent}"),
        marked("Call the vendor: there may be another address. Without a network: licence-agent request CODE -o FILE"),
    ),
    "name-own": Situation(
        "warning",
        marked("{host} is {addresses}, an address of this machine or of its own network{hosts}."),
        marked("That is right only where the vendor's server stands in this network; else the answer is wrong."),
        marked("Compare: getent hosts {host}. Look into /etc/hosts and at the nameserver."),
    ),
}
CONNECTIONS: Situations = {
    "connection-good": Situation("ok", marked("A connection to {target}{through} comes about.")),
    "connection-unroutable": Situation(
        "failed",
        marked("There is no route to {target} ({fact})."),
        marked("This server has no way out to the internet, or its network is down. {nothing_sent}"),
        marked(
            "Look at: ip route. Set the default gateway; if only a proxy leads out: export "
            "HTTPS_PROXY=http://PROXY:PORT; {again}"
        ),
    ),
    "connection-dropped": Situation(
        "failed",
        marked("{target} does not answer: a firewall swallows the packets, or the line is dead."),
        marked("{nothing_sent}"),
        marked(
            "Have the firewall let this server out to {target} by TCP; if only a proxy leads out: export "
            "HTTPS_PROXY=http://PROXY:PORT; {again}"
        ),
    ),
    "connection-refused": Situation(
        "failed",
        marked("{target} refuses the connection."),
        marked(
            "The machine is there, but no licence server listens at that port, or a firewall says no. {nothing_sent}"
        ),
        marked("Compare the address with the one that the vendor gave; then call the vendor."),
    ),
    "connection-broken": Situation(
        "failed",
        marked("No connection to {target} comes about ({fact})."),
        marked("{nothing_sent}"),
        marked("Check this server's internet connection."),
    ),
    "connection-untried": Situation("warning", marked("Not tried: {reason}.")),
}


def name(subject: Subject) -> Finding:
    """Check whether the licence server's name is known, and whether the answer can be true."""
    way, network = subject.way, subject.network
    try:
        addresses = list(network.resolve(way.host)) if way.proxy is not None else list(way.addresses)
        fact = way.fact
    except (OSError, UnicodeError) as error:
        addresses, fact = [], str(getattr(error, "strerror", None) or error)
    said = {"host": way.host, "addresses": ", ".join(addresses), "fact": fact or phrase("no answer")}
    if not addresses:
        return found("name", "name-dead" if way.proxy is None else "name-dead-here", NAMES, **said)
    if FILTER & set(addresses):
        return found("name", "name-filtered", NAMES, **said)
    if way.host == addresses[0] or is_loopback(way.host):
        return found("name", "name-good", NAMES, **said)
    if set(_nobody(subject)) & set(addresses):
        return found("name", "name-hijacked", NAMES, **said)
    if any(_is_own(address) for address in addresses):
        rows = (line.partition("#")[0].split() for line in subject.system.text("etc/hosts").splitlines())
        hosts = phrase(", as /etc/hosts says") if any(way.host in row[1:] for row in rows) else ""
        return found("name", "name-own", NAMES, hosts=hosts, **said)
    return found("name", "name-good", NAMES, **said)


def connection(subject: Subject) -> Finding:
    """Check whether a connection to the server comes about; through a proxy that is the proxy's business."""
    way = subject.way
    target = f"{way.host}:{way.port}"
    if way.end == "connection":
        return found("connection", _broken(way.error), CONNECTIONS, target=target, fact=way.fact)
    if way.end == "name":
        return found("connection", "connection-untried", CONNECTIONS, reason=phrase("the name can't be resolved"))
    if way.end.startswith("proxy"):
        return found(
            "connection", "connection-untried", CONNECTIONS, reason=phrase("the proxy does not let anything through")
        )
    through = "" if way.proxy is None else phrase(" through {proxy}", proxy=way.proxy.address)
    return found("connection", "connection-good", CONNECTIONS, target=target, through=through)


def _broken(error: OSError | None) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection-refused"
    if isinstance(error, TimeoutError):
        return "connection-dropped"
    is_unroutable = error is not None and error.errno in _NO_ROUTE
    return "connection-unroutable" if is_unroutable else "connection-broken"


def _nobody(subject: Subject) -> list[str]:
    try:
        return list(subject.network.resolve(NOBODY))
    except (OSError, UnicodeError):
        return []


def _is_own(address: str) -> bool:
    try:
        return not ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return False
