"""Every command, from the side of a script and of a person: exit codes, JSON, sentences; never a traceback."""

import json
import re
import shutil

import pytest

from agent.cli.activate import believe_on_first_use
from agent.cli.program import COMMANDS
from keys.errors import InvalidInputError
from keys.keyfile import load_key
from keys.signing import SoftwareSigner
from tests.agent.cli.program import Program
from tests.agent.vendor import CODE, HARDWARE, Vendor
from tests.faults.oddserver import OddServer, plain

STATUS = {"mode", "status", "reason", "licence", "customer", "seats", "expires_at", "refresh_at", "seq"}


@pytest.mark.parametrize("name", [*COMMANDS, "seats release"])
def test_every_command_has_help_with_an_example(program: Program, name: str) -> None:
    result = program(*name.split(), "--help")
    assert (result.exit_code, "Example: licence-agent" in result.stdout) == (0, True)


def test_the_list_of_commands_is_the_one_that_is_documented(program: Program) -> None:
    assert all(name in program("--help").stdout for name in COMMANDS)
    assert program("--version").exit_code == 0
    assert program("nonsense").exit_code == 2


def test_activate_status_validate_deactivate(program: Program, server: OddServer, vendor: Vendor) -> None:
    said = program.json("activate", CODE, "--server", server.url)
    assert (said["licence"], said["status"], said["mode"]) == ("lic_1", "active", "full")
    status = program.json("status")
    assert set(status) >= STATUS
    assert (status["mode"], status["seq"], status["seats"]["users"]) == ("full", 1, 3)
    assert program.json("validate")["seq"] == 2
    vendor.status, vendor.reason = "suspended", "payment_overdue"
    said = program.json("validate")
    assert (said["mode"], said["status"], said["reason"]) == ("restricted", "suspended", "payment_overdue")
    assert program.json("deactivate")["mode"] == "blocked"
    assert "deactivated" in program("status").stdout


def test_a_code_that_no_list_of_processes_shows(program: Program, server: OddServer) -> None:
    program.more["LICENCE_AGENT_CODE"] = CODE
    assert program.json("activate", "--server", server.url)["mode"] == "full"


def test_people_read_sentences(activated: Program) -> None:
    status = activated("status").stdout
    for said in ("full (active)", "Pars Steel, Mashhad", "3 users, 4 clients", "lic_1, active, document 1"):
        assert said in status
    assert re.search(r"^networks: +private ranges\nother networks: +refused$", status, re.MULTILINE)
    assert "last validation: " in activated("validate").stdout
    assert "is deactivated" in activated("deactivate").stdout


def test_first_use_says_whom_it_believes(program: Program, server: OddServer, vendor: Vendor) -> None:
    result = program("activate", CODE, "--server", server.url)
    assert vendor.root.key.kid in result.stderr
    assert vendor.root.key.kid not in result.stdout


@pytest.mark.parametrize(
    ("url", "accepted"),
    [("http://10.0.0.1:7410", False), ("https://licence.example.com", True), ("http://localhost:7410", True)],
)
def test_first_use_is_refused_where_anybody_could_answer(vendor: Vendor, url: str, accepted: bool) -> None:
    if accepted:
        believe_on_first_use(url, vendor.trust)
        return
    with pytest.raises(InvalidInputError, match="--root"):
        believe_on_first_use(url, vendor.trust)


def test_a_carried_root_is_pinned(program: Program, server: OddServer, vendor: Vendor, tmp_path) -> None:
    root = tmp_path / "root.json"
    root.write_bytes(vendor.trust_document)
    assert program("activate", CODE, "--server", server.url, "--root", str(root)).exit_code == 0
    assert (program.home / "trust.json").read_bytes() == vendor.trust_document


WRONG = {
    "no arguments": (["activate"], 2),
    "no server": (["activate", CODE], 2),
    "a root that is not there": (["activate", CODE, "--server", "http://127.0.0.1:1", "--root", "/nowhere"], 2),
    "a mistyped code": (["activate", "10000-00000-00000-00000-00000", "--server", "http://127.0.0.1:1"], 1),
    "a code too short": (["activate", "AAAA", "--server", "http://127.0.0.1:1"], 1),
    "a server that is no address": (["activate", CODE, "--server", "licence"], 1),
    "nobody at the server": (["activate", CODE, "--server", "http://127.0.0.1:1"], 3),
    "nothing to validate": (["validate"], 1),
    "nothing to deactivate": (["deactivate"], 1),
    "no daemon": (["seats"], 3),
    "no daemon to release": (["seats", "release", "sara"], 3),
    "a foreign address": (["run", "--host", "192.0.2.1"], 1),
    "an impossible port": (["run", "--port", "70000"], 2),
    "an argument too many": (["status", "now"], 2),
}


@pytest.mark.parametrize(("words", "code"), WRONG.values(), ids=WRONG.keys())
def test_wrong_use_is_said_in_a_sentence(program: Program, words: list[str], code: int) -> None:
    result = program(*words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr
    assert "Traceback" not in result.stderr
    assert not (program.home / "licence.jws").exists()


@pytest.mark.parametrize("text", ["colour = 1", "port = 'x'", "\0", "["])
def test_a_wrong_setting_stops_every_command_with_a_sentence(activated: Program, text: str) -> None:
    (activated.home / "agent.toml").write_text(text)
    for name in ("status", "validate", "seats", "doctor"):
        result = activated(name)
        assert (result.exit_code, "agent.toml" in result.stderr) == (1, True)


def test_unsigned_answers_are_a_network_fault(activated: Program, server: OddServer) -> None:
    server.answer = plain(403, b"<html>")
    assert activated("validate").exit_code == 3
    status = activated.json("status")
    assert (status["mode"], status["last_validation"]["word"]) == ("full", "unreachable")


def test_a_refusal_prints_the_status_and_exits_1(activated: Program, vendor: Vendor) -> None:
    vendor.status, vendor.reason = "refused", "fingerprint_mismatch"
    result = activated("validate", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["reason"] == "fingerprint_mismatch"
    assert "refused" in result.stderr


def test_an_active_licence_is_replaced_only_on_purpose(activated: Program, server: OddServer) -> None:
    result = activated("activate", CODE, "--server", server.url)
    assert (result.exit_code, "--replace" in result.stderr) == (1, True)
    assert activated("activate", CODE, "--server", server.url, "--replace").exit_code == 0


def test_a_copied_home_on_other_hardware_is_blocked(activated: Program, tmp_path) -> None:
    copy = Program(tmp_path / "copy")
    shutil.copytree(activated.home, copy.home)
    copy.hardware({name: f"other {value}" for name, value in HARDWARE.items()})
    status = copy.json("status")
    assert (status["mode"], status["reason"]) == ("blocked", "hardware_changed")
    assert activated.json("status")["mode"] == "full"


def test_the_stand_in_is_announced_loudly(program: Program) -> None:
    assert "WARNING: LICENCE_AGENT_HARDWARE" in program("status").stderr


def test_the_fingerprint_keeps_values_to_itself(activated: Program) -> None:
    said = activated.json("fingerprint")
    assert said["weight"] == 75
    assert set(said["components"]) == set(HARDWARE)
    assert said["match"]["fits"]
    text = activated("fingerprint").stdout + activated("fingerprint", "--json").stdout
    assert not any(value in text for value in HARDWARE.values())
    assert HARDWARE["machine_id"] in activated("fingerprint", "--raw").stdout


def test_the_doctor_finds_what_is_wrong(activated: Program, server: OddServer, program: Program) -> None:
    found = {check["check"]: check for check in json.loads(activated("doctor", "--json").stdout)["checks"]}
    assert [found[name]["state"] for name in ("home", "clock", "name", "server", "trust", "licence")] == ["ok"] * 6
    server.answer = plain(404)
    (activated.home / "licence.jws").write_bytes(b"")
    activated.home.chmod(0o777)
    result = activated("doctor")
    assert result.exit_code == 1
    assert "chmod go-w" in result.stdout
    assert "failed   server" in result.stdout


def test_device_keys_can_be_encrypted(program: Program, server: OddServer, monkeypatch) -> None:
    monkeypatch.setenv("LICENCE_AGENT_PASSPHRASE", "correct horse")
    assert program("activate", CODE, "--server", server.url).exit_code == 0
    key = next((program.home / "keys").glob("*.pem"))
    assert isinstance(load_key(key, b"correct horse"), SoftwareSigner)
    monkeypatch.delenv("LICENCE_AGENT_PASSPHRASE")
    assert program.json("status")["reason"] == "key_missing"
