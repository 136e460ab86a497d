"""What goes wrong on the way to the licence server, in words: what happened, what to do, and what it means here.

None of it is a no (protocol, 1.3): the licence in hand goes on. Whatever an unknown party sent is never repeated to
people, save the sentence of a refusal, which is quoted as unsigned.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from agent.domain.mode import Standing
from keys.errors import UnreachableError
from keys.sentences import Sentence, marked, of, phrase, recalled

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

THERE = phrase("the licence server's address")
"""The place, where whoever finds the fault does not know the address itself."""
_SOMETHING_BETWEEN = phrase("look for what answers in its place: a proxy, the hosts file, DNS")
_LET_THROUGH = phrase("have the firewall or proxy let this server through to that address")
_ADDRESS = phrase("compare the address with the one that the vendor gave, and with server in agent.toml")

EXPLAINED: Mapping[Cause, tuple[str, str]] = MappingProxyType(
    {
        "name": (
            marked("The name of {place} can't be resolved"),
            phrase("mend this server's DNS, or have the name entered there"),
        ),
        "connection": (
            marked("No connection to {place} comes about ({fact})"),
            phrase("check this server's internet connection, and that a firewall lets it out to that address"),
        ),
        "silence": (
            marked("{place} did not finish an answer within {fact} seconds"),
            phrase("check the line; a firewall that swallows packets looks like this, too"),
        ),
        "certificate": (
            marked("The certificate that {place} shows does not prove that it is the licence server ({fact})"),
            phrase("set this server's clock, and if a proxy opens TLS here, name its authority in REQUESTS_CA_BUNDLE"),
        ),
        "tls": (marked("What answers at {place} does not speak TLS as it should ({fact})"), _ADDRESS),
        "proxy": (
            marked("The proxy that this server's environment names does not let it through to {place} ({fact})"),
            phrase("check HTTPS_PROXY, NO_PROXY and the account in them"),
        ),
        "no_http": (marked("What answers at {place} does not speak HTTP as it should"), _ADDRESS),
        "cut": (
            marked("The connection to {place} broke off before the answer was whole"),
            phrase("if it happens again and again, look at the line and at proxies"),
        ),
        "large": (marked("What answers at {place} sent more than a licence can have"), _SOMETHING_BETWEEN),
        "encoded": (marked("What answers at {place} sent an encoded body, which nobody asked for"), _SOMETHING_BETWEEN),
        "page": (
            marked(
                "What answers at {place} sent something else than a licence (HTTP {fact}), as a sign-in page would be"
            ),
            phrase("sign in to the network, or {remedy}", remedy=_LET_THROUGH),
        ),
        "redirect": (
            marked("What answers at {place} points to another address (HTTP {fact}), which is never followed"),
            phrase("sign in to the network if it has a portal, else {remedy}", remedy=_ADDRESS),
        ),
        "forbidden": (marked("Something on the way to {place} forbids the request (HTTP {fact})"), _LET_THROUGH),
        "address": (marked("There is no licence server at {place} (HTTP {fact})"), _ADDRESS),
        "server": (
            marked("The licence server at {place}, or what stands before it, can't answer now (HTTP {fact})"),
            phrase("there is nothing to do here; if it lasts for days, call the vendor"),
        ),
        "status": (marked("What answers at {place} is not the licence server (HTTP {fact})"), _ADDRESS),
        "unsigned": (
            marked("What answers at {place} sent an answer that nobody signed whom this server trusts ({fact})"),
            phrase("{remedy}; if there is nothing, call the vendor", remedy=_SOMETHING_BETWEEN),
        ),
        "stale": (
            marked(
                "What answers at {place} sent an answer that does not belong to this request, like an old one played "
                "again"
            ),
            _SOMETHING_BETWEEN,
        ),
        "trust": (
            marked("What answers at {place} gives out a list of the vendor's keys that can't be taken ({fact})"),
            phrase("{remedy}; if there is nothing, call the vendor", remedy=_SOMETHING_BETWEEN),
        ),
        "endless": (
            marked("What answers at {place} keeps asking for a new request"),
            phrase("there is nothing to do here; if it lasts for days, call the vendor"),
        ),
    }
)
"""What happened and what to do, as the halves of one sentence."""

_REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "malformed": phrase("update the agent, or call the vendor"),
        "signature-invalid": phrase("call the vendor"),
        "too-large": phrase("update the agent, or call the vendor"),
        "media-type": phrase("look at proxies that change requests, or update the agent"),
        "rate-limited": phrase("there is nothing to do here: the agent asks again later"),
        "unavailable": phrase("there is nothing to do here; if it lasts for days, call the vendor"),
        "evidence-required": phrase("call the vendor"),
        "request-replayed": phrase("call the vendor"),
    }
)
"""What to do about the refusals that the protocol has for validations; nobody signs them."""

REFUSED_HERE = marked("The licence server refused this server: {reason}.")
ANSWERED = marked("The licence is {status}.")
OUTCOMES = (REFUSED_HERE, ANSWERED)
"""How else a validation ends; ``remembered`` knows them again."""

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
        said = of(fact) if isinstance(fact, Exception) else str(fact)
        happened = phrase(what, place=place, fact=_within(said, plain(said, _LONGEST_FACT)))
        super().__init__(phrase("{happened}; {remedy}.", happened=happened, remedy=remedy))
        self.cause, self.retry_after = cause, retry_after


def _within(said: str, line: str) -> str:
    """Return a sentence to stand within another one: as a line without a full stop."""
    bare = line.rstrip(".")
    return Sentence(bare, said.template, said.values) if isinstance(said, Sentence) else bare


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
        said: str = phrase(
            'The licence server turned the request away without signing that ("{quoted}"); {remedy}',
            quoted=quoted,
            remedy=_REFUSED[word],
        )
    else:
        line = plain(detail, 1000)
        said = _within(remembered(line), line)
    return phrase("{said}; {meaning}.", said=said, meaning=_meaning(standing))


def remembered(detail: str) -> str:
    """Return a sentence about the last validation that was stored as text as one that can be translated again."""
    for what, remedy in EXPLAINED.values():
        ending = f"; {remedy}."
        happened = recalled(detail.removesuffix(ending), what) if detail.endswith(ending) else None
        if happened is not None:
            return phrase("{happened}; {remedy}.", happened=happened, remedy=remedy)
    return next((found for found in (recalled(detail, each) for each in OUTCOMES) if found is not None), detail)


def _meaning(standing: Standing) -> Sentence:
    if standing.licence is None or standing.mode not in {"full", "grace"}:
        return phrase("the mode stays {mode}", mode=standing.mode)
    days = -(-max(0, (standing.ends_at or 0) - standing.now) // 86_400)
    if days == 1:
        return phrase("the licence in hand goes on, for 1 more day at most")
    return phrase("the licence in hand goes on, for {days} more days at most", days=days)
