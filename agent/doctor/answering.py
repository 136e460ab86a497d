"""Checks: does the licence server answer, whose is it, and what does its clock say of ours."""

from agent.doctor.situations import Situation, Situations, found
from agent.doctor.subject import Subject
from agent.domain.faults import FaultError, cause_of_status
from agent.domain.time import CLOCK_BEHIND
from agent.services.trusting import newest
from keys.checkup import Finding
from keys.errors import LicensingError
from keys.sentences import marked, phrase
from keys.trust import Trust, pin_trust, replace_trust

DAY = 86_400


SERVERS: Situations = {
    "server-good": Situation("ok", marked("{url} answers, and is {issuer}{new}.")),
    "server-portal": Situation(
        "failed",
        marked("What answers at {host} sends a web page (HTTP {status}), as a sign-in page would be."),
        marked("It is a captive portal, a firewall's page or another website, not the licence server. {code_kept}"),
        marked(
            "Sign in to the network in a browser, or have the firewall let this server through to {host}; then "
            "compare the address with the vendor's."
        ),
    ),
    "server-fault": Situation("failed", marked("{said}"), marked("{code_kept}")),
    "server-stranger": Situation(
        "failed",
        marked("What answers at {url} is no licence server ({fact})."),
        marked("{code_kept}"),
        marked("Compare the address with the one that the vendor gave."),
    ),
    "server-cut": Situation(
        "failed",
        marked("What answers at {url} breaks off, or speaks no HTTP ({fact})."),
        marked("{code_kept}"),
        marked(
            "Compare address and port with the vendor's; if it happens again and again, look at the line and at "
            "proxies."
        ),
    ),
    "server-unasked": Situation("failed", marked("{url} can't be asked: {reason}.")),
}
ROOTS: Situations = {
    "root-good": Situation("ok", marked("{url} is vouched for by the root key that is pinned, {pinned}.")),
    "root-first": Situation(
        "warning",
        marked("Nobody is pinned yet: on first use {issuer} would be believed, root key {theirs}."),
        marked("Whoever answered could be anybody whom this machine's TLS believes."),
        marked("Give the vendor's root.json with --root, or compare the key with the one that the vendor publishes."),
    ),
    "root-mismatch": Situation(
        "failed",
        marked(
            "{url} is {issuer} under root key {theirs}, but the root that is pinned is of {pinned_issuer}, {pinned}."
        ),
        marked(
            "It is another vendor's server, or the root file is another's: a code would be used up there, and its"
            " licence not believed here. Nothing was sent."
        ),
        marked("Compare address and root.json with what the vendor gave; ask for the newest root.json."),
    ),
    "root-spoilt": Situation(
        "failed",
        marked("The root file that was given is none ({fact})."),
        marked("Without it nobody knows whom to believe. Nothing was sent."),
        marked("Ask the vendor for root.json once more."),
    ),
    "root-untried": Situation("warning", marked("Not compared: the licence server did not answer.")),
}
CLOCKS: Situations = {
    "clock-good": Situation("ok", marked("The clock is right{how}.")),
    "clock-unknown": Situation("ok", marked("The clock is not behind what the licence server signed.")),
    "clock-slow": Situation(
        "warning",
        marked("The clock is at least {minutes} minutes slow."),
        marked("The licence does not depend on it; logs and TLS may."),
        marked("Set it, and let it be kept by NTP: timedatectl set-ntp true"),
    ),
    "clock-off": Situation(
        "warning",
        marked("The clock is {minutes} minutes {direction} what {host} says."),
        marked("The licence does not depend on it; logs and TLS may."),
        marked("Set it, and let it be kept by NTP: timedatectl set-ntp true"),
    ),
    "clock-wrong": Situation(
        "failed",
        marked("The clock is {days} days {direction} what {host} says."),
        marked(
            "Certificates of servers seem over or not begun, and whatever this server writes has a wrong date. "
            "The licence in hand, if any, does not depend on it."
        ),
        marked(
            "Set it, and let it be kept by NTP: timedatectl set-ntp true; without a network: date -s 'YYYY-MM-DD HH:MM'"
        ),
    ),
    "clock-before-root": Situation(
        "warning",
        marked("The clock is {days} days behind the day on which the vendor signed the root that is pinned."),
        marked("One of the two is wrong. Certificates of servers may seem not begun yet."),
        marked(
            "Set it, and let it be kept by NTP: timedatectl set-ntp true; without a network: date -s 'YYYY-MM-DD HH:MM'"
        ),
    ),
}
_UNASKED = {
    "name": phrase("its name can't be resolved"),
    "connection": phrase("no connection comes about"),
    "tls": phrase("its certificate proves nothing, or there is no TLS"),
}


def answered(subject: Subject) -> Finding:
    """Check what answers, before anything is told to it."""
    way = subject.way
    said = {"host": way.host, "url": subject.url}
    if way.end == "answer":
        return found("server", "server-cut", SERVERS, fact=way.fact or phrase("no more is known"), **said)
    if way.answer is None or way.end != "there":
        reason = _UNASKED.get(way.end, phrase("the proxy does not let anything through"))
        return found("server", "server-unasked", SERVERS, reason=reason, **said)
    status, media_type = way.answer.status, way.answer.media_type
    if status // 100 in {2, 3} and (media_type == "text/html" or status // 100 == 3):
        return found("server", "server-portal", SERVERS, status=status, **said)
    if status != 200:
        fault = FaultError(cause_of_status(status), subject.url, status)
        return found("server", "server-fault", SERVERS, said=fault)
    try:
        issuer = pin_trust(way.answer.body).issuer
    except LicensingError as error:
        return found("server", "server-stranger", SERVERS, fact=error, **said)
    return found("server", "server-good", SERVERS, issuer=issuer, new="", **said)


def server(subject: Subject) -> Finding:
    """Check what answers, and then ask as the agent does."""
    before = answered(subject)
    if before.state == "failed" or subject.pinned is None:
        return before
    asked = subject.agent.server_at(subject.url)
    try:
        trust, document = newest(asked, pin_trust(subject.pinned))
    except LicensingError as error:
        return found("server", "server-fault", SERVERS, said=error)
    new = phrase("; a new trust document is there") if document is not None else ""
    return found("server", "server-good", SERVERS, url=asked.url, issuer=trust.issuer, new=new)


def root(subject: Subject) -> Finding:
    """Check whether the server that answers is the one that the pinned root vouches for."""
    pinned = None
    if subject.pinned is not None:
        try:
            pinned = pin_trust(subject.pinned)
        except LicensingError as error:
            return found("root", "root-spoilt", ROOTS, fact=error)
    body = subject.way.answer.body if subject.way.answer is not None else b""
    try:
        theirs = pin_trust(body)
    except LicensingError:
        return found("root", "root-untried", ROOTS)
    said = {"url": subject.url, "issuer": theirs.issuer, "theirs": _roots(theirs)}
    if pinned is None:
        return found("root", "root-first", ROOTS, **said)
    word = "root-good" if _is_same(pinned, theirs, body) else "root-mismatch"
    return found("root", word, ROOTS, pinned=_roots(pinned), pinned_issuer=pinned.issuer, **said)


def clock(subject: Subject) -> Finding:
    """Check the clock against what was signed, and against the other side's, which is a hint."""
    known, hint = offline_clock(subject), _by_theirs(subject)
    if hint is None or (known.word != "clock-unknown" and hint.state != "failed"):
        return known
    return hint


def offline_clock(subject: Subject) -> Finding:
    """Check the clock against what was signed."""
    judging = subject.agent.judging
    hand = judging.holding.hand()
    time = judging.timekeeping.time(hand)
    if time.is_behind:
        return found("clock", "clock-slow", CLOCKS, minutes=time.behind // 60)
    if hand.licence is None and subject.pinned is not None:
        try:
            behind = pin_trust(subject.pinned).issued_at - time.wall_at
        except LicensingError:
            behind = 0
        if behind > DAY:
            return found("clock", "clock-before-root", CLOCKS, days=behind // DAY)
    return found("clock", "clock-unknown", CLOCKS)


def _by_theirs(subject: Subject) -> Finding | None:
    """Compare the clock with the other side's; None: it did not tell."""
    answer = subject.way.answer
    if answer is None or answer.date is None:
        return None
    off = subject.agent.around.clock.now() - answer.date
    if abs(off) < CLOCK_BEHIND:
        return found(
            "clock",
            "clock-good",
            CLOCKS,
            how=phrase(": at most {minutes} minutes from the server's", minutes=CLOCK_BEHIND // 60),
        )
    said = {"direction": phrase("ahead of") if off > 0 else phrase("behind"), "host": subject.way.host}
    word = "clock-off" if abs(off) < DAY else "clock-wrong"
    return found("clock", word, CLOCKS, minutes=abs(off) // 60, days=abs(off) // DAY, **said)


def _is_same(pinned: Trust, theirs: Trust, document: bytes) -> bool:
    roots = [{key.kid for key in trust.roots} for trust in (pinned, theirs)]
    if roots[0] == roots[1] and pinned.issuer == theirs.issuer:
        return True
    try:
        return replace_trust(pinned, document) is not None
    except LicensingError:
        return False


def _roots(trust: Trust) -> str:
    return ", ".join(key.kid for key in trust.roots)
