"""Signing keys change: every agent follows over the line, and none is locked out."""

from collections.abc import Callable

import pytest

from agent.services import trusting
from keys.jws import decode, from_json
from tests.contract.installed import Installed
from tests.contract.serving import DAY, Premises
from tests.faults.proxy import Wire

HOUR = 3600
New = Callable[..., Installed]


def signed_by(server: Installed) -> str:
    """Which signing key the licence in hand names."""
    header = from_json(decode((server.document or b"").partition(b".")[0]))
    return str(header["kid"])


@pytest.mark.threat(37)
def test_a_rotation_is_followed_without_a_pause(premises: Premises, new: New) -> None:
    server, lagging = new(), new()
    before = premises.signing_key
    premises.keys().rotate()
    premises.home.clock.advance(60)
    assert premises.signing_key != before
    server.validate()
    assert signed_by(server) == premises.signing_key
    assert (server.agent.judging.holding.trust().version, server.standing.mode) == (2, "full")
    assert signed_by(lagging) == before
    assert set(lagging.run(3 * DAY)) == {"full"}
    assert lagging.said == []


@pytest.mark.threat(37)
def test_the_first_key_may_be_gone_for_a_year_of_rotations(premises: Premises, new: New) -> None:
    """An agent that was switched off meanwhile still follows: every version was signed by the roots it pinned."""
    server = new()
    for _ in range(12):
        premises.home.clock.advance(30 * DAY)
        premises.keys().rotate()
    server.begin()
    server.step()
    assert (server.standing.mode, server.agent.judging.holding.trust().version) == ("full", 13)


@pytest.mark.threat(37)
def test_a_revoked_signing_key_costs_nobody_the_mode(premises: Premises, wire: Wire, new: New) -> None:
    """Threat 37: the agent learns of it at its daily look, validates at once, and goes on meanwhile."""
    server = new()
    stolen = premises.signing_key
    server.run(3 * HOUR, every=HOUR)
    premises.keys().revoke(stolen)
    seq, modes = server.licence.seq, []
    wire.fate = lambda request: "lose request" if request.startswith(b"POST") else "pass"
    while not server.agent.judging.holding.hand().key_revoked:
        modes += server.run(600, every=600)
        assert len(modes) < 300, "it looks for trust daily"
    modes += server.run(2 * HOUR, every=600)
    assert set(modes) == {"full"}
    assert "signing_key_revoked" in {notice.code for notice in server.standing.notices}
    server.begin()
    assert server.standing.mode == "full", "kept over a restart of the agent"
    wire.mended()
    server.run(2 * HOUR, every=600)
    assert (server.licence.seq, server.standing.mode) == (seq + 1, "full")
    assert signed_by(server) == premises.signing_key != stolen
    assert "signing_key_revoked" not in {notice.code for notice in server.standing.notices}


@pytest.mark.threat(37)
@pytest.mark.long
def test_a_drill_every_agent_has_a_licence_under_the_new_key(
    premises: Premises, wire: Wire, new: New, rounds, figure
) -> None:
    """Fifty customers, at all times of their day, some of them off the line for a while, one for most of its grace."""
    servers = []
    for _ in range(rounds(50, sample=6)):
        servers.append(new())
        for server in servers:
            server.step()
        premises.home.clock.advance(1700)
    stolen = premises.signing_key
    premises.keys().revoke(stolen)
    away = {number: number % 5 * 8 * HOUR for number in range(len(servers))} | {0: 9 * DAY}
    ends = servers[0].licence.expires_at
    began, moved = premises.home.clock.now(), dict[int, int]()
    while len(moved) < len(servers):
        premises.home.clock.advance(HOUR)
        now = premises.home.clock.now()
        assert now < ends, f"only {len(moved)} followed"
        for number in set(range(len(servers))) - set(moved):
            server = servers[number]
            if now - began > away[number]:
                server.step()
            assert server.standing.mode in ({"full", "grace"} if away[number] else {"full"}), number
            if signed_by(server) != stolen:
                moved[number] = now - began
    assert {signed_by(server) for server in servers} == {premises.signing_key}
    assert servers[0].standing.mode == "full"
    del moved[0]
    slowest = max(moved.values())
    assert slowest <= 32 * HOUR + 30 * HOUR, "a daily look after the longest time off the line"
    figure(
        f"{len(servers)} agents, signing key revoked: all under the new one after {slowest // HOUR} h, one that was "
        "away for 9 days on its return; none was locked out"
    )


@pytest.mark.threat(37, control=True)
def test_an_agent_that_drops_what_a_revoked_key_signed_is_locked_out(
    premises: Premises, wire: Wire, new: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = new()
    monkeypatch.setattr(trusting, "is_spared", lambda *_: False)
    premises.keys().revoke(premises.signing_key)
    wire.fate = lambda request: "lose request" if request.startswith(b"POST") else "pass"
    assert "blocked" in server.run(2 * DAY)
