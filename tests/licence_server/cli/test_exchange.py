"""Requests by file at the command line."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from keys.carried import read_carried
from tests.licence_server.device import Device
from tests.licence_server.office import Home, Office, device_at


@pytest.fixture
def device(home: Home) -> Iterator[Device]:
    office = Office.of(home)
    yield device_at(office)
    office.close()


def test_a_request_is_answered_into_a_file(home: Home, device: Device, tmp_path: Path) -> None:
    customer = home.ask("customer", "add", "Pars Steel")["id"]
    code = home.ask("licence", "issue", "--customer", customer, "--users", 3)["code"]
    request, answer = tmp_path / "request.lic", tmp_path / "answer.lic"
    request.write_bytes(device.activation_request(code))
    said = home.ask("exchange", request, "-o", answer)
    assert (said["errand"], said["status"], said["reason"], said["file"]) == ("activation", "active", None, str(answer))
    assert answer.read_text() == said["answer"]
    assert stat.S_IMODE(answer.stat().st_mode) == 0o644, "there is no secret in it"
    assert device.take(read_carried(answer.read_bytes())[0]).activation_id == said["activation"]
    printed = home.type("exchange", request)
    assert printed.stdout == answer.read_text(), "the same again"
    told = home.type("exchange", request, "-o", answer).stdout
    assert f"The activation of {said['licence']} (Pars Steel) is answered: active." in told
    assert answer.name in told


def test_what_is_no_request_is_refused_with_a_sentence(home: Home, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear vendor")
    result = home.type("exchange", tmp_path / "letter.txt", "-o", tmp_path / "answer.lic")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("invalid-input: There is more than one request in this")
    assert not (tmp_path / "answer.lic").exists()
