"""licence-keys at a server: rotate, revoke, install."""

import fcntl
import os
from dataclasses import replace
from pathlib import Path

import pytest

from keys.ceremony import first_trust, signed
from keys.keyfile import load_key, save_key
from keys.trust import pin_trust, replace_trust
from tests.keys.samples import (
    ISSUER,
    ROOT_1,
    SIGNING,
    STRANGER,
)
from tests.keys.terminal import answer, run


def test_rotation_takes_a_new_key_and_keeps_the_old_ones_documents(home: Path) -> None:
    before = pin_trust((home / "keys/trust.json").read_bytes())
    done = answer("rotate", "--home", home)
    assert (done["installed"], done["version"], done["proposal"]) == (True, 2, None)
    document = (home / "keys/trust.json").read_bytes()
    after = replace_trust(before, document)
    (new,) = after.active
    assert done["active"] == [new.key.kid]
    assert load_key(home / "keys/signing" / f"{new.key.kid}.pem", b"kept in the home").key == new.key
    assert (home / "root.json").read_bytes() == document, "newly installed agents pin the newest"
    assert after.signing_key(SIGNING.key.kid).status == "retired"
    assert "in force" in run("rotate", "--home", home).stdout


def test_what_a_rotation_writes_is_private_or_for_everybody(home: Path) -> None:
    secret = home / "keys/signing" / f"{answer('rotate', '--home', home)['active'][0]}.pem"
    public = [home / "keys/trust.json", home / "root.json"]
    assert [path.stat().st_mode & 0o777 for path in (secret, *public)] == [0o600, 0o644, 0o644]
    assert secret.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")


def test_revoking_the_last_key_brings_a_new_one(home: Path) -> None:
    done = answer("revoke", SIGNING.key.kid, "--home", home)
    assert [entry["status"] for entry in done["signing"]] == ["revoked", "active"]
    assert (home / "keys/signing" / f"{done['active'][0]}.pem").exists()
    assert "revoked already" in run("revoke", SIGNING.key.kid, "--home", home, code=1).stderr
    assert "not-found" in run("revoke", "nonsense", "--home", home, code=1).stderr


@pytest.mark.parametrize("hyphens", ["-", "--"])
def test_a_key_id_may_begin_with_hyphens(hyphens: str, home: Path) -> None:
    kid = hyphens + SIGNING.key.kid[len(hyphens) :]
    for words in (("revoke", kid, "--home", home), ("revoke", "--home", home, "--", kid)):
        refusal = run(*words, code=1).stderr
        assert f"not-found: The trust document has no signing key {kid};" in refusal


def test_revoking_an_old_key_leaves_the_new_one(home: Path) -> None:
    new = answer("rotate", "--home", home)["active"]
    before = set((home / "keys/signing").iterdir())
    assert answer("revoke", SIGNING.key.kid, "--home", home)["active"] == new
    assert set((home / "keys/signing").iterdir()) == before


def test_where_the_root_is_elsewhere_a_proposal_waits_for_it(home: Path, tmp_path: Path) -> None:
    (home / "root.json").unlink()
    (home / "keys/root" / f"{ROOT_1.key.kid}.pem").unlink()
    stick = tmp_path / "stick.pem"
    save_key(stick, ROOT_1, b"carried by a person")
    before = (home / "keys/trust.json").read_bytes()
    done = answer("rotate", "--home", home)
    assert not done["installed"]
    assert Path(done["proposal"]).stat().st_mode & 0o777 == 0o644, "other people sign it"
    assert (home / "keys/trust.json").read_bytes() == before
    assert "trust-refused" in run("trust", "install", done["proposal"], "--home", home, code=1).stderr
    run("root", "sign", done["proposal"], "--key", stick)
    assert answer("trust", "install", done["proposal"], "--home", home)["active"] == done["active"]
    assert not Path(done["proposal"]).exists()
    assert not (home / "root.json").exists()
    assert answer("rotate", "--home", home, "--root-key", stick)["installed"]
    assert "waits in" in run("rotate", "--home", home).stdout


def test_a_document_whose_keys_are_not_here_is_not_installed(home: Path) -> None:
    before = pin_trust((home / "keys/trust.json").read_bytes())
    elsewhere = first_trust(ISSUER, before.issued_at, [ROOT_1.key], 1, STRANGER.key)
    file = home / "other.json"
    file.write_bytes(signed(replace(elsewhere, version=2), [ROOT_1]))
    assert "none of the keys" in run("trust", "install", file, "--home", home, code=1).stderr
    assert pin_trust((home / "keys/trust.json").read_bytes()) == before


@pytest.mark.parametrize("broken", ["write", "rename"])
def test_a_crash_in_the_middle_of_a_rotation_leaves_the_old_document_with_its_key(
    home: Path, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (home / "keys/trust.json").read_bytes()
    target = {"write": "keys.keyfolder.save_key", "rename": "keys.keyfolder.write_whole"}[broken]

    def crash(*_: object) -> None:
        raise OSError(28, "No space left on device", str(home))

    monkeypatch.setattr(target, crash)
    assert "No space" in run("rotate", "--home", home, code=1).stderr
    monkeypatch.undo()
    assert (home / "keys/trust.json").read_bytes() == before
    assert answer("rotate", "--home", home)["version"] == 2


def test_one_ceremony_at_a_time(home: Path) -> None:
    descriptor = os.open(home / "keys", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        assert "busy" in run("rotate", "--home", home, code=1).stderr
    finally:
        os.close(descriptor)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
def test_another_users_home_is_left_alone(home: Path) -> None:
    os.chown(home / "keys", 12345, -1)
    assert "12345" in run("rotate", "--home", home, code=1).stderr


def test_a_home_that_is_none_is_said_to_be_none(tmp_path: Path, home: Path) -> None:
    assert "licence-server init" in run("rotate", "--home", tmp_path, code=1).stderr
    (home / "keys/trust.json").unlink()
    assert "licence-server init" in run("rotate", "--home", home, code=1).stderr
    run("rotate", "--home", home / "root.json", code=2)


def test_the_homes_passphrase_may_lie_in_the_home(home: Path) -> None:
    (home / "passphrase").write_bytes(b"kept in the home\n")
    (home / "passphrase").chmod(0o600)
    run("rotate", "--home", home, environment={})
    run("rotate", "--home", home, environment={"LICENCE_SERVER_PASSPHRASE": "wrong"}, code=1)
    (home / "passphrase").chmod(0o644)
    assert "chmod 600" in run("rotate", "--home", home, environment={}, code=1).stderr


def test_the_default_home_is_the_systems_for_root_and_ones_own_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for uid, expected in ((0, "/var/lib/licence-server"), (1000, "/nowhere/.local/share/licence-server")):
        monkeypatch.setattr(os, "geteuid", lambda uid=uid: uid)
        monkeypatch.setenv("HOME", "/nowhere")
        if not Path("/var/lib/licence-server/keys").exists():
            assert f" {expected}/keys " in run("rotate", code=1).stderr
