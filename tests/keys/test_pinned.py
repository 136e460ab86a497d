"""licence-keys pinned, as a person uses it; what it makes of documents is in the cases of tests/conformance."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from keys.ceremony import rotated, signed
from keys.documents.outage import Outage
from keys.documents.requests import DEACTIVATION
from tests.conformance.ours import ours
from tests.conformance.run import check, read_cases
from tests.keys.samples import (
    ACTIVATION_REQUEST,
    DAY,
    DEACTIVATION_REQUEST,
    DEVICE,
    ISSUER,
    LICENCE,
    NEW_SIGNING,
    NOW,
    ROOT_1,
    ROOT_2,
    SIGNING,
    STRANGER,
    TRUST,
    VALIDATION_REQUEST,
)
from tests.keys.terminal import answer, run

PIN = signed(TRUST, [ROOT_1, ROOT_2])
NEWER = signed(rotated(TRUST, NEW_SIGNING.key, NOW + DAY), [ROOT_1, ROOT_2])


@pytest.fixture
def state(tmp_path: Path) -> Path:
    for name, content in {
        "root.json": PIN,
        "newer.json": NEWER,
        "licence.jws": LICENCE.sign(SIGNING),
        "validation.jws": VALIDATION_REQUEST.sign(DEVICE),
        "device.jwk": json.dumps(dict(DEVICE.key.jwk)).encode(),
    }.items():
        (tmp_path / name).write_bytes(content)
    run("pinned", "init", tmp_path / "believed.json", tmp_path / "root.json")
    return tmp_path / "believed.json"


def test_what_is_pinned_is_said_and_never_pinned_over(state: Path) -> None:
    assert state.read_bytes() == PIN
    refused = run("pinned", "init", state, state.with_name("newer.json"), code=1)
    assert refused.stderr.startswith("state-conflict: ")
    assert state.read_bytes() == PIN
    made = answer("pinned", "init", state.with_name("other.json"), state.with_name("newer.json"))
    assert (made["version"], made["enough"]) == (2, True)


def test_a_newer_trust_document_is_taken_and_an_older_one_is_not(state: Path) -> None:
    assert "version 2" in run("pinned", "update", state, state.with_name("newer.json")).stdout
    assert state.read_bytes() == NEWER
    assert answer("pinned", "update", state, state.with_name("newer.json"))["version"] == 2
    assert run("pinned", "update", state, state.with_name("root.json"), code=1).stderr.startswith("trust-refused: ")
    assert state.read_bytes() == NEWER


def test_a_licence_is_checked_by_the_moment_that_is_given(state: Path) -> None:
    verify = ("pinned", "verify", state, "licence+jwt", state.with_name("licence.jws"))
    assert json.loads(run(*verify, "--now", NOW).stdout) == answer(*verify, "--now", NOW) == LICENCE.to_claims()
    assert run(*verify, "--now", NOW + 15 * DAY, code=1).stderr.startswith("licence-restricted: ")
    run(*verify, "--now", -1, code=2)
    assert "TYPE must be one of" in run("pinned", "verify", state, "JWT", state, code=2).stderr


def test_without_a_moment_it_is_now(tmp_path: Path) -> None:
    (tmp_path / "root.json").write_bytes(signed(replace(TRUST, expires_at=2**40), [ROOT_1, ROOT_2]))
    run("pinned", "init", tmp_path / "state", tmp_path / "root.json")
    for end, code in ((2**40, 0), (1_700_000_000, 1)):
        licence = replace(LICENCE, issued_at=NOW, expires_at=end)
        (tmp_path / "licence.jws").write_bytes(licence.sign(SIGNING))
        run("pinned", "verify", tmp_path / "state", "licence+jwt", tmp_path / "licence.jws", code=code)


def test_an_outage_is_checked_by_whom_it_is_signed(state: Path) -> None:
    outage = Outage(ISSUER, "out_1", NOW, NOW, NOW + 60 * DAY, 14 * DAY, None)
    file = state.with_name("outage.jws")
    verify = ("pinned", "verify", state, "outage+jwt", file)
    file.write_bytes(outage.sign(SIGNING))
    assert answer(*verify) == outage.to_claims()
    file.write_bytes(outage.sign(STRANGER))
    assert run(*verify, code=1).stderr.startswith("signature-invalid: ")


def test_a_request_is_checked_by_the_device_key(state: Path) -> None:
    verify = ("pinned", "verify", state, "validation-request+jwt", state.with_name("validation.jws"))
    assert answer(*verify, "--device", state.with_name("device.jwk"))["jti"] == "req_2"
    assert run(*verify, code=1).stderr.startswith("signature-invalid: ")


def test_a_deactivation_is_checked_like_any_request(state: Path) -> None:
    file = state.with_name("deactivation.jws")
    file.write_bytes(DEACTIVATION_REQUEST.sign(DEVICE, DEACTIVATION))
    verify = ("pinned", "verify", state, DEACTIVATION, file, "--device", state.with_name("device.jwk"))
    assert answer(*verify)["jti"] == "req_2"


ELSEWHERE = "https://elsewhere.example.com"


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        (ACTIVATION_REQUEST.sign(DEVICE), None),
        (replace(ACTIVATION_REQUEST, nonce="bm9uY2Uy").sign(DEVICE), "signature-invalid"),
        (replace(ACTIVATION_REQUEST, device_key=STRANGER.key.kid).sign(STRANGER), "signature-invalid"),
        (replace(ACTIVATION_REQUEST, audience=ELSEWHERE).sign(DEVICE), "malformed"),
    ],
    ids=["its own", "another one", "of another machine", "for another vendor"],
)
def test_a_licence_answers_one_request_of_its_machine_to_its_vendor(
    state: Path, request_: bytes, word: str | None
) -> None:
    file = state.with_name("request.jws")
    file.write_bytes(request_)
    verify = ("pinned", "verify", state, "licence+jwt", state.with_name("licence.jws"), "--now", NOW)
    result = run(*verify, "--request", file, code=0 if word is None else 1)
    assert result.stderr.partition(":")[0] == (word or "")


def test_the_cases_reach_every_line_of_it() -> None:
    """In this process, so that coverage sees them; all of them are in tests/contract."""
    parts = ("evidence-", "answer-", "successor-", "-bound-", "frozen-", "activation-of-", "deactivation-as-")
    for part in parts:
        assert all(result.passed for result in check(read_cases(part=part), ours))
