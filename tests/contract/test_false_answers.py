"""Answers that nobody signed: the agent goes on as it was, and says in one sentence what happened and what to do."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import requests

from agent.domain.faults import sentence
from agent.server import REFUSALS, HttpServer
from keys.clock import SystemClock
from keys.errors import LicensingError, UnreachableError
from tests.agent.rig import Rig
from tests.agent.vendor import Vendor
from tests.faults.oddserver import Answer, OddServer, odd_server, plain
from tests.faults.unsigned import (
    BYTES,
    LOOK_ALIKES,
    PAGES,
    PROBLEM,
    PROBLEMS,
    SIZES,
    STATUSES,
    UNSIGNED,
    WORDS,
    problem,
)

_OF_STATUS = {
    "forbidden": (401, 403, 407, 451, 511),
    "address": (404, 405, 501),
    "server": (408, 429, 500, 502, 503, 504, 599),
    "status": (400, 413, 999),
}
_OF_NAME = {
    "page": "captive portal|captive portal with a cookie|200 without a body|204|a text|no type|headers that are none",
    "redirect": "redirect to another server|redirect that keeps the body|redirect for ever|redirect to nowhere",
    "large": "5 MB|5 MB in chunks|problem nested deeply",
    "encoded": "gzip bomb|gzip bomb in two layers|deflate bomb",
    "silence": "100 without end|chunks without end|a byte at a time|headers a byte at a time",
    "cut": "cut|reset|nothing|a licence's type and no body|chunks that are none",
    "no_http": "SSH|a TLS alert|HTTP/0.9|HTTP/9.9|no status|a status of letters|two lengths|a header of 200 KB|"
    "a thousand headers|a status line of 200 KB",
    "unsigned": "a licence's type and a page|gzip that says nothing of it|zero bytes|random bytes|three dots|"
    "headers in headers|a length below nothing|a length of letters",
    "status": "304|101",
    "server": "503 that names a time|a crash|problem with a name twice|problem in other letters",
    "forbidden": "a reason with an escape|problem of the local API|problem with an unknown word",
    "address": "404 without a body|problem without a type|problem that is no JSON|problem that is a list|"
    "problem of somebody else|problem under another media type|problem of another status",
}
CAUSES = {name: cause for cause, names in _OF_NAME.items() for name in names.split("|")} | {
    f"HTTP {status} with a page": cause for cause, statuses in _OF_STATUS.items() for status in statuses
}
"""What status says of each answer, for scripts."""
QUICK, PATIENT = 1.0, 60.0
"""Seconds that the client waits where nothing whole ever comes, and where something does."""
KINDS = {"statuses": STATUSES, "pages": PAGES, "sizes": SIZES, "bytes": BYTES, "problems": PROBLEMS}
TELLTALE = re.compile(r"airport|pay|Traceback|SSH-|<|\x1b|session|portal\.example|withdrawn|a\.b\.c", re.IGNORECASE)
"""What somebody else said, and people must not read in our name."""


def kept(rig: Rig) -> dict[str, bytes]:
    """What a false answer must not touch, byte for byte."""
    files = [rig.home.licence, rig.home.refusal, rig.home.trust, rig.home.state, *sorted(rig.home.keys.iterdir())]
    return {path.name: path.read_bytes() for path in files if path.exists()}


def said(rig: Rig) -> str:
    """What ``status`` says of the last validation."""
    _, last = rig.tallies.progress()
    assert last is not None
    return sentence(last.word, last.sentence, rig.standing)


@pytest.fixture(scope="module")
def peer() -> Iterator[OddServer]:
    with odd_server() as server:
        yield server


@pytest.fixture
def site(rig: Rig) -> Rig:
    """An agent that has validated before."""
    rig.validate()
    return rig


@pytest.fixture
def client(peer: OddServer, monkeypatch: pytest.MonkeyPatch) -> HttpServer:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return HttpServer(peer.url, "test", SystemClock(), deadline=PATIENT)


def check_sentence(text: str) -> None:
    """One sentence for an installer, of ours alone, with what happened, what to do, and what it means."""
    assert re.fullmatch(r"[A-Zh][^\n]{80,400}; the licence in hand goes on, for 31 more days at most\.", text), text
    assert not re.search(r"\. [A-Z]|\{|\}|  |\(\)", text), text
    assert not TELLTALE.search(text), text


@pytest.mark.threat(19)
@pytest.mark.parametrize(
    "answers", [STATUSES, PAGES, SIZES, BYTES, PROBLEMS], ids=["statuses", "pages", "sizes", "bytes", "problems"]
)
def test_an_odd_answer_changes_nothing_and_is_explained(
    peer: OddServer, client: HttpServer, site: Rig, answers: Mapping[str, Answer]
) -> None:
    before, hurried = kept(site), HttpServer(peer.url, "test", SystemClock(), deadline=QUICK)
    for number, (name, peer.answer) in enumerate(answers.items(), 1):
        with pytest.raises(UnreachableError):
            site.validating.validate(hurried if CAUSES[name] == "silence" else client)
        assert (kept(site), site.standing.mode) == (before, "full"), name
        progress, last = site.tallies.progress()
        assert last is not None
        assert (progress.failures, last.word, last.cause) == (number, "unreachable", CAUSES[name])
        check_sentence(said(site))
    assert site.validate().seq == 3, "the very next answer that is signed counts"


@pytest.mark.threat(19)
def test_no_unsigned_word_changes_anything(peer: OddServer, client: HttpServer, site: Rig, figure) -> None:
    """Every word that there is, and some that look like the end of a licence, under every status."""
    before, refused = kept(site), 0
    for name, answer in WORDS.items():
        peer.answer, (status, word) = answer, name.split()
        with pytest.raises(LicensingError) as raised:
            site.validating.validate(client)
        assert (kept(site), site.standing.mode) == (before, "full"), name
        text = said(site)
        if REFUSALS["validation"].get(word) == int(status) and word not in {"evidence-required", "request-replayed"}:
            refused += 1
            assert 'without signing that ("This licence was withdrawn. Pay at once")' in text
            assert raised.value.word == word
        else:
            assert isinstance(raised.value, UnreachableError), name
            check_sentence(text)
        assert word not in LOOK_ALIKES or word not in text
    assert refused == 6
    assert site.validate().seq == 3
    figure(f"{len(UNSIGNED)} odd answers and {len(WORDS)} unsigned refusals: mode and licence unchanged by all")


@pytest.mark.threat(19)
@pytest.mark.parametrize("name", ["HTTP 403 with a page", "captive portal", "cut", "a licence's type and a page"])
def test_nor_is_a_licence_given_back_or_begun_by_one(
    peer: OddServer, client: HttpServer, site: Rig, quick_path: Path, name: str
) -> None:
    peer.answer, before = UNSIGNED[name], kept(site)
    with pytest.raises(UnreachableError):
        site.validating.deactivate(client)
    assert (kept(site), site.standing.mode) == (before, "full")
    fresh = Rig(quick_path / "fresh", site.clock, Vendor(site.clock))
    honest, fresh.server = fresh.server, client
    with pytest.raises(UnreachableError):
        fresh.activate()
    assert fresh.standing.mode == "blocked"
    sent = peer.asked[-1][3]
    fresh.server = honest
    assert fresh.activate().seq == 1
    assert honest.sent == [sent], "the same bytes again"


@pytest.mark.threat(19)
def test_no_odd_answer_costs_the_back_off(peer: OddServer, client: HttpServer, site: Rig) -> None:
    """A NUL in an answer once made the whole file unreadable, and the agent ask every second."""
    for number, name in enumerate(["a TLS alert", "HTTP/0.9", "a reason with an escape", "random bytes"], 1):
        peer.answer = UNSIGNED[name]
        with pytest.raises(UnreachableError):
            site.validating.validate(client)
        progress, _ = site.tallies.progress()
        assert progress.failures == number
        assert progress.retry_at is not None
    peer.answer = plain(503, problem("unavailable", detail="\ud800\0\u202eevil" * 200), Retry_After="60", **PROBLEM)
    with pytest.raises(LicensingError):
        site.validating.validate(client)
    assert site.tallies.progress()[0].failures == 5


@pytest.mark.threat(19, control=True)
def test_a_client_as_most_are_written_falls_for_them(peer: OddServer) -> None:
    """The control: the same answers, with a time-out for each read and nothing else."""

    def naive(name: str, patience: float = PATIENT) -> requests.Response:
        peer.answer, peer.asked = UNSIGNED[name], []
        return requests.post(f"{peer.url}/agent/v1/validations", data=b"x", timeout=patience)

    assert len(naive("5 MB").content) == len(naive("gzip bomb").content) == 5_000_000
    assert naive("captive portal").ok
    assert naive("a byte at a time").ok, (
        "however long it takes: test_proxy.py has how a time-out is kept from ending it"
    )
    with pytest.raises(requests.TooManyRedirects):
        naive("redirect for ever")
    assert len(peer.asked) > 30
