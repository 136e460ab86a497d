"""A validation whose request the server wants in another form: with evidence, or made anew."""

import pytest

from keys.errors import EvidenceRequiredError, MalformedError, RequestReplayedError, UnreachableError
from tests.agent.rig import Rig
from tests.agent.vendor import DAY, claims_of


def test_evidence_is_given_when_the_server_asks_for_it(active: Rig) -> None:
    held, send = active.papers.licence(), active.server.send
    refusals = [EvidenceRequiredError("The server was restored.")]

    def forgetful(errand, document: bytes) -> bytes:
        if refusals:
            raise refusals.pop()
        return bytes(send(errand, document))

    active.server = _Server(forgetful, active.server.trust)
    assert active.validate().seq == 2
    request = active.vendor.requests[-1]
    assert request.held == held


def test_a_replayed_request_is_made_anew(active: Rig) -> None:
    send, seen = active.server.send, []

    def replayed(errand, document: bytes) -> bytes:
        seen.append(claims_of(document)["jti"])
        if len(seen) == 1:
            raise RequestReplayedError("Seen.")
        return bytes(send(errand, document))

    active.server = _Server(replayed, active.server.trust)
    assert active.validate().seq == 2
    assert len(set(seen)) == 2


def test_a_server_that_always_wants_another_request_is_given_up(active: Rig) -> None:
    active.server.refuse = RequestReplayedError("Seen.")
    with pytest.raises(UnreachableError, match="keeps asking"):
        active.validate()
    assert len(active.server.sent) == 1 + 3


def test_a_request_that_nobody_understands_is_given_up_after_a_day(active: Rig) -> None:
    active.server.refuse = MalformedError("What?")
    for later in (0, DAY, 1):
        active.clock.advance(later)
        with pytest.raises(MalformedError):
            active.validate()
    assert active.papers.pending("validation") is None


def test_the_second_request_is_given_up_with_the_first(active: Rig) -> None:
    """Else one that nobody understands would be sent in place of every later one."""
    known = list[str]()

    def odd(errand, document: bytes) -> bytes:
        name = claims_of(document)["jti"]
        if not known or name == known[0]:
            known[:] = [name]
            raise RequestReplayedError("Seen.")
        raise MalformedError("What?")

    active.server = _Server(odd, active.server.trust)
    for later in (0, DAY + 1):
        active.clock.advance(later)
        with pytest.raises(MalformedError):
            active.validate()
    assert (active.papers.pending("validation"), active.papers.pending("again")) == (None, None)


class _Server:
    def __init__(self, send, trust) -> None:
        self.send, self.trust = send, trust
