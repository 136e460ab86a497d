"""Requests that are carried, from the side of a person: files, codes on a screen, sentences."""

import json
import re
import stat
from pathlib import Path

import pytest

from keys.carried import read_carried, write_carried
from keys.documents.requests import DEACTIVATION
from tests.agent.cli.program import Program
from tests.agent.vendor import CODE, Vendor
from tests.keys.pictures import read_screen


@pytest.fixture
def root(tmp_path: Path, vendor: Vendor) -> Path:
    (tmp_path / "root.json").write_bytes(vendor.trust_document)
    return tmp_path / "root.json"


def answer_to(vendor: Vendor, document: bytes, path: Path) -> Path:
    path.write_bytes(write_carried([vendor.activate(document), vendor.trust_document]))
    return path


def test_an_activation_by_file(program: Program, vendor: Vendor, root: Path, tmp_path: Path) -> None:
    request = tmp_path / "request.lic"
    said = program.json("request", CODE, "--root", str(root), "-o", str(request))
    assert (said["kind"], said["file"], said["parts"]) == ("activation", str(request), [])
    assert stat.S_IMODE(request.stat().st_mode) == 0o600, "the code is in it"
    answer = answer_to(vendor, read_carried(request.read_bytes())[0], tmp_path / "answer.lic")
    said = program.json("import", str(answer))
    assert (said["mode"], said["licence"], said["seq"]) == ("full", "lic_1", 1)
    assert "full (active)" in program("import", str(answer)).stdout


def test_people_read_what_to_do_next(program: Program, root: Path, tmp_path: Path) -> None:
    said = program("request", CODE, "--root", str(root), "-o", str(tmp_path / "request.lic")).stdout
    for part in ("request.lic", "licence-server exchange", "licence-agent import FILE", "https://licence.example.com"):
        assert part in said


def test_a_request_as_codes(program: Program, vendor: Vendor, root: Path, tmp_path: Path) -> None:
    words = ("request", CODE, "--root", str(root), "--qr")
    parts = program.json(*words)["parts"]
    shown = program(*words).stdout
    assert f"{len(parts)} of {len(parts)}\n" in shown
    plain = [text.strip("\n") for text in re.split(r"[1-9] of [1-9]\n", shown)[1:]]
    drawn = ["\n".join(f"m1m{line}\x1b" for line in each.splitlines()) for each in plain]
    assert [read_screen(each) for each in drawn] == parts, "also where nothing is a colour"
    (document,) = read_carried("\n".join(parts).encode())
    answer_to(vendor, document, tmp_path / "answer.lic")
    assert program.json("import", str(tmp_path / "answer.lic"))["mode"] == "full"


def test_the_licence_is_given_back_by_file(activated: Program, vendor: Vendor, tmp_path: Path) -> None:
    request = tmp_path / "request.lic"
    said = activated("deactivate", "-o", str(request))
    assert (said.exit_code, str(request) in said.stdout) == (0, True)
    assert activated.json("status")["mode"] == "full", "until the answer is here"
    document = vendor.validate(read_carried(request.read_bytes())[0], DEACTIVATION)
    (tmp_path / "answer.lic").write_bytes(document)
    assert activated.json("import", str(tmp_path / "answer.lic"))["status"] == "deactivated"


def test_a_refusal_is_said_and_ends_with_1(activated: Program, vendor: Vendor, tmp_path: Path) -> None:
    vendor.status, vendor.reason = "refused", "fingerprint_mismatch"
    activated.json("request", "--validate", "-o", str(tmp_path / "request.lic"))
    request = read_carried((tmp_path / "request.lic").read_bytes())[0]
    (tmp_path / "answer.lic").write_bytes(vendor.validate(request))
    result = activated("import", str(tmp_path / "answer.lic"), "--json")
    assert (result.exit_code, json.loads(result.stdout)["mode"]) == (1, "blocked")
    assert "fingerprint_mismatch" in result.stderr


def test_newer_keys_are_told_of(activated: Program, vendor: Vendor, tmp_path: Path) -> None:
    vendor.rotate()
    (tmp_path / "trust.json").write_bytes(vendor.trust_document)
    assert "version 2 of the trust document" in activated("import", str(tmp_path / "trust.json")).stderr


WRONG = {
    "neither a code nor --validate": (["request", "-o", "x"], 2, "activation CODE, or --validate"),
    "both": (["request", CODE, "--validate", "-o", "x"], 2, "activation CODE, or --validate"),
    "nowhere to write it": (["request", "--validate"], 2, "-o FILE, --qr, or --qr-file"),
    "two words at once": (["request", "--validate", "--qr", "--evidence", "--anew"], 2, "one of --evidence"),
    "evidence over the network": (["deactivate", "--evidence"], 2, "-o FILE, --qr, or --qr-file"),
    "a root for a validation": (["request", "--validate", "--qr", "--replace"], 2, "go with an activation CODE"),
    "evidence for a code": (["request", CODE, "--qr", "--evidence"], 2, "go with --validate"),
    "a file of another kind": (["request", CODE, "--qr-file", "codes.gif"], 2, ".png (a picture) or .html"),
    "a folder that is not there": (["request", "--validate", "-o", "/nowhere/x"], 2, "no folder"),
    "nobody pinned": (["request", CODE, "--qr"], 1, "--root FILE"),
    "no licence yet": (["request", "--validate", "--qr"], 1, "no licence yet"),
    "a file that is not there": (["import", "/nowhere"], 2, "/nowhere"),
}


@pytest.mark.parametrize(("words", "code", "said"), WRONG.values(), ids=WRONG.keys())
def test_wrong_use_is_said_in_a_sentence(program: Program, words: list[str], code: int, said: str) -> None:
    result = program(*words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in " ".join(result.stderr.split())
