"""This machine, and the file that may stand in for it."""

import json

import pytest

from agent.hardware.machine import read_stand_in, this_machine
from keys.clock import SystemClock
from keys.errors import InvalidInputError
from keys.fingerprint import digest
from tests.fakes import TurnableClock

ISSUER = "https://licence.example.com"


def test_this_very_machine_can_be_read() -> None:
    machine = this_machine(SystemClock(), None)
    assert machine.sight(ISSUER).digests
    assert machine.boot().id
    assert machine.host("").key == "file"
    assert not machine.stand_in


def test_a_file_stands_in(tmp_path) -> None:
    path = tmp_path / "hardware.json"
    path.write_text(json.dumps({"machine_id": " abc1 ", "mac": None, "board_serial": "None", "cpu": ""}))
    machine = this_machine(TurnableClock(), path)
    seen = machine.sight(ISSUER)
    assert (machine.stand_in, seen.unreadable) == (True, ("mac",))
    assert seen.digests == {"machine_id": digest("abc1", ISSUER)}


@pytest.mark.parametrize("content", ["", "[]", '{"colour": "red"}', '{"cpu": 5}', '{"cpu": "a", "cpu": "b"}'])
def test_a_file_that_is_no_list_of_components_is_said_so(tmp_path, content: str) -> None:
    path = tmp_path / "hardware.json"
    path.write_text(content)
    with pytest.raises(InvalidInputError, match="LICENCE_AGENT_HARDWARE"):
        read_stand_in(path)


def test_a_file_that_is_not_there_is_said_so(tmp_path) -> None:
    with pytest.raises(InvalidInputError, match="no JSON file"):
        read_stand_in(tmp_path / "none.json")
