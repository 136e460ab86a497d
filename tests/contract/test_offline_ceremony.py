"""The ceremony of docs/security.md, from three people's keys to a server that can't replace its own roots."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

PASSPHRASES = {"LICENCE_KEYS_PASSPHRASE": "carried by a person", "LICENCE_SERVER_PASSPHRASE": "kept by the server"}
ISSUER = "https://licences.example.com"


def run(folder: Path, command: str, code: int = 0) -> Any:
    program, *arguments = command.split()
    environment = {**os.environ, **PASSPHRASES, "LICENCE_SERVER_HOME": str(folder / "home")}
    environment.pop("LICENCE_SERVER_DATABASE", None)
    done = subprocess.run(
        [Path(sys.executable).parent / program, *arguments, "--json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout) if code == 0 else done.stderr


def test_a_server_whose_roots_live_offline(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        run(tmp_path, f"licence-keys root new root-{number}.pem")
    kid = run(tmp_path, "licence-keys signing new signing.pem")["kid"]
    roots = " ".join(f"--root root-{number}.pem.jwk" for number in (1, 2, 3))
    given = f"--issuer {ISSUER} {roots} --threshold 2 --signing signing.pem.jwk -o trust.json"
    run(tmp_path, f"licence-keys trust new {given}")
    for number in (1, 3):
        run(tmp_path, f"licence-keys root sign trust.json --key root-{number}.pem")
    assert "signing" in run(tmp_path, "licence-server init --roots trust.json", code=1), "it says where the key belongs"
    (tmp_path / "home/keys/signing").mkdir(parents=True, mode=0o700)
    shutil.move(tmp_path / "signing.pem", tmp_path / f"home/keys/signing/{kid}.pem")
    assert run(tmp_path, "licence-server init --roots trust.json")["issuer"] == ISSUER

    rotated = run(tmp_path, "licence-keys rotate")
    assert not rotated["installed"], "no root is here"
    proposal = rotated["proposal"]
    run(tmp_path, f"licence-keys root sign {proposal} --key root-2.pem")
    run(tmp_path, f"licence-keys trust install {proposal}", code=1)
    run(tmp_path, f"licence-keys root sign {proposal} --key root-3.pem")
    assert run(tmp_path, f"licence-keys trust install {proposal}")["active"] == rotated["active"]
    assert run(tmp_path, "licence-keys trust verify home/root.json --current trust.json")["version"] == 2
