"""A turn answers everybody, whatever goes wrong with one; a server that can't start says so."""

import asyncio

import pytest

from agent.web.replies import NO_CONTENT, Reply
from agent.web.requests import Request, Way
from agent.web.turns import Turns
from tests.agent.web.server import Crm


def test_one_connection_that_fails_costs_nobody_else_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    told: list[Reply] = []

    def fail(_: Reply) -> None:
        raise OSError("gone")

    async def turn() -> None:
        turns = Turns(asyncio.get_running_loop(), lambda: 0)
        for deliver in (told.append, fail, told.append):
            turns.add(lambda: NO_CONTENT, deliver)
        await asyncio.sleep(0.01)

    asyncio.run(turn())
    assert told == [NO_CONTENT, NO_CONTENT]
    assert "A connection of the local API failed" in caplog.text


def test_all_of_a_turn_share_one_commit(crm: Crm) -> None:
    body, books = b'{"user": "sara", "client": "pc-%d"}', crm.office.seating.books
    head = {
        b"host": b"localhost:1",
        b"authorization": b"Bearer application-token",
        b"content-type": b"application/json",
    }
    told: list[Reply] = []

    async def turn() -> None:
        loop = asyncio.get_running_loop()
        app, turns = crm.server._app, crm.server._app.turns(loop)
        for number in range(4):
            app.take(Request("POST", "/v1/seats", head, Way(1), body % number), turns, told.append)
        await asyncio.sleep(0.01)

    before = books.commits
    asyncio.run(turn())
    assert [reply.code for reply in told] == [201] * 4
    assert books.commits == before + 1
