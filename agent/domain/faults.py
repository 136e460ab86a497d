"""What goes wrong on the way to the licence server, in words: what happened, what to do, and what it means here.

None of it is a no (protocol, 1.3): the licence in hand goes on. Whatever an unknown party sent is never repeated to
people, save the sentence of a refusal, which is quoted as unsigned.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from agent.domain.mode import Standing
from keys.errors import UnreachableError

Cause = Literal[
    "name",
    "connection",
    "silence",
    "certificate",
    "tls",
    "proxy",
    "no_http",
    "cut",
    "large",
    "encoded",
    "page",
    "redirect",
    "forbidden",
    "address",
    "server",
    "status",
    "unsigned",
    "stale",
    "trust",
    "endless",
]
"""A fixed word for scripts."""

THERE = "the licence server's address"
"""The place, where whoever finds the fault does not know the address itself."""
_SOMETHING_BETWEEN = "look for what answers in its place: a proxy, the hosts file, DNS"
_LET_THROUGH = "have the firewall or proxy let this server through to that address"
_ADDRESS = "compare the address with the one that the vendor gave, and with server in agent.toml"

EXPLAINED: Mapping[Cause, tuple[str, str]] = MappingProxyType(
    {
        "name": ("The name of {place} can't be resolved", "mend this server's DNS, or have the name entered there"),
        "connection": (
            "No connection to {place} comes about ({fact})",
            "check this server's internet connection, and that a firewall lets it out to that address",
        ),
        "silence": (
            "{place} did not finish an answer within {fact} seconds",
            "check the line; a firewall that swallows packets looks like this, too",
        ),
        "certificate": (
            "The certificate that {place} shows does not prove that it is the licence server ({fact})",
            "set this server's clock, and if a proxy opens TLS here, name its authority in REQUESTS_CA_BUNDLE",
        ),
        "tls": ("What answers at {place} does not speak TLS as it should ({fact})", _ADDRESS),
        "proxy": (
            "The proxy that this server's environment names does not let it through to {place} ({fact})",
            "check HTTPS_PROXY, NO_PROXY and the account in them",
        ),
        "no_http": ("What answers at {place} does not speak HTTP as it should", _ADDRESS),
        "cut": (
            "The connection to {place} broke off before the answer was whole",
            "if it happens again and again, look at the line and at proxies",
        ),
        "large": ("What answers at {place} sent more than a licence can have", _SOMETHING_BETWEEN),
        "encoded": ("What answers at {place} sent an encoded body, which nobody asked for", _SOMETHING_BETWEEN),
        "page": (
            "What answers at {place} sent something else than a licence (HTTP {fact}), as a sign-in page would be",
            "sign in to the network, or " + _LET_THROUGH,
        ),
        "redirect": (
            "What answers at {place} points to another address (HTTP {fact}), which is never followed",
            "sign in to the network if it has a portal, else " + _ADDRESS,
        ),
        "forbidden": ("Something on the way to {place} forbids the request (HTTP {fact})", _LET_THROUGH),
        "address": ("There is no licence server at {place} (HTTP {fact})", _ADDRESS),
        "server": (
            "The licence server at {place}, or what stands before it, can't answer now (HTTP {fact})",
            "there is nothing to do here; if it lasts for days, call the vendor",
        ),
        "status": ("What answers at {place} is not the licence server (HTTP {fact})", _ADDRESS),
        "unsigned": (
            "What answers at {place} sent an answer that nobody signed whom this server trusts ({fact})",
            _SOMETHING_BETWEEN + "; if there is nothing, call the vendor",
        ),
        "stale": (
            "What answers at {place} sent an answer that does not belong to this request, like an old one played again",
            _SOMETHING_BETWEEN,
        ),
        "trust": (
            "What answers at {place} gives out a list of the vendor's keys that can't be taken ({fact})",
            _SOMETHING_BETWEEN + "; if there is nothing, call the vendor",
        ),
        "endless": (
            "What answers at {place} keeps asking for a new request",
            "there is nothing to do here; if it lasts for days, call the vendor",
        ),
    }
)
"""What happened and what to do, as the halves of one sentence."""

_REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "malformed": "update the agent, or call the vendor",
        "signature-invalid": "call the vendor",
        "too-large": "update the agent, or call the vendor",
        "media-type": "look at proxies that change requests, or update the agent",
        "rate-limited": "there is nothing to do here: the agent asks again later",
        "unavailable": "there is nothing to do here; if it lasts for days, call the vendor",
        "evidence-required": "call the vendor",
        "request-replayed": "call the vendor",
    }
)
"""What to do about the refusals that the protocol has for validations; nobody signs them."""

_LONGEST_QUOTE = 200
_LONGEST_FACT = 120
_BY_STATUS: Mapping[int, Cause] = MappingProxyType(
    {
        **dict.fromkeys((401, 402, 403, 407, 451, 511), "forbidden"),
        **dict.fromkeys((404, 405, 410, 421, 501), "address"),
        **dict.fromkeys((408, 425, 429), "server"),
        304: "status",
    }
)


class FaultError(UnreachableError):
    """A network fault of a known kind.

    Args:
        cause: which.
        place: the address that was asked.
        fact: what is known besides: a status, the system's own words. Never the other side's.
        retry_after: seconds that the other side asked to wait; 0: it did not.
    """

    def __init__(self, cause: Cause, place: str, fact: object = "", retry_after: int = 0) -> None:
        what, remedy = EXPLAINED[cause]
        super().__init__(f"{what.format(place=place, fact=plain(str(fact), _LONGEST_FACT).rstrip('.'))}; {remedy}.")
        self.cause, self.retry_after = cause, retry_after


def cause_of_status(status: int) -> Cause:
    """Tell what an HTTP status means that came without a signed document or a refusal of ours."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status // 100 == 5:
        return "server"
    return {2: "page", 3: "redirect"}.get(status // 100, "status")  # type: ignore[return-value]  # all are causes


def plain(text: str, longest: int) -> str:
    """Return what can stand within a line of ours: printable, one line, not too long."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def sentence(word: str, detail: str, standing: Standing) -> str:
    """Say in one sentence why a validation failed, and what that means here.

    Args:
        word: the refusal's.
        detail: its own sentence.
        standing: what the licence allows now.
    """
    if word in _REFUSED:
        quoted = plain(detail, _LONGEST_QUOTE).replace('"', "'").rstrip(".")
        detail = f'The licence server turned the request away without signing that ("{quoted}"); {_REFUSED[word]}.'
    return f"{plain(detail, 1000).removesuffix('.')}; {_meaning(standing)}."


def _meaning(standing: Standing) -> str:
    if standing.licence is None or standing.mode not in {"full", "grace"}:
        return f"the mode stays {standing.mode}"
    days = -(-max(0, (standing.ends_at or 0) - standing.now) // 86_400)
    return f"the licence in hand goes on, for {days} more {'day' if days == 1 else 'days'} at most"
