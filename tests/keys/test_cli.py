"""licence-keys, as the people of a ceremony use it."""

import json
from pathlib import Path
from typing import Any

import pytest

from keys.ceremony import signed
from keys.cli import main
from keys.documents.licence import open_licence
from keys.keyfile import load_key
from keys.trust import pin_trust
from tests.keys.samples import (
    ACTIVATION_REQUEST,
    DEACTIVATION_REQUEST,
    DEVICE,
    ISSUER,
    LICENCE,
    ROOT_1,
    ROOT_2,
    SIGNING,
    STRANGER,
    TRUST,
    VALIDATION_REQUEST,
)
from tests.keys.terminal import answer, run


def files(home: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_a_ceremony_from_nothing_to_a_trust_document(tmp_path: Path) -> None:
    for name in ("root-1", "root-2", "root-3"):
        made = answer("root", "new", tmp_path / name)
        assert (made["file"], made["public"]) == (str(tmp_path / name), f"{tmp_path / name}.jwk")
        assert Path(made["public"]).exists()
        assert load_key(tmp_path / name, b"carried by a person").key.kid == made["kid"]
    kid = answer("signing", "new", tmp_path / "signing")["kid"]
    assert load_key(tmp_path / "signing", b"kept in the home").key.kid == kid, "it opens with the server's passphrase"
    roots = [part for name in ("root-1", "root-2", "root-3") for part in ("--root", tmp_path / f"{name}.jwk")]
    trust = tmp_path / "trust.json"
    first = answer(
        "trust", "new", "--issuer", ISSUER, *roots, "--threshold", 2, "--signing", tmp_path / "signing.jwk", "-o", trust
    )
    assert (first["enough"], first["version"]) == (False, 1)
    assert trust.stat().st_mode & 0o777 == 0o644, "everybody may read whom to believe"
    run("trust", "verify", trust, code=1)
    assert not answer("root", "sign", trust, "--key", tmp_path / "root-1")["enough"]
    assert answer("root", "sign", trust, "--key", tmp_path / "root-3")["enough"]
    assert answer("trust", "verify", trust)["signing"] == [{"kid": kid, "status": "active"}]
    assert answer("trust", "show", trust)["claims"]["iss"] == ISSUER
    assert "Signed by 2 of its 3 roots; 2 must." in run("trust", "show", trust).stdout
    assert pin_trust(trust.read_bytes()).threshold == 2


def test_roots_are_exchanged_with_the_old_and_the_new(tmp_path: Path) -> None:
    for name in ("old", "new"):
        run("root", "new", tmp_path / name)
    run("signing", "new", tmp_path / "signing", environment={"LICENCE_KEYS_PASSPHRASE": "carried by a person"})
    trust, proposal = tmp_path / "trust.json", tmp_path / "proposal.json"
    old, new = tmp_path / "old", tmp_path / "new"
    run("trust", "new", "--issuer", ISSUER, "--root", f"{old}.jwk", "--signing", tmp_path / "signing.jwk", "-o", trust)
    run("root", "sign", trust, "--key", old)
    told = run("trust", "propose", trust, "--root", f"{new}.jwk", "-o", proposal).stdout
    assert "Signed by 0 of the 1 roots in force; 1 must." in told
    run("root", "sign", proposal, "--key", new)
    assert "--current" in run("root", "sign", proposal, "--key", old, code=1).stderr
    run("trust", "verify", proposal, "--current", trust, code=1)
    done = tmp_path / "done.json"
    said = run("root", "sign", proposal, "--key", old, "--current", trust, "-o", done).stdout
    assert "Signed by 1 of the 1 roots in force; 1 must." in said
    assert answer("trust", "verify", done, "--current", trust)["version"] == 2
    run("trust", "verify", trust, "--current", done, code=1)


def test_a_proposal_changes_signing_keys_or_roots(tmp_path: Path, home: Path) -> None:
    for name in ("signing", "root"):
        run(name, "new", tmp_path / name)
    trust, output = home / "keys/trust.json", tmp_path / "proposal.json"
    rotated = answer("trust", "propose", trust, "--signing", tmp_path / "signing.jwk", "-o", output)
    assert [entry["status"] for entry in rotated["signing"]] == ["retired", "active"]
    arguments = ("--revoke", SIGNING.key.kid, "--signing", tmp_path / "signing.jwk")
    revoked = answer("trust", "propose", trust, *arguments, "-o", output)
    assert [entry["status"] for entry in revoked["signing"]] == ["revoked", "active"]
    run("trust", "propose", trust, *arguments, "--root", tmp_path / "root.jwk", "-o", output, code=2)
    assert answer("trust", "propose", trust, "-o", output)["version"] == 2


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    run("root", "new", tmp_path / "root")
    before = files(tmp_path)
    assert "state-conflict" in run("root", "new", tmp_path / "root", code=1).stderr
    (tmp_path / "root").unlink()
    run("root", "new", tmp_path / "root", code=1)
    assert files(tmp_path).items() <= before.items()


def test_a_passphrase_is_asked_for_in_a_terminal(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = run("root", "new", tmp_path / "root", code=1, environment={}).stderr
    assert "LICENCE_KEYS_PASSPHRASE_FILE" in said
    typed: list[str] = []
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return typed.pop(0)

    monkeypatch.setattr("keys.carrying.in_terminal", lambda: True)
    monkeypatch.setattr("getpass.getpass", ask)
    long = "one two three four five"
    for words, code in (([long, "two"], 1), (["", ""], 1), (["short", "short"], 1), ([long, long], 0)):
        typed[:] = words
        run("root", "new", tmp_path / "root", code=code, environment={})
        assert asked == ["Passphrase of the key: ", "The same again: "]
        asked.clear()
    assert load_key(tmp_path / "root", b"one two three four five").key.kind == "Ed25519"
    typed[:] = [long, long]
    sign = ("root", "sign", home / "keys/trust.json", "--key", tmp_path / "root")
    assert "no root" in run(*sign, code=1, environment={}).stderr
    assert asked == ["Passphrase of the key: "], "a key that is there already can't be lost by a typing error"


def test_a_root_signs_no_document_that_is_not_its_own(tmp_path: Path, home: Path) -> None:
    run("root", "new", tmp_path / "stranger")
    before = files(home)
    assert "no root" in run("root", "sign", home / "keys/trust.json", "--key", tmp_path / "stranger", code=1).stderr
    assert files(home) == before


@pytest.fixture
def root_file(tmp_path: Path) -> Path:
    file = tmp_path / "root.json"
    file.write_bytes(signed(TRUST, [ROOT_1, ROOT_2]))
    return file


def test_verify_opens_every_kind_of_document(tmp_path: Path, root_file: Path) -> None:
    device = tmp_path / "device.jwk"
    device.write_text(json.dumps(dict(DEVICE.key.jwk)))
    file = tmp_path / "document"
    documents = {
        "licence+jwt": (LICENCE.sign(SIGNING), SIGNING.key.kid),
        "activation-request+jwt": (ACTIVATION_REQUEST.sign(DEVICE), DEVICE.key.kid),
        "validation-request+jwt": (VALIDATION_REQUEST.sign(DEVICE), DEVICE.key.kid),
        "deactivation-request+jwt": (DEACTIVATION_REQUEST.sign(DEVICE, "deactivation-request+jwt"), DEVICE.key.kid),
        "trust": (root_file.read_bytes(), ROOT_1.key.kid),
    }
    for kind, (document, signer) in documents.items():
        file.write_bytes(document + b"\n")
        found = answer("verify", file, "--root", root_file, "--key", device)
        assert (found["valid"], found["typ"]) == (True, kind)
        assert signer in found["signed_by"]
        assert found["claims"]["iss"] in {ISSUER, DEVICE.key.kid}
        assert "Valid: " in run("verify", file, "--root", root_file, "--key", device).stdout
    assert open_licence(documents["licence+jwt"][0], TRUST) == LICENCE


def test_verify_says_what_it_lacks(tmp_path: Path, root_file: Path) -> None:
    file, stranger = tmp_path / "document", tmp_path / "stranger.jwk"
    stranger.write_text(json.dumps(dict(STRANGER.key.jwk)))
    file.write_bytes(LICENCE.sign(SIGNING))
    assert "--root" in run("verify", file, code=1).stderr
    file.write_bytes(VALIDATION_REQUEST.sign(DEVICE))
    assert "--key" in run("verify", file, "--root", root_file, code=1).stderr
    assert "signature-invalid" in run("verify", file, "--key", stranger, code=1).stderr
    assert "no public key" in run("verify", file, "--key", root_file, code=1).stderr
    file.write_bytes(ACTIVATION_REQUEST.sign(DEVICE))
    assert answer("verify", file)["valid"]
    file.write_bytes(root_file.read_bytes())
    assert answer("verify", file)["typ"] == "trust"


@pytest.mark.parametrize("content", [b"", b"rubbish", b"{}", b"a.b.c", b"\xff\xfe", b"e30.e30.AA"])
def test_verify_says_no_to_rubbish(tmp_path: Path, root_file: Path, content: bytes) -> None:
    (tmp_path / "document").write_bytes(content)
    result = run("verify", tmp_path / "document", "--root", root_file, code=1)
    assert result.stderr.startswith("malformed: ")
    assert not result.stdout
    run("trust", "show", tmp_path / "document", code=1)


def test_wrong_usage_is_exit_code_2(tmp_path: Path) -> None:
    for arguments in (
        ("verify",),
        ("verify", tmp_path / "nowhere"),
        ("verify", tmp_path),
        ("frobnicate",),
        ("revoke",),
    ):
        run(*arguments, code=2)


def test_every_command_has_help_with_an_example() -> None:
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        path = waiting.pop()
        command: Any = main
        for name in path:
            command = command.commands[name]
        waiting += [(*path, name) for name in getattr(command, "commands", {})]
        text = run(*path, "--help").stdout
        if not hasattr(command, "commands") or not path:
            assert "Example: licence-keys " in text, path
