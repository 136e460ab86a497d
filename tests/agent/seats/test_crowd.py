"""Never more users than the limit and the overdraft, whoever asks: four processes full of threads, over HTTP."""

import http.client
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agent.seats.program import ADMINISTRATOR
from tests.agent.seats.test_kills import ROOT, call
from tests.threats.plugin import Figure, Rounds

USERS, OVERDRAFT, PROCESSES = 4, 3, 4


@pytest.mark.long
@pytest.mark.threat(39)
@pytest.mark.parametrize("model", ["concurrent", "named"])
def test_a_crowd_never_is_more_than_the_limit_and_the_overdraft(
    tmp_path: Path, model: str, rounds: Rounds, figure: Figure
) -> None:
    seconds = rounds(30, sample=3)
    program = [sys.executable, "-m", "tests.agent.seats.program", str(tmp_path), str(USERS), "100", model]
    with subprocess.Popen([*program, str(OVERDRAFT)], stdout=subprocess.PIPE, cwd=ROOT) as agent:
        try:
            assert agent.stdout
            port = json.loads(agent.stdout.readline())["port"]
            crowds = [start(port, tmp_path / f"crowd-{number}", seconds) for number in range(PROCESSES)]
            highest = looked(port, crowds)
            told = [json.loads((tmp_path / f"crowd-{number}").read_bytes()) for number in range(PROCESSES)]
        finally:
            agent.kill()
    assert max(each["users"] for each in told) == highest == USERS + OVERDRAFT
    assert max(each["beyond"] for each in told) == OVERDRAFT
    assert not sum(each["others"] for each in told)
    assert min(each["refused"] for each in told) > 0
    fences = [fence for each in told for person in each["fences"] for fence in person]
    assert len(set(fences)) == len(fences)
    assert all(person == sorted(person) for each in told for person in each["fences"])
    given = sum(each["new"] for each in told)
    figure(f"{PROCESSES * 8} callers in {PROCESSES} processes, {given} seats, {model}: never more than {highest} users")


def start(port: int, said: Path, seconds: int) -> subprocess.Popen[bytes]:
    """Let a crowd in; at the end it says in a file what it was told, since that may be more than a pipe holds."""
    command = [sys.executable, "-m", "tests.agent.seats.crowd", str(port), said.name, str(seconds)]
    with said.open("wb") as output:
        return subprocess.Popen(command, stdout=output, cwd=ROOT)


def looked(port: int, crowds: list[subprocess.Popen[bytes]]) -> int:
    """Count who is in, again and again; return the most that were."""
    connection, highest = http.client.HTTPConnection("127.0.0.1", port, timeout=20), 0
    while any(crowd.poll() is None for crowd in crowds):
        _, found = call(connection, "GET", "/v1/seats", token=ADMINISTRATOR)
        live = {seat["user"] for seat in found["seats"]}
        assert len(live | {entry["user"] for entry in found["assigned"]}) == found["users"]["used"]
        highest = max(highest, len(live), found["users"]["used"])
        assert highest <= USERS + OVERDRAFT
    connection.close()
    return highest
